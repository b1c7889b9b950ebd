"""Which URLs and addresses of strangers may be called at all: the guard against server-side request forgery.

A client names a URL and this server opens it: the classic way into a private network. So a URL is read strictly, where
parsers are known to differ (RFC 3986 against the WHATWG URL Standard), and an address must be public unicast by IANA's
registries, unless the operator names its network. Nothing here touches the network; `outbound` asks at each connection.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote

import idna

from limner.errors import BadRequest

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]

LONGEST = 2048
"""The most characters a URL may have, before and after it is normalised."""


class Refused(ValueError):  # noqa: N818 - it says what happened
    """A URL that may not be called; the message goes on from the name of the thing: `must hold no ...`."""


def parse_networks(text: str) -> Networks:
    """Read the private networks that may be called, comma separated: `127.0.0.0/8,::1/128`.

    Raises `ValueError` naming the entry that is no network.
    """
    return tuple(_network(entry.strip()) for entry in text.split(",") if entry.strip())


def _network(entry: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(entry)
    except ValueError as error:
        raise ValueError(f"{entry!r} is no network; write it like 10.0.0.0/8 or ::1/128 ({error})") from None


_SHAPE = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?]*)(?P<rest>.*)", re.IGNORECASE | re.ASCII)
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^\[\]:]*)(?::(?P<port>[0-9]*))?")
_LABELS = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# what a path and a query may hold as it is; "%" too, so that what is escaped already stays so
_AS_IT_IS = "%/?:@!$&'()*+,;=-._~[]|"

# IANA's special-purpose address registries, and what has no single host behind it (RFC 6890, RFC 5771, RFC 1112)
_CLOSED = parse_networks(
    "0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16,172.16.0.0/12,192.0.0.0/24,192.0.2.0/24,"
    "192.31.196.0/24,192.52.193.0/24,192.88.99.0/24,192.168.0.0/16,192.175.48.0/24,198.18.0.0/15,198.51.100.0/24,"
    "203.0.113.0/24,224.0.0.0/4,240.0.0.0/4,"
    "2001::/23,2001:db8::/32,2002::/16,2620:4f:8000::/48,3ffe::/16,3fff::/20"
)
# global unicast addresses of IPv6 are given out from here only (RFC 4291, section 2.4)
_GLOBAL = IPv6Network("2000::/3")
# where clouds hand credentials to whoever asks from inside; Azure's stands in public address space
_METADATA = parse_networks(
    "169.254.169.254,169.254.169.253,169.254.170.2,169.254.170.23,169.254.0.23,169.254.42.42,100.100.100.200,"
    "192.0.0.192,168.63.129.16,fd00:ec2::254,fd00:ec2::23,fd20:ce::254,fd00:42::42,fd00:c1::a9fe:a9fe"
)
# IPv6 addresses whose last four bytes are an IPv4 one: NAT64 (RFC 6052) and "compatible" (RFC 4291)
_TAILED = parse_networks("64:ff9b::/96,::/96")
_LOOPBACK = (IPv4Address("127.0.0.1"), IPv6Address("::1"))
# names that lead into one's own network, if anywhere (RFC 6761, 6762, 7686, 8375; ICANN's `internal`; habits)
_AT_HOME = (".local", ".localdomain", ".internal", ".intranet", ".private", ".corp", ".lan", ".home.arpa", ".onion")
# the Fetch Standard's bad ports from 1024 up, then databases, caches, queues, remote desktops and cluster controllers
_BAD_PORTS = frozenset(
    int(port)
    for port in re.findall(
        "[0-9]+",
        "1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080 "
        "1433 1434 1521 2375 2376 2379 2380 3306 3389 5432 5672 5900 5901 5984 5985 5986 6379 6443 7000 7001 8500 "
        "9042 9092 9200 9300 10250 10255 11211 15672 26379 27017 27018 27019 33060",
    )
)


def check_url(url: str, *, param: str, networks: Networks) -> str:
    """Check the text of a URL that is to be called later, and give it normalised; no name is looked up.

    Host names are mapped as browsers do (UTS 46), the fragment and a default port are dropped, path and query stay as
    written. Addresses inside `networks` may be private and on any port. Raises `BadRequest` naming `param`.
    """
    try:
        return normalised(url, networks)
    except Refused as refused:
        raise BadRequest(f"{param} {refused}.", param=param) from None


def normalised(url: str, networks: Networks) -> str:
    """Do the work of `check_url` for callers with another error of their own; raises `Refused`."""
    _check_characters(url)
    shape = _SHAPE.fullmatch(url.partition("#")[0])
    if shape is None:
        raise Refused("must be an absolute http or https URL, for example https://example.com/hook")
    if "@" in shape["authority"]:
        raise Refused("must hold no user name or password; sign or use a secret path instead")
    authority = _AUTHORITY.fullmatch(shape["authority"])
    if authority is None:
        raise Refused("has a host and port that cannot be read; write them like example.com:8443 or [2001:db8::1]:8443")
    host = _host(authority["host"], networks)
    port = _port(shape["scheme"].lower(), authority["port"], lifted=_lifted(host, networks))
    rest = quote(shape["rest"], safe=_AS_IT_IS)
    whole = f"{shape['scheme'].lower()}://{host}{port}{rest if rest.startswith('/') else '/' + rest}"
    _check_length(whole)
    return whole


def _check_characters(url: str) -> None:
    _check_length(url)
    # parsers strip, keep or turn these into slashes, each in its own way
    if "\\" in url or " " in url or not url.isprintable():
        raise Refused(
            "must hold no spaces, control characters, invisible characters or backslashes; percent-encode them"
        )


def _check_length(url: str) -> None:
    if len(url) > LONGEST:
        raise Refused(f"must have at most {LONGEST} characters, not {len(url)}")


def _host(text: str, networks: Networks) -> str:
    """Give the host in its one spelling; where a parser could see an address, it must be one that may be called."""
    if text.startswith("["):
        return f"[{_check_address(_address(text[1:-1], 6), networks)}]"
    host = _ascii(text)
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        # the WHATWG URL Standard, "ends in a number": older parsers also read 127.1, 0177.0.0.1 and 0x7f000001
        return str(_check_address(_address(host, 4), networks))
    _check_name(host, networks)
    return host


def _ascii(text: str) -> str:
    """Map a host name to lower-case ASCII (UTS 46, IDNA 2008) without a final dot."""
    try:
        name = idna.uts46_remap(text, std3_rules=False)
        name = (name if name.isascii() else idna.encode(name, uts46=True, std3_rules=True).decode()).removesuffix(".")
    except UnicodeError:
        raise Refused("has a host name that is not valid in IDNA; check its spelling") from None
    if not name:
        raise Refused("names no host; write it like https://example.com/hook")
    if not _LABELS.fullmatch(name) or len(name) > 253:
        raise Refused("has a host name with characters, lengths or dots that no host name has")
    return name


def _address(text: str, version: int) -> Address:
    try:
        found = ip_address(text)
    except ValueError:
        found = None
    if found is None or found.version != version or "%" in text:
        raise Refused(
            "has a host that is a number but no address; write four decimal numbers like 192.0.2.1"
            if version == 4
            else "has brackets around no IPv6 address; write it like [2001:db8::1], without a zone"
        )
    return found


def _check_address(address: Address, networks: Networks) -> Address:
    if not permitted(address, networks):
        raise Refused(f"must lead to a public address; {address} is private, local or reserved")
    return address


def _check_name(host: str, networks: Networks) -> None:
    """Refuse names that stay at home, for a good message early; what is decided by address is decided later."""
    if is_localhost(host):
        if not loopback(networks):
            raise Refused(f"must lead to a public address; {host} is this machine")
    elif not networks and ("." not in host or f".{host}".endswith(_AT_HOME)):
        raise Refused(f"must name a public host; {host} belongs to a private network")


def is_localhost(host: str) -> bool:
    """Say if the name means this machine whatever a resolver says (RFC 6761, section 6.3)."""
    return host in {"localhost", "localhost.localdomain"} or host.endswith(".localhost")


def loopback(networks: Networks) -> list[str]:
    """Give the addresses that localhost may mean here; none where the networks hold neither."""
    return [str(address) for address in _LOOPBACK if _inside(address, networks)]


def _lifted(host: str, networks: Networks) -> bool:
    try:
        return _inside(ip_address(host.strip("[]")), networks)
    except ValueError:
        return is_localhost(host)


def _port(scheme: str, text: str | None, *, lifted: bool) -> str:
    """Give the port as it stands in the URL, nothing for the scheme's own."""
    if not text:
        return ""
    number = int(text)
    if not 0 < number < 65_536:
        raise Refused("has a port that is not between 1 and 65535")
    if not lifted and number not in {80, 443} and (number < 1024 or number in _BAD_PORTS):
        raise Refused(f"must not lead to port {number}; take 80, 443 or one from 1024 up that serves HTTP")
    return "" if number == {"http": 80, "https": 443}[scheme] else f":{number}"


def _inside(address: Address, networks: Networks) -> bool:
    return any(address in network for network in networks)


def permitted(address: Address, networks: Networks) -> bool:
    """Say if the address may be connected to: public unicast, or inside the networks; a cloud's metadata never.

    An IPv6 address that stands for an IPv4 one is refused unless the networks name it, and what is inside may be called
    besides; a mapped one (`::ffff:0:0/96`) is the inner address to the kernel, so naming that is enough.
    """
    if _inside(address, _METADATA):
        return False
    inner = _embedded(address)
    if inner is None:
        return _inside(address, networks) or _public(address)
    mapped = isinstance(address, IPv6Address) and address.ipv4_mapped is not None
    named = _inside(address, networks) or (mapped and _inside(inner, networks))
    return named and permitted(inner, networks)


def _embedded(address: Address) -> IPv4Address | None:
    """Find the IPv4 address inside: mapped and compatible (RFC 4291), 6to4 (3056), Teredo (4380), NAT64 (6052)."""
    if isinstance(address, IPv4Address) or int(address) <= 1:
        return None
    if _inside(address, _TAILED):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo and teredo[1])


def _public(address: Address) -> bool:
    return (address.version == 4 or address in _GLOBAL) and not _inside(address, _CLOSED)
