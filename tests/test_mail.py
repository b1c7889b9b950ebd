"""Mail, handed in to a real SMTP server."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from limner.mail import Mail, Post, parse, sender
from tests.letters import PASSWORD, USER, letterbox

if TYPE_CHECKING:
    from pathlib import Path

LOGIN = f"{USER}:{quote(PASSWORD, safe='')}@"


class Log:
    """Keeps what is logged."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def warning(self, event: str, **more: Any) -> None:
        self.lines.append({"event": event} | more)


def mail(url: str, log: Any = None, **more: Any) -> Mail:
    return Mail(url, sender("Limner <limner@example.com>", ""), cast("Any", log or Log()), **more)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for 127.0.0.1 that is its own authority, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "limner's tests")])
    at = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    hidden = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    file.write_bytes(made.public_bytes(pem) + hidden)
    return file


async def test_a_letter_arrives_as_it_was_written() -> None:
    with letterbox() as box:
        await mail(f"smtp://127.0.0.1:{box.port}").send(
            "ada@example.com", "Ein Gruß für Sie", "Hello Ada,\n\nhttp://x/y"
        )
        letter = box.take()
    assert letter["From"] == "Limner <limner@example.com>"
    assert letter["To"] == "ada@example.com"
    assert letter["Subject"] == "Ein Gruß für Sie"
    assert letter["Message-ID"].endswith("@example.com>")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Date"].datetime is not None
    assert letter.get_content_type() == "text/plain"
    assert letter.get_content().splitlines() == ["Hello Ada,", "", "http://x/y"]


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # said of the server of this test
@pytest.mark.parametrize("how", ["smtp", "starttls", "smtps"])
async def test_it_signs_in_and_encrypts_where_it_can(
    how: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    more = {"smtp": {}, "starttls": {"tls_context": context}, "smtps": {"ssl_context": context}}[how]
    scheme = "smtps" if how == "smtps" else "smtp"
    with letterbox(login=True, **more) as box:
        url = f"{scheme}://{LOGIN}127.0.0.1:{box.port}"
        if how != "smtp":
            with pytest.raises(ssl.SSLCertVerificationError):
                await mail(url).check()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert await mail(url).check() == f"127.0.0.1:{box.port} answers"
        await mail(url).send("ada@example.com", "Hello", "Hello")
        box.take()
        assert (box.peers[0].ssl is not None) == (how == "starttls")
        with pytest.raises(smtplib.SMTPAuthenticationError):
            await mail(url.replace(LOGIN, "limner:wrong@")).check()
        with pytest.raises(smtplib.SMTPException):
            await mail(url.replace(LOGIN, "")).send("ada@example.com", "Hello", "Hello")


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
async def test_a_password_goes_in_clear_to_this_machine_only() -> None:
    with letterbox(login=True) as box, pytest.raises(smtplib.SMTPNotSupportedError, match="no STARTTLS"):
        # another way to write 127.0.0.1, so for all limner knows another machine
        await mail(f"smtp://{LOGIN}127.1:{box.port}").check()


async def test_what_fails_in_the_background_is_logged_without_what_was_said() -> None:
    log = Log()
    with letterbox() as box:
        post = mail(f"smtp://127.0.0.1:{box.port}", log)
        box.refusing = "554 no, ada@example.com: http://secret"
        post.later(post.send, "ada@example.com", "Hello", "http://secret")
        await post.close()
    post.later(post.send, "ada@example.com", "Hello", "http://secret")
    post.later(post.send, "no address", "Hello", "http://secret")
    post.later(post.send, "ada@example.com", "Hello\nBcc: eve@example.com", "http://secret")
    await post.close()
    assert [line["event"] for line in log.lines] == ["mail_failed"] * 4
    assert sorted(line["reason"].partition(":")[0] for line in log.lines) == [
        "ConnectionRefusedError",
        "InvalidHeaderDefect",
        "SMTPDataError 554",
        "ValueError",
    ]
    assert not any(word in str(log.lines) for word in ("secret", "ada@", "eve@"))


async def test_a_recipient_that_is_refused_is_not_named() -> None:
    log = Log()

    with letterbox() as box:
        box.knows_nobody = True
        post = mail(f"smtp://127.0.0.1:{box.port}", log)
        post.later(post.send, "ada@example.com", "Hello", "Hello")
        await post.close()
    assert log.lines == [{"event": "mail_failed", "reason": "SMTPRecipientsRefused 550"}]


async def test_a_mail_server_that_hangs_does_not_hold_up_the_end() -> None:

    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(writer)

    heard: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    post = mail(f"smtp://127.0.0.1:{silent.sockets[0].getsockname()[1]}", time_out=0.5, farewell=0.05)
    post.later(post.send, "ada@example.com", "Hello", "Hello")
    await post.close()
    assert not post._sending
    silent.close()


@pytest.mark.parametrize(
    ("url", "post"),
    [
        ("smtp://mail.example.com", ("smtp", "mail.example.com", 587, "", "")),
        ("smtps://mail.example.com/", ("smtps", "mail.example.com", 465, "", "")),
        ("smtp://a%40b:c%3Ad@[::1]:25", ("smtp", "::1", 25, "a@b", "c:d")),
    ],
)
def test_urls(url: str, post: tuple[Any, ...]) -> None:
    assert parse(url) == Post(**dict(zip(Post.__struct_fields__, post, strict=True)))


@pytest.mark.parametrize("url", ["http://mail", "smtp:mail", "smtp://", "smtp://u:secret@mail:x", "smtp://mail/?a=b"])
def test_what_is_no_mail_server_is_said_without_its_secrets(url: str) -> None:
    with pytest.raises(ValueError, match="LIMNER_SMTP_URL") as told:
        parse(url)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("given", "host", "address"),
    [
        ("", "draw.example.com", "limner@draw.example.com"),
        ("", "::1", "limner@localhost"),
        ("a@b.example", "", "a@b.example"),
        ('"Team, Limner" <a@b.example>', "", '"Team, Limner" <a@b.example>'),
    ],
)
def test_who_mails_come_from(given: str, host: str, address: str) -> None:
    assert str(sender(given, host)) == address


@pytest.mark.parametrize("given", ["nobody", "a@b@c", "a@b.example\r\nBcc: c@d", "Limner", "<>"])
def test_who_mails_cannot_come_from(given: str) -> None:
    with pytest.raises(ValueError, match="LIMNER_SMTP_FROM"):
        sender(given, "")
