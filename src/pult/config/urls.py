"""Addresses: those of the house, then each registered module's under its prefix."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path

from pult.config.requests import healthz, readyz
from pult.core.registry import registry


def home(request: HttpRequest) -> HttpResponse:
    """The first page that this person may see."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    for item in registry.navigation():
        if item.permission is None or request.user.may(item.permission):
            return redirect(item.url_name)
    return redirect("people:profile")


urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("healthz", healthz),
    path("readyz", readyz),
    path("sign-in/", include("pult.core.people.web.account_urls")),
    path("", include("pult.core.people.web.entry_urls")),
    *(path(module.prefix, include(module.urls)) for module in registry if module.urls),
]
if settings.DEVELOPMENT:
    urlpatterns.append(path("look/", include("pult.core.ui.urls")))
