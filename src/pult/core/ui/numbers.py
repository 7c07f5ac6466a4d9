"""Numbers, durations and moments in a person's language; pure functions under the template filters."""

from datetime import date, datetime, timedelta

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

NOTHING = "–"
"""Shown where there is no value."""

NARROW = "\N{NO-BREAK SPACE}"

MINUTE, HOUR, DAY = 60, 3600, 86400


def grouped(value: float | None, decimals: int | None = None) -> str:
    """1234567 as `1,234,567` or `1 234 567`; whole numbers stay whole, others get `decimals` places (default 1)."""
    if value is None:
        return NOTHING
    if decimals is None:
        decimals = 0 if float(value).is_integer() else 1
    return formats.number_format(value, decimal_pos=decimals, use_l10n=True, force_grouping=True)


def share(part: float | None, whole: float | None = 1) -> str:
    """A part of a whole as a percentage; never rounded up to 100 % or down to 0 % while it is not."""
    if part is None or not whole:
        return NOTHING
    percent = 100 * part / whole
    shown = round(percent)
    if 0 < percent < 1:
        shown = 1
    elif 99 < percent < 100:
        shown = 99
    return _("%(number)s%%") % {"number": grouped(shown)}


def unit_names() -> tuple[str, str, str, str]:
    """Short names of day, hour, minute and second."""
    return (
        pgettext("unit of time: days", "d"),
        pgettext("unit of time: hours", "h"),
        pgettext("unit of time: minutes", "min"),
        pgettext("unit of time: seconds", "s"),
    )


def in_words(length: timedelta | float | None) -> str:
    """A length of time in its two largest units: `2 min 5 s`, `3 d 4 h`; seconds when given a number."""
    if length is None:
        return NOTHING
    seconds = round(length.total_seconds() if isinstance(length, timedelta) else length)
    sign = "−" if seconds < 0 else ""
    seconds = abs(seconds)
    units = tuple(zip((DAY, HOUR, MINUTE, 1), unit_names(), strict=True))
    for place, (size, name) in enumerate(units):
        if seconds < size:
            continue
        words = f"{grouped(seconds // size)}{NARROW}{name}"
        if place + 1 < len(units):
            smaller, smaller_name = units[place + 1]
            if rest := seconds % size // smaller:
                words = f"{words} {rest}{NARROW}{smaller_name}"
        return sign + words
    return f"0{NARROW}{units[-1][1]}"


def exactly(moment: datetime) -> str:
    """A moment in full in the present time zone, with the zone's name."""
    local = timezone.localtime(moment)
    return f"{formats.date_format(local, 'DATE_FORMAT')}, {local:%H:%M:%S} {local.tzname()}"


def briefly(moment: datetime) -> str:
    """Day and time to the minute in the present time zone; the year is in the exact time."""
    local = timezone.localtime(moment)
    return f"{day_and_month(local)}, {local:%H:%M}"


def day_and_month(day: date) -> str:
    """21 November, as it is said in the person's language."""
    # "E" is the month as it stands behind a day ("21 ноября"); Django's Russian format has the one that stands alone.
    return formats.date_format(day, formats.get_format("MONTH_DAY_FORMAT").replace("F", "E"))


def from_now(moment: datetime, now: datetime) -> str:
    """`5 minutes ago`, `in 2 hours`; beyond a week the day itself. relative-time.js keeps the words fresh."""
    seconds = (moment - now).total_seconds()
    size = abs(seconds)
    if size < MINUTE:
        return _("now") if size < 10 else past_or_future(seconds, round(size), "second")
    for unit, length, limit in (("minute", MINUTE, HOUR), ("hour", HOUR, DAY), ("day", DAY, 7 * DAY)):
        if size < limit:
            return past_or_future(seconds, int(size // length), unit)
    return briefly(moment)


def past_or_future(seconds: float, count: int, unit: str) -> str:
    """The sentence for `count` units before (seconds < 0) or after now."""
    if seconds < 0:
        words = {
            "second": ngettext("%(count)s second ago", "%(count)s seconds ago", count),
            "minute": ngettext("%(count)s minute ago", "%(count)s minutes ago", count),
            "hour": ngettext("%(count)s hour ago", "%(count)s hours ago", count),
            "day": ngettext("%(count)s day ago", "%(count)s days ago", count),
        }
    else:
        words = {
            "second": ngettext("in %(count)s second", "in %(count)s seconds", count),
            "minute": ngettext("in %(count)s minute", "in %(count)s minutes", count),
            "hour": ngettext("in %(count)s hour", "in %(count)s hours", count),
            "day": ngettext("in %(count)s day", "in %(count)s days", count),
        }
    return words[unit] % {"count": count}
