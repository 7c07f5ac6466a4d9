"""What bots keep about a number or username: in what people wrote and got, and in what is remembered of a conversation.

Updates and messages are kept for some days only (PULT_UPDATES_KEPT_DAYS); whoever wants to be forgotten need not wait.
"""

from collections.abc import Iterator
from typing import Any

from django.db.models import Model, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from pult.core.bots.models import Conversation, Outgoing, Update
from pult.core.registry import Erased, PersonalData, PersonalRecord, Progress, Subject

# What may stand between the digits of a number that somebody wrote.
_BETWEEN = r"[ .()\u00a0\u2010-\u2015-]*"
_OPEN = (Outgoing.State.WAITING, Outgoing.State.SENDING)


def pattern_of(subject: Subject) -> str:
    """A regular expression of PostgreSQL that finds the number, however it is spaced, or the username."""
    if isinstance(subject, str):
        return rf"(?<![A-Za-z0-9_]){subject}(?![A-Za-z0-9_])"
    digits = str(subject)
    first = "[78]" if len(digits) == 11 and digits[0] == "7" else digits[0]
    return rf"(?<![0-9]){_BETWEEN.join([first, *digits[1:]])}(?![0-9])"


def _with(subject: Subject, rows: "QuerySet[Any]", column: str) -> "QuerySet[Any]":
    lookup = "written__iregex" if isinstance(subject, str) else "written__regex"
    found: QuerySet[Any] = rows.annotate(written=Cast(column, TextField())).filter(
        **{lookup: pattern_of(subject)}
    )
    return found


def _updates(subject: Subject) -> "QuerySet[Update]":
    return _with(subject, Update.objects.all(), "payload")


def _messages(subject: Subject) -> "QuerySet[Outgoing]":
    return _with(subject, Outgoing.objects.all(), "payload")


def _conversations(subject: Subject) -> "QuerySet[Conversation]":
    return _with(subject, Conversation.objects.all(), "notes")


def stored_about(subject: Subject, progress: Progress) -> Iterator[PersonalRecord]:
    """Updates, messages and conversations in which it stands."""
    for update in _updates(subject).select_related("bot").order_by("pk"):
        yield PersonalRecord("bot_update", {"bot": str(update.bot), "at": update.received_at})
    for message in _messages(subject).select_related("bot").order_by("pk"):
        yield PersonalRecord("bot_message", {"bot": str(message.bot), "at": message.created_at})
    for conversation in _conversations(subject).select_related("bot").order_by("pk"):
        yield PersonalRecord(
            "bot_conversation", {"bot": str(conversation.bot), "at": conversation.changed_at}
        )


def erase(subject: Subject, progress: Progress, force: bool) -> Erased:
    """Empty what holds it; the row stays with its time and state, so that nothing is received or sent twice.

    What is being handled or sent at this moment is waited for, unless `force`.
    """
    updates, messages = _updates(subject), _messages(subject)
    waits = False
    if not force:
        waits = (
            updates.filter(state=Update.State.WAITING).exists() or messages.filter(state__in=_OPEN).exists()
        )
        updates, messages = updates.exclude(state=Update.State.WAITING), messages.exclude(state__in=_OPEN)
    counts = {
        "bot_update": _emptied(updates, payload={}, state=Update.State.HANDLED)
        if force
        else _emptied(updates, payload={}),
        "bot_message": _emptied(messages.filter(state__in=_OPEN), payload={}, state=Outgoing.State.DROPPED)
        + _emptied(messages, payload={}, file_name=""),
        "bot_conversation": _emptied(_conversations(subject), notes={}, expects=""),
    }
    return Erased({kind: count for kind, count in counts.items() if count}, waits=waits)


def _emptied(rows: "QuerySet[Any]", **values: Any) -> int:
    # By their keys: the expression that finds them has no place in an UPDATE.
    model: type[Model] = rows.model
    return model._default_manager.filter(pk__in=list(rows.values_list("pk", flat=True))).update(**values)


def personal_data() -> PersonalData:
    """For the registry."""
    return PersonalData(
        stored_about=stored_about,
        erase=erase,
        words={
            "bot_update": _("Written to a bot"),
            "bot_message": _("Written by a bot"),
            "bot_conversation": _("Remembered of a conversation with a bot"),
            "bot": _("Bot"),
            "at": _("At"),
        },
    )
