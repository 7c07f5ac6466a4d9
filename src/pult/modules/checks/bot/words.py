"""How a check reads in a message: heading, bar, counts, times."""

from datetime import datetime, timedelta

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from pult.core.ui.numbers import briefly, grouped, in_words, share
from pult.modules.checks.kinds import kind_named
from pult.modules.checks.models import Check

BAR_CELLS = 12
LONGEST_NAME = 60

SIGNS = {
    Check.State.UPLOADED: "📄",
    Check.State.READING: "📖",
    Check.State.UNREADABLE: "⚠️",
    Check.State.READY: "🟢",
    Check.State.RUNNING: "⏳",
    Check.State.PAUSED: "⏸",
    Check.State.FINISHED: "✅",
    Check.State.CANCELLED: "⏹",
}


def short(text: str, most: int = LONGEST_NAME) -> str:
    """A name that fits into a line; hostile ones are long."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def heading(check: Check) -> SafeString:
    """Sign, name and state: the first line of every screen of a check."""
    state = Check.State(check.state)
    return format_html("{} <b>{}</b>\n<i>{}</i>", SIGNS[state], short(check.name), state.label)


def lines(*parts: SafeString | str) -> SafeString:
    """Lines of a message; empty ones are left out."""
    return format_html_join("\n", "{}", ((part,) for part in parts if part))


def paragraphs(*parts: SafeString | str) -> SafeString:
    """Parts of a message with an empty line between them; empty parts are left out."""
    return format_html_join("\n\n", "{}", ((part,) for part in parts if part))


def bar(done: int, whole: int) -> str:
    """`▰▰▰▰▱▱▱▱ 34 %`; full only when everything is done."""
    if not whole:
        return ""
    cells = min(BAR_CELLS - (done < whole), BAR_CELLS * done // whole)
    return f"{'▰' * cells}{'▱' * (BAR_CELLS - cells)} {share(done, whole)}"


def counted(label: str, count: int) -> SafeString:
    """`Found: <b>1,234</b>`."""
    return format_html("{}: <b>{}</b>", label, grouped(count))


def purpose_line(check: Check) -> SafeString | str:
    """What the list is for, and when it goes."""
    if not check.purpose:
        return ""
    parts = [_("For: %(purpose)s") % {"purpose": short(check.purpose, 100)}]
    if check.erase_at:
        parts.append(_("Erased on %(day)s") % {"day": briefly(check.erase_at)})
    return format_html("<i>{}</i>", " · ".join(parts))


def time_left(left: timedelta | None) -> str:
    """`about 5 min left`, or nothing while nobody can know."""
    return _("about %(time)s left") % {"time": in_words(left)} if left else ""


def until(moment: datetime | None) -> str:
    """`goes on at 14:05`."""
    return _("goes on: %(moment)s") % {"moment": briefly(moment)} if moment else ""


def unit(check: Check) -> str:
    """Numbers or usernames."""
    return str(kind_named(check.kind).words.unit)
