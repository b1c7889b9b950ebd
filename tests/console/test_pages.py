"""The pages over HTTP: what they say, and what their headers forbid."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html import unescape
from typing import TYPE_CHECKING

import httpx
import pytest

from limner.catalog import Fields
from limner.console.guide import CHAPTERS
from limner.engines.sandbox import DIRECTIVES
from limner.errors import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Live

PAGES = ("/", "/docs", *(chapter.path for chapter in CHAPTERS))
FOR_VISITORS = {"/console", "/login", "/register", "/inbox", "/apis/images-generations"}
"""Where the pages that know their visitor begin; their own tests look at them."""


@pytest.fixture
def visitor(server: Live) -> Iterator[httpx.Client]:
    """Open a client without a credential: pages are for everyone."""
    with httpx.Client(base_url=server.url, timeout=60) as opened:
        yield opened


def text(answer: httpx.Response) -> str:
    """Give what a reader sees of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", answer.text)).split())


@pytest.mark.parametrize("path", PAGES)
def test_a_page_forbids_everything_foreign(visitor: httpx.Client, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "script-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_style_or_code_inside_and_nothing_from_elsewhere(visitor: httpx.Client, path: str) -> None:
    page = visitor.get(path).text
    assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:", page)
    assert re.findall(r"<script(?![^>]*\ssrc=)", page) == []
    assert {url for url in re.findall(r'(?:src|href)="([^"]*)"', page) if not url.startswith(("/", "#"))} == set()


@pytest.mark.parametrize("path", ["/", "/docs", "/docs/guide", "/docs/guide/tasks"])
def test_a_page_is_not_sent_twice(visitor: httpx.Client, path: str) -> None:
    first = visitor.get(path)
    again = visitor.get(path, headers={"if-none-match": f'W/"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["content-security-policy"] == first.headers["content-security-policy"]
    assert visitor.get(path, headers={"if-none-match": '"other"'}).content == first.content
    assert visitor.head(path).headers["etag"] == first.headers["etag"]


def test_links_inside_the_pages_lead_somewhere(visitor: httpx.Client) -> None:
    pages = {path: visitor.get(path).text for path in PAGES}
    for path, page in pages.items():
        for link in set(re.findall(r'(?:src|href)="([^"]+)"', page)):
            target, _, place = link.partition("#")
            if place:
                assert f'id="{place}"' in pages[target or path], link
            elif target != "/readyz" and not any(target.startswith(start) for start in FOR_VISITORS):
                assert visitor.get(target).status_code == 200, link


def test_ids_are_used_once(visitor: httpx.Client) -> None:
    for path in PAGES:
        ids = re.findall(r'\sid="([^"]+)"', visitor.get(path).text)
        assert sorted(ids) == sorted(set(ids))


def test_the_landing_page_shows_address_models_prices_and_samples(server: Live, visitor: httpx.Client) -> None:
    seen = text(visitor.get("/"))
    assert f"{server.services.public_url}/v1" in seen
    assert "press Acquire and register: you get an application with 5.00 credits and a key" in seen
    assert "limner credential create" in seen
    for name, model in server.services.catalogue.models.items():
        assert re.search(rf"{re.escape(name)}( default)? ?{model.engine}", seen), name
    assert "0.04" in seen
    assert "free" in seen
    for piece in ("curl -s", "client.images.generate(", "await client.images.generate({"):
        assert piece in seen


def test_the_reference_has_every_operation_parameter_error_and_directive(visitor: httpx.Client) -> None:
    page, described = visitor.get("/docs"), visitor.get("/openapi.json").json()
    seen = text(page)
    for path, methods in described["paths"].items():
        assert f"<code>{path}</code>" in page.text
        for operation in methods.values():
            assert operation["summary"] in seen
    for name in Fields.__struct_encode_fields__:
        assert f"<code>{name}</code>" in page.text
    for code, kind in CATALOGUE.items():
        assert f"<code>{code}</code>" in page.text
        assert kind.when.replace("`", "") in seen
    for word, directive in DIRECTIVES.items():
        assert f"<code>{word}</code>" in page.text
        assert directive.description in seen


def test_the_examples_of_tasks_look_like_real_ones(visitor: httpx.Client, client: httpx.Client) -> None:
    from limner.console.wording import ANSWERS  # noqa: PLC0415 - the one thing that HTTP cannot show

    made = client.post("/v1/images/generations", json={"model": "limner-sandbox", "prompt": "a card"}).json()
    record = client.get(f"/v1/tasks/{made['task_id']}").json()
    assert list(record) == list(ANSWERS["/v1/tasks/{id}"])
    assert list(record["response"]) == list(ANSWERS["/v1/tasks/{id}"]["response"])
    asked = client.post("/openai/tasks", json={"action": "retrieve", "id": made["task_id"]}).json()
    assert list(asked) == list(ANSWERS["/openai/tasks"])
    assert list(visitor.get("/healthz").json()) == list(ANSWERS["/healthz"])
    assert list(visitor.get("/readyz").json()) == list(ANSWERS["/readyz"])


def test_examples_are_valid_json(visitor: httpx.Client) -> None:
    blocks = _code(visitor.get("/docs").text, "json")
    assert len(blocks) >= 8
    for block in blocks:
        json.loads(block)


def _code(page: str, language: str) -> list[str]:
    """Give the pieces of code of a language, as a reader would copy them."""
    found = re.findall(rf'<code class="language-{language}">(.*?)</code>', page, re.DOTALL)
    return [unescape(re.sub(r"<[^>]+>", "", block)) for block in found]


@pytest.mark.parametrize(("language", "command"), [("bash", ["bash", "-c"]), ("python", [sys.executable, "-c"])])
def test_the_first_sample_draws_a_picture(visitor: httpx.Client, key: str, language: str, command: list[str]) -> None:
    code = next(block for block in _code(visitor.get("/").text, language) if "generat" in block)
    code = code.replace("lim_...", key).replace("dall-e-3", "limner-sandbox")
    environment = os.environ | {"LIMNER_KEY": key}
    done = subprocess.run([*command, code], capture_output=True, text=True, check=True, env=environment, timeout=60)
    link = re.search(r"https?://[^\s\"]+/v1/files/[^\s\"]+", done.stdout)
    assert link
    assert httpx.get(link[0]).content.startswith(b"\x89PNG")
    assert "1792 by 1024" in done.stdout


def test_own_files_are_kept_for_ever_by_their_version(visitor: httpx.Client) -> None:
    links = set(re.findall(r'"(/static/[^"]+)"', visitor.get("/").text))
    assert {link.partition("?")[0].rpartition(".")[2] for link in links} == {"css", "js", "svg", "webp"}
    for link in links:
        answer = visitor.get(link)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        bare = visitor.get(link.partition("?")[0])
        assert bare.headers["cache-control"] == "no-cache"
        assert bare.content == answer.content
        again = visitor.get(link, headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/static/other.css", "not_found"),
        ("/static/..%2fpages.py", "api_not_implemented"),
        ("/docs/", "api_not_implemented"),
        ("/consoles", "api_not_implemented"),
    ],
)
def test_an_unknown_path_answers_the_envelope(visitor: httpx.Client, path: str, code: str) -> None:
    answer = visitor.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == code


@pytest.mark.parametrize("path", ["/", "/docs", "/docs/guide", "/docs/guide/tasks", "/static/console.css"])
def test_pages_are_only_read(visitor: httpx.Client, path: str) -> None:
    answer = visitor.post(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "api_not_implemented")


def test_pages_are_counted_by_their_route(visitor: httpx.Client) -> None:
    visitor.get("/docs")
    assert 'limner_http_requests_total{route="/docs",status="200"}' in visitor.get("/metrics").text
