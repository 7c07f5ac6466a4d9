"""Addresses: those of the house, then each registered module's under its prefix."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path, re_path

from pult.config.requests import healthz, readyz
from pult.core.api.mounting import build_api
from pult.core.api.web import reference
from pult.core.bots.web.webhook import receive
from pult.core.registry import registry
from pult.core.watch.web.scrape import metrics


def home(request: HttpRequest) -> HttpResponse:
    """The first page that this person may see."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    for item in registry.navigation():
        if item.permission is None or request.user.may(item.permission):
            return redirect(item.url_name)
    return redirect("people:profile")


api = build_api(registry, version=settings.PULT_VERSION)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("telegram/webhook/<uuid:bot_id>/", receive, name="bots-webhook"),
    path("sign-in/", include("pult.core.people.web.account_urls")),
    path("", include("pult.core.people.web.entry_urls")),
    path("api/v1/docs", reference.docs, {"api": api}, name="api-v1-docs"),
    path("api/v1/openapi.json", reference.openapi, {"api": api}, name="api-v1-openapi"),
    path("api/v1/", api.urls),
    re_path("^api/v1/", reference.nothing_here),
    *(path(module.prefix, include(module.urls)) for module in registry if module.urls),
]
if settings.DEVELOPMENT:
    urlpatterns.append(path("look/", include("pult.core.ui.urls")))
