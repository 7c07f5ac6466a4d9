"""Who may open a page: decorators for views."""

import time
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from pult.core.people.models import Person

# Ways to sign in that are a proof themselves, as long as they are fresh; a link or a code from elsewhere is none.
PROVING = frozenset({"password", "mfa"})

P = ParamSpec("P")


class PersonRequest(HttpRequest):
    """A request of somebody who is signed in; only a type, Django makes the objects."""

    if TYPE_CHECKING:
        user: Person


PersonView = Callable[Concatenate[PersonRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """The sign-in page, and back afterwards; a fragment asked by htmx sends the whole page there."""
    if request.headers.get("HX-Request") != "true":
        return redirect_to_login(request.get_full_path())
    target = redirect_to_login(_here(request))
    return HttpResponse(status=401, headers={"HX-Redirect": target.url})


def _here(request: HttpRequest) -> str:
    """The page on which htmx asked for a part."""
    here = request.headers.get("HX-Current-URL", "")
    return here if url_has_allowed_host_and_scheme(here, {request.get_host()}) else "/"


def signed_in(view: PersonView[P]) -> View[P]:
    """For everybody who is signed in; others are led to the sign-in page."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        return view(cast(PersonRequest, request), *args, **kwargs)

    return guarded


def needs(permission: str) -> Callable[[PersonView[P]], View[P]]:
    """For those who hold a permission of the registry; others get the page "403"."""

    def decorate(view: PersonView[P]) -> View[P]:
        @wraps(view)
        def guarded(request: PersonRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.may(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return signed_in(guarded)

    return decorate


def lately_proved(view: PersonView[P]) -> PersonView[P]:
    """For what outlives a session or cannot be undone: who is signed in proves it again, unless a moment ago.

    By password or second factor; who has neither, by a code that the bot gives; who has not even Telegram (the first
    owner, fresh from a one-time link) by having come in a moment ago, or else by choosing a password now.
    """

    @wraps(view)
    def guarded(request: PersonRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if _proved_lately(request):
            return view(request, *args, **kwargs)
        return _prove_again(request)

    return guarded


def lately_proved_to_change(view: PersonView[P]) -> PersonView[P]:
    """The same for pages that may be looked at without: only what they are sent needs the proof."""
    guarded = lately_proved(view)

    @wraps(view)
    def chosen(request: PersonRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return (view if request.method in {"GET", "HEAD"} else guarded)(request, *args, **kwargs)

    return chosen


def ways_to_prove(person: Person) -> list[dict[str, Any]]:
    """How this person can show again that it is still them, the usual way first; each with its page under "url"."""
    from allauth.account.adapter import get_adapter

    ways: list[dict[str, Any]] = get_adapter().get_reauthentication_methods(person)
    return ways


def _proved_lately(request: PersonRequest) -> bool:
    from allauth.account.app_settings import REAUTHENTICATION_TIMEOUT
    from allauth.account.internal.flows.login import get_authentication_records

    proofs = [
        record
        for record in get_authentication_records(request, request.user)
        if record.get("reauthenticated") or record["method"] in PROVING
    ]
    if proofs:
        return bool(time.time() - proofs[-1]["at"] < REAUTHENTICATION_TIMEOUT)
    if ways_to_prove(request.user):
        return False
    came = request.user.last_login
    return came is not None and time.time() - came.timestamp() < REAUTHENTICATION_TIMEOUT


def _prove_again(request: PersonRequest) -> HttpResponseBase:
    """To the page of proof, and on with the very same request afterwards."""
    from allauth.account.internal.flows.reauthentication import suspend_request

    ways = ways_to_prove(request.user)
    page = ways[0]["url"] if ways else reverse("people:welcome")
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(
            status=401, headers={"HX-Redirect": f"{page}?{urlencode({'next': _here(request)})}"}
        )
    suspended: HttpResponseBase = suspend_request(request, page)
    return suspended
