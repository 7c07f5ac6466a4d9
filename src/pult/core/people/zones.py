"""Time zones for people to choose from, named by their city in the reader's language."""

import zoneinfo
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def zone_choices(language: str, today: date) -> list[tuple[str, str]]:
    """[("Europe/Moscow", "Москва, UTC+3"), …] sorted by city, UTC first; offsets are those of `today`."""
    return list(_choices(language, today))


def zone_name(name: str, language: str, today: date) -> str:
    """ "Москва, UTC+3"; the name itself for a zone that is not offered."""
    return dict(_choices(language, today)).get(name, name)


@lru_cache(maxsize=4)
def former_names(language: str) -> dict[str, str]:
    """{"Europe/Kiev": "Europe/Kyiv", …}: names that browsers still report for zones that are offered by another."""
    from babel import Locale
    from babel.core import get_global

    kept = {**Locale.parse("en").time_zones, **Locale.parse(language).time_zones}
    return {old: new for old, new in get_global("zone_aliases").items() if old in kept}


@lru_cache(maxsize=4)
def _choices(language: str, today: date) -> tuple[tuple[str, str], ...]:
    # Babel is only needed here, and loading it costs a quarter of a second.
    from babel import Locale
    from babel.core import get_global

    known = zoneinfo.available_timezones()
    aliases = get_global("zone_aliases")
    locale = Locale.parse(language)
    former = {new: old for old, new in former_names(language).items()}
    found = []
    for name in known:
        # An alias shows the same city again.
        if not name.startswith(tuple(f"{region}/" for region in REGIONS)) or aliases.get(name, name) != name:
            continue
        city = _city(name, locale, former.get(name, name))
        found.append((city.casefold(), name, f"{city}, {_offset(name, today)}"))
    return (("UTC", "UTC"), *((name, label) for _city, name, label in sorted(found)))


def _city(name: str, locale: Any, former: str) -> str:
    """The city of a zone; CLDR keeps translations of renamed cities under their former names."""
    from babel.dates import get_timezone_location

    kept = locale.time_zones.get(name) or locale.time_zones.get(former) or {}
    return str(kept.get("city") or get_timezone_location(name, locale=locale, return_city=True))


def _offset(name: str, today: date) -> str:
    """ "UTC+3", "UTC−3:30" at noon of that day."""
    moment = datetime(today.year, today.month, today.day, 12, tzinfo=zoneinfo.ZoneInfo(name))
    minutes = int((moment.utcoffset() or timedelta()).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")
