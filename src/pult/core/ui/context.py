"""What every page knows: navigation, whether Telegram is simulated, theme, version."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from pult.core.registry import registry

THEME_COOKIE = "pult_theme"
THEMES = ("light", "dark")
ADMINISTRATION_FROM = 500
"""Links of the navigation from this order on stand under the heading "Administration"; daily work stands above."""


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the variables that `ui/base.html` and `ui/plain.html` read."""
    person = getattr(request, "user", None)
    signed_in = person is not None and person.is_authenticated
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "navigation": navigation(person=person, path=request.path) if signed_in else [],
        "simulated_telegram": getattr(settings, "SIMULATED_TELEGRAM", False),
        "simulator_url": getattr(settings, "SIMULATOR_URL", ""),
        "pult_version": getattr(settings, "PULT_VERSION", ""),
        "theme": theme if theme in THEMES else "",
        "person_zone": getattr(person, "time_zone", "") if signed_in else "",
    }


def navigation(*, person: Any, path: str) -> list[dict[str, Any]]:
    """The links that `person` may see: [{"title", "url", "icon", "active", "administration"}].

    The longest fitting address is active.
    """
    items: list[dict[str, Any]] = [
        {
            "title": item.title,
            "url": reverse(item.url_name),
            "icon": item.icon,
            "active": False,
            "administration": item.order >= ADMINISTRATION_FROM,
        }
        for item in registry.navigation()
        if item.permission is None or person.may(item.permission)
    ]
    # One's profile lies under the address of people, and is no part of that room.
    own = reverse("people:profile")
    fitting = [
        item
        for item in items
        if path == item["url"]
        or (item["url"] != "/" and path.startswith(item["url"]) and not path.startswith(own))
    ]
    if fitting:
        max(fitting, key=lambda item: len(item["url"]))["active"] = True
    return items
