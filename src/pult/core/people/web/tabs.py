"""The pages about people beside each other."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from pult.core.people.access import PersonRequest
from pult.core.people.queries import applications_waiting


def people_tabs(request: PersonRequest, here: str) -> list[dict[str, Any]]:
    """Those that this person may open, of which one is open: people, who waits to be let in, rights of roles."""
    pages: list[dict[str, Any]] = [{"key": "people", "title": _("People"), "url": reverse("people:list")}]
    if request.user.may("people.manage"):
        waiting = {
            "key": "waiting",
            "title": pgettext("people", "Waiting"),
            "url": reverse("people:waiting"),
            "count": applications_waiting().count(),
        }
        pages.append(waiting)
    if request.user.may("people.permissions"):
        pages.append({"key": "roles", "title": _("Rights of roles"), "url": reverse("people:roles")})
    return [{**page, "active": page["key"] == here} for page in pages]
