"""Which URLs are refused by their text alone. What is refused only at the connection is in `test_outbound`."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from limner.addresses import LONGEST, Refused, check_url, loopback, normalised, parse_networks, permitted
from limner.errors import BadRequest

LOCAL = parse_networks("127.0.0.0/8,::1/128")

REFUSED = {
    "schemes": (
        "",
        "example.com/hook",
        "//example.com/hook",
        "/hook",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com:70/_x",
        "dict://example.com:2628/",
        "ldap://example.com/",
        "ws://example.com/",
        "javascript:alert(1)",
        "data:text/plain,hello",
        "jar:http://example.com!/",
        "http\uff1a//example.com/",
        "http\u017f://example.com/",
        "http:example.com",
        "http:/example.com",
        "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    ),
    "no host": (
        "http://",
        "http:///",
        "http:////example.com/",
        "http://?x",
        "http://#x",
        "http://:80/",
        "http://./",
        "http://../",
        "http://.example.com/",
        "http://example..com/",
        "http://example.com../",
        "http://[]/",
    ),
    "user information": (
        "http://user@example.com/",
        "http://user:word@example.com/",
        "http://@example.com/",
        "http://:@example.com/",
        "http://example.com@127.0.0.1/",
        "http://127.0.0.1@example.com/",
        "http://example.com:80@127.0.0.1:80/",
        "http://a@b@127.0.0.1/",
        "http://[::1]@example.com/",
        "http://x\uff20example.com/",
    ),
    "spaces, controls and backslashes": (
        " http://example.com/",
        "http://example.com/ ",
        "http://exa mple.com/",
        "http://example.com/a b",
        "http://example.com/\ta",
        "ht\ttp://127.0.0.1/",
        "http://127.0.\n0.1/",
        "http://example.com\r\nHost: localhost/",
        "http://example.com/\x00",
        "http://example.com/\x7f",
        "http://example.com/\x85",
        "http://example.com\u00a0/",
        "http://example.com/\u2028",
        "http://local\u00adhost/",
        "http://127.0.0\u200b.1/",
        "http://example.com/\u202e",
        "http://example.com/\ud800",
        "http:\\\\127.0.0.1\\",
        "http://example.com\\@127.0.0.1/",
        "http://127.0.0.1\\.example.com/",
        "http://example.com/\\..",
    ),
    "IPv4 in every base": (
        "http://127.0.0.1/",
        "HTTP://127.0.0.1/",
        "http://127.0.0.1./",
        "http://127.0.0.1:80/",
        "http://127.0.0.1:8080/hook?x#y",
        "http://127.1/",
        "http://127.0.1/",
        "http://127/",
        "http://0/",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://3232235521/",
        "http://017700000001/",
        "http://0177.0.0.1/",
        "http://0177.0.0.0x1/",
        "http://127.0.0.01/",
        "http://127.0.0.001/",
        "http://00000127.0.0.1/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0x7F.1/",
        "http://127.0.0.0x1/",
        "http://127.0.0.0x/",
        "http://0x/",
        "http://0x7f.0x00.0x00.0x01./",
        "http://4294967296/",
        "http://256.256.256.256/",
        "http://1.2.3.4.5/",
        "http://1.2.3/",
        "http://08.8.8.8/",
        "http://example.1/",
        "http://example.0xa/",
        "http://-127.0.0.1/",
        "http://127.0.0.1.0x/",
    ),
    "look-alikes": (
        "http://\uff11\uff12\uff17.0.0.1/",
        "http://\uff11\uff12\uff17\uff0e\uff10\uff0e\uff10\uff0e\uff11/",
        "http://\u2460\u2461\u2466.0.0.1/",
        "http://\U0001d7cf\U0001d7d0\U0001d7d5.0.0.1/",
        "http://127\u30020\u30020\u30021/",
        "http://127\uff610\uff610\uff611/",
        "http://\u0661\u0662\u0667.0.0.1/",
        "http://\uff10\uff58\uff17\uff46.1/",
        "http://\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3/",
        "http://LOCAL\uff28OST/",
        "http://loca\u217chost/",
        "http://localhost\u3002/",
        "http://example.com\u2044@x/",
        "http://example\u2100.com/",
        "http://\uff3b\uff1a\uff1a1\uff3d/",
        "http://127.0.0.1\uff0f.example.com/",
        "http://127.0.0.1\uff1a80/",
        "http://xn--a\u0301\ufe0f/",
    ),
    "escaped hosts": (
        "http://127.0.0.%31/",
        "http://%31%32%37.0.0.1/",
        "http://%6c%6f%63alhost/",
        "http://127%2e0%2e0%2e1/",
        "http://example.com%2f@127.0.0.1/",
        "http://example.com%00.internal/",
        "http://%5b::1%5d/",
    ),
    "private and reserved IPv4": (
        "http://10.0.0.1/",
        "http://172.16.0.1/",
        "http://172.31.255.255/",
        "http://192.168.1.1/",
        "http://100.64.0.1/",
        "http://100.127.255.255/",
        "http://169.254.0.1/",
        "http://127.255.255.254/",
        "http://0.1.2.3/",
        "http://192.0.0.8/",
        "http://192.0.0.9/",
        "http://192.0.2.1/",
        "http://192.88.99.1/",
        "http://198.18.0.1/",
        "http://198.19.255.255/",
        "http://198.51.100.1/",
        "http://203.0.113.1/",
        "http://224.0.0.1/",
        "http://239.255.255.255/",
        "http://240.0.0.1/",
        "http://255.255.255.255/",
    ),
    "clouds": (
        "http://169.254.169.254/latest/meta-data/",
        "http://169.254.170.2/v2/credentials",
        "http://100.100.100.200/latest/meta-data/",
        "http://192.0.0.192/latest/",
        "http://168.63.129.16/machine?comp=goalstate",
        "http://[fd00:ec2::254]/latest/meta-data/",
        "http://[fd20:ce::254]/",
        "http://[::ffff:169.254.169.254]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://metadata.google.internal/computeMetadata/v1/",
        "http://METADATA.google.internal./",
        "http://metadata/",
        "http://instance-data/",
    ),
    "IPv6": (
        "http://[::1]/",
        "http://[::1]:8080/",
        "http://[0:0:0:0:0:0:0:1]/",
        "http://[0000::0001]/",
        "http://[::]/",
        "http://[::2]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[0:0:0:0:0:ffff:7f00:0001]/",
        "http://[::ffff:8.8.8.8]/",
        "http://[::ffff:0:127.0.0.1]/",
        "http://[::127.0.0.1]/",
        "http://[::8.8.8.8]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[64:ff9b::808:808]/",
        "http://[64:ff9b:1::a00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[2002:808:808::1]/",
        "http://[2001:0:7f00:1::]/",
        "http://[2001::1]/",
        "http://[fe80::1]/",
        "http://[fe80::1%25eth0]/",
        "http://[fe80::1%eth0]/",
        "http://[2606:4700::1111%251]/",
        "http://[fec0::1]/",
        "http://[fc00::1]/",
        "http://[fd12:3456:789a::1]/",
        "http://[ff02::1]/",
        "http://[100::1]/",
        "http://[2001:db8::1]/",
        "http://[2001:2::1]/",
        "http://[2001:20::1]/",
        "http://[3fff::1]/",
        "http://[3ffe::1]/",
        "http://[5f00::1]/",
        "http://[4000::1]/",
        "http://[127.0.0.1]/",
        "http://[localhost]/",
        "http://[v1.fe80::a]/",
        "http://[::1/",
        "http://::1]/",
        "http://::1/",
        "http://2606:4700::1111/",
        "http://[[::1]]/",
        "http://127.0.0.1[::1]/",
        "http://[::1]127.0.0.1/",
        "http://[::1].example.com/",
        "http://[2606:4700::1111]x:80/",
    ),
    "names at home": (
        "http://localhost/",
        "http://localhost./",
        "http://LocalHost:8080/",
        "http://a.b.localhost/",
        "http://localhost.localdomain/",
        "http://ip6-localhost/",
        "http://redis:8080/",
        "http://intranet/",
        "http://printer.local/",
        "http://hooks.internal/",
        "http://hooks.svc.cluster.local/",
        "http://nas.home.arpa/",
        "http://router.lan/",
        "http://hidden.onion/",
    ),
    "names that are none": (
        "http://example.com,127.0.0.1/",
        "http://exa$mple.com/",
        "http://exa;mple.com/",
        "http://<script>/",
        f"http://{'a' * 64}.com/",
        f"http://{'a.' * 127}com/",
        "http://\u2603\ufe0f\u20e3.com/",
        "http://" + "\u00e4" * 70 + ".com/",
    ),
    "ports": (
        "http://example.com:0/",
        "http://example.com:65536/",
        "http://example.com:99999999999/",
        "http://example.com:-1/",
        "http://example.com:+80/",
        "http://example.com:80:80/",
        "http://example.com:8o/",
        "http://example.com:\u0668\u0660/",
        "http://example.com:21/",
        "http://example.com:22/",
        "http://example.com:25/",
        "http://example.com:53/",
        "http://example.com:1023/",
        "http://example.com:2375/",
        "http://example.com:3306/",
        "http://example.com:5432/",
        "http://example.com:6379/",
        "http://example.com:6667/",
        "http://example.com:9200/",
        "http://example.com:10250/",
        "http://example.com:11211/",
        "http://8.8.8.8:25/",
    ),
    "too long": (f"http://example.com/{'a' * LONGEST}", "http://example.com/" + "\u00e4" * 1000),
}

ACCEPTED = {
    "https://example.com": "https://example.com/",
    "http://example.com/hook": "http://example.com/hook",
    "HTTPS://Example.COM:443/Hook?A=b#part": "https://example.com/Hook?A=b",
    "http://example.com:80/": "http://example.com/",
    "http://example.com:00080/": "http://example.com/",
    "http://example.com:/": "http://example.com/",
    "https://example.com:80/": "https://example.com:80/",
    "https://example.com:8443/a": "https://example.com:8443/a",
    "https://example.com./a": "https://example.com/a",
    "https://example.com?a=b": "https://example.com/?a=b",
    "https://my_hooks.example.com/": "https://my_hooks.example.com/",
    "https://example.com/a%2Fb%20c?d=%7E+e@f:g": "https://example.com/a%2Fb%20c?d=%7E+e@f:g",
    "https://example.com/caf\u00e9?q=\u5b57": "https://example.com/caf%C3%A9?q=%E5%AD%97",
    "https://b\u00fccher.example.com/": "https://xn--bcher-kva.example.com/",
    "https://\u4f8b\u3048\u3002com/": "https://xn--r8jz45g.com/",
    "https://xn--bcher-kva.example.com/": "https://xn--bcher-kva.example.com/",
    "https://localhost.example.com/": "https://localhost.example.com/",
    "https://127.0.0.1.example.com/": "https://127.0.0.1.example.com/",
    "https://internal.example.com/": "https://internal.example.com/",
    "https://example.com/http://127.0.0.1/": "https://example.com/http://127.0.0.1/",
    "http://8.8.8.8/": "http://8.8.8.8/",
    "http://172.32.0.1:8080/": "http://172.32.0.1:8080/",
    "http://100.128.0.1/": "http://100.128.0.1/",
    "https://[2606:4700:4700::1111]:8443/": "https://[2606:4700:4700::1111]:8443/",
    "https://[2606:4700:4700:0:0:0:0:1111]/": "https://[2606:4700:4700::1111]/",
}


@pytest.mark.parametrize("url", [url for urls in REFUSED.values() for url in urls], ids=ascii)
def test_a_url_is_refused_by_its_text(url: str) -> None:
    with pytest.raises(BadRequest) as refused:
        check_url(url, param="callback_url", networks=())
    assert refused.value.param == "callback_url"
    assert refused.value.message.startswith(("callback_url must ", "callback_url has ", "callback_url names "))
    assert refused.value.message.endswith(".")


@pytest.mark.parametrize("url", ACCEPTED, ids=ascii)
def test_a_url_is_accepted_and_normalised_once(url: str) -> None:
    accepted = check_url(url, param="callback_url", networks=())
    assert accepted == ACCEPTED[url]
    assert check_url(accepted, param="callback_url", networks=()) == accepted


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://example.com/", "must be an absolute http or https URL, for example https://example.com/hook"),
        ("http://a:b@example.com/", "must hold no user name or password"),
        ("http://10.0.0.1/", "must lead to a public address; 10.0.0.1 is private, local or reserved"),
        ("http://localhost/", "must lead to a public address; localhost is this machine"),
        ("http://hooks.internal/", "must name a public host; hooks.internal belongs to a private network"),
        ("http://127.1/", "write four decimal numbers like 192.0.2.1"),
        ("http://[fe80::1%25eth0]/", "write it like [2001:db8::1], without a zone"),
        ("http://example.com:22/", "must not lead to port 22; take 80, 443 or one from 1024 up"),
        ("http:///", "names no host"),
        (f"http://example.com/{'a' * 3000}", "must have at most 2048 characters, not 3019"),
    ],
)
def test_the_message_says_what_would_be_right(url: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        normalised(url, ())
    assert says in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:25/",
        "http://127.8.9.10:6379/",
        "http://[::1]:1/",
        "http://[::ffff:7f00:1]:9000/",
        "http://localhost:22/",
        "http://hooks.localhost/",
        "http://hooks.internal/",
        "http://worker:9000/",
    ],
)
def test_the_operator_may_allow_networks_of_their_own(url: str) -> None:
    assert check_url(url, param="callback_url", networks=LOCAL) == url


@pytest.mark.parametrize(
    ("url", "networks"),
    [
        ("http://10.0.0.1/", "127.0.0.0/8"),
        ("http://127.1/", "127.0.0.0/8"),
        ("http://localhost/", "10.0.0.0/8"),
        ("http://example.com:22/", "127.0.0.0/8"),
        ("http://8.8.8.8:22/", "127.0.0.0/8"),
        ("http://169.254.169.254/", "0.0.0.0/0"),
        ("http://168.63.129.16/", "0.0.0.0/0"),
        ("http://[::ffff:a9fe:a9fe]/", "0.0.0.0/0,::/0"),
        ("http://[64:ff9b::a9fe:a9fe]/", "0.0.0.0/0,::/0"),
        ("http://[64:ff9b::a00:1]/", "64:ff9b::/96"),
        ("http://[::127.0.0.1]/", "127.0.0.0/8"),
    ],
)
def test_allowing_one_network_allows_no_other_and_never_metadata(url: str, networks: str) -> None:
    with pytest.raises(BadRequest):
        check_url(url, param="callback_url", networks=parse_networks(networks))


def test_behind_nat64_public_addresses_can_be_allowed() -> None:
    assert permitted(ip_address("64:ff9b::808:808"), parse_networks("64:ff9b::/96"))


def test_networks_are_read_from_text() -> None:
    assert parse_networks("") == ()
    assert parse_networks(" 127.0.0.0/8, ::1 ,") == (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
    assert loopback(LOCAL) == ["127.0.0.1", "::1"]
    assert loopback(parse_networks("127.0.0.0/8")) == ["127.0.0.1"]


@pytest.mark.parametrize("entry", ["localhost", "10.0.0.1/8", "10.0.0.0/33", "127.1", "10.0.0.0-10.0.0.9"])
def test_an_entry_that_is_no_network_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match="is no network; write it like") as wrong:
        parse_networks(f"127.0.0.0/8,{entry}")
    assert repr(entry) in str(wrong.value)


CLOSED = [
    IPv4Network(text)
    for text in ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
]


@st.composite
def closed(draw: st.DrawFn) -> IPv4Address:
    network = draw(st.sampled_from(CLOSED))
    return network[draw(st.integers(0, network.num_addresses - 1))]


def spellings(address: IPv4Address) -> list[str]:
    """Write an IPv4 address in the ways that some parser or kernel takes for it."""
    number, parts = int(address), address.packed
    low = f"{number >> 16:x}:{number & 0xFFFF:x}"
    wide = str(address).translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
    return [
        *(str(address), f"{address}.", str(number), f"0{number:o}", f"0x{number:x}", f"0X{number:08X}", wide),
        *(".".join(f"0{part:o}" for part in parts), ".".join(f"0x{part:x}" for part in parts)),
        *(f"{parts[0]}.{number & 0xFFFFFF}", f"{parts[0]}.{parts[1]}.{number & 0xFFFF}", wide.replace(".", "\u3002")),
        *(f"[::ffff:{address}]", f"[::ffff:{low}]", f"[::{address}]", f"[64:ff9b::{low}]", f"[64:ff9b:1::{low}]"),
        *(f"[2002:{low}::1]", f"[2001:0:{low}::1]", f"[2001::{IPv6Address(number ^ 0xFFFFFFFF).compressed[2:]}]"),
    ]


@given(closed())
def test_no_spelling_of_a_private_address_is_accepted(address: IPv4Address) -> None:
    for spelling in spellings(address):
        with pytest.raises(Refused):
            normalised(f"http://{spelling}/", ())


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_what_is_permitted_is_global_unicast(address: IPv4Address | IPv6Address) -> None:
    assume(permitted(address, ()))
    assert address.is_global
    assert not address.is_multicast
    assert not address.is_reserved


@given(st.text(max_size=60), st.text(max_size=20))
def test_any_text_is_refused_or_normalised_for_good(host: str, rest: str) -> None:
    try:
        url = normalised(f"http://{host}/{rest}", ())
    except Refused:
        return
    assert url.isascii()
    assert normalised(url, ()) == url
