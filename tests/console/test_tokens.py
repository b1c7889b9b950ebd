"""The page of account tokens: made, shown once, used, revoked, and nobody else's."""

from __future__ import annotations

import re
import uuid
from html import unescape
from typing import TYPE_CHECKING

import httpx
import pytest

from limner import tokens
from limner.ids import SECOND, now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Live
    from tests.console.conftest import Visit, Watch

HERE = "/console/tokens"
PASSWORD = "a good long password"  # noqa: S105 - nobody's
CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')
KEY = re.compile(r"<code data-text>(lat_\w+)</code>")


class Somebody:
    """A browser's cookies and forms, registered on the way in."""

    def __init__(self, server: Live) -> None:
        self.http = httpx.Client(base_url=server.url, timeout=60)
        self.email = f"{uuid.uuid4()}@example.com"
        registered = self.send("/register", "/register", email=self.email, password=PASSWORD)
        assert registered.status_code == 303, registered.text

    def send(self, path: str, form_on: str = HERE, **fields: str) -> httpx.Response:
        token = CSRF.search(self.http.get(form_on).text)
        assert token
        return self.http.post(path, data={"csrf": token[1], **fields})

    def make(self, name: str, **more: str) -> str:
        """Make a token; give its key from the page that comes next."""
        assert self.send(HERE, name=name, **more).headers["location"] == HERE
        found = KEY.search(self.page())
        assert found
        return found[1]

    def page(self) -> str:
        return self.http.get(HERE).text

    def ids(self) -> list[str]:
        """Give the ids of the tokens that can be revoked, newest first."""
        return re.findall(r'name="id" value="([^"]+)"', self.page())


@pytest.fixture
def ada(server: Live) -> Iterator[Somebody]:
    made = Somebody(server)
    yield made
    made.http.close()


def asked(server: Live, key: str) -> int:
    answer = httpx.get(f"{server.url}/api/v1/config/", headers={"authorization": f"Bearer {key}"})
    return answer.status_code


def test_a_token_is_shown_once_works_and_is_revoked(server: Live, ada: Somebody) -> None:
    assert "No program manages this account yet" in ada.page()
    key = ada.make("bookkeeping <b>")
    page = ada.page()
    assert key not in page
    assert "bookkeeping &lt;b&gt;" in page
    assert f"lat_…{key[-4:]}" in page
    assert asked(server, key) == 200
    revoked = ada.send(f"{HERE}/revoke", id=ada.ids()[0])
    assert revoked.headers["location"] == HERE
    seen = unescape(ada.page())
    assert "is revoked" in seen
    assert "1 ended" in seen
    assert asked(server, key) == 401
    assert ada.ids() == []


def test_a_token_that_ends(server: Live, ada: Somebody) -> None:
    key = ada.make("for a month", days="30")
    assert asked(server, key) == 200
    (made,) = (token for token in server.read(tokens.of_account, _account(server, key)))
    assert abs(made.expires_at - now() - 30 * 86_400 * SECOND) < 60 * SECOND
    server.write(tokens.create, made.account_id, "gone", expires_at=now() - SECOND)
    assert '<span class="badge">expired</span>' in ada.page()


def _account(server: Live, key: str) -> str:
    return str(server.read(tokens.verify, key).account_id)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": " "}, "A name has 1 to 80 characters."),
        ({"name": "x" * 81}, "A name has 1 to 80 characters."),
        ({"name": "a", "days": "0"}, "from 1 to 3650"),
        ({"name": "a", "days": "soon"}, "from 1 to 3650"),
    ],
)
def test_what_cannot_be_made_is_said_beside_the_field(ada: Somebody, fields: dict[str, str], words: str) -> None:
    answer = ada.send(HERE, **fields)
    assert answer.status_code == 400
    assert words in answer.text
    assert f'value="{fields["name"]}"' in answer.text
    assert ada.ids() == []


def test_a_stranger_ends_nothing(server: Live, ada: Somebody) -> None:
    key = ada.make("mine")
    (which,) = ada.ids()
    bob = Somebody(server)
    assert bob.send(f"{HERE}/revoke", id=which).status_code == 404
    assert bob.ids() == []
    assert asked(server, key) == 200
    assert ada.http.post(f"{HERE}/revoke", data={"id": which}).status_code == 403, "without the form's token"
    assert asked(server, key) == 200
    assert httpx.get(server.url + HERE).headers["location"] == "/login?next=%2Fconsole%2Ftokens"


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_in_a_browser(server: Live, ada: Somebody, visit: Visit, watch: Watch, width: int) -> None:
    ada.send(HERE, name="a program with quite a long name, as programs have them")
    page = visit("/login", width)
    for name, value in ada.http.cookies.items():
        page.context.add_cookies([{"name": name, "value": value, "url": server.url}])
    page.goto(HERE)
    assert page.locator("#fresh").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("summary", has_text="Revoke").click()
    page.get_by_role("button", name="Yes, revoke it").click()
    assert "revoked" in page.locator(".notice").inner_text()
    assert watch.complaints == []
