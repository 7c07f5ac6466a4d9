"""The world as a whole: its first day, its restarts and its sudden deaths."""

import sqlite3
import time
from collections import Counter
from pathlib import Path

import phonenumbers
import pytest
from telethon import functions

from telegram_simulator.testing import SimulatorDidNotStart, start_simulator
from telegram_simulator.tests.world_steps import (
    ANNA,
    BORIS,
    VERA,
    account_with,
    client_of,
    eventually,
    import_phones,
    person_with,
    running,
    unregistered_phones,
)
from telegram_simulator.world.world import World


def test_the_sample_world_is_the_same_each_time_and_plausible(tmp_path: Path) -> None:
    worlds = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        world = World.open(tmp_path / name, people=4000)
        worlds.append([tuple(row) for row in world.connection.execute("SELECT * FROM people ORDER BY id")])
        world.close()
    assert worlds[0] == worlds[1]
    people = [row for row in worlds[0] if not row[11] or row[1].startswith("49")]
    assert 3980 <= len(people) <= 4000
    for person in people[3:]:  # not the sample accounts
        assert phonenumbers.is_valid_number(phonenumbers.parse(f"+{person[1]}")), (
            "the phone of a made-up person"
        )
    share_of_russia = sum(person[1].startswith("79") for person in people) / len(people)
    share_with_username = sum(person[4] is not None for person in people) / len(people)
    assert 0.45 < share_of_russia < 0.55
    assert 0.28 < share_with_username < 0.38
    assert len(Counter(person[8] for person in people)) == 7  # classes of last seen
    assert {person[9] for person in people} == {"everybody", "contacts", "nobody"}


def test_the_sample_accounts_differ_and_have_contacts_of_their_own(tmp_path: Path) -> None:
    with running(tmp_path) as simulator:
        accounts = {one["phone"]: one for one in simulator.get("/api/accounts")["accounts"]}
        assert [bool(accounts[phone]["password"]) for phone in (ANNA, BORIS, VERA)] == [False, True, False]
        budgets = [accounts[phone]["limits"]["contacts"]["capacity"] for phone in (ANNA, BORIS, VERA)]
        assert budgets == sorted(budgets, reverse=True)
        contacts = simulator.get(f"/api/accounts/{ANNA}/contacts")["contacts"]
        assert len(contacts) == 12
        assert sum(contact["phone"] is None for contact in contacts) == 3


async def test_a_killed_simulator_comes_back_with_everything(tmp_path: Path) -> None:
    with running(tmp_path) as simulator:
        phone, person = account_with(simulator), person_with(simulator)
        session = simulator.session_for(phone)
        simulator.put(f"/api/accounts/{phone}/limits", {"contacts": {"capacity": 50, "per_second": 0.001}})
        async with client_of(simulator, session) as client:
            await import_phones(client, [person["phone"], *unregistered_phones(29)])
        simulator.post("/api/faults", {"kind": "latency", "milliseconds": 1, "phone": VERA})

        async def written_down() -> bool:
            with sqlite3.connect(f"file:{tmp_path}/world.sqlite3?mode=ro", uri=True) as database:
                query = "SELECT value FROM counters WHERE phone = ? AND name = 'granted'"
                found = database.execute(query, (phone,)).fetchone()
            database.close()
            return found is not None and int(found[0]) == 30

        await eventually(written_down)
        simulator.kill()
        simulator.restart()
        account = simulator.get(f"/api/accounts/{phone}")
        assert account["budget_left"] == pytest.approx(20, abs=0.5)
        assert (account["contacts"], account["saved_phones"], account["sessions"]) == (1, 29, 1)
        assert simulator.get("/api/counters")["accounts"][phone]["numbers_granted"] == 30
        assert [fault["kind"] for fault in simulator.get("/api/faults")["faults"]] == ["latency"]
        async with client_of(simulator, session) as client:
            listed = await client(functions.contacts.GetContactsRequest(0))
            assert [user.id for user in listed.users] == [person["id"]]


def test_it_ends_within_a_second_and_leaves_no_ready_file(tmp_path: Path) -> None:
    simulator = start_simulator(tmp_path, people=10)
    assert (tmp_path / "ready.json").exists()
    began = time.monotonic()
    simulator.stop()
    assert time.monotonic() - began < 1.5  # a second, and room for a busy machine
    assert simulator.process.returncode == 0
    assert not (tmp_path / "ready.json").exists()


def test_a_start_that_fails_says_why(tmp_path: Path) -> None:
    with (
        running(tmp_path / "first", people=10) as simulator,
        pytest.raises(SimulatorDidNotStart, match="in use"),
    ):
        start_simulator(tmp_path / "second", people=10, mtproto_port=simulator.mtproto_port)


def test_two_simulators_never_share_a_world(tmp_path: Path) -> None:
    with running(tmp_path, people=10) as simulator:
        with pytest.raises(SimulatorDidNotStart, match="Another simulator"):
            start_simulator(tmp_path, people=10)
        assert simulator.get("/healthz")["ok"]
        assert (tmp_path / "ready.json").exists()


def test_a_world_of_another_version_is_not_touched(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "world.sqlite3") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(RuntimeError, match="another version"):
        World.open(tmp_path, people=10)
