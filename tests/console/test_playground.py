"""The playground in a real browser: the form, the code, the price, the address, and what comes of a call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from limner.settings import Settings
from tests.conftest import Live, serving
from tests.databases import migrated
from tests.house.source import ROOT
from tests.people import Person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page

    from tests.console.conftest import Watch

API = "/apis/images-generations"
EDITS = "/apis/images-edits"
FOX = ROOT / "limner/console/static/fox.webp"
NARROW = """
[models.dall-e-2]
limits = "openai"
[models.limner-sandbox.prices]
hd = [[16777216, 9000000]]
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Serve with one model narrowed to OpenAI's table, and a sandbox whose best quality nobody can pay."""
    folder: Path = tmp_path_factory.mktemp("playground")
    (folder / "models.toml").write_text(NARROW, "utf-8")
    with migrated("sqlite", folder) as url:
        settings = Settings(
            data=str(folder), database_url=url, models=str(folder / "models.toml"), workers=1, log_level="error"
        )
        with serving(settings) as live:
            yield live


@pytest.fixture(scope="module")
def profile(server: Live, browser: Callable[..., BrowserContext]) -> Iterator[BrowserContext]:
    """The browser of somebody who has acquired a credential already."""
    with Person(server) as person:
        person.follow(person.register(next=API, intent="acquire"))
        cookie = person.cookie | {"httpOnly": True}
    context: Any = browser(base_url=server.url, permissions=["clipboard-read", "clipboard-write"])
    context.add_cookies([cookie])
    yield context
    context.close()


@pytest.fixture
def page(profile: BrowserContext, watch: Watch) -> Iterator[Page]:
    opened = profile.new_page()
    watch.follow(opened)
    yield opened
    opened.close()


def go(page: Page, query: str = "model=limner-sandbox&prompt=a+fox&size=64x64") -> Page:
    page.goto(f"{API}?{query}")
    expect(page.locator("#code-text")).not_to_be_empty()
    return page


def asked(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def code(page: Page) -> Any:
    return expect(page.locator("#code-text"))


def test_the_choice_is_in_the_address_and_comes_back(page: Page) -> None:
    go(page, "")
    page.get_by_label("model").select_option("gpt-image-1")
    page.get_by_label("prompt").fill('an owl & "a cat" = ü')
    page.get_by_label("size").select_option("custom")
    page.get_by_label("width").fill("640")
    page.get_by_label("height").fill("320")
    page.get_by_label("seed").fill("7")
    page.get_by_label("async").check()
    page.get_by_label("safe to retry").check()
    page.get_by_role("tab", name="Ruby").click()
    code(page).to_contain_text("640x320")
    chosen = {"model": "gpt-image-1", "prompt": 'an owl & "a cat" = ü', "size": "640x320", "seed": "7", "async": "true"}
    assert asked(page) == {name: [value] for name, value in (chosen | {"code": "ruby", "retry": "1"}).items()}
    page.goto(page.url)
    code(page).to_contain_text("Idempotency-Key")
    assert asked(page) == {name: [value] for name, value in (chosen | {"code": "ruby", "retry": "1"}).items()}
    assert page.get_by_label("height").input_value() == "320"
    assert page.get_by_role("tab", selected=True).inner_text() == "Ruby"


def test_a_pasted_key_is_used_shown_in_the_code_and_put_nowhere_else(server: Live, page: Page) -> None:
    made = server.acquire()
    go(page)
    sent: list[Any] = []
    page.on("request", lambda request: sent.append(request))  # noqa: PLW0108 - Playwright marks the function it is given
    page.get_by_label("authorization").select_option("paste")
    page.get_by_label("Key", exact=True).fill(made.key)
    code(page).to_contain_text(made.key)
    page.get_by_role("button", name="Try").click()
    page.locator(".picture img").wait_for()
    assert made.key not in page.url
    call = next(one for one in sent if one.url.endswith("/v1/images/generations"))
    assert call.headers["authorization"] == f"Bearer {made.key}"
    assert "x-limner-credential" not in call.headers
    others = [one for one in sent if "/v1/" not in one.url]
    assert others
    assert not any(made.key in f"{one.url} {one.post_data} {one.headers}" for one in others)
    stored = page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])")
    assert stored == '[{},{},""]'


def test_the_code_changes_as_one_types_and_a_handler_is_a_file_of_its_own(page: Page) -> None:
    go(page)
    page.get_by_label("prompt").press_sequentially("!?")
    code(page).to_contain_text("a fox!?")
    page.get_by_role("tab", name="Go", exact=True).click()
    code(page).to_contain_text("net/http")
    page.get_by_label("with callback handler").check()
    handler = page.locator("#handler")
    expect(handler).to_contain_text("callback.go")
    handler.get_by_role("button", name="Copy").click()
    handler.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("// ---- callback.go")
    code(page).not_to_contain_text("webhook-signature")


def test_the_form_is_what_the_model_can_do(page: Page) -> None:
    go(page, "model=dall-e-3")
    for parameter in ("style", "n", "seed", "quality", "background", "response_format", "output_format"):
        expect(page.get_by_label(parameter, exact=True)).to_be_visible()
    expect(page.get_by_label("output_compression")).to_be_hidden()
    page.get_by_label("output_format").select_option("webp")
    expect(page.get_by_label("output_compression")).to_be_visible()
    page.get_by_label("style").select_option("natural")
    page.get_by_label("model").select_option("dall-e-2")
    for parameter in ("style", "seed", "background", "output_format", "output_compression"):
        expect(page.get_by_label(parameter, exact=True)).to_be_hidden()
    code(page).to_contain_text('"model": "dall-e-2"')
    code(page).not_to_contain_text("natural")
    sizes = page.get_by_label("size").locator("option").all_inner_texts()
    assert sizes == ["default (1024x1024)", "256x256", "512x512", "1024x1024"]
    assert page.locator("#shapes button").count() == 3
    page.locator("#shapes button").first.click()
    assert page.get_by_label("size").input_value() == "256x256"
    expect(page.locator("#prompt-count")).to_have_text(re.compile(r"/ 1,000$"))


def test_the_price_is_told_before_the_call(page: Page) -> None:
    price = expect(go(page, "model=dall-e-3").locator("#price"))
    price.to_have_text("0.04 credits · 5.00 left")
    page.get_by_label("quality").select_option("high")
    page.get_by_label("size").select_option("1792x1024")
    page.get_by_label("n", exact=True).fill("3")
    price.to_have_text("0.36 credits · 5.00 left")
    page.get_by_label("size").select_option("auto")
    price.to_have_text("0.24 credits · 5.00 left")
    page.get_by_label("model").select_option("limner-sandbox")
    page.get_by_label("quality").select_option("standard")
    price.to_have_text("Free")
    page.get_by_label("quality").select_option("hd")
    price.to_have_text("27.00 credits · only 5.00 left")


def test_an_error_is_shown_as_the_api_gave_it_with_a_hint(page: Page) -> None:
    go(page, "model=limner-sandbox&prompt=a+fox&quality=hd")
    page.get_by_role("button", name="Try").click()
    told = page.locator("#outcome .notice")
    expect(told).to_contain_text("used_up")
    expect(told).to_contain_text("an admin can grant credits")
    expect(page.locator("#outcome .badge")).to_have_text("403")
    expect(page.locator("#outcome pre").first).to_contain_text('"insufficient_quota"')
    assert page.locator("#outcome dd", has_text=re.compile(r"^[0-9a-f-]{36}$")).count() >= 1, "the headers are there"


def test_an_error_leads_to_its_field(page: Page) -> None:
    go(page)
    page.get_by_label("n", exact=True).fill("99")
    page.get_by_role("button", name="Try").click()
    expect(page.locator("#outcome .notice")).to_contain_text("n must be between 1 and 10")
    expect(page.get_by_label("n", exact=True)).to_be_focused()
    expect(page.locator('[data-for="n"]')).to_have_class(re.compile("wrong"))
    page.get_by_label("n", exact=True).fill("2")
    expect(page.locator('[data-for="n"]')).not_to_have_class(re.compile("wrong"))


def test_pictures_are_compared_opened_and_copied(page: Page) -> None:
    go(page)
    page.get_by_label("n", exact=True).fill("2")
    page.get_by_role("button", name="Try").click()
    expect(page.locator(".picture")).to_have_count(2)
    assert page.locator(".comparison").count() == 0
    page.get_by_label("n", exact=True).fill("1")
    page.get_by_role("button", name="Try").click()
    page.get_by_text("Compare with the last one").click()
    page.get_by_label("How much of the new picture is shown").fill("20")
    assert page.locator(".comparison img").last.evaluate("(image) => image.style.clipPath") == "inset(0px 0px 0px 80%)"
    page.get_by_role("button", name="Copy URL").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert "/v1/files/" in page.evaluate("navigator.clipboard.readText()")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download").click()
    assert downloading.value.suggested_filename.endswith(".png")


def test_bytes_are_a_picture_too(page: Page) -> None:
    go(page, "model=limner-sandbox&prompt=a+fox&size=64x64&response_format=b64_json")
    page.get_by_role("button", name="Try").click()
    picture = page.locator(".picture img")
    picture.wait_for()
    assert picture.evaluate("async (image) => { await image.decode(); return image.naturalWidth }") == 64
    page.get_by_text("Response JSON").click()
    expect(page.locator("#outcome pre")).to_contain_text("characters)")
    with page.expect_popup() as opening:
        page.get_by_role("link", name="Open", exact=True).click()
    assert opening.value.url.startswith("blob:")
    opening.value.close()


def test_a_call_is_followed_and_cancelled(page: Page) -> None:
    go(page, "model=limner-sandbox&prompt=delay:60&size=64x64")
    with page.expect_request("**/events"):  # from here on the page knows the task
        page.get_by_role("button", name="Try").click()
    expect(page.get_by_role("button", name="Try")).to_be_disabled()
    page.get_by_role("progressbar").wait_for()
    with page.expect_response("**/cancel") as cancelled:
        page.get_by_role("button", name="Cancel").click()
    assert cancelled.value.status == 200
    expect(page.locator("#outcome .notice")).to_contain_text("Nothing was charged")
    expect(page.get_by_role("button", name="Try")).to_be_enabled()


def test_a_stream_is_seen_as_it_comes_and_can_be_cancelled(page: Page) -> None:
    go(page, "model=limner-sandbox&prompt=delay:1&size=64x64")
    page.get_by_label("stream").check()
    code(page).to_contain_text('"partial_images": 2')
    assert asked(page)["stream"] == ["true"]
    for hidden in ("n", "async", "callback_url"):
        expect(page.locator(f'[data-for="{hidden}"]')).to_be_hidden()
    page.get_by_role("button", name="Try").click()
    page.locator("#outcome .preview").wait_for()
    page.locator(".picture img").wait_for()
    expect(page.locator("#outcome .summary")).to_contain_text("free")
    page.get_by_text("Events", exact=True).click()
    events = expect(page.locator("#outcome pre"))
    events.to_contain_text('"image_generation.partial_image"')
    events.to_contain_text('"image_generation.completed"')
    page.get_by_label("prompt").fill("delay:60")
    with page.expect_request("**/events"):
        page.get_by_role("button", name="Try").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#outcome .notice")).to_contain_text("Nothing was charged")
    page.get_by_label("prompt").fill("fail:timeout")
    page.get_by_role("button", name="Try").click()
    expect(page.locator("#outcome .badge")).to_have_text("504")


def test_a_picture_is_given_masked_edited_and_varied(page: Page) -> None:
    page.goto(f"{EDITS}?model=limner-sandbox&size=64x64")
    code(page).to_contain_text("picture.png")
    page.get_by_role("button", name="Try").click()
    expect(page.locator("#outcome .notice")).to_contain_text("Give a picture first")
    page.locator("[data-picture]").first.click()
    fox: Any = {"name": "fox.webp", "mimeType": "image/webp", "buffer": FOX.read_bytes()}
    page.get_by_label("Choose pictures").set_input_files([fox, fox | {"name": "x.png", "buffer": b"x"}])
    expect(page.locator("#outcome .notice")).to_contain_text("x.png is no picture that can be read")
    expect(page.locator(".thumbs li")).to_have_count(2)
    page.get_by_role("button", name="Remove fox-2.webp").click()
    page.locator("#mask summary").click()
    stroke(page)
    code(page).to_contain_text("mask.png")
    page.get_by_role("button", name="Try").click()
    expect(page.locator(".picture figcaption")).to_contain_text("as an edit of a picture of 448 by 448 with a mask")
    page.get_by_label("How much of the new picture is shown").fill("30")
    page.get_by_role("button", name="Clear").click()
    code(page).not_to_contain_text("mask.png")
    page.get_by_role("link", name="Edit this picture").click()
    code(page).to_contain_text('"file_id": "')
    stroke(page)
    code(page).to_contain_text('"mask": {"image_url": "data:image/png;base64,…"}')
    page.get_by_role("button", name="Try").click()
    expect(page.locator(".picture figcaption")).to_contain_text("as an edit of a picture of 64 by 64 with a mask")
    page.get_by_label("Vary", exact=True).check()
    expect(page.get_by_label("prompt")).to_be_hidden()
    page.get_by_role("button", name="Try").click()
    expect(page.locator(".picture figcaption")).to_contain_text("as a variation of a picture of 64 by 64")
    page.goto(page.url)
    expect(page.locator(".thumbs li")).to_have_count(1)
    code(page).to_contain_text("/v1/images/variations")
    page.get_by_role("button", name="Try").click()
    page.get_by_role("link", name="Task").click()
    given = page.get_by_alt_text("Picture 1 that was given")
    assert given.evaluate("async (image) => { await image.decode(); return image.naturalWidth }") == 64
    again = page.get_by_role("link", name="Open in the playground").get_attribute("href") or ""
    assert parse_qs(urlsplit(again).query)["operation"] == ["vary"]
    assert parse_qs(urlsplit(again).query)["file"]


def stroke(page: Page) -> None:
    """Paint a line of the mask."""
    page.locator("#mask-canvas").scroll_into_view_if_needed()
    box = page.locator("#mask-canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] + 30)
    page.mouse.up()


def test_previews_are_seen_while_a_call_waits(page: Page) -> None:
    go(page, "model=dall-e-3&prompt=a+red+fox&quality=hd&size=1280x720&n=3")
    page.get_by_role("button", name="Try").click()
    page.locator("#outcome .preview").wait_for()
    assert page.locator("#outcome progress").evaluate("(bar) => bar.value") > 0
    expect(page.locator(".picture")).to_have_count(3)


def test_what_is_later_is_followed_to_its_end(page: Page) -> None:
    go(page, "model=limner-sandbox&prompt=a+fox&size=64x64&async=true")
    page.get_by_role("button", name="Try").click()
    page.get_by_text("Accepted: the answer comes later.").wait_for()
    page.locator(".picture img").wait_for()
    page.get_by_label("prompt").fill("fail:moderation_blocked")
    page.get_by_role("button", name="Try").click()
    expect(page.locator(".later .notice")).to_contain_text("moderation_blocked")


def test_what_is_drawn_is_said_as_text(page: Page) -> None:
    go(page)
    page.get_by_label("prompt").fill("<img src=x onerror=alert(1)><b>bold</b>")
    page.get_by_role("button", name="Try").click()
    page.locator(".picture img").wait_for()
    page.get_by_text("Response JSON").click()
    assert page.locator("#outcome b, #code-text b, #code-text img").count() == 0


def test_a_visitor_is_told_what_is_missing(server: Live, browser: Callable[..., BrowserContext], watch: Watch) -> None:
    context = browser(base_url=server.url)
    page = context.new_page()
    watch.follow(page)
    go(page)
    page.get_by_role("button", name="Try").click()
    expect(page.locator("#outcome .notice")).to_contain_text("acquire one above")
    expect(page.get_by_label("authorization")).to_be_focused()
    page.get_by_role("button", name="Use my inbox").click()
    expect(page.locator("#outcome .notice")).to_contain_text("Sign in first")
    page.locator("[data-example]").nth(2).click()
    code(page).to_contain_text("a lighthouse on a rocky coast")
    assert watch.complaints == []
    context.close()
