"""Countries by name in the person's language, for choosing how national spellings are read."""

from functools import lru_cache

from babel import Locale
from django.utils.translation import get_language

from pult.modules.checks.rules.numbers import REGIONS


@lru_cache(maxsize=8)
def _named(language: str) -> tuple[tuple[str, str], ...]:
    territories = Locale.parse(language, sep="-").territories
    named = ((region, territories.get(region, region)) for region in REGIONS)
    # ё sorts beside е, Å beside A: by their bare letters, which is close enough for a list with type-ahead.
    return tuple(sorted(named, key=lambda pair: pair[1].replace("ё", "е").casefold()))


def region_choices() -> tuple[tuple[str, str], ...]:
    """(code, name) of every country that numbers can be read for, by name."""
    return _named(get_language() or "en")


def region_name(region: str) -> str:
    """The country's name; the code where it has none, "" for none."""
    return dict(region_choices()).get(region, region)
