"""Real connections to small servers on this machine, which the operator's networks allow here."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import subprocess
from contextlib import asynccontextmanager
from ipaddress import ip_network
from typing import TYPE_CHECKING

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner import __version__
from limner.addresses import parse_networks
from limner.errors import BadRequest
from limner.outbound import Answer, Outbound, Reason, Unreachable, _Resolver, _socket

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable
    from pathlib import Path

    from limner.outbound import Resolve

LOCAL = parse_networks("127.0.0.0/8,::1/128")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
PUBLIC = "93.184.215.14"
MOMENT = 0.2


class Server:
    """A server that answers every connection with the same bytes; `requests` is what it was sent.

    It may greet before it is asked, hold the connection after its answer, or go on `forever`.
    """

    def __init__(self, answer: bytes = OK, *, greeting: bytes = b"", hold: bool = False, forever: bytes = b"") -> None:
        self.answer, self.greeting, self.hold, self.forever = answer, greeting, hold, forever
        self.requests: list[bytes] = []
        self.connections = 0
        self.sent = 0
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            writer.write(self.greeting)
            head = await reader.readuntil(b"\r\n\r\n")
            length = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length")]
            self.requests.append(head + await reader.readexactly(sum(length)))
            writer.write(self.answer)
            while self.forever:
                writer.write(self.forever)
                self.sent += len(self.forever)
                await writer.drain()
            if self.hold:
                await reader.read()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(server: Server, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


@pytest.fixture
async def outbound() -> AsyncIterator[Outbound]:
    made = Outbound(LOCAL)
    yield made
    await made.close()


async def refusal(asking: Awaitable[Answer]) -> tuple[Reason, str]:
    with pytest.raises(Unreachable) as caught:
        await asking
    return caught.value.reason, str(caught.value)


async def test_bytes_and_headers_go_out_and_an_answer_comes_back(outbound: Outbound) -> None:
    answer = b"HTTP/1.1 202 Accepted\r\nX-Seen: a\r\nx-seen: b\r\nX-Odd: \xff\r\nContent-Length: 4\r\n\r\nfine"
    async with serving(Server(answer)) as server:
        got = await outbound.post(server.url + "?a=%2F+b", b'{"id":1}', {"webhook-id": "msg_1"})
    headers = {"x-seen": "a, b", "x-odd": "\ufffd", "content-length": "4"}
    assert got == Answer(status=202, headers=headers, body=b"fine")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert body == b'{"id":1}'
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /hook?a=%2F+b HTTP/1.1"
    for line in (f"Host: 127.0.0.1:{server.port}", f"User-Agent: limner/{__version__}", "webhook-id: msg_1"):
        assert line in lines
    assert "Accept-Encoding: identity" in lines


async def test_a_picture_is_fetched_up_to_a_size(outbound: Outbound) -> None:
    async with serving(Server(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789")) as server:
        got = await outbound.get(server.url, most=10)
        assert (got.body, got.truncated) == (b"0123456789", False)
        assert await refusal(outbound.get(server.url, most=9)) == ("size", "The answer has more than 9 bytes.")
    assert server.requests[0].startswith(b"GET /hook HTTP/1.1\r\n")


async def test_an_endless_body_is_cut_and_the_connection_closed(outbound: Outbound) -> None:
    async with serving(Server(b"HTTP/1.1 500 No\r\n\r\n", forever=b"x" * 65_536)) as server:
        got = await outbound.post(server.url, b"", {})
        await asyncio.sleep(0.01)
        sent = server.sent
        await asyncio.sleep(0.01)
    assert (got.status, got.body, got.truncated) == (500, b"x" * 2048, True)
    assert server.sent == sent < 50_000_000


async def test_a_bomb_is_not_unpacked(outbound: Outbound) -> None:
    bomb = gzip.compress(bytes(5_000_000))
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
    async with serving(Server(head.encode() + bomb)) as server:
        assert (await outbound.get(server.url, most=len(bomb))).body == bomb


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_answer_and_not_followed(outbound: Outbound, status: int) -> None:
    async with serving(Server()) as inside:
        head = f"HTTP/1.1 {status} Elsewhere\r\nLocation: {inside.url}\r\nContent-Length: 0\r\n\r\n"
        async with serving(Server(head.encode())) as server:
            got = await outbound.post(server.url, b"{}", {})
    assert (got.status, got.headers["location"]) == (status, inside.url)
    assert inside.connections == 0


async def test_cookies_are_forgotten_and_connections_used_once(outbound: Outbound) -> None:
    async with serving(Server(OK.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b\r\n\r\n"), hold=True)) as server:
        for _ in range(2):
            await outbound.post(server.url, b"", {})
    assert server.connections == 2
    assert b"cookie" not in server.requests[1].lower()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "closed"),
        (b"HTTP/1.1 200 OK\r\nContent-", "closed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "closed"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "answer"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "answer"),
        (b"\x00\x01\x02\x03" * 10, "answer"),
        (b"HTTP/1.1 2000 Odd\r\n\r\n", "answer"),
        (b"HTTP/1.1 200 OK\r\nA: " + b"x" * 10_000 + b"\r\n\r\n", "answer"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 1000 + b"\r\n", "answer"),
    ],
)
async def test_a_broken_answer_is_no_answer(outbound: Outbound, answer: bytes, reason: Reason) -> None:
    async with serving(Server(answer)) as server:
        assert (await refusal(outbound.post(server.url, b"{}", {})))[0] == reason


@pytest.mark.parametrize("line", [b"A: b\r\n" * 1000, b"x" * 6000])
async def test_endless_headers_are_not_read(outbound: Outbound, line: bytes) -> None:
    async with serving(Server(b"HTTP/1.1 200 OK\r\nA: ", forever=line)) as server:
        assert (await refusal(outbound.post(server.url, b"{}", {})))[0] == "answer"


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=80), st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"]))
def test_whatever_is_answered_nothing_else_is_raised(noise: bytes, start: bytes) -> None:
    async def ask() -> str:
        outbound = Outbound(LOCAL)
        async with serving(Server(start + noise)) as server:
            try:
                await outbound.post(server.url, b"", {}, seconds=5)
            except Unreachable as unreachable:
                return unreachable.reason
            finally:
                await outbound.close()
        return "answered"

    assert asyncio.run(ask()) in {"answered", "closed", "answer"}


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", b"HTTP/1.1 100 C\r\n\r\n"]
)
async def test_a_slow_answer_is_not_waited_for(outbound: Outbound, answer: bytes) -> None:
    async with serving(Server(answer, hold=True)) as server:
        found = await refusal(outbound.post(server.url, b"{}", {}, seconds=MOMENT))
    assert found == ("timeout", "There was no full answer within 0.2 s.")


async def test_a_slow_lookup_counts_too() -> None:
    async def never(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        raise AssertionError

    outbound = Outbound(resolve=never)
    assert (await refusal(outbound.get("http://example.com/", seconds=MOMENT, most=1)))[0] == "timeout"
    await outbound.close()


async def test_nobody_there_is_said_without_details(outbound: Outbound) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://localhost:{taken.getsockname()[1]}/"
        assert await refusal(outbound.post(url, b"", {})) == ("connect", "The host could not be connected to.")


async def test_localhost_is_never_looked_up() -> None:
    async def lies(host: str, port: int) -> list[str]:
        raise AssertionError(host)

    outbound = Outbound(parse_networks("127.0.0.0/8"), resolve=lies)
    async with serving(Server()) as server:
        assert (await outbound.post(f"http://localhost:{server.port}/", b"", {})).body == b"ok"
    await outbound.close()


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    """Make a server's TLS context with a certificate of its own for the name, and the certificate's file."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
            ),
            *("-keyout", key, "-out", cert, "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, cert


async def test_tls_asks_for_a_certificate_that_is_valid_for_the_name(tmp_path: Path) -> None:
    async def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    theirs, file = certificate(tmp_path, "hooks.example.com")
    trusting = Outbound(LOCAL, resolve=here, tls=ssl.create_default_context(cafile=file))
    doubting = Outbound(LOCAL, resolve=here)
    invalid = ("tls", "The host's TLS certificate is not valid for it.")
    async with serving(Server(), theirs) as server:
        url = f"https://hooks.example.com:{server.port}/"
        assert (await trusting.post(url, b"", {})).body == b"ok"
        assert await refusal(trusting.post(url.replace("hooks", "other"), b"", {})) == invalid
        assert await refusal(doubting.post(url, b"", {})) == invalid
    await trusting.close()
    await doubting.close()


async def test_plain_text_is_not_taken_for_tls(outbound: Outbound) -> None:
    async with serving(Server(greeting=b"220 mail.example.com\r\n")) as server:
        found = await refusal(outbound.post(f"https://127.0.0.1:{server.port}/", b"", {}))
    assert found == ("tls", "The host does not speak TLS as it should.")


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        [PUBLIC, "127.0.0.1"],
        ["127.0.0.1", PUBLIC],
        [PUBLIC, "2606:4700::1111", "::1"],
        [*(f"93.184.215.{last}" for last in range(20)), "10.0.0.1"],
        *([text] for text in ("0.0.0.1", "10.1.2.3", "100.64.0.1", "169.254.169.254", "168.63.129.16", "::", "::1")),
        *([text] for text in ("::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001::1")),
        *([text] for text in ("fd00:ec2::254", "fe80::1", "fe80::1%eth0", "ff02::1", "2001:db8::1")),
    ],
    ids=str,
)
async def test_a_name_with_a_private_address_is_refused(addresses: list[str]) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return addresses

    outbound = Outbound(resolve=resolve)
    async with serving(Server()) as server:
        found = await refusal(outbound.post(f"http://rebind.example.com:{server.port}/", b"", {}))
        assert found == ("refused", "The host leads to an address that is not public.")
        assert server.connections == 0
    await outbound.close()


async def test_a_name_that_changes_its_mind_gains_nothing() -> None:
    # 127.0.0.2 stands for the public address, so that no test calls one: it is allowed here, and nobody listens there
    answers = [["127.0.0.2"], ["127.0.0.1"], ["127.0.0.2", "127.0.0.1"]]
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    outbound = Outbound(parse_networks("127.0.0.2"), resolve=rebinding)
    async with serving(Server()) as server:
        url = outbound.check(f"http://rebind.example.com:{server.port}/", param="callback_url")
        assert asked == []
        found = [(await refusal(outbound.post(url, b"", {}, seconds=5)))[0] for _ in answers]
        # one lookup a request, and it is the looked-up address that is connected to
        assert (found, len(asked), server.connections) == (["connect", "refused", "refused"], 3, 0)
    await outbound.close()


async def test_the_socket_is_the_last_check() -> None:
    strict = Outbound()
    for host, family in (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6), ("10.0.0.1", socket.AF_INET)):
        with pytest.raises(OSError, match=r"^$"):
            _socket((), (family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, 80)))
    _socket(LOCAL, (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", 80))).close()
    async with serving(Server()) as server:
        # asked past the text's check: what the session would do with any address that came to it
        with pytest.raises(aiohttp.ClientConnectorError):
            await strict._opened(()).get(server.url)
        assert server.connections == 0
    await strict.close()


async def test_a_url_is_checked_again_when_it_is_called() -> None:
    strict = Outbound()
    async with serving(Server()) as server:
        reason, message = await refusal(strict.post(server.url, b"", {}))
        assert server.connections == 0
    assert (reason, message.startswith("The URL must lead to a public address;")) == ("refused", True)
    with pytest.raises(BadRequest):
        strict.check(server.url, param="callback_url")
    await strict.close()


async def test_the_operators_networks_hold_for_names_too() -> None:
    async def inside(host: str, port: int) -> list[str]:
        return ["127.0.0.1", "127.0.0.1"]

    outbound = Outbound((ip_network("127.0.0.1/32"),), resolve=inside)
    async with serving(Server()) as server:
        assert (await outbound.post(f"http://hooks.internal:{server.port}/", b"", {})).status == 200
    await outbound.close()


async def test_proxies_of_the_environment_are_not_used(outbound: Outbound, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(Server()) as proxy, serving(Server()) as server:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert (await outbound.post(server.url, b"", {})).body == b"ok"
    assert (proxy.connections, server.connections) == (0, 1)


async def nothing(host: str, port: int) -> list[str]:
    return []


async def unknown(host: str, port: int) -> list[str]:
    raise socket.gaierror(socket.EAI_NONAME, "10.0.0.53 says: no such name")


async def broken(host: str, port: int) -> list[str]:
    raise RuntimeError("a secret")


@pytest.mark.parametrize(
    ("resolve", "expected"),
    [
        (nothing, ("name", "The host's name could not be resolved.")),
        (unknown, ("name", "The host's name could not be resolved.")),
        (broken, ("failed", "The host could not be asked.")),
    ],
)
async def test_a_failed_lookup_gives_nothing_away(resolve: Resolve, expected: tuple[Reason, str]) -> None:
    outbound = Outbound(resolve=resolve)
    assert await refusal(outbound.post("http://example.com/", b"", {})) == expected
    await outbound.close()


async def test_names_are_looked_up_by_the_system(outbound: Outbound) -> None:
    assert await outbound._look_up("127.0.0.1", 80) == ["127.0.0.1"]


async def test_only_a_few_of_many_addresses_are_tried() -> None:
    async def many(host: str, port: int) -> list[str]:
        return [f"127.0.0.{last}" for last in range(1, 200)]

    found = await _Resolver(many, LOCAL).resolve("many.example.com", 80)
    assert [entry["host"] for entry in found] == [f"127.0.0.{last}" for last in range(1, 7)]


async def test_closing_without_use_and_using_after_closing(outbound: Outbound) -> None:
    async with serving(Server()) as server:
        await outbound.post(server.url, b"", {})
        await outbound.close()
        assert (await refusal(outbound.post(server.url, b"", {})))[0] == "failed"
    await Outbound().close()


INBOX = "Hn2SEmUICPb2MgjBE4NhHGlhZGQPZ8a9"


async def test_our_own_inbox_may_be_called_although_it_is_private() -> None:
    async with serving(Server()) as server:
        base = f"http://127.0.0.1:{server.port}"
        outbound = Outbound(inboxes=f"{base}/inbox/")
        url = outbound.check(f"HTTP://127.0.0.1:{server.port}/inbox/{INBOX}#here", param="callback_url")
        assert url == f"{base}/inbox/{INBOX}"
        assert (await outbound.post(url, b"{}", {})).body == b"ok"
        for wrong in (
            "/inbox/",
            f"/inbox/{INBOX}/",
            f"/inbox/{INBOX}/events",
            f"/inbox/{INBOX}?a=b",
            f"/inbox/{INBOX}%2f..",
            f"/inbox/{INBOX[:-1]}%39",
            f"/inbox/{INBOX}\n",
            f"/inbox/../inbox/{INBOX}",
            f"/inbox/{'x' * 16}/../../metrics",
            f"/INBOX/{INBOX}",
            f"//inbox/{INBOX}",
            "/v1/tasks",
        ):
            assert (await refusal(outbound.post(base + wrong, b"", {})))[0] == "refused", wrong
        assert server.connections == 1
        await outbound.close()


@pytest.mark.parametrize(
    "origin",
    [
        *("http://127.0.0.1:8081", "http://127.0.0.1", "http://127.0.0.2:8080", "https://127.0.0.1:8080"),
        *("http://localhost:8080", "http://[::1]:8080", "http://a@127.0.0.1:8080", "http://127.0.0.1:8080@10.0.0.1"),
        *("http://2130706433:8080", "http://127.1:8080", "http://[::ffff:127.0.0.1]:8080"),
        "http://127.0.0.1:8080.a.test",
    ],
)
async def test_an_inbox_elsewhere_is_not_ours(origin: str) -> None:
    outbound = Outbound(inboxes="http://127.0.0.1:8080/inbox/")
    assert (await refusal(outbound.post(f"{origin}/inbox/{INBOX}", b"", {})))[0] == "refused"
    with pytest.raises(BadRequest):
        outbound.check(f"{origin}/inbox/{INBOX}", param="callback_url")
    await outbound.close()


async def test_our_own_name_leads_where_it_leads_and_lends_its_address_to_nobody() -> None:
    async def inside(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with serving(Server(b"HTTP/1.1 307 There\r\nLocation: /metrics\r\nContent-Length: 0\r\n\r\n")) as server:
        base = f"http://limner.lan:{server.port}"
        outbound = Outbound(inboxes=f"{base}/inbox/", resolve=inside)
        assert (await outbound.post(f"{base}/inbox/{INBOX}", b"", {})).status == 307
        for other in (f"{base}/metrics", f"http://other.example.com:{server.port}/inbox/{INBOX}"):
            assert (await refusal(outbound.post(other, b"", {})))[0] == "refused"
        assert server.connections == 1
        await outbound.close()


@pytest.mark.parametrize("address", ["", "http:/inbox/", "ftp://127.0.0.1/inbox/", "http://169.254.169.254/inbox/"])
async def test_an_address_that_is_none_excepts_nothing(address: str) -> None:
    outbound = Outbound(inboxes=address)
    assert (await refusal(outbound.post(f"http://127.0.0.1/inbox/{INBOX}", b"", {})))[0] == "refused"
    assert (await refusal(outbound.post(f"http://169.254.169.254/inbox/{INBOX}", b"", {})))[0] == "refused"
    await outbound.close()
