"""A mail server of our own: keeps what it is sent, asks for a password or speaks TLS where a test wants it to."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

USER, PASSWORD = "limner", "p@ss:word/"


class Letterbox:
    """What has come in; `take` waits for the next."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refusing = ""
        self.knows_nobody = False
        self.peers: list[Any] = []
        self._came = threading.Semaphore(0)
        self.port = 0

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.knows_nobody:
            return "550 nobody by that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        if self.refusing:
            self._came.release()
            return self.refusing
        self.letters.append(message_from_bytes(envelope.content, policy=default))
        self.peers.append(session)
        self._came.release()
        return "250 OK"

    def take(self) -> EmailMessage:
        assert self._came.acquire(timeout=30), "no mail has come"
        return self.letters[-1]


def link_in(letter: EmailMessage) -> str:
    """Give the path of the link in a letter."""
    found = re.search(r"http://[^/]+(/\S+)", letter.get_content())
    assert found
    return found[1]


def _knows(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    return AuthResult(success=(given.login, given.password) == (USER.encode(), PASSWORD.encode()), handled=False)


@contextmanager
def letterbox(*, login: bool = False, **more: Any) -> Iterator[Letterbox]:
    """Serve SMTP for the length of a block."""
    box = Letterbox()
    if login:
        more |= {"authenticator": _knows, "auth_required": True, "auth_require_tls": "tls_context" in more}
    with socket.create_server(("127.0.0.1", 0)) as free:
        box.port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=box.port, **more)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
