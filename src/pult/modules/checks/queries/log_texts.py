"""What a log entry says, as a sentence in the reader's language."""

from collections.abc import Callable
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.dateparse import parse_datetime
from django.utils.formats import number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pult.core.telegram.reasons import in_words
from pult.core.ui.numbers import day_and_month
from pult.modules.checks.models import LogEntry
from pult.modules.checks.queries.uploaded_list import unreadable_text

Kind = LogEntry.Kind


def sentence(entry: LogEntry) -> str:
    """The entry in words; details that are missing leave a plainer sentence, never an error."""
    return SENTENCES[Kind(entry.kind)](_Details(entry))


class _Details:
    """An entry's details, ready to be put into words."""

    def __init__(self, entry: LogEntry) -> None:
        self.block = 0 if entry.block_ordinal is None else entry.block_ordinal + 1
        self.account = entry.account_label
        self._at = entry.at
        self._details: dict[str, Any] = entry.details

    def count(self, name: str) -> int:
        value = self._details.get(name)
        return value if isinstance(value, int) else 0

    def text(self, name: str) -> str:
        value = self._details.get(name)
        return value if isinstance(value, str) else ""

    @property
    def by_administrator(self) -> bool:
        return self.text("by") == "administrator"

    def until(self) -> str:
        moment = parse_datetime(self.text("until")) if self.text("until") else None
        if moment is None:
            return ""
        local = localtime(moment)
        clock = f"{local:%H:%M:%S}"
        # The entry shows its own time; the day is worth a word only when it is another one.
        same_day = local.date() == localtime(self._at).date()
        return clock if same_day else f"{day_and_month(local)}, {clock}"

    def counts(self) -> dict[str, str]:
        names = ("found", "not_found", "unanswered", "valid", "rejected", "repeated", "unasked")
        return {name: number_format(self.count(name), force_grouping=True) for name in names}


def _accepted(entry: _Details) -> str:
    return _("List accepted (%(size)s).") % {"size": filesizeformat(entry.count("size"))}


def _read(entry: _Details) -> str:
    return _("List read: %(valid)s valid, %(rejected)s rejected, %(repeated)s repeated.") % entry.counts()


def _unreadable(entry: _Details) -> str:
    if not entry.text("reason"):
        return _("The list could not be read.")
    return _("The list could not be read. %(reason)s") % {
        "reason": unreadable_text(entry.text("reason"), kind=entry.text("about") or "phone")
    }


def _started(entry: _Details) -> str:
    return _("Check started.")


def _block_started(entry: _Details) -> str:
    return _("Block %(block)s: %(account)s took it up, attempt %(attempt)s.") % {
        "block": entry.block,
        "account": entry.account,
        "attempt": entry.count("attempt"),
    }


def _call_answered(entry: _Details) -> str:
    words = {"block": entry.block, **entry.counts()}
    if entry.count("unasked"):
        return (
            _(
                "Block %(block)s: request cut short, %(found)s found, %(not_found)s not found, %(unanswered)s "
                "unanswered; %(unasked)s were not asked and wait."
            )
            % words
        )
    return (
        _(
            "Block %(block)s: request answered, %(found)s found, %(not_found)s not found, %(unanswered)s unanswered."
        )
        % words
    )


def _call_refused(entry: _Details) -> str:
    return _("Block %(block)s: %(account)s rests until %(until)s. %(reason)s") % {
        "block": entry.block,
        "account": entry.account,
        "until": entry.until(),
        "reason": in_words(entry.text("reason")),
    }


def _call_lost(entry: _Details) -> str:
    causes = {
        "timeout": _("no answer in time"),
        "network": _("the connection broke"),
        "server": _("Telegram had trouble"),
        "proxy": _("the proxy did not answer"),
        "interrupted": _("Pult was interrupted"),
    }
    cause = causes.get(entry.text("reason"), _("no answer"))
    return _("Block %(block)s: a request stayed without answer (%(cause)s); its numbers are asked again.") % {
        "block": entry.block,
        "cause": cause,
    }


def _account_lost(entry: _Details) -> str:
    return _("Block %(block)s: %(account)s cannot go on. %(reason)s") % {
        "block": entry.block,
        "account": entry.account,
        "reason": in_words(entry.text("reason")),
    }


def _block_failed(entry: _Details) -> str:
    words = {"block": entry.block, "error": entry.text("error"), "until": entry.until()}
    if entry.until():
        return _("Block %(block)s: an error inside Pult (%(error)s); it is tried again at %(until)s.") % words
    return _("Block %(block)s: an error inside Pult (%(error)s); its numbers stay unanswered.") % words


def _block_done(entry: _Details) -> str:
    return _("Block %(block)s done: %(found)s found, %(not_found)s not found, %(unanswered)s unanswered.") % {
        "block": entry.block,
        **entry.counts(),
    }


def _paused(entry: _Details) -> str:
    return _("An administrator paused the check.") if entry.by_administrator else _("Check paused.")


def _resumed(entry: _Details) -> str:
    return _("An administrator resumed the check.") if entry.by_administrator else _("Check resumed.")


def _asked_again(entry: _Details) -> str:
    count = entry.count("count")
    text = ngettext(
        "%(count)s unanswered number is asked again.", "%(count)s unanswered numbers are asked again.", count
    )
    words = text % {"count": number_format(count, force_grouping=True)}
    return _("%(deed)s An administrator wanted it.") % {"deed": words} if entry.by_administrator else words


def _canary_missed(entry: _Details) -> str:
    count = entry.count("count")
    text = ngettext(
        "%(account)s did not find a number that is known to be on Telegram, so %(count)s answer “not found” of it "
        "is taken back and asked again.",
        "%(account)s did not find a number that is known to be on Telegram, so %(count)s answers “not found” of it "
        "are taken back and asked again.",
        count,
    )
    return text % {"account": entry.account, "count": number_format(count, force_grouping=True)}


def _cancelled(entry: _Details) -> str:
    return _("An administrator cancelled the check.") if entry.by_administrator else _("Check cancelled.")


def _subject_erased(entry: _Details) -> str:
    return _("Block %(block)s: a number was erased at the request of the person whose it is.") % {
        "block": entry.block
    }


def _finished(entry: _Details) -> str:
    return _("Check finished.")


def _reused(entry: _Details) -> str:
    count, days = entry.count("count"), entry.count("days")
    if not count:
        return _("No earlier verdict of yours fits; every number is asked.")
    numbers = ngettext(
        "%(count)s number has a verdict from an earlier check",
        "%(count)s numbers have verdicts from earlier checks",
        count,
    ) % {"count": number_format(count, force_grouping=True)}
    age = ngettext("not older than %(days)s day", "not older than %(days)s days", days) % {"days": days}
    return f"{numbers} ({age})."


def _moved(entry: _Details) -> str:
    places = {
        "first": _("An administrator put this check first: it comes before everybody's turns."),
        "last": _("An administrator put this check last: it comes when nobody else waits."),
    }
    return places.get(entry.text("place"), _("An administrator put this check back among the turns."))


def _held(entry: _Details) -> str:
    reason = entry.text("reason").rstrip(".")
    of_person = entry.text("of") == "person"
    if reason:
        words = (
            _("An administrator holds back the checks of this person (%(reason)s).")
            if of_person
            else _("An administrator holds back all checks (%(reason)s).")
        )
        return words % {"reason": reason}
    if of_person:
        return _("An administrator holds back the checks of this person.")
    return _("An administrator holds back all checks.")


def _released(entry: _Details) -> str:
    return _("An administrator released the checks: they go on.")


def _allowance_spent(entry: _Details) -> str:
    return _("The numbers allowed for the day are spent; it goes on after midnight.")


SENTENCES: dict[Kind, Callable[[_Details], str]] = {
    Kind.ACCEPTED: _accepted,
    Kind.READ: _read,
    Kind.UNREADABLE: _unreadable,
    Kind.STARTED: _started,
    Kind.BLOCK_STARTED: _block_started,
    Kind.CALL_ANSWERED: _call_answered,
    Kind.CALL_REFUSED: _call_refused,
    Kind.CALL_LOST: _call_lost,
    Kind.ACCOUNT_LOST: _account_lost,
    Kind.BLOCK_FAILED: _block_failed,
    Kind.BLOCK_DONE: _block_done,
    Kind.PAUSED: _paused,
    Kind.RESUMED: _resumed,
    Kind.ASKED_AGAIN: _asked_again,
    Kind.CANARY_MISSED: _canary_missed,
    Kind.CANCELLED: _cancelled,
    Kind.FINISHED: _finished,
    Kind.REUSED: _reused,
    Kind.MOVED: _moved,
    Kind.HELD: _held,
    Kind.RELEASED: _released,
    Kind.ALLOWANCE_SPENT: _allowance_spent,
    Kind.SUBJECT_ERASED: _subject_erased,
}
