"""The panel's site: who may enter, what a browser may run there, and what is asked again before anything changes."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from pult.core.people.access import lately_proved, needs

PERMISSION = "panel.see"

# The panel's own scripts evaluate attributes of its pages and set styles; nowhere else is that allowed.
POLICY = {
    "script-src": [SELF, UNSAFE_EVAL, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
}


class PanelSite(UnfoldAdminSite):  # type: ignore[misc] # unfold has no types
    """Only for those who hold `panel.see`, signed in on the pages of Pult: it has no sign-in of its own."""

    site_title = _("Panel")
    site_header = "Pult"
    index_title = _("Panel")
    # An address that is not there is Pult's page "404".
    final_catch_all_view = False

    def get_urls(self) -> list[Any]:
        """Without the way to "view on site", which no row has and which trips over an id of the wrong kind."""
        return [pattern for pattern in super().get_urls() if getattr(pattern, "name", "") != "view_on_site"]

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether this person may see it."""
        return bool(request.user.is_authenticated and request.user.may(PERMISSION))

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        """Each page: signed in, allowed, under the panel's policy; what changes something is proved again before."""
        inner = super().admin_view(view, cacheable)
        proved = lately_proved(inner)

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            asked: Callable[..., HttpResponseBase] = proved if request.method == "POST" else inner
            return asked(request, *args, **kwargs)

        return csp_update(POLICY)(needs(PERMISSION)(guarded))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Pult's sign-in, with its second factor and its limits."""
        return redirect(settings.LOGIN_URL)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Pult's sign-out."""
        return redirect("account_logout")

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A password is changed on the profile, where the present one is asked for."""
        raise Http404

    password_change_done = password_change


panel = PanelSite(name="admin")
