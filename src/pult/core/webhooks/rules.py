"""Pure rules: which addresses may be told, how a body is signed, when it is tried again."""

import hashlib
import hmac
import ipaddress
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

DELAYS = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=24),
)
"""How long to wait after the first, second … attempt that failed; after the last one it is given up."""

LONGEST_URL = 500
# Addresses of IPv4 wrapped in IPv6 by translation (RFC 6052): what counts is the address inside.
NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def delay_after(attempts: int) -> timedelta | None:
    """How long to wait after so many failed attempts (from 1); None: give up."""
    return DELAYS[attempts - 1] if attempts <= len(DELAYS) else None


def signature(body: bytes, *, at: int, keys: Sequence[str]) -> str:
    """The header Pult-Signature: `t=<unix seconds>,v1=<hex>`, with one v1 for each secret that counts now.

    HMAC-SHA256 (RFC 2104) over "<t>.<body>": the moment is signed, too, so that an old body cannot be played back.
    """
    signed = str(at).encode() + b"." + body
    parts = [hmac.new(key.encode(), signed, hashlib.sha256).hexdigest() for key in keys]
    return ",".join([f"t={at}", *(f"v1={part}" for part in parts)])


def url_fault(url: str) -> str:
    """ "" for an address that may be stored, else "form", "scheme" or "credentials"."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        return "form"
    if parts.scheme not in {"http", "https"}:
        return "scheme"
    if "@" in parts.netloc:
        return "credentials"
    printable = url.isascii() and url.isprintable() and " " not in url
    return "" if host and port != 0 and printable and len(url) <= LONGEST_URL else "form"


def may_be_told(text: str, *, private: bool, loopback: bool) -> bool:
    """Whether this resolved IP address may be connected to: public ones, and what the installation allows besides.

    Link-local addresses (where clouds keep credentials of the machine) and multicast are never told anything.
    """
    address: Address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        address = inner or address
    if address.is_multicast or address.is_link_local or address.is_unspecified:
        return False
    if address.is_loopback:
        return loopback or private
    return address.is_global or (private and address.is_private and not address.is_reserved)
