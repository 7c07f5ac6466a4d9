"""The bots of this installation, and the page of one."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from pult.core.bots.models import Bot
from pult.core.bots.queries import bots_here, bots_with_traffic
from pult.core.bots.reasons import in_words
from pult.core.people.access import PersonRequest, needs

TONES = {Bot.State.RUNNING: "good", Bot.State.SWITCHED_OFF: "neutral", Bot.State.TOKEN_DEAD: "bad"}


def bot_or_404(bot_id: UUID) -> Bot:
    """A bot of the Telegram in use."""
    found = bots_here().filter(pk=bot_id).first()
    if found is None:
        raise Http404
    return found


def shown(bot: Bot) -> dict[str, Any]:
    """A bot as its pages name it."""
    state = Bot.State(bot.state)
    return {
        "bot": bot,
        "label": state.label,
        "tone": TONES[state],
        "problem": in_words(bot.problem),
        "link": player_link(bot) if bot.simulated else f"https://t.me/{bot.username}",
    }


def player_link(bot: Bot) -> str:
    """Where a simulated bot is talked to: the page on which one plays simulated people."""
    return f"{settings.TELEGRAM.control_url}/play/?open=@{bot.username}"


def tabs(bot: Bot, here: str) -> list[dict[str, Any]]:
    """The pages of one bot."""
    pages = (("bots:bot", _("Overview")), ("bots:updates", _("Received")), ("bots:messages", _("Sent")))
    return [
        {"title": title, "url": reverse(name, args=[bot.pk]), "active": name == here} for name, title in pages
    ]


@never_cache
@require_GET
@needs("bots.manage")
def bots(request: PersonRequest) -> HttpResponse:
    """/bots/"""
    rows = [{**shown(bot), "traffic": traffic} for bot, traffic in bots_with_traffic()]
    return render(request, "bots/list.html", {"rows": rows, "webhook": settings.BOT_UPDATES == "webhook"})


@never_cache
@require_GET
@needs("bots.manage")
def bot(request: PersonRequest, bot_id: UUID) -> HttpResponse:
    """/bots/…/"""
    found = bot_or_404(bot_id)
    traffic = next(traffic for other, traffic in bots_with_traffic(bot_id=bot_id) if other.pk == found.pk)
    context = {
        **shown(found),
        "traffic": traffic,
        "tabs": tabs(found, "bots:bot"),
        "webhook": settings.BOT_UPDATES == "webhook",
        "kept_days": settings.UPDATES_KEPT_DAYS,
        "may_choose_main": request.user.may("bots.choose_main"),
    }
    return render(request, "bots/bot.html", context)
