"""What is done with bots: each page translates, calls one operation, and shows. Tokens are proved for."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from pult.core.bots.operations import bots as operations
from pult.core.bots.operations.bots import UnableToKeepBot
from pult.core.bots.web.bots import bot_or_404
from pult.core.bots.web.forms import TokenForm
from pult.core.people.access import PersonRequest, lately_proved, needs


@never_cache
@sensitive_post_parameters("token")
@require_http_methods(["GET", "HEAD", "POST"])
@needs("bots.manage")
@lately_proved
def new_bot(request: PersonRequest) -> HttpResponse:
    """/bots/new/: the token is asked of Telegram before anything is kept."""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            bot = operations.add_bot(token=form.cleaned_data["token"], actor=request.user, now=timezone.now())
        except UnableToKeepBot as unable:
            form.add_error(unable.field, str(unable.reason))
        else:
            messages.success(request, _("@%(username)s is here and listens.") % {"username": bot.username})
            return redirect("bots:bot", bot.pk)
    return render(request, "bots/new.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@sensitive_post_parameters("token")
@require_http_methods(["GET", "HEAD", "POST"])
@needs("bots.manage")
@lately_proved
def token(request: PersonRequest, bot_id: UUID) -> HttpResponse:
    """/bots/…/token/: another token of the same bot."""
    bot = bot_or_404(bot_id)
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.replace_token(
                bot_id=bot_id, token=form.cleaned_data["token"], actor=request.user, now=timezone.now()
            )
        except UnableToKeepBot as unable:
            form.add_error(unable.field, str(unable.reason))
        else:
            messages.success(request, _("The new token is kept; the bot runs."))
            return redirect("bots:bot", bot_id)
    return render(request, "bots/token.html", {"form": form, "bot": bot}, status=422 if form.errors else 200)


@require_POST
@needs("bots.manage")
def switch(request: PersonRequest, bot_id: UUID, state: str) -> HttpResponse:
    """/bots/…/switch/on/ or off/."""
    if state not in {"on", "off"}:
        raise Http404
    deed = operations.switch_on_bot if state == "on" else operations.switch_off_bot
    words = _("The bot is on.") if state == "on" else _("The bot is off: it neither hears nor says anything.")
    return _done(request, bot_id, lambda: deed(bot_id=bot_id, actor=request.user, now=timezone.now()), words)


@require_POST
@needs("bots.choose_main")
@lately_proved
def make_main(request: PersonRequest, bot_id: UUID) -> HttpResponse:
    """/bots/…/main/"""
    return _done(
        request,
        bot_id,
        lambda: operations.choose_main_bot(bot_id=bot_id, actor=request.user, now=timezone.now()),
        _("People register and sign in with this bot from now on."),
    )


@require_POST
@needs("bots.manage")
@lately_proved
def remove(request: PersonRequest, bot_id: UUID) -> HttpResponse:
    """/bots/…/remove/: with its token, its updates and its messages."""
    bot_or_404(bot_id)
    try:
        label = operations.remove_bot(bot_id=bot_id, actor=request.user, now=timezone.now())
    except UnableToKeepBot as unable:
        messages.error(request, str(unable.reason))
    else:
        messages.success(request, _("%(bot)s is removed.") % {"bot": label})
    return redirect("bots:list")


def _done(request: PersonRequest, bot_id: UUID, deed: Callable[[], object], words: str) -> HttpResponse:
    """Do it and say so on the bot's page, or say why not."""
    bot_or_404(bot_id)
    try:
        deed()
    except UnableToKeepBot as unable:
        messages.error(request, str(unable.reason))
    else:
        messages.success(request, words)
    return redirect("bots:bot", bot_id)
