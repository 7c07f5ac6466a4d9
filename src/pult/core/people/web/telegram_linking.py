"""One's own Telegram on the profile: linked by the bot, by signing in there, and unlinked."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from pult.core.people.access import PersonRequest, lately_proved, signed_in
from pult.core.people.operations.refusals import Unable
from pult.core.people.operations.telegram_identities import create_telegram_link, unlink_telegram
from pult.core.people.queries import telegram_of
from pult.core.people.telegram_sign_in import LINK_PAYLOAD, main_bot
from pult.core.people.web.telegram_arrival import about_bot, leads_to_telegram, ways_here


@never_cache
@leads_to_telegram
@require_GET
@signed_in
def page(request: PersonRequest) -> HttpResponse:
    """Which Telegram it is, and how to link or unlink it."""
    context = {"identity": telegram_of(request.user), "ways": ways_here(), **about_bot()}
    return render(request, "people/telegram.html", context)


@never_cache
@require_POST
@signed_in
@lately_proved
def link_by_bot(request: PersonRequest) -> HttpResponse:
    """A link that opens the bot and makes whoever presses Start there this person; shown once."""
    bot = main_bot()
    if bot is None or telegram_of(request.user) is not None:
        return redirect("people:telegram")
    issued = create_telegram_link(person=request.user, now=timezone.now())
    context = {"bot": bot, "address": bot.link(f"{LINK_PAYLOAD}{issued.secret}"), "link": issued.link}
    return render(request, "people/telegram_link.html", context)


@require_POST
@signed_in
@lately_proved
def unlink(request: PersonRequest) -> HttpResponse:
    """Take one's own Telegram off."""
    try:
        unlinked = unlink_telegram(person=request.user, now=timezone.now())
    except Unable as unable:
        messages.error(request, str(unable))
    else:
        if unlinked:
            messages.success(request, _("Your Telegram is no longer linked."))
    return redirect("people:telegram")
