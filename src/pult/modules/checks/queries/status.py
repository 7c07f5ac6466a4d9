"""What checks add to `/metrics` and to the status page: from blocks and recent calls, never from the numbers."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import connection
from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _

from pult.core.jobs import database_now
from pult.core.registry import Metric, StatusFact, StatusWarning
from pult.modules.checks.models import Call, Check

# So many of the latest calls are looked at: a day of a busy installation, and a millisecond.
LATEST_CALLS = 5_000
STUCK_AFTER = timedelta(minutes=30)

# 2,000 blocks for a million numbers; their sums are kept exact by whoever stores verdicts.
_VERDICTS = """
SELECT coalesce(sum(found_count), 0), coalesce(sum(not_found_count), 0), coalesce(sum(unanswered_count), 0),
       coalesce(sum(size - found_count - not_found_count - unanswered_count)
           FILTER (WHERE state IN ('waiting', 'working')), 0)
  FROM checks_block
"""
_CALLS = """
SELECT state, split_part(outcome, ':', 1), count(*), coalesce(sum(size), 0)
  FROM (SELECT * FROM checks_call ORDER BY id DESC LIMIT %s) latest
 WHERE sent_at > clock_timestamp() - interval '1 hour'
 GROUP BY 1, 2
"""
OUTCOMES = ("answered", "flood_wait", "lost", "failed", "refused", "under_way")


def metrics() -> Iterator[Metric]:
    """Checks by state, numbers by verdict, calls of the last hour by outcome."""
    states = dict(Check.objects.values_list("state").annotate(count=Count("pk")))
    yield Metric(
        "pult_checks",
        "Checks by state.",
        tuple(({"state": state}, states.get(state, 0)) for state in Check.State.values),
    )
    with connection.cursor() as cursor:
        cursor.execute(_VERDICTS)
        sums = cursor.fetchone() or (0, 0, 0, 0)
    names = ("found", "not_found", "unanswered", "waiting")
    yield Metric(
        "pult_numbers",
        "Numbers of all stored checks by verdict; those without one wait.",
        tuple(({"verdict": name}, float(count)) for name, count in zip(names, sums, strict=True)),
    )
    yield from _recent_calls()


def _recent_calls() -> Iterator[Metric]:
    calls, asked = dict.fromkeys(OUTCOMES, 0), 0.0
    with connection.cursor() as cursor:
        cursor.execute(_CALLS, [LATEST_CALLS])
        for state, outcome, count, size in cursor.fetchall():
            calls[_outcome(state, outcome)] += count
            asked += float(size) if outcome == "answered" else 0
    yield Metric(
        "pult_calls_last_hour",
        "Calls to Telegram sent within the last hour by outcome (at most the latest 5000).",
        tuple(({"outcome": outcome}, count) for outcome, count in calls.items()),
    )
    yield Metric(
        "pult_numbers_asked_last_hour", "Numbers in answered calls of the last hour.", (({}, asked),)
    )


def _outcome(state: str, outcome: str) -> str:
    if state == Call.State.PLANNED:
        return "under_way"
    if outcome in {"answered", "flood_wait", "failed"}:
        return outcome
    return "refused" if state == Call.State.REFUSED else "lost"


def warnings() -> Iterator[StatusWarning]:
    """A running check that has not moved for half an hour although accounts are awake says that something is stuck."""
    running = Check.objects.filter(state=Check.State.RUNNING).aggregate(
        count=Count("pk"), moved=Max("last_turn_at"), started=Max("started_at")
    )
    latest = max((moment for moment in (running["moved"], running["started"]) if moment), default=None)
    if running["count"] and latest is not None and database_now() - latest > STUCK_AFTER:
        yield StatusWarning(
            _("Checks are running, but nothing was asked for half an hour."),
            _(
                "Look at the accounts first: they may all rest or wait for a sign-in; or somebody holds the queue."
            ),
            url_name="checks:history",
        )


def facts() -> Iterator[StatusFact]:
    """Totals for the status page."""
    under_way = [Check.State.READING, Check.State.RUNNING, Check.State.PAUSED]
    sums = Check.objects.aggregate(**{state.value: Count("pk", filter=Q(state=state)) for state in under_way})
    for state in under_way:
        yield StatusFact(state.label, sums[state.value])
    with connection.cursor() as cursor:
        cursor.execute(_VERDICTS)
        row = cursor.fetchone()
    yield StatusFact(_("Numbers that wait"), int(row[3]) if row else 0)
