"""Signing in with Telegram by OpenID Connect: allauth's flow (state, PKCE), with our own reading of the token.

allauth leaves the signature of a token unchecked that came straight from the token endpoint, knows no nonce and takes
the algorithm that the token names. Here all of that is checked, and who it is goes to `telegram_arrival`.
"""

import hashlib
import hmac
import secrets
from typing import Any
from urllib.parse import urlsplit

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from requests import RequestException

from pult.core.people.access import PersonRequest, lately_proved, signed_in
from pult.core.people.telegram_sign_in import TelegramVisitor, UnableToTrust, tidy
from pult.core.people.web.telegram_arrival import (
    LINK,
    SIGN_IN,
    Errand,
    arrive,
    errand_of,
    leads_to_telegram,
    refused,
    too_often,
)

ALGORITHMS = ("RS256", "ES256", "ES256K", "EdDSA")
"""What @BotFather offers: signatures with a published key. Never HMAC: who knows the client secret could make those."""
NEEDED = ["iss", "aud", "exp", "iat", "sub", "id"]
CLOCKS_APART = 30
"""Seconds by which the clocks of Telegram and of this server may differ."""
WAY = "oidc"


class TelegramOIDC(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth carries no types
    """Telegram as the identity provider."""

    errand: Errand
    nonce: str

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request, "telegram")

    @property
    def openid_config(self) -> dict[str, Any]:
        """Telegram's own description. Raises UnableToTrust when it speaks for another issuer or sends us elsewhere."""
        config: dict[str, Any] = super().openid_config
        issuer = settings.TELEGRAM.oauth_url
        if not isinstance(config, dict) or config.get("issuer") != issuer:
            raise UnableToTrust("issuer of the discovery document")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if _origin(str(config.get(name))) != _origin(issuer):
                raise UnableToTrust(f"{name} elsewhere")
        return config

    def get_callback_url(self, request: HttpRequest, _app: SocialApp) -> str:
        """The same host that the visitor is at: there the session's cookie is."""
        return request.build_absolute_uri(reverse("account_telegram_oidc_back"))

    def parse_token(self, _data: dict[str, Any]) -> Any:
        """The access token is not used: who it is stands in the identity token."""
        from allauth.socialaccount.models import SocialToken

        return SocialToken()

    def complete_login(self, request: HttpRequest, app: SocialApp, _token: Any, **kwargs: Any) -> None:
        """Raises always: ImmediateHttpResponse with where the visitor goes, or UnableToTrust."""
        claims = self._trusted(kwargs["response"].get("id_token"), app)
        raise ImmediateHttpResponse(arrive(request, _visitor(claims), way=WAY, errand=self.errand))

    def _trusted(self, token: Any, app: SocialApp) -> dict[str, Any]:
        """The claims of a token that Telegram signed for this programme and this visit, a moment ago."""
        if not isinstance(token, str):
            raise UnableToTrust("no identity token")
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key=self._key_of(token),
                algorithms=list(ALGORITHMS),
                issuer=settings.TELEGRAM.oauth_url,
                audience=app.client_id,
                leeway=CLOCKS_APART,
                options={"require": NEEDED},
            )
        except jwt.PyJWTError as error:
            raise UnableToTrust(f"identity token: {type(error).__name__}") from error
        if claims["aud"] not in (app.client_id, [app.client_id]):
            raise UnableToTrust("for others as well")
        # Telegram was seen not to give it back. Then state and PKCE alone bind the token to this visit, which is what
        # they are for (RFC 9700, 2.1.1); a nonce of another visit is refused all the same.
        given = str(claims.get("nonce", self.nonce)).encode("utf-8", "replace")
        if not hmac.compare_digest(given, self.nonce.encode()):
            raise UnableToTrust("nonce")
        return claims

    def _key_of(self, token: str) -> jwt.PyJWK:
        """The published key that the token names; the key says by which algorithm it signs, not the token."""
        header = jwt.get_unverified_header(token)
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
            published = answer.json()
        keys = published.get("keys", []) if isinstance(published, dict) else []
        for key in keys:
            if key.get("kid") == header.get("kid") and key.get("kty") != "oct":
                return jwt.PyJWK.from_dict(key)
        raise UnableToTrust("unknown key")


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc


def _visitor(claims: dict[str, Any]) -> TelegramVisitor:
    """The Telegram user is the claim `id`, never `sub`."""
    number = str(claims["id"])
    if isinstance(claims["id"], bool) or not (number.isascii() and number.isdecimal() and len(number) <= 16):
        raise UnableToTrust("id")
    return TelegramVisitor(
        user_id=int(number),
        name=tidy(str(claims.get("name", "")), 130),
        username=tidy(str(claims.get("preferred_username", "")), 64),
    )


class _Callback(OAuth2CallbackView):  # type: ignore[misc]  # allauth carries no types
    """allauth's, which also remembers what the visitor wanted and which nonce belongs to it."""

    def _get_state(self, request: HttpRequest, provider: Any) -> tuple[Any, Any]:
        state, answer = super()._get_state(request, provider)
        if state is not None:
            self.adapter.errand = Errand.of(state["data"])
            self.adapter.nonce = _nonce_of(state["data"]["seed"])
        return state, answer


def _nonce_of(seed: str) -> str:
    """What the browser carries is a digest; the seed stays in the session."""
    return hashlib.sha256(f"nonce:{seed}".encode()).hexdigest()


@never_cache
@leads_to_telegram
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Off to Telegram, to sign in."""
    return _off(request, SIGN_IN)


@never_cache
@leads_to_telegram
@require_POST
@signed_in
@lately_proved
def start_link(request: PersonRequest) -> HttpResponse:
    """Off to Telegram, to link what is there with who is signed in here."""
    return _off(request, LINK)


def _off(request: HttpRequest, process: str) -> HttpResponse:
    try:
        adapter = TelegramOIDC(request)
        provider = adapter.get_provider()
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    provider.get_oauth2_adapter = TelegramOIDC
    seed = secrets.token_urlsafe(24)
    errand = errand_of(request, process)
    try:
        answer: HttpResponse = provider.redirect(
            request,
            process,
            data=errand.as_json() | {"seed": seed},
            auth_params={"nonce": _nonce_of(seed)} | _no_params(provider),
        )
    except (RequestException, UnableToTrust) as error:
        return refused(request, way=WAY, exception=error)
    return answer


def _no_params(provider: Any) -> dict[str, str]:
    """Parameters of the settings only: allauth would also take those of the visitor's address."""
    found: dict[str, str] = provider.get_auth_params()
    return found


@never_cache
@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """Telegram sends the visitor here, with a code or with an error."""
    limited = too_often(request)
    if limited is not None:
        return limited
    try:
        answer: HttpResponse = _Callback.adapter_view(TelegramOIDC)(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    except (UnableToTrust, OAuth2Error, RequestException) as error:
        return refused(request, way=WAY, exception=error)
    return answer
