"""Bots in the panel, without their tokens: what came in, what went out, where conversations stand."""

import json
from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from pult.core.bots.models import Bot, Chat, Conversation, LiveScreen, Outgoing, Update
from pult.core.bots.operations.bots import UnableToKeepBot, switch_off_bot, switch_on_bot
from pult.core.bots.rules.incoming import veiled
from pult.core.panel.looking import Looking, each, panel


@admin.register(Bot, site=panel)
class BotPanel(Looking):
    """All bots of this installation."""

    list_display = ("username", "name", "state", "problem", "main", "per_second", "heard_at")
    list_filter = ("state", "simulated")
    search_fields = ("username", "name")
    actions = ("switch_off", "switch_on")
    acts: ClassVar[dict[str, str]] = dict.fromkeys(actions, "bots.manage")

    @admin.action(description=_("Switch off"))
    def switch_off(self, request: HttpRequest, rows: QuerySet[Bot]) -> None:
        """It neither hears nor says anything."""
        _for_each(request, rows, switch_off_bot)

    @admin.action(description=_("Switch on"))
    def switch_on(self, request: HttpRequest, rows: QuerySet[Bot]) -> None:
        """It hears again, also what was written meanwhile."""
        _for_each(request, rows, switch_on_bot)


@admin.register(Update, site=panel)
class UpdatePanel(Looking):
    """What bots received, as it came, for as long as it is kept."""

    list_display = (
        "id",
        "bot",
        "kind",
        "chat_id",
        "user_id",
        "state",
        "answered_by",
        "problem",
        "received_at",
    )
    list_select_related = ("bot",)
    list_filter = ("state", "kind", "bot")
    search_fields = ("=update_id", "=chat_id", "=user_id", "=id")
    ordering = ("-id",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """As it came, but for the links that somebody opened."""
        shown = super().get_fields(request, obj)
        return ["as_it_came" if name == "payload" else name for name in shown]

    @admin.display(description=_("As it came"))
    def as_it_came(self, update: Update) -> SafeString:
        """Readable JSON."""
        text = json.dumps(veiled(update.payload), ensure_ascii=False, indent=2)
        return format_html('<pre dir="ltr">{}</pre>', text)


@admin.register(Outgoing, site=panel)
class OutgoingPanel(Looking):
    """What bots send, and what became of it."""

    list_display = (
        "id",
        "bot",
        "method",
        "chat_id",
        "state",
        "fault",
        "problem",
        "attempts",
        "created_at",
        "sent_at",
    )
    list_select_related = ("bot",)
    list_filter = ("state", "method", "bot")
    search_fields = ("=chat_id", "=id")
    ordering = ("-id",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Not the text: it may be a code with which its reader signs in."""
        return [name for name in super().get_fields(request, obj) if name != "payload"]


@admin.register(Chat, site=panel)
class ChatPanel(Looking):
    """Chats as bots know them, and which cannot be reached."""

    list_display = ("bot", "chat_id", "kind", "title", "unreachable", "unreachable_since", "resting_until")
    list_select_related = ("bot",)
    list_filter = ("kind", "unreachable", "bot")
    search_fields = ("=chat_id", "title")


@admin.register(Conversation, site=panel)
class ConversationPanel(Looking):
    """Where somebody stands with a bot."""

    list_display = ("bot", "chat_id", "user_id", "expects", "changed_at")
    list_select_related = ("bot",)
    search_fields = ("=chat_id", "=user_id")
    ordering = ("-changed_at",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Not what was noted: it may be an invitation."""
        return [name for name in super().get_fields(request, obj) if name != "notes"]


@admin.register(LiveScreen, site=panel)
class LiveScreenPanel(Looking):
    """Messages that follow something."""

    list_display = ("bot", "chat_id", "topic", "action", "since")
    list_select_related = ("bot",)


def _for_each(request: HttpRequest, rows: QuerySet[Bot], verb: Callable[..., object]) -> None:
    actor: Any = request.user
    each(
        request,
        rows,
        lambda row: verb(actor=actor, bot_id=row.pk, now=timezone.now()),
        refusals=UnableToKeepBot,
    )
