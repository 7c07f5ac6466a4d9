"""Who may open a page: decorators for views."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme

from pult.core.people.models import Person

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
    here = request.headers.get("HX-Current-URL", "")
    if not url_has_allowed_host_and_scheme(here, {request.get_host()}):
        here = "/"
    target = redirect_to_login(here)
    return HttpResponse(status=401, headers={"HX-Redirect": target.url})


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
    """For what outlives a session: who is signed in gives password or second factor again, unless a moment ago."""
    from allauth.account.decorators import reauthentication_required

    return cast("PersonView[P]", reauthentication_required(view))
