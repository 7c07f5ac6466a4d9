"""What bots add to `/metrics` and to the status page."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from pult.core.bots.models import Bot, Outgoing, Update
from pult.core.jobs import database_now
from pult.core.registry import Metric, StatusFact, StatusWarning

# A process that works handles an update within a second, and Telegram lets a message go within a minute.
UPDATES_LATE, MESSAGES_LATE = timedelta(minutes=2), timedelta(minutes=10)
LATELY = timedelta(hours=24)


class _Sums:
    """Bots by state, what waits for those that run, and what went wrong lately: four small statements."""

    def __init__(self) -> None:
        self.now = database_now()
        here = Q(bot__simulated=settings.TELEGRAM.simulated)
        running = here & Q(bot__state=Bot.State.RUNNING)
        counted = (
            Bot.objects.filter(simulated=settings.TELEGRAM.simulated)
            .values_list("state")
            .annotate(count=Count("pk"))
        )
        self.by_state: dict[str, int] = dict.fromkeys(Bot.State.values, 0) | dict(counted)
        updates = Update.objects.filter(running, state=Update.State.WAITING)
        found = updates.aggregate(count=Count("pk"), oldest=Min("received_at"))
        self.updates: int = found["count"]
        self.updates_late = self._late(found["oldest"], UPDATES_LATE)
        messages = Outgoing.objects.filter(running, state__in=["waiting", "sending"])
        due = messages.filter(Q(not_before=None) | Q(not_before__lte=self.now))
        resting = Q(bot__resting_until__gt=self.now)
        found = due.aggregate(
            count=Count("pk"), oldest=Min("created_at", filter=~resting | Q(bot__resting_until=None))
        )
        self.messages: int = found["count"]
        self.messages_late = self._late(found["oldest"], MESSAGES_LATE)
        ended = Outgoing.objects.filter(here, created_at__gt=self.now - LATELY)
        self.lately: dict[str, int] = {"failed": 0, "unknown": 0} | dict(
            ended.filter(state__in=["failed", "unknown"]).values_list("state").annotate(count=Count("pk"))
        )
        self.refused = ended.filter(state="failed").exclude(fault="recipient").count()

    def _late(self, oldest: datetime | None, after: timedelta) -> bool:
        return oldest is not None and oldest < self.now - after


def metrics() -> Iterator[Metric]:
    """Bots by state, what waits, what failed within a day."""
    sums = _Sums()
    yield Metric(
        "pult_bots",
        "Bots by state.",
        tuple(({"state": state}, count) for state, count in sums.by_state.items()),
    )
    yield Metric("pult_bot_updates_waiting", "Updates that wait to be handled.", (({}, sums.updates),))
    yield Metric(
        "pult_bot_messages_waiting", "Messages that may be sent now and wait.", (({}, sums.messages),)
    )
    yield Metric(
        "pult_bot_messages_ended",
        "Messages of the last 24 hours that were not sent, or whose answer got lost.",
        tuple(({"state": state}, count) for state, count in sums.lately.items()),
    )


def warnings() -> Iterator[StatusWarning]:
    """Dead tokens, a process that is missing, messages that Telegram refuses."""
    sums = _Sums()
    dead = sums.by_state[Bot.State.TOKEN_DEAD]
    if dead:
        yield StatusWarning(
            ngettext(
                "Telegram refuses the token of %(count)d bot: it neither receives nor sends.",
                "Telegram refuses the tokens of %(count)d bots: they neither receive nor send.",
                dead,
            )
            % {"count": dead},
            _("Copy the new token from @BotFather to the bot's page. What waits is then sent."),
            url_name="bots:list",
            grave=True,
        )
    if sums.updates_late or sums.messages_late:
        yield StatusWarning(
            _("Bots do not keep up: %(updates)d updates and %(messages)d messages wait.")
            % {"updates": sums.updates, "messages": sums.messages},
            _("See whether the bots process runs; nothing is lost meanwhile."),
            command="pult bots",
            grave=True,
        )
    if sums.refused:
        yield StatusWarning(
            ngettext(
                "Telegram refused %(count)d message of a bot within a day.",
                "Telegram refused %(count)d messages of bots within a day.",
                sums.refused,
            )
            % {"count": sums.refused},
            _("The list of the bot's messages says why."),
            url_name="bots:list",
        )


def facts() -> Iterator[StatusFact]:
    """Totals for the status page."""
    sums = _Sums()
    page = "bots:list"
    yield StatusFact(pgettext("how many bots", "Running"), sums.by_state[Bot.State.RUNNING], url_name=page)
    yield StatusFact(
        _("Updates waiting"), sums.updates, tone="bad" if sums.updates_late else "", url_name=page
    )
    yield StatusFact(
        _("Messages waiting"), sums.messages, tone="bad" if sums.messages_late else "", url_name=page
    )
    if sums.lately["unknown"]:
        yield StatusFact(
            _("Messages with a lost answer"),
            sums.lately["unknown"],
            _("within a day; nobody knows whether they arrived, so they are not sent again"),
            url_name=page,
        )
