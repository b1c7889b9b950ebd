"""The page of the API over HTTP: what a visitor and a user find there, and *Acquire*."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from limner import accounts, credentials, quotas
from limner.console.apis import APIS, EDITS, EXAMPLES, PATH
from limner.console.assets import KINDS
from limner.settings import Settings
from tests.conftest import serving
from tests.databases import migrated
from tests.people import Person

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Live

FORMS = "/apis/images-generations"


@pytest.fixture
def ada(server: Live) -> Iterator[Person]:
    with Person(server, forms=FORMS) as person:
        person.register()
        yield person


def key_in(page: str) -> str | None:
    found = re.search(r'id="fresh-key">(lim_\w{38})<', page)
    return found[1] if found else None


def data(page: str, name: str) -> Any:
    found = re.search(rf'data-{name}="([^"]*)"', page)
    assert found
    return json.loads(unescape(found[1]))


def test_a_visitor_sees_what_it_does_and_costs(server: Live) -> None:
    with Person(server) as visitor:
        page = visitor.get(PATH).text
    assert "5.00 credits free" in page
    assert "about 125 standard pictures" in page
    assert 'action="/register"' in page
    assert "data-csrf" not in page
    assert all(example.file in page and example.file in KINDS for example in EXAMPLES)
    assert "0.04 <span" in page
    for parameter in ("prompt", "callback_url", "output_compression", "Idempotency-Key"):
        assert f"<code>{parameter}</code>" in page


def test_the_form_is_drawn_from_the_catalogue(server: Live) -> None:
    with Person(server) as visitor:
        offered = data(visitor.get(PATH).text, "offered")
    assert offered["models"].keys() == server.services.catalogue.models.keys()
    for name, model in offered["models"].items():
        known = server.services.catalogue.models[name]
        assert model["capabilities"]["prompt_limit"] == known.capabilities.prompt_limit
        assert model["sizes"]
        for size in model["sizes"]:
            width, height = map(int, size.split("x"))
            bands = model["prices"][offered["qualities"]["hd"]]
            assert next(price for pixels, price in bands if width * height <= pixels) == known.price(
                "hd", width, height
            )


def test_acquire_gives_the_free_quota_and_a_key_once(server: Live, ada: Person) -> None:
    page = ada.get(PATH).text
    assert "Acquire a credential first" in page
    sent = ada.post(f"{PATH}/acquire", next=f"{PATH}?model=dall-e-2&prompt=a+fox")
    assert sent.headers["location"] == f"{PATH}?model=dall-e-2&prompt=a+fox"
    shown = ada.follow(sent)
    key = key_in(shown.text)
    assert key
    assert shown.headers["cache-control"] == "no-store"
    assert "5.00 credits came with it" in shown.text
    again = ada.get(PATH).text
    assert key not in again
    assert f"lim_…{key[-4:]}" in again
    assert "5.00 credits left" in again
    account = server.read(accounts.by_name, ada.email)
    assert [entry["kind"] for entry in server.read(quotas.entries, account.id)] == ["grant"]


def test_acquire_again_opens_what_there_is(server: Live, ada: Person) -> None:
    ada.post(f"{PATH}/acquire")
    again = ada.post(f"{PATH}/acquire")
    assert again.headers["location"] == "/console/credentials"
    account = server.read(accounts.by_name, ada.email)
    assert len(server.read(credentials.of_account, account.id)) == 1
    assert server.read(quotas.balance, account.id) == 5_000_000


def test_acquire_is_for_users_and_from_here_only(server: Live, ada: Person) -> None:
    with Person(server) as visitor:
        sent = visitor.post(f"{PATH}/acquire")
    assert (sent.status_code, sent.headers["location"]) == (303, "/login?next=%2Fconsole")
    for csrf in ("", "0" * 64):
        assert ada.browser.post(f"{PATH}/acquire", data={"csrf": csrf}).status_code == 403
    foreign = ada.browser.post(f"{PATH}/acquire", data={"csrf": ada.csrf}, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    assert server.read(accounts.application, server.read(accounts.by_name, ada.email).id) is None


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example/", "/console", f"{PATH}.evil.example", "/\\evil"]
)
def test_acquire_comes_back_to_its_own_page_only(server: Live, back: str) -> None:
    with Person(server, forms=FORMS) as person:
        person.register()
        assert person.post(f"{PATH}/acquire", next=back).headers["location"] == PATH


def test_registering_on_the_way_acquires(server: Live) -> None:
    with Person(server, forms=FORMS) as person:
        page = person.follow(person.register(next=f"{PATH}?quality=hd", intent="acquire"))
        assert str(page.url).endswith(f"{PATH}?quality=hd")
        assert key_in(page.text)
        person.logout()
        back = person.login(next=PATH, intent="acquire")
        assert key_in(person.follow(back).text) is None, "who has been admitted gets no second key by the way"


def test_prices_of_models_that_cost_alike_stand_together(tmp_path: Path) -> None:
    file = tmp_path / "models.toml"
    file.write_text('default = "limner-sandbox"\n[models.dall-e-2.prices]\nhd = [[8294400, 990000]]\n', "utf-8")
    with migrated("sqlite", tmp_path) as url:
        settings = Settings(
            data=str(tmp_path), database_url=url, models=str(file), registration="closed", log_level="error", workers=1
        )
        with serving(settings) as live, Person(live) as visitor:
            page = visitor.get(PATH).text
    rows = re.findall(r'<th scope="rowgroup".*?</th>', page, re.DOTALL)
    assert [len(re.findall(r"<code>", row)) for row in rows] == [5, 1, 1]
    assert "0.99" in page
    assert "standard pictures" not in page, "free pictures are not counted"
    assert 'action="/login"' in page


def test_the_apis_are_listed(server: Live) -> None:
    with Person(server) as visitor:
        page = visitor.get("/apis").text
    for api in APIS:
        assert f'href="{api.path}"' in page
        assert all(f"/v1{call}" in page for call in api.calls)


def test_pictures_of_ones_own_can_be_edited_and_no_others(server: Live, ada: Person) -> None:
    made = server.acquire()
    with httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {made.key}"}) as client:
        body = {"model": "limner-sandbox", "prompt": "x", "size": "64x64"}
        name = urlsplit(client.post("/v1/images/generations", json=body).json()["data"][0]["url"]).path.split("/")[-1]
    foreign = ada.get(f"{EDITS}?file={name}&file=%00nothing").text
    assert data(foreign, "given") == []
    assert "2 pictures of this address are no longer kept, or not yours" in foreign
    key = key_in(ada.follow(ada.post(f"{EDITS}/acquire", next=f"{EDITS}?file=x")).text)
    with httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {key}"}) as client:
        own = urlsplit(client.post("/v1/images/generations", json=body).json()["data"][0]["url"]).path.split("/")[-1]
    page = ada.get(f"{EDITS}?file={own}").text
    (given,) = data(page, "given")
    assert given["name"] == own
    assert httpx.get(given["link"]).headers["content-type"] == "image/png"
    assert "no longer kept" not in page
    assert all(model["capabilities"]["edits"] for model in data(page, "offered")["models"].values())
