"""OpenID Connect providers to sign in with: a whole one in a process of its own, and one that can be made to lie."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from joserfc.jws import JWSRegistry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.people import Person

CLIENT = "limner-test"
SECRET = "a secret of the provider"  # noqa: S105 - nobody's
KEY = RSAKey.generate_key(2048, {"kid": "first"})


@contextmanager
def provider_process(*people: dict[str, Any]) -> Iterator[str]:
    """Start oidc-provider-mock and give its issuer; `people` are the claims it knows, with `sub`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [word for claims in people for word in ("--user-claims", json.dumps(claims))]
    process = subprocess.Popen(
        [sys.executable, "-m", "oidc_provider_mock", "--require-nonce", "-p", str(port), *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _until_it_answers(f"http://127.0.0.1:{port}/jwks", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(400):
        assert process.poll() is None, "the provider has ended"
        try:
            httpx.get(url)
        except httpx.TransportError:
            threading.Event().wait(0.05)
        else:
            return
    raise AssertionError("the provider does not start")


def begin(person: Person, **query: str) -> str:
    """Click on single sign-on; gives the address at the provider that the browser is sent to."""
    answer = person.get("/login/oidc", **query)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def consent(url: str, sub: str, **form: str) -> str:
    """Sign in on the provider's page; gives the path at limner that the browser is sent back to."""
    answer = httpx.post(url, data={"sub": sub} | form)
    back = urlsplit(answer.headers["location"])
    return f"{back.path}?{back.query}"


def sign_on(person: Person, sub: str, **query: str) -> httpx.Response:
    """Go the whole way; gives limner's answer at the end of it."""
    return person.get(consent(begin(person, **query), sub))


class Liar(ThreadingHTTPServer):
    """A provider that a test can make say anything; it checks PKCE and the client's secret as a good one does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.key: Any = KEY
        self.published = [self.key]
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "first"}
        self.claims: dict[str, Any] = {}
        self.about: dict[str, Any] = {}
        self.told: dict[str, Any] | None = None
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.asked: list[str] = []
        self.forge: Callable[[dict[str, Any]], str] | None = None
        self.wanted: dict[str, str] = {}

    def expect(self, url: str) -> str:
        """Take note of where a browser was sent; gives the way back that a good sign-in would have."""
        self.wanted = dict(parse_qsl(urlsplit(url).query))
        return f"/login/oidc/callback?code=c&state={self.wanted['state']}"

    def description(self) -> dict[str, Any]:
        places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        return {"issuer": self.issuer, **{name: f"{self.issuer}/{path}" for name, path in places.items()}} | self.about

    def token(self, form: dict[str, list[str]], authorization: str) -> dict[str, Any]:
        digest = hashlib.sha256(form["code_verifier"][0].encode()).digest()
        assert self.wanted["code_challenge_method"] == "S256"
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self.wanted["code_challenge"]
        basic = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        assert basic == f"{CLIENT}:{SECRET}" or form["client_secret"] == [SECRET]
        at = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "eve", "iat": at, "exp": at + 60}
        claims |= {"nonce": self.wanted["nonce"], "email": "eve@example.com", "email_verified": True}
        given = {name: value for name, value in (claims | self.claims).items() if value is not None}
        if self.forge is not None:
            return {"access_token": "t", "token_type": "Bearer", "id_token": self.forge(given)}
        registry = JWSRegistry(algorithms=[self.header["alg"]], strict_check_header=False)
        signed = jwt.encode(self.header, given, self.key, registry=registry)
        return {"access_token": "t", "token_type": "Bearer", "expires_in": 60, "id_token": signed}

    def jwks(self) -> Any:
        return KeySet(list(self.published)).as_dict(private=False)


class _Answering(BaseHTTPRequestHandler):
    server: Liar

    def do_GET(self) -> None:
        made = {"/.well-known/openid-configuration": self.server.description, "/jwks": self.server.jwks}
        self._answer(made.get(self.path, lambda: self.server.told))

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        self._answer(lambda: self.server.token(form, self.headers.get("authorization", "")))

    def _answer(self, make: Any) -> None:
        self.server.asked.append(self.path)
        status, body = self.server.answers.get(self.path) or (200, json.dumps(make()).encode())
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def lying() -> Iterator[Liar]:
    """Serve a liar for the length of a block."""
    with Liar() as liar:
        thread = threading.Thread(target=liar.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield liar
        finally:
            liar.shutdown()
            thread.join()
