"""What is stored about one phone number or username in any check of anybody: for the room of privacy, in the worker.

Numbers have no index by phone, since storing a million of them must stay fast: they are gone through in portions.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import phonenumbers
from django.db import connection

from pult.core.registry import PersonalRecord, Progress, Subject
from pult.modules.checks.kinds import kind_named
from pult.modules.checks.models import Call, Canary, Check, Finding, Number, RejectedLine

ROWS_AT_ONCE = 200_000
FEWEST_DIGITS = 7

NUMBERS = "SELECT id FROM checks_number WHERE id >= %(first)s AND id < %(after)s AND phone = %(phone)s"
# A username stands in a check by usernames, or belongs to whom another check found. Names are stored as Telegram gave
# them, capital letters make no difference to it.
NAMED = """
SELECT n.id FROM checks_number n LEFT JOIN checks_finding f ON f.number_id = n.id
WHERE n.id >= %(first)s AND n.id < %(after)s
  AND (n.subject = %(name)s OR position(%(quoted)s IN lower(f.usernames::text)) > 0)
"""
NAMED_LINES = """
SELECT id FROM checks_rejected_line
WHERE id >= %(first)s AND id < %(after)s AND text ~* %(word)s
"""
# A rejected line is no number, but may contain one: a damaged spelling, two numbers in one cell, an extension.
LINES = """
SELECT id FROM checks_rejected_line
WHERE id >= %(first)s AND id < %(after)s AND length(text) >= length(%(digits)s)
  AND regexp_replace(text, '\\D', '', 'g') LIKE '%%' || %(digits)s || '%%'
"""
BOUNDS = {
    "checks_number": "SELECT coalesce(min(id), 0), coalesce(max(id), -1) + 1 FROM checks_number",
    "checks_rejected_line": "SELECT coalesce(min(id), 0), coalesce(max(id), -1) + 1 FROM checks_rejected_line",
}


def numbers_with(subject: Subject, progress: Progress) -> list[int]:
    """Ids of the rows that hold this phone number or username, or whoever has it, whosever check it is."""
    if isinstance(subject, int):
        return list(_scan("checks_number", NUMBERS, progress, phone=subject))
    return list(_scan("checks_number", NAMED, progress, name=subject, quoted=f'"{subject}"'))


def lines_with(subject: Subject, progress: Progress) -> list[int]:
    """Ids of rejected lines in whose text the number stands, with or without its country, or the username."""
    if isinstance(subject, int):
        return list(_scan("checks_rejected_line", LINES, progress, digits=_national(subject)))
    # Usernames hold nothing that a pattern takes for a sign of its own.
    word = rf"(^|[^a-z0-9_]){subject}($|[^a-z0-9_])"
    return list(_scan("checks_rejected_line", NAMED_LINES, progress, word=word))


def calls_to_forget(subject: Subject) -> list[int]:
    """Ids of calls whose account still has to forget the number: no answer came, its check is gone, or a canary.

    Usernames leave nothing with an account.
    """
    if not isinstance(subject, int):
        return []
    open_states = [Call.State.PLANNED, Call.State.ANSWERED, Call.State.LOST]
    calls = Call.objects.filter(state__in=open_states, asked_phones__contains=subject)
    return list(calls.values_list("pk", flat=True))


def stored_about(subject: Subject, progress: Progress) -> Iterator[PersonalRecord]:
    """Records of checks: the number with its verdict and whoever stands behind it, rejected lines, canaries, calls."""
    ids = numbers_with(subject, progress)
    numbers = Number.objects.filter(pk__in=ids).select_related("block__check_ref__owner", "finding")
    for number in numbers.order_by("-pk"):
        yield PersonalRecord("checked_number", _number_facts(number))
    lines = RejectedLine.objects.filter(pk__in=lines_with(subject, _silent)).select_related(
        "check_ref__owner"
    )
    for line in lines.order_by("-pk"):
        facts = {"line": line.line, "text": line.text}
        yield PersonalRecord("rejected_line", {**_check_facts(line.check_ref), **facts})
    canaries = Canary.objects.filter(phone=subject) if isinstance(subject, int) else Canary.objects.none()
    for canary in canaries.select_related("added_by"):
        yield PersonalRecord(
            "canary",
            {
                "label": canary.label,
                "person": str(canary.added_by or ""),
                "added_at": canary.created_at,
                "last_seen_at": canary.last_seen_at,
                "last_missed_at": canary.last_missed_at,
            },
        )
    for call in Call.objects.filter(pk__in=calls_to_forget(subject)):
        yield PersonalRecord("number_to_forget", {"asked_at": call.sent_at})


def _scan(table: str, statement: str, progress: Progress, **parameters: Any) -> Iterable[int]:
    """Go through a table by its primary key, in the order in which it was written."""
    with connection.cursor() as cursor:
        cursor.execute(BOUNDS[table])
        start, end = cursor.fetchone() or (0, 0)
        for first in range(start, end, ROWS_AT_ONCE):
            cursor.execute(statement, {"first": first, "after": first + ROWS_AT_ONCE, **parameters})
            yield from [int(row[0]) for row in cursor.fetchall()]
            progress(min(first + ROWS_AT_ONCE, end) - start, end - start)


def _national(phone: int) -> str:
    """The digits by which people know the number in its own country; all of them where these would be very few."""
    try:
        national = str(phonenumbers.parse(f"+{phone}").national_number)
    except phonenumbers.NumberParseException:
        national = ""
    return national if len(national) >= FEWEST_DIGITS else str(phone)


def _silent(done: int, total: int) -> None:
    """Rejected lines are few beside numbers: the bar stays where it is."""


def _check_facts(check: Check) -> dict[str, Any]:
    return {
        "check": check.name,
        "person": str(check.owner),
        "purpose": check.purpose,
        "uploaded_at": check.created_at,
        "kept_until": check.erase_at,
    }


def _number_facts(number: Number) -> dict[str, Any]:
    check = number.block.check_ref
    kind = kind_named(check.kind)
    facts = {
        **_check_facts(check),
        "subject": kind.shown(number.phone if kind.column == "phone" else number.subject),
        "verdict": Number.State(number.state).name.lower(),
        "answered_at": number.answered_at,
    }
    finding = getattr(number, "finding", None)
    return facts if finding is None else {**facts, **_finding_facts(finding)}


def _finding_facts(finding: Finding) -> dict[str, Any]:
    return {
        "telegram_id": str(finding.telegram_id),
        "first_name": finding.first_name,
        "last_name": finding.last_name,
        "usernames": " ".join(f"@{name}" for name in finding.usernames),
        "premium": finding.premium,
        "verified": finding.verified,
        "last_seen": finding.last_seen,
        "last_seen_at": finding.last_seen_at,
    }
