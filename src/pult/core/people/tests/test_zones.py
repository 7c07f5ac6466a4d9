"""Time zones are named by cities in the reader's language, renamed cities too."""

from datetime import date

import pytest

from pult.core.people.zones import former_names, zone_choices, zone_name

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Europe/Moscow", "Москва, UTC+3"),
        ("Europe/Kyiv", "Киев, UTC+2"),
        ("Asia/Kolkata", "Калькутта, UTC+5:30"),
        ("America/St_Johns", "Сент-Джонс, UTC−3:30"),
        ("Somewhere/Else", "Somewhere/Else"),
    ],
)
def test_a_zone_is_named_by_its_city(zone: str, shown: str) -> None:
    assert zone_name(zone, "ru", TODAY) == shown


@pytest.mark.parametrize("language", ["en", "ru"])
def test_what_a_browser_reports_by_a_former_name_is_offered(language: str) -> None:
    offered = dict(zone_choices(language, TODAY))
    former = former_names(language)
    assert former["Europe/Kiev"] == "Europe/Kyiv"
    assert set(former) & set(offered) == set()
    assert {new for new in former.values() if not new.startswith("Pacific/")} <= set(offered)


def test_every_zone_is_offered_once_and_utc_first() -> None:
    choices = zone_choices("ru", TODAY)
    assert choices[0] == ("UTC", "UTC")
    assert len({zone for zone, _label in choices}) == len(choices)
