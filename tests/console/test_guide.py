"""The guide: every chapter is whole, every picture as told, and every block of code does what it says."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from PIL import Image

from limner.catalog import Catalogue, Fields
from limner.console import plates
from limner.console.assets import static_file
from limner.console.guide import BY_SLUG, CHAPTERS
from limner.engines.sandbox import Sandbox
from limner.errors import CATALOGUE
from limner.settings import Settings
from tests.conftest import serving
from tests.console.blocks import MODULES, Bench, blocks_of, node, packaged
from tests.databases import migrated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Live

BLOCKS = 80
"""How many blocks of code the guide has: one that is not found is not tested."""

WRITTEN = {"langchain"}
"""Chapters with code for packages that are not among the tests': it is only compiled."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server that calls this machine back."""
    folder = tmp_path_factory.mktemp("guide")
    with migrated("sqlite", folder) as url:
        settings = Settings(
            data=str(folder), database_url=url, workers=1, log_level="error", callback_networks="127.0.0.0/8"
        )
        with serving(settings) as live:
            yield live


@pytest.fixture
def bench(server: Live, key: str, tmp_path: Path) -> Iterator[Bench]:
    """A place to run the blocks of one chapter."""
    with Bench(server, key, tmp_path) as opened:
        yield opened


def chapter(server: Live, slug: str) -> str:
    return httpx.get(server.url + BY_SLUG[slug].path).raise_for_status().text


@pytest.mark.parametrize("slug", BY_SLUG)
def test_the_code_of_a_chapter_does_what_it_says(server: Live, bench: Bench, slug: str) -> None:
    blocks = blocks_of(chapter(server, slug))
    assert all(block.does for block in blocks), "a block that does not say how it is tested"
    written = [block for block in blocks if block.does == "written"]
    assert bool(written) == (slug in WRITTEN)
    for block in blocks:
        bench.take(block)


def test_every_block_is_found(server: Live) -> None:
    pages = [chapter(server, slug) for slug in BY_SLUG]
    assert sum(len(blocks_of(page)) for page in pages) == sum(page.count("<pre") for page in pages) == BLOCKS


@pytest.mark.skipif(not MODULES.is_dir(), reason="the npm packages of tests/javascript are not installed")
def test_javascript_that_needs_the_client_runs(server: Live, key: str, tmp_path: Path) -> None:
    found = [block for slug in BY_SLUG for block in blocks_of(chapter(server, slug)) if packaged(block)]
    assert len(found) == 2
    (tmp_path / "node_modules").symlink_to(MODULES)
    file = tmp_path / "block.mjs"
    for block in found:
        file.write_text(block.code, "utf-8")
        (link,) = re.findall(r"^http.*$", node(str(file), env=os.environ | {"LIMNER_KEY": key}).stdout, re.MULTILINE)
        assert httpx.get(link).raise_for_status().headers["content-type"] == "image/png"


def test_the_chapters_lead_through_the_guide(server: Live) -> None:
    for place, one in enumerate(CHAPTERS):
        page = chapter(server, one.slug)
        links = dict(re.findall(r'href="([^"]+)" rel="(prev|next)"', page))
        around = {CHAPTERS[place - 1].path: "prev"} if place else {}
        around |= {CHAPTERS[place + 1].path: "next"} if place + 1 < len(CHAPTERS) else {}
        assert links == around
        assert page.count(f'<a href="{one.path}" aria-current="page">') == (3 if one.slug == "start" else 2)
        assert re.findall(r"<h1>(.*?)</h1>", page) == [one.title]


def test_a_chapter_there_is_not_is_not_found(server: Live) -> None:
    answer = httpx.get(f"{server.url}/docs/guide/nothing")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize("slug", BY_SLUG)
def test_a_chapter_is_light_before_its_pictures(server: Live, slug: str) -> None:
    page = httpx.get(server.url + BY_SLUG[slug].path)
    own = set(re.findall(r'"(/static/[^"]+[.](?:css|js|svg)[^"]*)"', page.text))
    assert len(page.content) + sum(len(httpx.get(server.url + link).content) for link in own) < 150_000


def test_every_plate_is_what_its_caption_says(server: Live) -> None:
    pages = [chapter(server, slug) for slug in BY_SLUG]
    folder = Path(plates.__file__).parent / "static" / plates.FOLDER
    assert {file.name for file in folder.glob("*.webp")} == set(plates.names())
    model = Catalogue.load().resolve(None)
    for name in plates.PLATES:
        for shown in plates.shown(name):
            model.request(Fields(**shown.request), [])
            with Image.open(folder / shown.file) as opened:
                assert opened.size == (shown.drawn.width, shown.drawn.height)
            assert any(f"/static/guide/{shown.file}?v=" in page for page in pages), shown.file
    assert sum(file.stat().st_size for file in folder.iterdir()) < 1_200_000


def test_pictures_are_lazy_sized_and_told(server: Live) -> None:
    pictures = [tag for slug in BY_SLUG for tag in re.findall(r"<img[^>]+/static/guide/[^>]+>", chapter(server, slug))]
    assert len(pictures) == len(plates.names())
    for tag in pictures:
        assert re.search(r'width="\d+" height="\d+" loading="lazy" alt="[^"]+"', tag)


def test_one_seed_gave_one_picture() -> None:
    first, again, other = [
        hashlib.sha256(static_file(f"guide/{shown.file}").body).digest() for shown in plates.shown("seed")
    ]
    assert first == again != other


def test_what_is_told_is_what_holds(tmp_path: Path) -> None:
    """Limits, prices and errors come from the server, so another server tells others."""
    own = tmp_path / "models.toml"
    own.write_text('[models.dall-e-3]\nlimits = "openai"\nprices.standard = [[8294400, 500000]]\n', "utf-8")
    settings = Settings(
        data=str(tmp_path),
        workers=1,
        log_level="error",
        models=str(own),
        registration="closed",
        free_credits=3_000_000,
        retention=3 * 86_400,
        sync_limit=90,
        callback_schedule="0,60,7200",
        images_per_minute=0,
    )
    with serving(settings, engines={"sandbox": Sandbox, "illustrator": Sandbox}) as live:
        told = {slug: re.sub(r"<[^>]+>", "", chapter(live, slug)) for slug in BY_SLUG}
        assert "Accounts are made by whoever runs this server." in told["start"]
        assert "3.00 credits to begin with, enough for 6 pictures" in told["start"]
        assert "it works for 3 d" in told["basics"]
        assert "One of 1024x1024, 1792x1024, 1024x1792." in told["parameters"]
        assert "3 times in all, 1 min and 2 h after the one before" in told["callbacks"]
        assert "After 90 s the task_id" in told["callbacks"]
        assert "any number of pictures a minute" in told["prices"]
        assert "0.50" in told["prices"]
        for code, kind in CATALOGUE.items():
            assert code in told["errors"]
            assert kind.when.replace("`", "") in told["errors"].replace("&#39;", "'")
        before = httpx.get(f"{live.url}/docs/guide/prices").headers["etag"]
        live.run(live.services.offering.decide("an admin", "switch off", "limner-sandbox", {"enabled": False}))
        assert httpx.get(f"{live.url}/docs/guide/prices").headers["etag"] != before
