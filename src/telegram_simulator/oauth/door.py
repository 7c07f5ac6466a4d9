"""The door's HTTP: discovery, keys, the page on which a player is chosen, the token, and orders of tests.

Works as oauth.telegram.org is documented to: code flow with PKCE, Basic authentication, no userinfo. `/oauth/auth` with
`client_id` is OpenID Connect, with `bot_id` the login widget's page.
"""

import json
from base64 import b64decode
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from telegram_simulator.oauth.grants import Declined, Grants, NotAsked, at_home, fields_of, wish_of
from telegram_simulator.oauth.page import choice, people_offered, with_parameters, wrong
from telegram_simulator.oauth.tokens import (
    MISDEEDS,
    TOKEN_LIFE,
    SigningKey,
    client_secret,
    identity_token,
    widget_result,
)
from telegram_simulator.world.bots import Bot
from telegram_simulator.world.people import Person
from telegram_simulator.world.world import World

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
LARGEST_BODY = 64_000  # bytes
POLICY = b"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"


@dataclass(slots=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: str
    body: str
    host: str
    authorization: str

    @property
    def issuer(self) -> str:
        return f"http://{self.host}/oauth"


@dataclass(slots=True)
class Answered:
    """One answer: JSON, a page, or another address."""

    status: int = 200
    content: bytes = b""
    content_type: bytes = b"application/json"
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)


def _json(answer: Any, status: int = 200, **headers: str) -> Answered:
    more = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Answered(status, json.dumps(answer).encode(), headers=more)


def _shown(html: str, status: int = 200) -> Answered:
    return Answered(
        status, html.encode(), b"text/html; charset=utf-8", [(b"content-security-policy", POLICY)]
    )


def _elsewhere(address: str) -> Answered:
    return Answered(303, headers=[(b"location", address.encode("ascii", "xmlcharrefreplace"))])


class OAuthDoor:
    """A raw ASGI application for everything below /oauth/."""

    def __init__(self, world: World, clock: Callable[[], float]) -> None:
        self._world = world
        self._clock = clock
        self._key = SigningKey(world.connection)
        self._grants = Grants()
        # Further origins that may be sent to, and misdeeds still to be done, by kind.
        self._origins: set[str] = set()
        self._misdeeds: dict[str, int] = {}
        self._routes: dict[tuple[str, str], Callable[[Asked], Answered]] = {
            ("GET", "/oauth/.well-known/openid-configuration"): self._discovery,
            ("GET", "/oauth/.well-known/jwks.json"): lambda _: _json(self._key.published()),
            ("GET", "/oauth/auth"): self._who,
            ("POST", "/oauth/auth"): self._chosen,
            ("POST", "/oauth/token"): self._token,
            ("GET", "/oauth/api/clients"): self._clients,
            ("POST", "/oauth/api/origins"): self._enter_origin,
            ("POST", "/oauth/api/misdeeds"): self._order_misdeed,
        }

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        answer = self._answer(await _read(scope, receive))
        headers = [
            (b"content-type", answer.content_type),
            (b"cache-control", b"no-store"),
            (b"content-length", str(len(answer.content)).encode()),
            *answer.headers,
        ]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.content})

    def _answer(self, asked: Asked | None) -> Answered:
        if asked is None:
            return _json({"error": "invalid_request"}, 413)
        route = self._routes.get((asked.method, asked.path))
        if route is None:
            known = any(path == asked.path for _, path in self._routes)
            return _json({"error": "method_not_allowed" if known else "not_found"}, 405 if known else 404)
        try:
            return route(asked)
        except NotAsked as fault:
            return _shown(wrong(str(fault)), 400)

    # What programs ask ----------------------------------------------------------------------------------------

    def _discovery(self, asked: Asked) -> Answered:
        issuer = asked.issuer
        return _json(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/auth",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/.well-known/jwks.json",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": ["openid", "profile", "phone", "telegram:bot_access"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                "code_challenge_methods_supported": ["S256"],
                "grant_types_supported": ["authorization_code"],
            }
        )

    def _token(self, asked: Asked) -> Answered:
        try:
            return self._exchanged(asked)
        except (Declined, NotAsked) as fault:
            error = fault.error if isinstance(fault, Declined) else "invalid_request"
            status = fault.status if isinstance(fault, Declined) else 400
            more = {"www_authenticate": 'Basic realm="oauth"'} if status == 401 else {}
            return _json({"error": error, "error_description": str(fault)}, status, **more)

    def _exchanged(self, asked: Asked) -> Answered:
        bot = self._client_of(asked.authorization)
        if self._misbehaves("failing"):
            return _json({"error": "server_error"}, 500)
        fields = fields_of(asked.body)
        if fields.get("grant_type") != "authorization_code":
            raise Declined("unsupported_grant_type", "grant_type must be authorization_code.")
        now = self._clock()
        grant = self._grants.take(
            fields.get("code", ""),
            bot_id=bot.id,
            redirect_uri=fields.get("redirect_uri", ""),
            verifier=fields.get("code_verifier", ""),
            now=now,
        )
        person = self._world.people.by_id(grant.person_id)
        if person is None:
            raise Declined("invalid_grant", "This person is gone.")
        answer = {
            "access_token": f"simulated-{grant.person_id}",
            "token_type": "Bearer",
            "expires_in": TOKEN_LIFE,
        }
        if not self._misbehaves("no_token"):
            misdeed = next((kind for kind in MISDEEDS if self._misbehaves(kind)), "")
            answer["id_token"] = identity_token(
                self._key, person, issuer=asked.issuer, client_id=str(bot.id),
                scopes=set(grant.wish.scopes), secret=client_secret(bot.token), now=now, misdeed=misdeed,
            )  # fmt: skip
        return _json(answer)

    def _client_of(self, authorization: str) -> Bot:
        scheme, _, encoded = authorization.partition(" ")
        try:
            name, _, secret = b64decode(encoded, validate=True).decode().partition(":")
        except ValueError:
            name = secret = ""
        bot = self._bot(unquote_plus(name))
        if scheme.lower() != "basic" or bot is None or unquote_plus(secret) != client_secret(bot.token):
            raise Declined("invalid_client", "Basic authentication with client id and secret.", status=401)
        return bot

    def _bot(self, text: str) -> Bot | None:
        return self._world.bots.by_id(int(text)) if text.isdecimal() and len(text) < 18 else None

    # What people see ------------------------------------------------------------------------------------------

    def _who(self, asked: Asked) -> Answered:
        fields = fields_of(asked.query)
        search = fields.pop("find", "")
        bot = self._asking(fields)
        if "client_id" in fields:
            try:
                wish_of(fields, bot_id=bot.id)
            except Declined as fault:
                return self._told(fields, {"error": fault.error, "error_description": str(fault)})
        world = self._world
        people = people_offered(world.connection, world.people, bot.id, search)
        return _shown(choice(bot, people, fields=fields, search=search))

    def _chosen(self, asked: Asked) -> Answered:
        fields = fields_of(asked.body)
        choice_made = fields.pop("person", "")
        bot = self._asking(fields)
        person = self._person(choice_made)
        if "bot_id" in fields:
            signed = "false"
            if person is not None:
                signed = widget_result(person, token=bot.token, now=self._clock())
            return _elsewhere(f"{fields['return_to']}#tgAuthResult={signed}")
        if person is None:
            return self._told(fields, {"error": "access_denied"})
        try:
            wish = wish_of(fields, bot_id=bot.id)
        except Declined as fault:
            return self._told(fields, {"error": fault.error, "error_description": str(fault)})
        return self._told(fields, {"code": self._grants.give(wish, person.id, now=self._clock())})

    def _asking(self, fields: dict[str, str]) -> Bot:
        """The bot whose site asks. Raises NotAsked where nobody may be sent back."""
        bot = self._bot(fields.get("client_id", fields.get("bot_id", "")))
        if bot is None:
            raise NotAsked("There is no such client_id or bot_id in this world.")
        back = fields.get("redirect_uri" if "client_id" in fields else "return_to", "")
        if not at_home(back, self._origins):
            raise NotAsked(
                "This address is not entered for the bot: only this machine is, and what tests enter."
            )
        if "bot_id" in fields:
            origin = fields.get("origin", "")
            parts = urlsplit(back)
            if f"{parts.scheme}://{parts.netloc}" != origin:
                raise NotAsked("Bot domain invalid: return_to must begin with origin.")
        return bot

    def _person(self, text: str) -> Person | None:
        person = self._world.people.by_id(int(text)) if text.isdecimal() and len(text) < 18 else None
        return None if person is None or person.bot else person

    @staticmethod
    def _told(fields: dict[str, str], answer: dict[str, str]) -> Answered:
        state = {"state": fields["state"]} if "state" in fields else {}
        return _elsewhere(with_parameters(fields["redirect_uri"], answer | state))

    # What tests order -----------------------------------------------------------------------------------------

    def _clients(self, _: Asked) -> Answered:
        bots = self._world.bots.all()
        rows = [
            {"bot": bot.username, "client_id": str(bot.id), "client_secret": client_secret(bot.token)}
            for bot in bots
        ]
        return _json({"clients": rows})

    def _enter_origin(self, asked: Asked) -> Answered:
        wish = _object(asked.body)
        self._origins.add(str(wish.get("origin", "")))
        return _json({"origins": sorted(self._origins)})

    def _order_misdeed(self, asked: Asked) -> Answered:
        """{"kind": one of MISDEEDS, "count": 1}: so many of the next tokens are wrong in that way."""
        wish = _object(asked.body)
        if wish.get("kind") not in MISDEEDS:
            return _json({"error": f"kind must be one of {', '.join(MISDEEDS)}."}, 400)
        self._misdeeds[wish["kind"]] = int(wish.get("count", 1))
        return _json({"misdeeds": self._misdeeds})

    def _misbehaves(self, kind: str) -> bool:
        left = self._misdeeds.get(kind, 0)
        if left:
            self._misdeeds[kind] = left - 1
        return left > 0


def _object(body: str) -> dict[str, Any]:
    try:
        wish = json.loads(body)
    except ValueError:
        wish = None
    if not isinstance(wish, dict):
        raise NotAsked("Send a JSON object.")
    return wish


async def _read(scope: MutableMapping[str, Any], receive: Receive) -> Asked | None:
    """The request; None when its body is too large or never came."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request" or len(body) + len(message.get("body", b"")) > LARGEST_BODY:
            return None
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return Asked(
        method="GET" if scope["method"] == "HEAD" else scope["method"],
        path=scope["path"].rstrip("/"),
        query=scope["query_string"].decode("latin-1"),
        body=body.decode("utf-8", "replace"),
        host=headers.get(b"host", "127.0.0.1"),
        authorization=headers.get(b"authorization", ""),
    )
