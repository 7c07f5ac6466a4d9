"""People, what roles may do, who asked to come in, and where somebody is signed in."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from pult.core.panel.looking import Looking, each, page_link, panel
from pult.core.people.models import (
    Application,
    BrowserSession,
    EntryLink,
    PermissionChoice,
    Person,
    SecondFactorDemand,
    TelegramIdentity,
)
from pult.core.people.operations import Unable, end_all_sessions, switch_off, switch_on


@admin.register(Person, site=panel)
class PersonPanel(Looking):
    """Everybody; the page of a person is where roles and access change."""

    list_display = ("name", "email", "role", "is_active", "last_login", "created_at", "own_page")
    list_filter = ("role", "is_active", "language")
    search_fields = ("name", "email", "telegram_identities__username")
    ordering = ("pk",)
    actions = ("close_access", "open_access", "end_sessions")
    acts: ClassVar[dict[str, str]] = dict.fromkeys(actions, "people.manage")

    @admin.display(description=_("Page"))
    def own_page(self, person: Person) -> SafeString:
        """Where this person is managed."""
        return page_link(reverse("people:person", args=[person.pk]), _("Open"))

    @admin.action(description=_("Close their access"))
    def close_access(self, request: HttpRequest, rows: QuerySet[Person]) -> None:
        """Out everywhere at once."""
        _for_each(request, rows, switch_off)

    @admin.action(description=_("Open their access"))
    def open_access(self, request: HttpRequest, rows: QuerySet[Person]) -> None:
        """In again."""
        _for_each(request, rows, switch_on)

    @admin.action(description=_("Sign them out everywhere"))
    def end_sessions(self, request: HttpRequest, rows: QuerySet[Person]) -> None:
        """Every browser."""
        _for_each(request, rows, end_all_sessions)


@admin.register(TelegramIdentity, site=panel)
class TelegramIdentityPanel(Looking):
    """Who somebody is in Telegram."""

    list_display = ("person", "user_id", "username", "name", "simulated", "linked_at")
    list_select_related = ("person",)
    list_filter = ("simulated",)
    search_fields = ("=user_id", "username", "name", "person__name")


@admin.register(Application, site=panel)
class ApplicationPanel(Looking):
    """Who asked to come in, and who decided."""

    list_display = ("nickname", "state", "username", "created_at", "decided_at", "decided_by", "person")
    list_select_related = ("decided_by", "person")
    list_filter = ("state",)
    search_fields = ("nickname", "username", "=user_id")
    ordering = ("-created_at",)


@admin.register(PermissionChoice, site=panel)
class PermissionChoicePanel(Looking):
    """Where this installation differs from what Pult comes with."""

    list_display = ("role", "permission", "allowed", "changed_by", "changed_at")
    list_select_related = ("changed_by",)
    list_filter = ("role", "allowed")
    search_fields = ("permission",)


@admin.register(EntryLink, site=panel)
class EntryLinkPanel(Looking):
    """Links that let somebody in, without their secrets."""

    list_display = (
        "purpose",
        "email",
        "role",
        "person",
        "invited_by",
        "expires_at",
        "used_at",
        "revoked_at",
    )
    list_select_related = ("person", "invited_by")
    list_filter = ("purpose", "role")
    search_fields = ("email", "person__name")
    ordering = ("-created_at",)


@admin.register(BrowserSession, site=panel)
class BrowserSessionPanel(Looking):
    """Where people are signed in."""

    list_display = ("person", "agent", "address", "began_at", "seen_at")
    list_select_related = ("person",)
    search_fields = ("person__name", "person__email", "address")
    ordering = ("-seen_at",)


@admin.register(SecondFactorDemand, site=panel)
class SecondFactorDemandPanel(Looking):
    """Roles that need a second factor."""

    list_display = ("role", "since")


def _for_each(request: HttpRequest, rows: QuerySet[Person], verb: Callable[..., object]) -> None:
    actor: Any = request.user
    each(request, rows, lambda row: verb(actor=actor, person=row, now=timezone.now()), refusals=Unable)
