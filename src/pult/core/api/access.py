"""Who may use an operation of the API: bearer tokens with scopes. Sessions of the pages open nothing here."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from ninja.security import HttpBearer

from pult.core.api.errors import Kind, Problem
from pult.core.api.operations.tokens import TokenUse, use_token
from pult.core.registry import registry

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Pult"'}


class ApiRequest(HttpRequest):
    """A request whose token works; only a type, Django makes the objects."""

    if TYPE_CHECKING:
        auth: TokenUse


class TokenAuth(HttpBearer):
    """Lets tokens with a scope in, counts their requests, and asks what their person may do at this moment."""

    def __init__(self, scope: str | None) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> TokenUse:
        """The use of that token. Raises Problem."""
        use = use_token(text=token, limit=settings.PULT_API_REQUESTS_PER_MINUTE)
        if use is None:
            raise Problem(
                Kind.UNAUTHENTICATED,
                _("This token is unknown, revoked or expired. Make a new one on the page API tokens."),
                headers=CHALLENGE,
            )
        # Read by the middleware, which tells the limits with every answer.
        request.token_use = use  # type: ignore[attr-defined]
        if use.used > use.limit:
            raise _too_many(use)
        self._demand_scope(use)
        return use

    def _demand_scope(self, use: TokenUse) -> None:
        if self.scope is None:
            return
        if self.scope not in use.scopes:
            raise Problem(
                Kind.SCOPE_MISSING,
                _("This needs the scope %(scope)s. Make a token that has it.") % {"scope": self.scope},
            )
        if not use.person.may(registry.scope(self.scope).permission):
            raise Problem(Kind.FORBIDDEN, _("The role of this token's person does not allow it any more."))


def scoped(scope: str) -> TokenAuth:
    """For `auth=` of an operation: a token that has this scope, and a person who holds its permission now."""
    return TokenAuth(scope)


def any_token() -> TokenAuth:
    """For operations that every working token may use."""
    return TokenAuth(None)


def missing_token() -> Problem:
    """There was no token at all."""
    return Problem(
        Kind.UNAUTHENTICATED,
        _("Send a token in the header: Authorization: Bearer pult_… Tokens are made on the page API tokens."),
        headers=CHALLENGE,
    )


def _too_many(use: TokenUse) -> Problem:
    text = ngettext(
        "This token may send %(count)s request a minute. Go on in %(seconds)s s.",
        "This token may send %(count)s requests a minute. Go on in %(seconds)s s.",
        use.limit,
    )
    return Problem(
        Kind.TOO_MANY_REQUESTS,
        text % {"count": use.limit, "seconds": use.reset},
        headers={"Retry-After": str(use.reset)},
    )
