"""Checks of usernames with an unmodified Telethon against the simulated Telegram, from the upload to the export."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from pult.core.people.models import Person
from pult.modules.checks.models import Call, Check, Finding, LogEntry, Number
from pult.modules.checks.operations.lists import read_check
from pult.modules.checks.tests import scenes
from pult.modules.checks.tests.conftest import Connect
from pult.modules.checks.tests.test_engine import short_waits, work
from pult.modules.checks.tests.world import contacts, violations
from telegram_simulator.testing import RunningSimulator

__all__ = ["short_waits"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]

RESOLVE = "contacts.resolveUsername"
WISHES = {"purpose": "autumn fair", "keep": "30"}


@pytest.fixture
def anna(client: Client, settings: Settings, tmp_path: Path) -> Iterator[Person]:
    settings.PULT_UPLOADS_DIR = tmp_path / "uploads"
    somebody = scenes.person("anna")
    client.force_login(somebody)
    yield somebody


def truth_of(world: RunningSimulator, count: int, seed: str) -> dict[str, str | None]:
    """Usernames in small letters, and what is behind them; None for nobody."""
    rows = world.get(f"/api/sample-usernames?count={count}&hits=0.5&seed={seed}&format=json")["usernames"]
    return {row["username"].lower(): row["entity"] for row in rows}


def started(client: Client, text: str) -> Check:
    """Pasted, read and started, as a person does it."""
    client.post("/checks/new/", {**WISHES, "numbers": text, "kind": "username"})
    check = Check.objects.get()
    assert read_check(check_id=check.pk) == Check.State.READY
    client.post(f"/checks/{check.pk}/start/")
    check.refresh_from_db()
    assert check.state == Check.State.RUNNING
    return check


def outcome(check: Check) -> dict[str, str | None]:
    """Username → what was found; None for "not found"; the state itself where there is no verdict."""
    verdicts: dict[str, str | None] = {}
    for number in Number.objects.filter(block__check_ref=check).select_related("finding"):
        found = number.state == Number.State.FOUND
        nobody = None if number.state == Number.State.NOT_FOUND else f"state {number.state}"
        verdicts[number.subject] = number.finding.entity if found else nobody
    return verdicts


def test_usernames_are_answered_truly_whatever_cuts_in(
    world: RunningSimulator, connect: Connect, client: Client, anna: Person
) -> None:
    phones = ["79130000001", "79130000002"]
    limits = {"resolve": {"capacity": 15, "per_second": 30}}
    accounts = [connect(anna, phone, limits=limits, shared=True) for phone in phones]
    before = [contacts(world, phone) for phone in phones]
    truth = truth_of(world, 120, "engine")
    world.post("/api/counters/reset")
    for fault in (
        {"kind": "flood_wait", "seconds": 1, "method": RESOLVE},
        {"kind": "drop_before", "method": RESOLVE},
        {"kind": "error", "code": 500, "message": "INTERNAL", "method": RESOLVE},
    ):
        for phone in phones:
            world.post("/api/faults", {**fault, "phone": phone, "count": 1})
    check = started(client, "\n".join(f"@{name.title()}" for name in truth))
    work(*accounts)
    check.refresh_from_db()
    assert check.state == Check.State.FINISHED
    assert outcome(check) == truth
    assert {"user", "bot", "channel", "group", None} == set(truth.values())
    assert [contacts(world, phone) for phone in phones] == before, "nothing enters the phone book"
    assert not Call.objects.filter(state__in=["planned", "answered", "lost"]).exists()
    assert violations(world) == 0


def test_a_flood_wait_in_the_middle_keeps_what_came_and_costs_no_try(
    world: RunningSimulator, connect: Connect, client: Client, anna: Person
) -> None:
    account = connect(anna, "79130000003", limits={"resolve": {"capacity": 7, "per_second": 0.5}})
    truth = truth_of(world, 12, "middle")
    check = started(client, "\n".join(truth))
    work(account, seconds=1.0)
    account.refresh_from_db()
    assert account.resting_until is not None, "Telegram's pause is kept"
    answered = {name: found for name, found in outcome(check).items() if found != "state w"}
    assert len(answered) == 7
    assert answered.items() <= truth.items(), "what came before the wait is true and stays"
    assert set(Number.objects.values_list("tries", flat=True)) == {0}
    said = LogEntry.objects.filter(kind=LogEntry.Kind.CALL_ANSWERED).first()
    assert said is not None and said.details["unasked"] == 5
    assert "5" in client.get(f"/checks/{check.pk}/log/").text
    work(account)
    assert outcome(check) == truth
    assert violations(world) == 0


def test_results_say_what_a_username_is(
    world: RunningSimulator, connect: Connect, client: Client, anna: Person
) -> None:
    account = connect(anna, "79130000004")
    check = started(
        client, "Username\nhttps://t.me/company_news\n@district_ads\nWeather_Helper_Bot\n@nobody_has_it\n@абв"
    )
    work(account)
    page = client.get(f"/checks/{check.pk}/results/").text
    assert "@company_news" in page and "Новости компании" in page
    assert "channel" in page and "group" in page and "bot" in page
    searched = client.get(f"/checks/{check.pk}/results/?q=https://t.me/Company_News").context["rows"]
    assert [row["subject"] for row in searched] == ["@company_news"]
    missed = client.get(f"/checks/{check.pk}/results/?verdict=not_found&q=nobody").context["rows"]
    assert [row["subject"] for row in missed] == ["@nobody_has_it"]
    export = client.get(f"/checks/{check.pk}/results/export.json")
    rows: list[dict[str, Any]] = json.loads(b"".join(export.streaming_content))  # type: ignore[attr-defined]
    assert [(row["username"], row["verdict"], row["entity"]) for row in rows] == [
        ("@company_news", "found", "channel"),
        ("@district_ads", "found", "group"),
        ("@weather_helper_bot", "found", "bot"),
        ("@nobody_has_it", "not_found", ""),
        ("@абв", "invalid", ""),
    ]
    assert rows[0]["last_seen"] == "", "a channel is not seen"
    assert Finding.objects.get(number__subject="company_news").first_name == "Новости компании"
    assert "Usernames" in client.get("/checks/").text
