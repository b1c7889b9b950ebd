"""The page of account tokens: made, shown once, used, revoked, and nobody else's."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import httpx
import pytest

from limner import tokens
from limner.ids import SECOND, now
from tests.people import Person, registered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Live
    from tests.console.conftest import Visit, Watch

HERE = "/console/tokens"
KEY = re.compile(r"<code data-text>(lat_\w+)</code>")


@pytest.fixture
def ada(server: Live) -> Iterator[Person]:
    """Somebody whose forms have the token of this very page."""
    with registered(server, forms=HERE) as person:
        yield person


def make(person: Person, name: str, **more: str) -> str:
    """Make a token; give its key from the page that comes next."""
    assert person.post(HERE, name=name, **more).headers["location"] == HERE
    found = KEY.search(person.get(HERE).text)
    assert found
    return found[1]


def ids(person: Person) -> list[str]:
    """Give the ids of the tokens that can be revoked, newest first."""
    return re.findall(r'name="id" value="([^"]+)"', person.get(HERE).text)


def asked(server: Live, key: str) -> int:
    answer = httpx.get(f"{server.url}/api/v1/config/", headers={"authorization": f"Bearer {key}"})
    return answer.status_code


def test_a_token_is_shown_once_works_and_is_revoked(server: Live, ada: Person) -> None:
    assert "No program manages this account yet" in ada.get(HERE).text
    key = make(ada, "bookkeeping <b>")
    page = ada.get(HERE).text
    assert key not in page
    assert "bookkeeping &lt;b&gt;" in page
    assert f"lat_…{key[-4:]}" in page
    assert asked(server, key) == 200
    revoked = ada.post(f"{HERE}/revoke", id=ids(ada)[0])
    assert revoked.headers["location"] == HERE
    seen = unescape(ada.get(HERE).text)
    assert "is revoked" in seen
    assert "1 ended" in seen
    assert asked(server, key) == 401
    assert ids(ada) == []


def test_a_token_that_ends(server: Live, ada: Person) -> None:
    key = make(ada, "for a month", days="30")
    assert asked(server, key) == 200
    (made,) = (token for token in server.read(tokens.of_account, _account(server, key)))
    assert abs(made.expires_at - now() - 30 * 86_400 * SECOND) < 60 * SECOND
    server.write(tokens.create, made.account_id, "gone", expires_at=now() - SECOND)
    assert '<span class="badge">expired</span>' in ada.get(HERE).text


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
def test_what_cannot_be_made_is_said_beside_the_field(ada: Person, fields: dict[str, str], words: str) -> None:
    answer = ada.post(HERE, **fields)
    assert answer.status_code == 400
    assert words in answer.text
    assert f'value="{fields["name"]}"' in answer.text
    assert ids(ada) == []


def test_a_stranger_ends_nothing(server: Live, ada: Person) -> None:
    key = make(ada, "mine")
    (which,) = ids(ada)
    with registered(server, forms=HERE) as bob:
        assert bob.post(f"{HERE}/revoke", id=which).status_code == 404
        assert ids(bob) == []
    assert asked(server, key) == 200
    assert ada.browser.post(f"{HERE}/revoke", data={"id": which}).status_code == 403, "without the form's token"
    assert asked(server, key) == 200
    assert httpx.get(server.url + HERE).headers["location"] == "/login?next=%2Fconsole%2Ftokens"


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_in_a_browser(server: Live, ada: Person, visit: Visit, watch: Watch, width: int) -> None:
    ada.post(HERE, name="a program with quite a long name, as programs have them")
    page = visit("/login", width)
    for name, value in ada.browser.cookies.items():  # with what is shown once
        page.context.add_cookies([{"name": name, "value": value, "url": server.url}])
    page.goto(HERE)
    assert page.locator("#fresh").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("summary", has_text="Revoke").click()
    page.get_by_role("button", name="Yes, revoke it").click()
    assert "revoked" in page.locator(".notice").inner_text()
    assert watch.complaints == []
