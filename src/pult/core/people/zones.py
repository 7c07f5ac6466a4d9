"""Time zones for people to choose from, named by their city in the reader's language."""

import zoneinfo
from datetime import date, datetime, timedelta
from functools import lru_cache

REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def zone_choices(language: str, today: date) -> list[tuple[str, str]]:
    """[("Europe/Moscow", "Москва, UTC+3"), …] sorted by city, UTC first; offsets are those of `today`."""
    return list(_choices(language, today))


@lru_cache(maxsize=4)
def _choices(language: str, today: date) -> tuple[tuple[str, str], ...]:
    # Babel is only needed here, and loading it costs a quarter of a second.
    from babel import Locale
    from babel.core import get_global
    from babel.dates import get_timezone_location

    known = zoneinfo.available_timezones()
    aliases = get_global("zone_aliases")
    locale = Locale.parse(language)
    found = []
    for name in known:
        # An alias shows the same city again; browsers report the name that CLDR keeps.
        if not name.startswith(tuple(f"{region}/" for region in REGIONS)) or aliases.get(name, name) != name:
            continue
        city = get_timezone_location(name, locale=locale, return_city=True)
        found.append((city.casefold(), name, f"{city}, {_offset(name, today)}"))
    return (("UTC", "UTC"), *((name, label) for _city, name, label in sorted(found)))


def _offset(name: str, today: date) -> str:
    """ "UTC+3", "UTC−3:30" at noon of that day."""
    moment = datetime(today.year, today.month, today.day, 12, tzinfo=zoneinfo.ZoneInfo(name))
    minutes = int((moment.utcoffset() or timedelta()).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")
