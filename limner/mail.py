"""Mail: short plain messages by way of the operator's mail server, sent in threads and never waited for by a page.

What is in a message is never logged: it may hold a link that opens an account.
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid, parseaddr
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import msgspec

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from structlog.typing import FilteringBoundLogger

TIME_OUT = 15.0
"""How long the mail server may take for each step, seconds."""

FAREWELL = 5.0
"""How long a stopping server waits for mails that are on their way, seconds."""

PORTS = {"smtp": 587, "smtps": 465}
HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """Where mails are handed in, as `LIMNER_SMTP_URL` says."""

    scheme: str
    host: str
    port: int
    user: str
    password: str


def parse(url: str) -> Post:
    """Read `smtp://user:password@host:587` or `smtps://...`; raises `ValueError` without repeating what it holds."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("LIMNER_SMTP_URL: it must read smtp://user:password@host:587 or smtps://...") from None
    if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("LIMNER_SMTP_URL: it must read smtp://user:password@host:587 or smtps://...")
    return Post(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def sender(given: str, host: str) -> Address:
    """Read who mails come from, `limner@host` where nothing is said; raises `ValueError` naming the setting."""
    name, address = parseaddr(given or f"limner@{'localhost' if ':' in host else host}")
    try:
        found = Address(name, addr_spec=address)
    except (ValueError, IndexError, MessageError):
        raise ValueError(f"LIMNER_SMTP_FROM: {given!r} is no e-mail address") from None
    if not found.username or not found.domain or not given.isprintable():
        raise ValueError(f"LIMNER_SMTP_FROM: {given!r} is no e-mail address")
    return found


class Mail:
    """Sends mails; built once in `bootstrap` where a mail server is set."""

    def __init__(
        self,
        url: str,
        origin: Address,
        log: FilteringBoundLogger,
        *,
        time_out: float = TIME_OUT,
        farewell: float = FAREWELL,
    ) -> None:
        """`origin` is who mails come from; raises `ValueError` for a URL that names no mail server."""
        self._post, self._origin, self._log = parse(url), origin, log
        self._time_out, self._farewell = time_out, farewell
        self._sending: set[asyncio.Task[None]] = set()

    def later(self, work: Callable[..., Coroutine[Any, Any, None]], /, *args: Any) -> None:
        """Begin work that ends in a mail, in the background; what fails is logged, without what was to be said."""
        task = asyncio.get_running_loop().create_task(self._guarded(work(*args)))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _guarded(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - nobody waits for it, so whatever it is can only be told
            self._log.warning("mail_failed", reason=_reason(error))

    async def send(self, to: str, subject: str, text: str) -> None:
        """Send a plain text to one address; raises `OSError` (smtplib's are), `ValueError` for what is no address."""
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"], message["Subject"] = self._origin, Address(addr_spec=to), subject
        message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=self._origin.domain)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        await asyncio.to_thread(self._hand_in, message)

    async def check(self) -> str:
        """Say hello to the mail server, signed in where a user is set; raises as `send` does."""
        await asyncio.to_thread(self._hand_in, None)
        return f"{self._post.host}:{self._post.port} answers"

    def _hand_in(self, message: EmailMessage | None) -> None:
        with self._connected() as server:
            if self._post.user:
                server.login(self._post.user, self._post.password)
            if message is not None:
                server.send_message(message)

    def _connected(self) -> smtplib.SMTP:
        """Connect, encrypted where the server can."""
        post, name = self._post, self._origin.domain
        if post.scheme == "smtps":
            secure = ssl.create_default_context()
            return smtplib.SMTP_SSL(post.host, post.port, name, timeout=self._time_out, context=secure)
        server = smtplib.SMTP(post.host, post.port, name, timeout=self._time_out)
        try:
            self._encrypt(server)
        except BaseException:
            server.close()
            raise
        return server

    def _encrypt(self, server: smtplib.SMTP) -> None:
        """Go on in TLS where that is offered; a password goes in clear to this very machine only."""
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
        elif self._post.user and self._post.host not in HERE:
            raise smtplib.SMTPNotSupportedError("it offers no STARTTLS, and a password is not sent in clear")

    async def close(self) -> None:
        """Wait a little for what is on its way, then let it go."""
        if self._sending:
            _, late = await asyncio.wait(self._sending, timeout=self._farewell)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


def _reason(error: Exception) -> str:
    """Say what went wrong without repeating the message or who it was for."""
    kind = type(error).__name__
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"{kind} {', '.join(str(answer[0]) for answer in error.recipients.values())}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{kind} {error.smtp_code}"
    return f"{kind}: {error}" if isinstance(error, OSError) else kind
