"""Single sign-on, with a whole provider in a process of its own, and with one that lies."""

from __future__ import annotations

import hmac
import json
import re
import socket
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from joserfc.jwk import OctKey, RSAKey

from limner import onetime, sessions, users
from limner.oidc import Provider
from limner.settings import Settings
from tests.conftest import Live, serving
from tests.console.providers import CLIENT, KEY, SECRET, Liar, begin, consent, lying, provider_process, sign_on
from tests.databases import migrated
from tests.people import Person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext

    from tests.console.conftest import Watch

PEOPLE = [
    {"sub": "ada", "email": "Ada@Example.com", "email_verified": True, "name": "Ada L."},
    {"sub": "bob", "email": "bob@example.com", "email_verified": True},
    {"sub": "other-bob", "email": "bob@example.com", "email_verified": True},
    {"sub": "cleo", "email": "cleo@example.com", "email_verified": True},
    {"sub": "dan", "email": "dan@example.com", "email_verified": False},
    {"sub": "guest", "email": "guest@example.com", "email_verified": True},
]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with provider_process(*PEOPLE) as url:
        yield url


def _settings(folder: Path, url: str, issuer: str, **more: Any) -> Settings:
    return Settings(
        data=str(folder),
        database_url=url,
        workers=1,
        log_level="critical",
        oidc_issuer=issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        oidc_name="Example ID",
        **more,
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, issuer: str) -> Iterator[Live]:
    """Serve with open registration and an admin."""
    folder = tmp_path_factory.mktemp("oidc")
    with migrated("sqlite", folder) as url, serving(_settings(folder, url, issuer)) as live:
        with Person(live, "admin@example.com") as admin:
            assert admin.register().status_code == 303
        yield live


@pytest.fixture
def person(server: Live) -> Iterator[Person]:
    with Person(server) as somebody:
        yield somebody


def _who(server: Live, person: Person) -> sessions.Session | None:
    return server.read(sessions.find, person.session) if person.session else None


def _state(url: str) -> str:
    return parse_qs(urlsplit(url).query)["state"][0]


def test_somebody_new_is_registered_and_known_the_next_time(server: Live, person: Person, issuer: str) -> None:
    shown = person.get("/login?next=/docs&intent=acquire").text
    link = re.search(r'href="(/login/oidc\?[^"]*)">Continue with Example ID<', shown)
    assert link
    url = person.get(link[1].replace("&amp;", "&")).headers["location"]
    answer = person.get(consent(url, "ada"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/docs")
    assert "limner_once" in answer.headers["set-cookie"]  # the key of the acquired credential
    first = _who(server, person)
    assert first is not None
    assert (first.email, first.name, first.role) == ("ada@example.com", "Ada L.", "member")
    assert server.read(users.find, first.user_id).subject == f"{issuer} ada"

    with Person(server) as elsewhere:
        again = sign_on(elsewhere, "ada", intent="acquire")
        assert again.headers["location"] == "/console"
        assert "limner_once" not in again.headers["set-cookie"]  # was admitted before
        second = _who(server, elsewhere)
        assert second is not None
        assert second.user_id == first.user_id
        assert elsewhere.get("/login/oidc?next=/docs").headers["location"] == "/docs"  # is in already


def test_a_vouched_address_ties_a_user_whose_password_and_sessions_end(server: Live, issuer: str) -> None:
    with Person(server, "bob@example.com") as planted, Person(server) as bob:
        planted.register()
        before = _who(server, planted)
        answer = sign_on(bob, "bob")
        after = _who(server, bob)
        assert before is not None
        assert after is not None
        assert after.user_id == before.user_id
        assert "limner_once" in answer.headers["set-cookie"]  # is told so
        assert _who(server, planted) is None
        assert planted.login().status_code == 401
        refused = sign_on(planted, "other-bob")  # the same address, another person
        assert refused.status_code == 400
        assert "belongs to somebody else" in refused.text
        server.write(users.set_subject, after.user_id, "https://before.example bob")
        assert sign_on(planted, "other-bob").status_code == 303  # the provider was changed
        server.write(users.disable, after.user_id)
        for sub in ("bob", "other-bob"):
            assert sign_on(planted, sub).status_code == 403


@pytest.mark.parametrize("sub", ["dan", "nobody@example.com"])
def test_an_address_that_is_not_vouched_for_opens_nothing(server: Live, person: Person, sub: str) -> None:
    with Person(server, "dan@example.com") as dan:
        dan.login() if server.read(users.by_email, dan.email) else dan.register()
        answer = sign_on(person, sub)
        assert answer.status_code == 400
        assert "does not vouch for your e-mail address" in answer.text
        assert person.session is None
        assert _who(server, dan) is not None


def test_an_answer_is_taken_once_and_only_from_the_browser_that_asked(server: Live, person: Person) -> None:
    back = consent(begin(person, next="//evil.example", intent="x"), "cleo")
    kept = person.browser.cookies["limner_oidc"]
    with Person(server) as thief:
        assert thief.get(back).status_code == 400
        assert "begin again" in thief.get(back).text
        begin(thief)
        assert thief.get(back).status_code == 400  # a cookie of another attempt: wrong state
        assert thief.session is None
    answer = person.get(back)
    assert answer.headers["location"] == "/console"  # never to another site
    assert "limner_oidc" not in person.browser.cookies
    person.browser.cookies.clear()
    assert person.get(back).status_code == 400
    person.browser.cookies.set("limner_oidc", kept)
    again = person.get(back)  # the provider gives nothing for a code that was used
    assert (again.status_code, person.session) == (502, None)
    assert "The single sign-on provider refused: invalid_grant" in again.text


class _Late(TimestampSigner):
    """Signs as if it were eleven minutes ago."""

    def get_timestamp(self) -> int:
        return super().get_timestamp() - 660


def test_what_the_browser_keeps_is_signed_and_ends(server: Live, person: Person) -> None:
    back = consent(begin(person), "cleo")
    kept, secret = person.browser.cookies["limner_oidc"], server.services.secret
    values = URLSafeTimedSerializer(secret, salt="oidc").loads(kept)
    for forger in (
        URLSafeTimedSerializer(b"another key", salt="oidc"),
        URLSafeTimedSerializer(secret, salt="once"),
        URLSafeTimedSerializer(secret, salt="oidc", signer=_Late),
    ):
        person.browser.cookies.clear()
        person.browser.cookies.set("limner_oidc", str(forger.dumps(values)))
        assert person.get(back).status_code == 400
    assert person.session is None


def test_a_refusal_at_the_provider_is_told(server: Live, person: Person) -> None:
    url = begin(person, next="/docs")
    back = consent(url, "ada", action="deny")
    assert "error=access_denied" in back
    answer = person.get(f"{back}&state={_state(url)}")  # the provider of these tests forgets it
    assert answer.status_code == 403
    assert "Single sign-on was called off" in answer.text
    assert 'name="next" value="/docs"' in answer.text
    told = person.get("/login/oidc/callback", error="<b>x</b>", state=_state(begin(person)))
    assert "provider refused: no reason given" in told.text
    assert "<b>x" not in told.text


def test_a_browser_comes_back_from_another_site_and_is_told_what_has_changed(
    tmp_path: Path, issuer: str, browser: Callable[..., BrowserContext], watch: Watch
) -> None:
    elsewhere = issuer.replace("127.0.0.1", "localhost")  # to a browser another site, so cookies are on their guard
    with migrated("sqlite", tmp_path) as url, serving(_settings(tmp_path, url, elsewhere)) as live:
        with Person(live, "ada@example.com") as admin:
            admin.register()
        context = browser(base_url=live.url)
        page = context.new_page()
        watch.follow(page)
        page.goto("/admin/invitations")
        page.get_by_role("link", name="Continue with Example ID").click()
        assert page.url.startswith(elsewhere)
        page.get_by_role("button", name="ada", exact=True).click()
        page.wait_for_url("**/admin/invitations")
        assert page.get_by_role("heading", name="Invitations").is_visible()
        assert "it is yours by single sign-on now" in page.get_by_role("status").first.inner_text()
        page.reload()
        assert "single sign-on" not in page.locator("main").inner_text()
        # the provider's page lacks what it links to; what a policy of ours forbids would read otherwise
        assert [told for told in watch.complaints if "Failed to load resource" not in told] == []
        context.close()


def test_closed_and_invited(tmp_path: Path, issuer: str) -> None:
    with migrated("sqlite", tmp_path) as url:
        closed = _settings(tmp_path, url, issuer, registration="closed")
        with serving(closed) as live, Person(live) as first, Person(live) as late:
            assert sign_on(first, "ada").status_code == 303
            found = _who(live, first)
            assert found is not None
            assert found.is_admin
            refused = sign_on(late, "cleo")
            assert refused.status_code == 403
            assert "Registration is closed here" in refused.text
        by_invitation = _settings(tmp_path, url, issuer, registration="invite")
        with serving(by_invitation) as live, Person(live) as guest:
            assert "needs an invitation" in sign_on(guest, "guest").text
            token = live.write(onetime.make, "invitation", made_by="x", email="guest@example.com")
            assert f"invitation={token}" in guest.get(f"/register?invitation={token}").text
            assert "for another address" in sign_on(guest, "cleo", invitation=token).text
            assert sign_on(guest, "guest", invitation=token).status_code == 303
            assert live.read(onetime.find, "invitation", token) is None


def test_there_is_none_unless_it_is_set(tmp_path: Path) -> None:
    with (
        migrated("sqlite", tmp_path) as url,
        serving(Settings(data=str(tmp_path), database_url=url, workers=1, log_level="critical")) as live,
        Person(live) as person,
    ):
        assert "Continue with" not in person.get("/login").text
        assert person.get("/login/oidc").status_code == person.get("/login/oidc/callback").status_code == 404


# ---- a provider that lies


@pytest.fixture
def liar(server: Live) -> Iterator[Liar]:
    """Put a provider that a test can bend in the place of the good one."""
    with lying() as opened:
        good = server.services.provider
        redirect = f"{server.url}/login/oidc/callback"
        object.__setattr__(server.services, "provider", Provider(opened.issuer, CLIENT, SECRET, redirect, time_out=1.0))
        yield opened
        object.__setattr__(server.services, "provider", good)


OTHER = RSAKey.generate_key(2048, {"kid": "first"})
LIES: dict[str, dict[str, Any]] = {
    "issuer": {"iss": "https://other.example"},
    "audience": {"aud": "another client"},
    "audience beside others, not authorised": {"aud": [CLIENT, "another client"], "azp": "another client"},
    "authorised party": {"azp": "another client"},
    "nonce": {"nonce": "n"},
    "no nonce": {"nonce": None},
    "expired": {"exp": 1_700_000_000},
    "no end": {"exp": None},
    "from the future": {"iat": 4_000_000_000},
    "no subject": {"sub": None},
    "a number for a subject": {"sub": 7},
    "an empty subject": {"sub": ""},
    "an odd subject": {"sub": "a\0b"},
    "access token": {"at_hash": "x"},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_claim_that_does_not_fit_lets_nobody_in(liar: Liar, person: Person, lie: str) -> None:
    liar.claims = LIES[lie]
    answer = person.get(liar.expect(begin(person)))
    assert (answer.status_code, person.session) == (502, None)
    assert "cannot be believed" in answer.text


def _none(liar: Liar) -> None:
    liar.header = {"alg": "none", "kid": "first"}


def _shared_secret(liar: Liar) -> None:
    liar.header = {"alg": "HS256"}
    liar.key = OctKey.import_key(SECRET)


def _public_key_as_secret(liar: Liar) -> None:
    """Forge by hand what joserfc would not: the key that anybody can fetch, taken for a secret."""

    def forge(claims: dict[str, Any]) -> str:
        head = _b64(json.dumps({"alg": "HS256", "kid": "first"}).encode())
        signed = f"{head}.{_b64(json.dumps(claims).encode())}"
        return f"{signed}.{_b64(hmac.digest(KEY.as_pem(private=False), signed.encode(), 'sha256'))}"

    liar.forge = forge


def _b64(given: bytes) -> str:
    return urlsafe_b64encode(given).rstrip(b"=").decode()


def _another_key(liar: Liar) -> None:
    liar.key = OTHER


def _no_token(liar: Liar) -> None:
    liar.answers["/token"] = (200, b'{"access_token": "t", "token_type": "Bearer"}')


def _unknown_key(liar: Liar) -> None:
    liar.header = {"alg": "RS256", "kid": "never published"}


@pytest.mark.filterwarnings("ignore:JWS algorithm")
@pytest.mark.parametrize(
    "forge",
    [_none, _shared_secret, _public_key_as_secret, _another_key, _no_token, _unknown_key],
    ids=lambda f: f.__name__,
)
def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(liar: Liar, person: Person, forge: Any) -> None:
    forge(liar)
    answer = person.get(liar.expect(begin(person)))
    assert (answer.status_code, person.session) == (502, None)
    assert liar.asked.count("/jwks") <= 2


def test_new_keys_are_fetched_once_and_both_ways_to_prove_the_client_work(
    liar: Liar, server: Live, person: Person
) -> None:
    liar.about = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert person.get(liar.expect(begin(person))).status_code == 303
    liar.key = RSAKey.generate_key(2048, {"kid": "second"})
    liar.header, liar.published = {"alg": "PS256", "kid": "second", "of": "no matter"}, [liar.key]
    with Person(server) as again:
        assert again.get(liar.expect(begin(again))).status_code == 303
    assert liar.asked.count("/jwks") == 2
    assert liar.asked.count("/.well-known/openid-configuration") == 1


def test_what_the_id_token_leaves_out_is_asked_for(liar: Liar, server: Live, person: Person) -> None:
    liar.claims = {"sub": "fay", "email": None}
    assert "does not vouch" in person.get(liar.expect(begin(person))).text
    liar.about = {"userinfo_endpoint": f"{liar.issuer}/me"}
    redirect = f"{server.url}/login/oidc/callback"
    object.__setattr__(server.services, "provider", Provider(liar.issuer, CLIENT, SECRET, redirect))
    liar.told = {"sub": "somebody else", "email": "fay@example.com", "email_verified": True}
    assert "cannot be believed" in person.get(liar.expect(begin(person))).text
    liar.told |= {"sub": "fay", "name": 7}
    assert person.get(liar.expect(begin(person))).status_code == 303
    found = _who(server, person)
    assert found is not None
    assert (found.email, found.name) == ("fay@example.com", "fay")


@pytest.mark.parametrize(
    ("bend", "told"),
    [
        ({"about": {"issuer": "https://other.example"}}, "another name"),
        ({"about": {"token_endpoint": "http://other.example/token"}}, "not https"),
        ({"answers": {"/.well-known/openid-configuration": (404, b"{}")}}, "cannot be read"),
        ({"answers": {"/.well-known/openid-configuration": (200, b"<html>")}}, "cannot be read"),
    ],
)
def test_a_description_that_does_not_fit_is_told_and_not_kept(
    liar: Liar, person: Person, bend: dict[str, Any], told: str
) -> None:
    vars(liar).update(bend)
    answer = person.get("/login/oidc?next=/docs")
    assert answer.status_code == 502
    assert told in answer.text
    assert 'name="next" value="/docs"' in answer.text
    liar.about, liar.answers = {}, {}
    assert begin(person)


@pytest.mark.parametrize(
    ("path", "answer", "told"),
    [
        ("/token", (503, b"busy"), "cannot be reached"),
        ("/token", (400, b'{"error": "invalid_client"}'), "refused: invalid_client"),
        ("/token", (200, b"[]"), "cannot be reached"),
        ("/jwks", (200, b'{"keys": []}'), "no keys"),
        ("/jwks", (200, b'{"keys": 1}'), "no keys"),
    ],
)
def test_a_provider_that_breaks_half_way_is_told(
    liar: Liar, person: Person, path: str, answer: tuple[int, bytes], told: str
) -> None:
    back = liar.expect(begin(person))
    liar.answers[path] = answer
    shown = person.get(back)
    assert (shown.status_code, person.session) == (502, None)
    assert told in shown.text


def test_an_answer_of_another_provider_is_refused(liar: Liar, person: Person) -> None:
    back = liar.expect(begin(person))
    assert "another provider" in person.get(f"{back}&iss=https://other.example").text


def test_a_provider_that_is_away_or_hangs_is_told(liar: Liar, server: Live, person: Person) -> None:
    redirect = f"{server.url}/login/oidc/callback"
    away = Provider("http://127.0.0.1:1", CLIENT, "", redirect)
    object.__setattr__(server.services, "provider", away)
    assert "cannot be reached" in person.get("/login/oidc").text
    assert away._method(None) == "none"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hanging = Provider(f"http://127.0.0.1:{silent.getsockname()[1]}", CLIENT, "", redirect, time_out=0.1)
        object.__setattr__(server.services, "provider", hanging)
        answer = person.get("/login/oidc")
    assert answer.status_code == 504
    assert "takes too long" in answer.text
    server.run(Provider(f"{liar.issuer}/", CLIENT, SECRET, redirect).check())
