"""What the accounts add to `/metrics` and to the status page."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Min, Q
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from pult.core.jobs import database_now
from pult.core.registry import Metric, StatusFact, StatusWarning
from pult.core.telegram.models import Account

LOST = (Account.State.NEEDS_SIGN_IN, Account.State.RESTRICTED, Account.State.BANNED)


class _Sums:
    """Accounts of the Telegram in use by state, and how many of the connected ones rest: two small statements."""

    def __init__(self) -> None:
        accounts = Account.objects.filter(simulated=settings.TELEGRAM.simulated)
        counted = accounts.values_list("state").annotate(count=Count("pk"))
        self.by_state: dict[str, int] = dict.fromkeys(Account.State.values, 0) | dict(counted)
        self.connected = self.by_state[Account.State.CONNECTED]
        resting = accounts.filter(state=Account.State.CONNECTED, resting_until__gt=database_now())
        found = resting.aggregate(
            count=Count("pk"),
            flood=Count("pk", filter=Q(rest_reason="flood_wait")),
            until=Min("resting_until"),
        )
        self.resting: int = found["count"]
        self.in_flood_wait: int = found["flood"]
        self.until: datetime | None = found["until"]


def metrics() -> Iterator[Metric]:
    """Accounts by state, and how many rest."""
    sums = _Sums()
    yield Metric(
        "pult_accounts",
        "Telegram accounts by state.",
        tuple(({"state": state}, count) for state, count in sums.by_state.items()),
    )
    yield Metric("pult_accounts_resting", "Connected accounts that rest now.", (({}, sums.resting),))
    yield Metric(
        "pult_accounts_in_flood_wait",
        "Connected accounts that Telegram told to wait.",
        (({}, sums.in_flood_wait),),
    )


def warnings() -> Iterator[StatusWarning]:
    """Accounts that wait for somebody, and a day without any that works."""
    sums = _Sums()
    lost = sum(sums.by_state[state] for state in LOST)
    if sums.connected and sums.resting == sums.connected:
        yield StatusWarning(
            _("All accounts rest; the first one goes on at %(time)s.") % {"time": _clock(sums.until)},
            _("Nothing is lost. Connect another account if lists are urgent."),
            url_name="telegram:accounts",
        )
    if lost:
        yield StatusWarning(
            ngettext(
                "%(count)d account needs somebody: Telegram ended its session or restricted it.",
                "%(count)d accounts need somebody: Telegram ended their sessions or restricted them.",
                lost,
            )
            % {"count": lost},
            _("The page of accounts says what happened to each and what can be done."),
            url_name="telegram:accounts",
            grave=not sums.connected,
        )
    elif not sums.connected:
        yield StatusWarning(
            _("No Telegram account is connected: no number can be checked."),
            _("Connect one; it takes a minute."),
            url_name="telegram:connect",
        )


def facts() -> Iterator[StatusFact]:
    """Totals for the status page."""
    sums = _Sums()
    page = "telegram:accounts"
    yield StatusFact(pgettext("how many accounts", "Connected"), sums.connected, url_name=page)
    note = _("the first until %(time)s") % {"time": _clock(sums.until)} if sums.resting else ""
    yield StatusFact(
        pgettext("how many accounts", "Resting"), sums.resting, note, "rest" if sums.resting else "", page
    )
    for state in LOST:
        if count := sums.by_state[state]:
            yield StatusFact(Account.State(state).label, count, tone="bad", url_name=page)


def _clock(moment: datetime | None) -> str:
    return date_format(localtime(moment), "H:i") if moment else "–"
