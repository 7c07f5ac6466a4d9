"""Verbs on bots: add one by its token, switch it off and on, give it another token, make it the main one, remove it."""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pult.core.audit.operations import record
from pult.core.bots.models import Bot, Chat, Conversation, LiveScreen, Outgoing, Update
from pult.core.bots.operations.asking import BotProfile, NotThisBot, TelegramSilent, ask_who_it_is
from pult.core.bots.operations.places import forget_outgoing
from pult.core.bots.queries import bots_here
from pult.core.people.models import Person
from pult.core.secrets import seal

CHANNEL = "pult_bots"
"""Notices to the bots processes; the payload is the bot's id: something is to be sent, or the bot itself changed."""

# The bot with which the simulated Telegram is born; its world documents it.
SAMPLE_TOKEN = "1000090:AAE5simulated-pult-sample-bot-token0"  # noqa: S105 (opens a made-up bot only)
SAMPLE_PROFILE = BotProfile(telegram_id=1_000_090, name="Пульт (пробный)", username="pult_sample_bot")


class UnableToKeepBot(Exception):
    """A bot cannot be added or changed; `reason` says why in the reader's language, `field` what to correct."""

    def __init__(self, reason: str | Promise, *, field: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field

    def __str__(self) -> str:
        return str(self.reason)


def add_bot(*, token: str, actor: Person | None, now: datetime) -> Bot:
    """Ask Telegram whose token this is and keep it sealed; the first becomes the main bot if `actor` may choose that.

    `actor` None is whoever sits at the server's terminal. Raises UnableToKeepBot.
    """
    _refuse_stranger(actor)
    profile = _asked(token)
    known = bots_here().filter(telegram_id=profile.telegram_id).first()
    if known is not None:
        raise UnableToKeepBot(_known_already(known), field="token")
    try:
        with transaction.atomic():
            return _store(profile, token=token.strip(), actor=actor, now=now)
    except IntegrityError:
        raise UnableToKeepBot(_("This bot is here already."), field="token") from None


def replace_token(*, bot_id: UUID, token: str, actor: Person | None, now: datetime) -> Bot:
    """Give a bot the new token that @BotFather issued for it; it runs again. Raises UnableToKeepBot."""
    _refuse_stranger(actor)
    profile = _asked(token)
    with transaction.atomic():
        bot = _locked(bot_id)
        if bot.telegram_id != profile.telegram_id:
            raise UnableToKeepBot(
                _("This token belongs to another bot, @%(username)s. Add that one by itself.")
                % {"username": profile.username},
                field="token",
            )
        seal(bot, "token", token.strip())
        bot.name, bot.username = profile.name[:130], profile.username[:64]
        bot.state, bot.problem = Bot.State.RUNNING, ""
        bot.save(update_fields=["token", "name", "username", "state", "problem"])
        _recorded("bot.token_replaced", bot, actor, now)
    return bot


@transaction.atomic
def switch_off_bot(*, bot_id: UUID, actor: Person | None, now: datetime) -> Bot:
    """Stop receiving and sending; what people write meanwhile waits at Telegram for a day. Raises UnableToKeepBot."""
    _refuse_stranger(actor)
    bot = _locked(bot_id)
    if bot.state != Bot.State.SWITCHED_OFF:
        bot.state = Bot.State.SWITCHED_OFF
        bot.save(update_fields=["state"])
        _recorded("bot.switched_off", bot, actor, now)
    return bot


@transaction.atomic
def switch_on_bot(*, bot_id: UUID, actor: Person | None, now: datetime) -> Bot:
    """Run again. Raises UnableToKeepBot, also for a bot whose token is dead: it needs another one."""
    _refuse_stranger(actor)
    bot = _locked(bot_id)
    if bot.state == Bot.State.TOKEN_DEAD:
        raise UnableToKeepBot(_("Telegram refused its token. Give it a new one from @BotFather."))
    if bot.state != Bot.State.RUNNING:
        bot.state, bot.problem = Bot.State.RUNNING, ""
        bot.save(update_fields=["state", "problem"])
        _recorded("bot.switched_on", bot, actor, now)
    return bot


@transaction.atomic
def choose_main_bot(*, bot_id: UUID, actor: Person | None, now: datetime) -> Bot:
    """Let people register, sign in and get their notices with this bot from now on. Raises UnableToKeepBot.

    Whoever knows the token of the main bot can sign what the login widget brings, and so come in as anybody: that an
    administrator made a bot does not make it the one whose word opens the account of an owner.
    """
    _refuse_stranger(actor)
    if not _may_choose_main(actor):
        raise UnableToKeepBot(_("Only owners choose the main bot: its token can sign anybody in."))
    # All of them in one order: two who choose at once wait for each other.
    bots = {bot.pk: bot for bot in bots_here().select_for_update().order_by("pk")}
    if bot_id not in bots:
        raise UnableToKeepBot(_("This bot is not here any more."))
    chosen = bots[bot_id]
    if not chosen.main:
        bots_here().filter(main=True).update(main=False)
        chosen.main = True
        chosen.save(update_fields=["main"])
        _recorded("bot.chosen_as_main", chosen, actor, now)
    return chosen


@transaction.atomic
def remove_bot(*, bot_id: UUID, actor: Person | None, now: datetime) -> str:
    """Forget a bot with its token, its updates and its messages; returns its name. Raises UnableToKeepBot.

    At Telegram it goes on existing. The longest here of the others becomes the main one where this was it and `actor`
    may choose that.
    """
    _refuse_stranger(actor)
    bot = _locked(bot_id)
    label = str(bot)
    _recorded("bot.removed", bot, actor, now)
    _forget_traffic(bot)
    bot.delete()
    heir = bots_here().first() if _may_choose_main(actor) else None
    if heir is not None and not bots_here().filter(main=True).exists():
        bots_here().filter(pk=heir.pk).update(main=True)
    return label


def _forget_traffic(bot: Bot) -> None:
    """By one statement for each table: Django would load a week of updates into memory to see what hangs on them."""
    files = Outgoing.objects.filter(bot=bot).exclude(file="").exclude(state=Outgoing.State.SENT)
    for file in files.values_list("file", flat=True):
        transaction.on_commit(partial(forget_outgoing, file))
    for model in (LiveScreen, Conversation, Chat, Outgoing, Update):
        rows = model._default_manager.filter(bot=bot)
        rows._raw_delete(rows.db)


def provide_sample_bot(*, now: datetime) -> None:
    """With the simulated Telegram, and no bot kept yet, keep the one it was born with."""
    if not settings.TELEGRAM.simulated or bots_here().exists():
        return
    try:
        with transaction.atomic():
            _store(SAMPLE_PROFILE, token=SAMPLE_TOKEN, actor=None, now=now)
    except IntegrityError:
        # Another process was faster: that one will do.
        return


def announce(bot_id: UUID) -> None:
    """Wake the bots processes for this bot when the caller's transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(bot_id)])


def _refuse_stranger(actor: Person | None) -> None:
    if actor is not None and not actor.may("bots.manage"):
        raise UnableToKeepBot(_("Only administrators and owners can add and change bots."))


def _may_choose_main(actor: Person | None) -> bool:
    return actor is None or actor.may("bots.choose_main")


def _asked(token: str) -> BotProfile:
    try:
        return ask_who_it_is(token)
    except NotThisBot as refusal:
        raise UnableToKeepBot(refusal.reason, field="token") from None
    except TelegramSilent as silence:
        raise UnableToKeepBot(silence.reason) from None


def _known_already(bot: Bot) -> str:
    if bot.state == Bot.State.TOKEN_DEAD:
        sentence = _("@%(username)s is here already, with a token that Telegram refused. Replace that token.")
    else:
        sentence = _("@%(username)s is here already.")
    return sentence % {"username": bot.username}


def _locked(bot_id: UUID) -> Bot:
    bot = bots_here().select_for_update().filter(pk=bot_id).first()
    if bot is None:
        raise UnableToKeepBot(_("This bot is not here any more."))
    return bot


def _store(profile: BotProfile, *, token: str, actor: Person | None, now: datetime) -> Bot:
    bot = Bot(
        telegram_id=profile.telegram_id,
        simulated=settings.TELEGRAM.simulated,
        name=profile.name[:130],
        username=profile.username[:64],
        main=_may_choose_main(actor) and not bots_here().filter(main=True).exists(),
        added_by=actor,
        added_at=now,
    )
    seal(bot, "token", token)
    bot.save(force_insert=True)
    _recorded("bot.added", bot, actor, now)
    return bot


def _recorded(action: str, bot: Bot, actor: Person | None, now: datetime) -> None:
    record(action=action, actor=actor, now=now, object_type="bot", object_id=bot.pk, username=bot.username)
    announce(bot.pk)
