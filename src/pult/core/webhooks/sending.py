"""One POST to an address that somebody gave: short, without redirects, never into the inner network."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from pult.core.webhooks.rules import may_be_told
from pult.core.webhooks.values import Outcome

CONNECT_SECONDS, ALL_SECONDS = 5.0, 10.0
MOST_ANSWER_BYTES = 64 * 1024
EXCERPT = 200


class AddressRefused(Exception):
    """The name leads to an address that may not be told anything."""


async def post(
    url: str, *, body: bytes, headers: Mapping[str, str], private: bool, loopback: bool
) -> Outcome:
    """Send `body`; every way in which that can end is an Outcome."""
    try:
        async with asyncio.timeout(ALL_SECONDS):
            addresses = await _resolved(url, private=private, loopback=loopback)
            return await _post_to_first(url, addresses, body, headers)
    except (TimeoutError, httpx.TimeoutException):
        return Outcome("timeout")
    except AddressRefused:
        return Outcome("private_address")
    except (socket.gaierror, UnicodeError):
        return Outcome("no_such_host")
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        return Outcome("tls" if _about_tls(error) else "unreachable")


async def _resolved(url: str, *, private: bool, loopback: bool) -> list[str]:
    """The addresses behind the name, looked up once: what was looked at here is what is connected to."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    # One forbidden address among them is enough: who can name it can also make it the only one.
    if not addresses or not all(may_be_told(each, private=private, loopback=loopback) for each in addresses):
        raise AddressRefused
    return addresses


async def _post_to_first(url: str, addresses: list[str], body: bytes, headers: Mapping[str, str]) -> Outcome:
    """Try the addresses in their order until one can be connected to."""
    for last, address in ((address is addresses[-1], address) for address in addresses):
        try:
            return await _post(url, address, body, headers)
        except httpx.ConnectError as error:
            if last or _about_tls(error):
                raise
    raise AddressRefused


async def _post(url: str, address: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
    parsed = httpx.URL(url)
    host = parsed.host
    numeric = f"[{address}]" if ipaddress.ip_address(address.partition("%")[0]).version == 6 else address
    times = httpx.Timeout(ALL_SECONDS, connect=CONNECT_SECONDS)
    # trust_env off: a proxy of the environment would look the name up again, behind our back.
    async with (
        httpx.AsyncClient(timeout=times, follow_redirects=False, trust_env=False) as client,
        client.stream(
            "POST",
            parsed.copy_with(host=numeric),
            content=body,
            # The certificate must be that of the name, not of the number.
            headers={**headers, "Host": parsed.netloc.decode("ascii"), "Accept-Encoding": "identity"},
            extensions={"sni_hostname": host},
        ) as answer,
    ):
        return Outcome(_error_of(answer.status_code), answer.status_code, await _beginning(answer))


async def _beginning(answer: httpx.Response) -> str:
    """The first words of the answer; no more of it is read than may be."""
    kept, read = b"", 0
    try:
        async for chunk in answer.aiter_raw():
            kept += chunk[: 4 * EXCERPT - len(kept)]
            read += len(chunk)
            if read >= MOST_ANSWER_BYTES:
                break
    except httpx.HTTPError:
        # The status has been heard; how the rest of the answer ended changes nothing.
        pass
    text = kept.decode(errors="replace")
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:EXCERPT]


def _error_of(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if status == 410:
        return "gone"
    return "redirect" if 300 <= status < 400 else "status"


def _about_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError) or "CERTIFICATE" in str(error).upper():
            return True
        error = error.__cause__ or error.__context__
    return False
