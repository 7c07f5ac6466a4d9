"""What a bot received and sent, for as long as it is kept: for finding out why something went wrong."""

import json
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from pult.core.bots.models import Outgoing, Update
from pult.core.bots.queries import in_chat, state_counts
from pult.core.bots.rules.incoming import veiled
from pult.core.bots.web.bots import bot_or_404, shown, tabs
from pult.core.people.access import PersonRequest, needs

ROWS_ON_A_PAGE = 50
UPDATE_TONES = {"waiting": "neutral", "handled": "good", "failed": "bad"}
MESSAGE_TONES = {
    "waiting": "neutral", "sending": "accent", "sent": "good", "failed": "bad", "unknown": "warn", "dropped": "neutral",
}  # fmt: skip


@never_cache
@require_GET
@needs("bots.manage")
def updates(request: PersonRequest, bot_id: UUID) -> HttpResponse:
    """/bots/…/updates/, narrowed by state and chat."""
    found = bot_or_404(bot_id)
    rows = Update.objects.filter(bot=found).defer("payload").order_by("-pk")
    context = _listed(request, rows, Update.State, UPDATE_TONES) | {
        **shown(found),
        "tabs": tabs(found, "bots:updates"),
    }
    return render(request, "bots/updates.html", context)


@never_cache
@require_GET
@needs("bots.manage")
def update(request: PersonRequest, bot_id: UUID, update_pk: int) -> HttpResponse:
    """/bots/…/updates/12/: as it came, and what was answered."""
    found = bot_or_404(bot_id)
    row = get_object_or_404(Update, bot=found, pk=update_pk)
    context = {
        **shown(found),
        "update": row,
        "badge": {"label": Update.State(row.state).label, "tone": UPDATE_TONES[row.state]},
        "payload": json.dumps(veiled(row.payload), ensure_ascii=False, indent=2),
        "answers": [
            _with_badge(answer, Outgoing.State, MESSAGE_TONES) for answer in row.answers.order_by("pk")
        ],
    }
    return render(request, "bots/update.html", context)


@never_cache
@require_GET
@needs("bots.manage")
def messages(request: PersonRequest, bot_id: UUID) -> HttpResponse:
    """/bots/…/messages/, narrowed by state and chat."""
    found = bot_or_404(bot_id)
    rows = Outgoing.objects.filter(bot=found).select_related("person").defer("payload").order_by("-pk")
    context = _listed(request, rows, Outgoing.State, MESSAGE_TONES) | {
        **shown(found),
        "tabs": tabs(found, "bots:messages"),
    }
    return render(request, "bots/messages.html", context)


def _listed(
    request: PersonRequest, rows: QuerySet[Any], states: Any, tones: dict[str, str]
) -> dict[str, Any]:
    state, chat = request.GET.get("state", ""), request.GET.get("q", "").strip()
    counts = state_counts(rows)
    found = in_chat(rows, chat)
    if state in states.values:
        found = found.filter(state=state)
    page = Paginator(found, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    return {
        "page": page,
        "rows": [_with_badge(row, states, tones) for row in page.object_list],
        "states": [(value, label, counts.get(value, 0)) for value, label in states.choices],
        "any": bool(counts),
        "search_words": _("Number of a chat or person"),
    }


def _with_badge(row: Model, states: Any, tones: dict[str, str]) -> dict[str, Any]:
    state = row.state  # type: ignore[attr-defined]
    return {"row": row, "label": states(state).label, "tone": tones[state]}
