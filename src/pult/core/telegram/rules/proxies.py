"""What a proxy's address says: pure reading and writing of it.

A proxy is a way through one's own network to Telegram. An account has one at most; Pult never changes between several.
Three kinds: SOCKS5 (RFC 1928, passwords by RFC 1929), HTTP with CONNECT (RFC 9110, 9.3.6), and MTProto proxies, whose
links and secrets are those of core.telegram.org/api/links#mtproxy-links and /mtproto/mtproto-transports.
"""

import base64
import binascii
import ipaddress
import re
import socket
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qs, quote, unquote

from django.utils.translation import gettext as _

LONGEST_ADDRESS = 1000
LONGEST_HINT = 120
# RFC 1929 gives one byte to the length of each.
LONGEST_NAME_IN_BYTES = 255

_SCHEMES = {
    "socks5": "socks5",
    "socks5h": "socks5",
    "http": "http",
    "mtproto": "mtproto",
    "mtproxy": "mtproto",
}
_LINK = re.compile(r"(?:https?://)?(?:www\.)?(?:t|telegram)\.me/(proxy|socks)\?(.*)", re.IGNORECASE)
_APP_LINK = re.compile(r"tg:(?://)?(proxy|socks)\?(.*)", re.IGNORECASE)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


_NAMES_OF_THE_SERVER = frozenset(
    {"localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback", "metadata.google.internal"}
)
# Services by which machines of a cloud learn their secrets, where they are not link-local: AWS (IPv6), Alibaba.
_METADATA = frozenset({"fd00:ec2::254", "100.100.100.200"})


class ProxyKind(StrEnum):
    """How a proxy is spoken to."""

    SOCKS5 = "socks5"
    HTTP = "http"
    MTPROTO = "mtproto"


class UnableToReadProxy(ValueError):
    """The address is none that can be used; the text says what is wrong with it and can be shown."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy. `secret` are the 16 bytes of an MTProto proxy in hexadecimal; the other kinds may have a name."""

    kind: ProxyKind
    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)

    @property
    def place(self) -> str:
        """Host and port, as in an address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def hint(self) -> str:
        """What people may see of it: its kind and where it is, at most 120 characters."""
        words = f"{_NAMES[self.kind]} {self.place}"
        return words if len(words) <= LONGEST_HINT else f"{words[: LONGEST_HINT - 1]}…"

    @property
    def address(self) -> str:
        """The whole address with its password, as it is stored: `read_proxy` gives the same proxy for it."""
        if self.kind is ProxyKind.MTPROTO:
            return f"mtproto://{self.secret}@{self.place}"
        names = quote(self.user, safe="") + (f":{quote(self.password, safe='')}" if self.password else "")
        return f"{self.kind.value}://{names}{'@' if names else ''}{self.place}"


_NAMES = {ProxyKind.SOCKS5: "SOCKS5", ProxyKind.HTTP: "HTTP", ProxyKind.MTPROTO: "MTProto"}


def read_proxy(typed: str) -> Proxy:
    """The proxy that an address or one of Telegram's links names. Raises UnableToReadProxy."""
    text = typed.strip()
    if len(text) > LONGEST_ADDRESS or any(
        character.isspace() or not character.isprintable() for character in text
    ):
        raise UnableToReadProxy(_("A proxy's address is one line without spaces. Copy it once more."))
    link = _LINK.fullmatch(text) or _APP_LINK.fullmatch(text)
    if link is not None:
        return _of_link(link[1].lower(), link[2])
    scheme, separator, rest = text.partition("://")
    if scheme.lower() == "https" and separator:
        raise UnableToReadProxy(
            _(
                "Proxies that are spoken to over https:// are not supported. Most of them also answer to http://."
            )
        )
    kind = _SCHEMES.get(scheme.lower())
    if kind is None or not separator:
        raise UnableToReadProxy(
            _(
                "Begin with socks5://, http:// or mtproto://, such as socks5://user:password@proxy.example.com:1080."
            )
        )
    # From the last @ on it is host and port, so a password may hold every character, @ and / too.
    names, _at, place = rest.rpartition("@")
    host, port = _place(place.rstrip("/"))
    if kind == ProxyKind.MTPROTO:
        return Proxy(ProxyKind.MTPROTO, host, port, secret=_secret(unquote(names)))
    user, _colon, password = names.partition(":")
    return _named(ProxyKind(kind), host, port, unquote(user), unquote(password))


def belongs_to_this_server(host: str) -> bool:
    """Whether a host is the server itself or what only the server reaches: loopback, link-local, metadata of clouds.

    Private networks are none of that: the proxy of a company stands there. Names are not looked up.
    """
    if host in _NAMES_OF_THE_SERVER or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        try:
            # 0x7f.1: what is no address by RFC 4291 is still one for the operating system.
            address = ipaddress.ip_address(socket.inet_aton(host))
        except OSError:
            return False
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_link_local or address.is_unspecified or str(address) in _METADATA


def _of_link(kind: str, query: str) -> Proxy:
    # A plus in a secret is base64, not a space.
    given = {name: values[-1] for name, values in parse_qs(query.replace("+", "%2B")).items()}
    host, port = _host(given.get("server", "")), _port(given.get("port", ""))
    if kind == "proxy":
        return Proxy(ProxyKind.MTPROTO, host, port, secret=_secret(given.get("secret", "")))
    return _named(ProxyKind.SOCKS5, host, port, given.get("user", ""), given.get("pass", ""))


def _named(kind: ProxyKind, host: str, port: int, user: str, password: str) -> Proxy:
    if password and not user:
        raise UnableToReadProxy(
            _("There is a password without a user name: write user:password@ before the host.")
        )
    names = (user, password)
    if any(len(name.encode()) > LONGEST_NAME_IN_BYTES for name in names) or not "".join(names).isprintable():
        raise UnableToReadProxy(
            _("The user name or the password of the proxy cannot be right: copy them once more.")
        )
    if kind is ProxyKind.HTTP and ":" in user:
        raise UnableToReadProxy(_("The user name of an HTTP proxy cannot hold a colon."))
    return Proxy(kind, host, port, user, password)


def _place(text: str) -> tuple[str, int]:
    if text.startswith("["):
        host, _bracket, port = text[1:].partition("]")
        return _host(host), _port(port.removeprefix(":"))
    host, colon, port = text.rpartition(":")
    return (_host(host), _port(port)) if colon else (_host(text), _port(""))


def _host(text: str) -> str:
    host = text.strip("[]").lower().rstrip(".")
    if not host:
        raise UnableToReadProxy(
            _("The host of the proxy is missing: it stands before the port, as in host:1080.")
        )
    if ":" in host or host.replace(".", "").isdecimal():
        try:
            return str(ipaddress.ip_address(host))
        except ValueError:
            raise UnableToReadProxy(_("This is no IP address: %(host)s.") % {"host": host[:60]}) from None
    try:
        name = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        name = ""
    if not name or len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise UnableToReadProxy(_("This is no name of a host: %(host)s.") % {"host": host[:60]})
    return name


def _port(text: str) -> int:
    if not text:
        raise UnableToReadProxy(_("The port is missing: add it at the end, such as :1080."))
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535):
        raise UnableToReadProxy(_("The port is a number from 1 to 65535."))
    return int(text)


def _secret(text: str) -> str:
    """The 16 bytes of a secret, in hexadecimal: of `0123…`, `dd0123…` (padded), in hexadecimal or base64."""
    if not text:
        raise UnableToReadProxy(_("The secret is missing: mtproto://secret@host:port."))
    secret = _bytes_of(text)
    if len(secret) > 16 and secret[0] == 0xEE:
        raise UnableToReadProxy(
            _("This proxy pretends to be a web site (its secret begins with ee), which is not supported.")
            + " "
            + _("Ask its owner for a secret that begins with dd, or use another proxy.")
        )
    if len(secret) == 17 and secret[0] == 0xDD:
        secret = secret[1:]
    if len(secret) != 16:
        raise UnableToReadProxy(
            _("The secret of an MTProto proxy has 32 hexadecimal digits, or 34 with dd in front.")
        )
    return secret.hex()


def _bytes_of(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        pass
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        return b""
