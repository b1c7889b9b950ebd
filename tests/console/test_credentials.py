"""The pages of credentials: every form used well and badly, and nobody else's credentials."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest

from limner import credentials
from limner.console.credentials import EXPIRIES, OVERLAPS, SCOPES_IN_WORDS
from limner.credentials import DAY, SCOPES
from limner.ids import SECOND, now
from tests.people import Person, signed_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Dialog, Page

    from limner.credentials import Credential
    from tests.conftest import Live
    from tests.console.conftest import Watch

    Open = Callable[..., Page]

HERE = "/console/credentials"
WELL: dict[str, str | list[str]] = {"name": "laptop", "scope": list(SCOPES), "images_per_minute": "", "expires": ""}
KEY = re.compile(r"lim_[0-9A-Za-z]{38}")


@pytest.fixture
def ada(server: Live) -> Iterator[Person]:
    """Somebody with an application and its first credential."""
    with signed_in(server) as person:
        person.acquire()
        yield person


def owned(server: Live, person: Person) -> list[Credential]:
    found: list[Credential] = server.read(credentials.of_account, person.account_id)
    return found


def made(person: Person, **fields: str | list[str]) -> str:
    """Make a credential with the form; give the key that is shown."""
    shown = person.follow(person.post(HERE, **WELL | fields))
    found = KEY.search(shown.text)
    assert found, shown.text
    return found[0]


def status_with(server: Live, key: str) -> int:
    return httpx.get(server.url + "/v1/tasks", headers={"authorization": f"Bearer {key}"}).status_code


def test_who_has_nothing_yet_is_told_how_to_get_it(server: Live) -> None:
    with Person(server) as person:
        assert person.get(HERE).headers["location"] == "/login?next=%2Fconsole%2Fcredentials"
        person.come_in()
        page = person.get(HERE).text
        assert 'action="/apis/images-generations/acquire"' in page
        assert "5.00 free credits" in page
        assert person.post(HERE, **WELL).status_code == 409, "without an application there is no credential"


def test_a_credential_is_made_shown_once_and_works(server: Live, ada: Person) -> None:
    key = made(ada, scope=["tasks.read"], images_per_minute=" 30 ", expires="30", name="  laptop ")
    assert status_with(server, key) == 200
    credential = owned(server, ada)[-1]
    assert (credential.name, credential.scopes, credential.images_per_minute) == ("laptop", "tasks.read", 30)
    assert credential.expires_at == pytest.approx(now() + 30 * DAY, abs=60 * SECOND)
    page = ada.get(HERE).text
    assert key not in page
    assert f"lim_…{key[-4:]}" in page
    assert "30 images a minute" in page
    assert "5.00 credits" in page
    assert "Nothing acquired yet" not in page


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"scope": []}, "scope"),
        ({"scope": ["images.generate", "everything"]}, "scope"),
        ({"images_per_minute": "0"}, "images_per_minute"),
        ({"images_per_minute": "many"}, "images_per_minute"),
        ({"images_per_minute": "-1"}, "images_per_minute"),
        ({"images_per_minute": "1" * 400}, "images_per_minute"),
        ({"images_per_minute": "\N{SUPERSCRIPT TWO}"}, "images_per_minute"),
        ({"expires": "1000"}, "expires"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_kept(
    server: Live, ada: Person, wrong: dict[str, str | list[str]], field: str
) -> None:
    given: dict[str, str | list[str]] = {"name": "kept", "scope": ["tasks.read"], "expires": "90"}
    answer = ada.post(HERE, **given | wrong)
    assert answer.status_code == 400
    assert f'id="{field}-hint"' in answer.text
    assert ('value="kept"' in answer.text) == ("name" not in wrong)
    assert ('value="90" selected' in answer.text) == ("expires" not in wrong)
    if "scope" not in wrong:
        assert re.findall(r'value="([a-z.]+)" checked', answer.text) == ["tasks.read"]
    assert len(owned(server, ada)) == 1


def test_a_credential_is_renamed(server: Live, ada: Person) -> None:
    path = f"{HERE}/{owned(server, ada)[0].id}"
    shown = ada.follow(ada.post(path, act="rename", name="  the server "))
    assert "The name is changed." in shown.text
    assert "<h1>the server</h1>" in shown.text
    wrong = ada.post(path, act="rename", name="x" * 81)
    assert wrong.status_code == 400
    assert f'value="{"x" * 81}"' in wrong.text
    assert owned(server, ada)[0].name == "the server"


def test_a_credential_is_rotated_and_the_old_one_works_for_as_long_as_was_said(server: Live, ada: Person) -> None:
    key = made(ada)
    old = owned(server, ada)[-1]
    answer = ada.follow(ada.post(f"{HERE}/{old.id}", act="rotate", overlap="3600"))
    found = KEY.search(answer.text)
    assert found
    assert found[0] != key
    assert f"It takes the place of <code>lim_…{old.hint}" in answer.text
    assert "being rotated out" in answer.text
    assert status_with(server, key) == status_with(server, found[0]) == 200
    after = {credential.id: credential for credential in owned(server, ada)}
    assert after[old.id].revoked_at == pytest.approx(now() + 3600 * SECOND, abs=60 * SECOND)

    successor = owned(server, ada)[-1]
    ada.post(f"{HERE}/{successor.id}", act="rotate", overlap="0")
    assert status_with(server, found[0]) in {200, 401}, "what is known is known for a second"
    page = ada.get(f"{HERE}/{successor.id}").text
    assert "revoked" in page
    assert "This one ends" not in page
    ended = ada.post(f"{HERE}/{successor.id}", act="rotate", overlap="0")
    assert ended.status_code == 409
    assert "has ended" in ended.text
    assert "1 ended" in ada.get(HERE).text


def test_a_credential_is_revoked(server: Live, ada: Person) -> None:
    credential = owned(server, ada)[0]
    shown = ada.follow(ada.post(f"{HERE}/{credential.id}", act="revoke"))
    assert "default is revoked." in shown.text
    assert "No credential works at the moment" in shown.text
    assert owned(server, ada)[0].state(now()) == "revoked"


@pytest.mark.parametrize("given", [{"act": "rotate", "overlap": "1"}, {"act": "rotate"}, {"act": "burn"}, {}])
def test_what_the_page_does_not_offer_is_refused(server: Live, ada: Person, given: dict[str, str]) -> None:
    assert ada.post(f"{HERE}/{owned(server, ada)[0].id}", **given).status_code == 400
    assert len(owned(server, ada)) == 1


def test_another_accounts_credentials_are_not_there(server: Live, ada: Person) -> None:
    credential = owned(server, ada)[0]
    with signed_in(server) as mallory:
        for which in (credential.id, "nothing", "%00"):
            path = f"{HERE}/{which}"
            assert mallory.get(path).status_code == 404
            for act in ("rename", "rotate", "revoke"):
                assert mallory.post(path, act=act, name="mine", overlap="0").status_code == 404
    assert owned(server, ada) == [credential]


def test_names_are_shown_as_text(ada: Person) -> None:
    name = "<img src=x onerror=alert(1)>\"'"
    key = made(ada, name=name)
    page = ada.get(HERE).text
    link = re.search(rf'href="({HERE}/[^"]+)" aria-label="Manage [^"]+lim_…{key[-4:]}"', page)
    assert link
    ada.post(link[1], act="revoke")
    for shown in (page, ada.get(HERE).text, ada.get(link[1]).text):
        assert "<img src=x" not in shown
        assert "&lt;img src=x onerror=alert(1)&gt;&#34;&#39;" in shown


def test_the_form_offers_all_there_is() -> None:
    assert list(SCOPES_IN_WORDS) == list(SCOPES)
    assert all(not value or int(value) * DAY == life for value, (_, life) in EXPIRIES.items())
    assert all(int(value) * SECOND == overlap for value, (_, overlap) in OVERLAPS.items())


def test_in_a_browser_the_key_is_copied_and_revoking_is_asked_for_first(ada: Person, visit: Open, watch: Watch) -> None:
    page = visit("/login", permissions=["clipboard-read", "clipboard-write"])
    page.context.add_cookies([ada.cookie])
    page.goto(HERE)
    page.get_by_label("Name").fill("laptop")
    page.get_by_label("callbacks.manage").uncheck()
    page.get_by_role("button", name="Create credential").click()
    panel = page.get_by_role("region", name="Your new key")
    panel.get_by_role("button", name="Copy").click()
    assert KEY.fullmatch(page.evaluate("navigator.clipboard.readText()"))
    page.get_by_role("link", name="laptop (new)").click()
    asked: list[str] = []

    def answered(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    page.on("dialog", answered)
    page.get_by_role("button", name="Revoke").click()
    page.get_by_text("laptop is revoked.").wait_for()
    assert asked == ["Revoke laptop? Whatever uses it stops working at once."]
    assert watch.complaints == []
