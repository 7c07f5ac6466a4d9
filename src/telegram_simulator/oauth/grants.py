"""What was asked for, and the codes that stand for it for a minute: kept in memory, as short as they live."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

CODE_LIFE = 60.0  # seconds


class NotAsked(Exception):
    """The request is wrong in a way that only a page can say: nobody is sent anywhere."""


class Declined(Exception):
    """The request is wrong, and the program is told by `error` (RFC 6749, 4.1.2.1 and 5.2)."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(description)
        self.error, self.status = error, status


@dataclass(frozen=True, slots=True)
class Wish:
    """An authorization request that is in order."""

    bot_id: int
    redirect_uri: str
    scopes: frozenset[str]
    state: str | None
    challenge: str


@dataclass(frozen=True, slots=True)
class Grant:
    """Somebody agreed to a wish."""

    wish: Wish
    person_id: int
    expires: float


class Grants:
    """Codes that were given out; each works once."""

    def __init__(self) -> None:
        self._open: dict[str, Grant] = {}

    def give(self, wish: Wish, person_id: int, *, now: float) -> str:
        self._open = {code: grant for code, grant in self._open.items() if grant.expires > now}
        code = secrets.token_urlsafe(24)
        self._open[code] = Grant(wish, person_id, now + CODE_LIFE)
        return code

    def take(self, code: str, *, bot_id: int, redirect_uri: str, verifier: str, now: float) -> Grant:
        """The grant of a code, which is used up by the asking, right or wrong. Raises Declined."""
        grant = self._open.pop(code, None)
        if grant is None or grant.expires <= now:
            raise Declined("invalid_grant", "The code is unknown, used or too old.")
        if grant.wish.bot_id != bot_id or grant.wish.redirect_uri != redirect_uri:
            raise Declined("invalid_grant", "The code was given to another client or redirect_uri.")
        digest = hashlib.sha256(verifier.encode("utf-8", "surrogatepass")).digest()
        proof = urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not 43 <= len(verifier) <= 128 or not hmac.compare_digest(proof, grant.wish.challenge):
            raise Declined("invalid_grant", "code_verifier does not fit code_challenge.")
        return grant


def fields_of(text: str) -> dict[str, str]:
    """Query or form as single values. Raises NotAsked when a field comes twice."""
    fields = parse_qs(text, keep_blank_values=True)
    if any(len(values) > 1 for values in fields.values()):
        raise NotAsked("A parameter was sent twice.")
    return {name: values[0] for name, values in fields.items()}


def at_home(address: str, allowed: set[str]) -> bool:
    """Whether an address may be sent to: this machine, or an origin that was entered for this world."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.fragment or parts.username:
        return False
    if f"{parts.scheme}://{parts.netloc}" in allowed or parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname).is_loopback
    except ValueError:
        return False


def wish_of(fields: dict[str, str], *, bot_id: int) -> Wish:
    """Read the rest of an authorization request whose client and redirect_uri are in order. Raises Declined."""
    if fields.get("response_type") != "code":
        raise Declined("unsupported_response_type", "response_type must be code.")
    scopes = frozenset(fields.get("scope", "").split())
    if "openid" not in scopes:
        raise Declined("invalid_scope", "scope must contain openid.")
    if scopes - {"openid", "profile", "phone", "telegram:bot_access"}:
        raise Declined("invalid_scope", "There are the scopes openid, profile, phone, telegram:bot_access.")
    if fields.get("code_challenge_method") != "S256" or len(fields.get("code_challenge", "")) != 43:
        raise Declined("invalid_request", "PKCE is needed: code_challenge with code_challenge_method=S256.")
    return Wish(
        bot_id=bot_id,
        redirect_uri=fields["redirect_uri"],
        scopes=scopes,
        state=fields.get("state"),
        challenge=fields["code_challenge"],
    )
