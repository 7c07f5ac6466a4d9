"""The control door: JSON in, JSON out, every refusal a sentence."""

import csv
import http.client
import io
import json
from collections.abc import Iterator
from typing import Any

import phonenumbers
import pytest
from telethon import functions

from telegram_simulator.testing import ControlRefused, RunningSimulator
from telegram_simulator.tests.world_steps import (
    ANNA,
    account_with,
    import_phones,
    person_with,
    running,
    signed_in,
)


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with running(tmp_path_factory.mktemp("world"), people=3000) as started:
        yield started


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "words"),
    [
        ("GET", "/api/nothing", None, 404, "nothing at"),
        ("DELETE", "/api/counters", None, 405, "takes GET"),
        ("GET", "/api/accounts/79990000000", None, 404, "No account"),
        ("POST", "/api/accounts", {"phone": "12"}, 400, "international number"),
        ("POST", "/api/accounts", {"phone": "79641111111", "limits": {"luck": {}}}, 400, "no limit 'luck'"),
        ("POST", f"/api/accounts/{ANNA}/applaud", {}, 404, "there are ban"),
        ("PUT", f"/api/accounts/{ANNA}/limits", {"contacts": {"capacity": -5}}, 400, "at least 0"),
        ("PUT", f"/api/accounts/{ANNA}/contacts", {"contacts": [{"phone": "79990000000"}]}, 400, "Nobody"),
        ("GET", "/api/people?phone=79990000000", None, 404, "Nobody"),
        ("GET", "/api/people", None, 400, "whom to look up"),
        ("POST", "/api/people", {"phone": ANNA, "first_name": "Двойник"}, 400, "already"),
        ("POST", "/api/people", {"phone": "79642222222"}, 400, "needs first_name"),
        ("PATCH", f"/api/people/{ANNA}", {"find_by_phone": "friends"}, 400, "one of everybody"),
        ("PATCH", f"/api/people/{ANNA}", {"height": 180}, 400, "no height"),
        ("POST", "/api/faults", {"kind": "earthquake"}, 400, "kind must be one of"),
        ("POST", "/api/faults", {"kind": "flood_wait"}, 400, "needs seconds"),
        ("POST", "/api/faults", {"kind": "ban", "method": "importContacts"}, 400, "full name"),
        ("POST", "/api/faults", {"kind": "ban", "count": 0}, 400, "from 1"),
        ("POST", "/api/faults", {"kind": "flood_wait", "seconds": 10**30}, 400, "from 1 to 1,000,000"),
        ("POST", "/api/faults", {"kind": "latency", "milliseconds": "long"}, 400, "a whole number"),
        (
            "POST",
            "/api/people",
            {"phone": "79643333333", "first_name": "\ud800"},
            500,
            "its output says more",
        ),
        ("POST", "/api/faults", {"kind": "retry_contacts"}, 400, "needs a share"),
        ("DELETE", "/api/faults/4711", None, 404, "no such fault"),
        ("POST", "/api/sessions", {}, 404, "No account"),
        ("POST", "/api/key-pairs", {"api_id": 5, "api_hash": "short"}, 400, "32 hexadecimal"),
        ("POST", "/api/key-pairs", {"api_id": "5", "api_hash": "ab" * 16}, 400, "whole number"),
        ("GET", "/api/sample-numbers?count=0", None, 400, "from 1"),
        ("GET", "/api/sample-numbers?hits=many", None, 400, "from 0 to 1"),
        ("GET", "/api/sample-numbers?format=xml", None, 400, "csv or json"),
        ("GET", "/api/codes?phone=x", None, 400, "international"),
    ],
)
def test_each_refusal_is_a_sentence(
    simulator: RunningSimulator, *, verb: str, path: str, body: Any, status: int, words: str
) -> None:
    with pytest.raises(ControlRefused, match=words) as refusal:
        simulator.request(verb, path, body)
    assert refusal.value.status == status


@pytest.mark.parametrize(("body", "status"), [(b"{not json", 400), (b"[]", 400), (b"x" * 9_000_000, 413)])
def test_bodies_that_are_no_objects_or_too_large_are_refused(
    simulator: RunningSimulator, body: bytes, status: int
) -> None:
    connection = http.client.HTTPConnection(simulator.host, simulator.control_port, timeout=10)
    try:
        connection.request("POST", "/api/faults", body)
        answer = connection.getresponse()
        assert answer.status == status
        assert json.loads(answer.read())["error"].endswith(".")
    finally:
        connection.close()


async def test_a_new_phone_of_an_account_is_its_phone_from_then_on(simulator: RunningSimulator) -> None:
    phone = account_with(simulator)
    async with signed_in(simulator, phone) as client:
        assert (await client.get_me()).phone == phone
        simulator.patch(f"/api/people/{phone}", {"phone": "79647777777"})
        assert (await client.get_me()).phone == "79647777777"
    assert simulator.get("/api/counters")["accounts"]["79647777777"]["requests_total"] >= 1


def test_it_is_well_and_knows_how_many_live_there(simulator: RunningSimulator) -> None:
    assert simulator.get("/healthz")["people"] >= 2900


def test_sample_numbers_are_a_list_to_upload_and_stay_the_same(simulator: RunningSimulator) -> None:
    path = "/api/sample-numbers?count=400&hits=0.4&seed=spring"
    text = simulator.get(path)
    assert text == simulator.get(path) != simulator.get("/api/sample-numbers?count=400&seed=autumn")
    lines = list(csv.DictReader(io.StringIO(text)))
    rows = simulator.get(path + "&format=json")["numbers"]
    assert [line["phone"] for line in lines] == [f"+{row['phone']}" for row in rows]
    assert len({row["phone"] for row in rows}) == 400
    assert sum(row["registered"] for row in rows) == 160
    assert 0 < sum(row["findable"] for row in rows) < 160
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(line["phone"])) for line in lines)


def test_more_hits_than_people_does_not_end_in_an_endless_search(simulator: RunningSimulator) -> None:
    rows = simulator.get("/api/sample-numbers?count=9000&hits=1&format=json")["numbers"]
    assert len(rows) == 9000
    assert sum(row["registered"] for row in rows) > 2000


async def test_what_was_set_is_what_a_program_meets(simulator: RunningSimulator) -> None:
    person = person_with(simulator, first_name="Лев")
    phone = account_with(simulator)
    simulator.put(
        f"/api/accounts/{phone}/contacts",
        {"contacts": [{"phone": person["phone"], "first_name": "Лёва", "by_username": True}]},
    )
    async with signed_in(simulator, phone) as client:
        user = (await _contacts(client))[0]
        assert (user.first_name, user.phone) == ("Лёва", None)
        simulator.patch(f"/api/people/{person['phone']}", {"phone_visible": "everybody", "premium": True})
        user = (await _contacts(client))[0]
        assert (user.phone, user.premium) == (person["phone"], True)


async def test_counters_begin_anew_after_a_reset(simulator: RunningSimulator) -> None:
    phone = account_with(simulator)
    async with signed_in(simulator, phone) as client:
        await import_phones(client, ["79640000000"])
        before = simulator.get("/api/counters")
        assert before["accounts"][phone]["requests"]["contacts.importContacts"] == 1
        simulator.post("/api/counters/reset")
        after = simulator.get("/api/counters")
        assert after["accounts"][phone]["numbers_granted"] == 0
        assert after["reset_at"] > before["reset_at"]


def test_the_page_names_every_route_it_needs(simulator: RunningSimulator) -> None:
    page = simulator.get("/")
    assert "Simulated Telegram" in page
    for part in (
        "accounts",
        "codes",
        "counters",
        "faults",
        "qr/scan",
        "/api/sample-",
        "people",
        "key-pairs",
    ):
        assert part in page
    assert "contacts.importContacts" in simulator.get("/api/methods")["methods"]


async def _contacts(client: Any) -> list[Any]:
    users: list[Any] = (await client(functions.contacts.GetContactsRequest(0))).users
    return users
