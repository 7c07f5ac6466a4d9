"""A leased account asks about numbers with a real Telethon client and leaves its contacts as they were."""

import contextlib
from typing import Any

import pytest

from pult.core.jobs import in_database
from pult.core.telegram.gateway import (
    MARKER_PREFIX,
    AccountLost,
    AccountRestricted,
    AccountUnusable,
    FloodWait,
    NoAnswer,
    PhoneToImport,
    lease,
)
from pult.core.telegram.models import Account
from pult.core.telegram.tests.conftest import ANNA, Connect
from telegram_simulator.testing import ControlRefused, RunningSimulator

pytestmark = pytest.mark.django_db(transaction=True)
MARKER = f"{MARKER_PREFIX}7"


def contacts(simulator: RunningSimulator, phone: str = ANNA) -> list[dict[str, Any]]:
    """The account's contacts as the simulator keeps them."""
    listed: list[dict[str, Any]] = simulator.get(f"/api/accounts/{phone}/contacts")["contacts"]
    return listed


def names(simulator: RunningSimulator) -> list[tuple[int, str, str]]:
    return [(contact["id"], contact["first_name"], contact["last_name"]) for contact in contacts(simulator)]


@pytest.fixture
def strangers(simulator: RunningSimulator) -> list[dict[str, Any]]:
    """Three people whom everybody finds by number."""
    people = []
    for place in range(3):
        phone = f"4915112{place:06d}"
        with contextlib.suppress(ControlRefused):  # nobody is there before the first test
            simulator.delete(f"/api/people/{phone}")
        people.append(
            simulator.post(
                "/api/people", {"phone": phone, "first_name": f"Stranger {place}", "last_name": "Real"}
            )
        )
    return people


def to_import(people: list[dict[str, Any]]) -> list[PhoneToImport]:
    return [PhoneToImport(100 + place, int(person["phone"])) for place, person in enumerate(people)]


async def test_numbers_are_answered_and_no_trace_is_left(
    simulator: RunningSimulator, connected: Connect, strangers: list[dict[str, Any]]
) -> None:
    before = contacts(simulator)
    account = await in_database(connected)
    async with lease(account.pk) as leased:
        missing = PhoneToImport(999, 4915100000000)
        answer = await leased.import_phones([*to_import(strangers), missing], marker=MARKER)
        assert set(answer.hits) == {100, 101, 102}
        assert answer.retry == frozenset()
        assert {hit.first_name for hit in answer.hits.values()} == {""}, "the marker is no name"
        people = await leased.remove_contacts(answer.added)
    assert [people[answer.hits[client_id].id].first_name for client_id in (100, 101, 102)] == [
        "Stranger 0",
        "Stranger 1",
        "Stranger 2",
    ]
    assert contacts(simulator) == before


async def test_numbers_nobody_was_found_behind_do_not_stay_in_the_phone_book(
    simulator: RunningSimulator, connected: Connect
) -> None:
    before = simulator.get(f"/api/accounts/{ANNA}/contacts")
    own = next(int(contact["phone"]) for contact in before["contacts"] if contact["phone"])
    missing = [4915100000010, 4915100000011]
    account = await in_database(connected)
    async with lease(account.pk) as leased:
        await leased.import_phones([PhoneToImport(phone, phone) for phone in missing], marker=MARKER)
        kept = simulator.get(f"/api/accounts/{ANNA}/contacts")["saved_phones"]
        assert kept == before["saved_phones"] + 2, "Telegram keeps what an import brings"
        await leased.forget_numbers([*missing, own])
    assert simulator.get(f"/api/accounts/{ANNA}/contacts") == before, "own contacts are left alone"


async def test_an_own_contact_keeps_its_name_and_stays(
    simulator: RunningSimulator, connected: Connect
) -> None:
    before = names(simulator)
    own = contacts(simulator)
    account = await in_database(connected)
    async with lease(account.pk) as leased:
        asked = [PhoneToImport(contact["id"], int(contact["real_phone"])) for contact in own]
        answer = await leased.import_phones(asked, marker=MARKER)
        assert answer.hits, "at least some own contacts are found by number"
        assert answer.added == []
        kept = {contact["id"]: contact["first_name"] for contact in own}
        assert all(hit.first_name == kept[client_id] for client_id, hit in answer.hits.items())
        # Even if somebody names them for removal, own contacts stay.
        from pult.core.telegram.gateway import ContactRef

        await leased.remove_contacts([ContactRef(hit.id, hit.access_hash) for hit in answer.hits.values()])
    assert names(simulator) == before


async def test_own_contacts_are_known_by_id_and_by_number(
    simulator: RunningSimulator, connected: Connect
) -> None:
    account = await in_database(connected)
    async with lease(account.pk) as leased:
        own = await leased.own_contacts()
        again = await leased.own_contacts()
    assert own.ids == {contact["id"] for contact in contacts(simulator)}
    assert {int(c["phone"]) for c in contacts(simulator) if c["phone"]} <= set(own.phones)
    assert again == own


async def test_what_a_crash_left_behind_is_removed_by_the_next_lease(
    simulator: RunningSimulator, connected: Connect, strangers: list[dict[str, Any]]
) -> None:
    before = names(simulator)
    account = await in_database(connected)
    own = next(contact for contact in contacts(simulator) if contact["phone"])
    async with lease(account.pk) as leased:
        await leased.own_contacts()
    # An import whose worker was killed at once: nothing was removed, nobody was named back.
    left = [
        {"phone": c["real_phone"], "first_name": c["first_name"], "last_name": c["last_name"]}
        for c in contacts(simulator)
    ]
    for entry in left:
        if entry["phone"] == own["real_phone"]:
            entry |= {"first_name": MARKER, "last_name": ""}
    left += [{"phone": person["phone"], "first_name": MARKER} for person in strangers]
    original = contacts(simulator)
    simulator.put(f"/api/accounts/{ANNA}/contacts", {"contacts": left})
    try:
        async with lease(account.pk) as leased:
            read = await leased.own_contacts()
            assert read.ids == {contact[0] for contact in before}, "leftovers are not taken for own contacts"
            assert await leased.remove_leftovers(marker_prefix=MARKER_PREFIX) == 3
        assert names(simulator) == before
    finally:
        restore(simulator, original)


async def test_own_contacts_outlive_the_forgetting_of_a_call_whose_answer_was_lost(
    simulator: RunningSimulator, connected: Connect
) -> None:
    """Also those whose number the account does not see: nothing in the address book tells that they were asked for."""
    # An import by number shows it to the account: another test may have done that, so one is hidden anew.
    original = [
        {**contact, "phone": contact["phone"] if place else None}
        for place, contact in enumerate(contacts(simulator))
    ]
    restore(simulator, original)
    before = names(simulator)
    asked = [int(contact["real_phone"]) for contact in original]
    assert any(contact["phone"] is None for contact in contacts(simulator))
    account = await in_database(connected)
    try:
        async with lease(account.pk) as leased:
            await leased.own_contacts()
            simulator.post(
                "/api/faults", {"kind": "drop_after", "method": "contacts.importContacts", "count": 1}
            )
            with pytest.raises(NoAnswer):
                await leased.import_phones([PhoneToImport(phone, phone) for phone in asked], marker=MARKER)
            await leased.remove_leftovers()
            await leased.forget_numbers(asked)
        assert names(simulator) == before
    finally:
        restore(simulator, original)


def restore(simulator: RunningSimulator, wanted: list[dict[str, Any]]) -> None:
    entries = [
        {
            "phone": contact["real_phone"],
            "first_name": contact["first_name"],
            "last_name": contact["last_name"],
            "by_username": contact["phone"] is None,
        }
        for contact in wanted
    ]
    simulator.put(f"/api/accounts/{ANNA}/contacts", {"contacts": entries})


async def test_numbers_sent_back_are_unanswered_and_not_missing(
    simulator: RunningSimulator, connected: Connect, strangers: list[dict[str, Any]]
) -> None:
    simulator.post("/api/faults", {"kind": "retry_contacts", "numbers": [strangers[1]["phone"]], "count": 1})
    account = await in_database(connected)
    async with lease(account.pk) as leased:
        answer = await leased.import_phones(to_import(strangers), marker=MARKER)
        await leased.remove_contacts(answer.added)
    assert answer.retry == {101}
    assert set(answer.hits) == {100, 102}


async def test_a_flood_wait_arrives_as_seconds(
    simulator: RunningSimulator, connected: Connect, strangers: list[dict[str, Any]]
) -> None:
    simulator.post(
        "/api/faults", {"method": "contacts.importContacts", "kind": "flood_wait", "seconds": 77, "count": 1}
    )
    account = await in_database(connected)
    async with lease(account.pk) as leased:
        with pytest.raises(FloodWait) as wait:
            await leased.import_phones(to_import(strangers), marker=MARKER)
    assert 75 <= wait.value.seconds <= 77


class Trouble:
    """A fault of the simulator, the error that it becomes, and what the account's row says then."""

    def __init__(self, fault: dict[str, Any], error: type[Exception], state: str, reason: str) -> None:
        self.fault, self.error, self.state, self.reason = fault, error, state, reason


def refusal(code: int, message: str) -> dict[str, Any]:
    return {"kind": "error", "code": code, "message": message}


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble({"kind": "revoke_session"}, AccountLost, "needs_sign_in", "session_ended"),
        Trouble({"kind": "ban"}, AccountLost, "banned", "banned"),
        Trouble({"kind": "peer_flood"}, AccountRestricted, "restricted", "peer_flood"),
        Trouble({"kind": "freeze"}, AccountRestricted, "restricted", "frozen"),
        Trouble(refusal(406, "AUTH_KEY_DUPLICATED"), AccountLost, "needs_sign_in", "used_twice"),
        Trouble(refusal(401, "USER_DEACTIVATED"), AccountLost, "banned", "deleted"),
    ],
    ids=lambda trouble: f"{trouble.fault.get('message', trouble.fault['kind'])}",
)
async def test_a_lost_or_restricted_account_says_so_in_its_row(
    simulator: RunningSimulator, connected: Connect, strangers: list[dict[str, Any]], trouble: Trouble
) -> None:
    account = await in_database(connected)
    simulator.post("/api/faults", {"method": "contacts.importContacts", "count": 1, **trouble.fault})
    async with lease(account.pk) as leased:
        with pytest.raises(trouble.error):
            await leased.import_phones(to_import(strangers), marker=MARKER)
    row = await in_database(Account.objects.get, pk=account.pk)
    assert (row.state, row.state_reason) == (trouble.state, trouble.reason)
    assert row.state_in_words
    with pytest.raises(AccountUnusable) as unusable:
        async with lease(account.pk):
            pass
    assert (unusable.value.state, unusable.value.reason) == (trouble.state, trouble.reason)


async def test_a_session_that_was_ended_elsewhere_is_noticed_when_connecting(
    simulator: RunningSimulator, connected: Connect
) -> None:
    account = await in_database(connected)
    simulator.post(f"/api/accounts/{ANNA}/revoke-sessions")
    with pytest.raises(AccountLost):
        async with lease(account.pk):
            pass
    row = await in_database(Account.objects.get, pk=account.pk)
    assert (row.state, row.state_reason) == ("needs_sign_in", "session_ended")


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
async def test_a_cut_connection_is_no_answer_and_the_lease_goes_on(
    simulator: RunningSimulator, connected: Connect, strangers: list[dict[str, Any]], kind: str
) -> None:
    before = names(simulator)
    account = await in_database(connected)
    simulator.post("/api/faults", {"method": "contacts.importContacts", "kind": kind, "count": 1})
    async with lease(account.pk) as leased:
        with pytest.raises(NoAnswer):
            await leased.import_phones(to_import(strangers), marker=MARKER)
        await leased.remove_leftovers(marker_prefix=MARKER_PREFIX)
        answer = await leased.import_phones(to_import(strangers), marker=MARKER)
        assert set(answer.hits) == {100, 101, 102}
        await leased.remove_contacts(answer.added)
    assert names(simulator) == before


async def test_a_username_is_a_persons_a_bots_a_channels_or_nobodys(
    simulator: RunningSimulator, connected: Connect, strangers: list[dict[str, Any]]
) -> None:
    simulator.patch(f"/api/people/{strangers[0]['phone']}", {"username": "Stranger_Nr_0"})
    simulator.patch(f"/api/people/{strangers[1]['phone']}", {"username": "stranger_nr_1_bot", "bot": True})
    before = simulator.get(f"/api/accounts/{ANNA}/contacts")
    account = await in_database(connected)
    async with lease(account.pk) as leased:
        person = await leased.resolve_username("stranger_nr_0")
        bot = await leased.resolve_username("stranger_nr_1_bot")
        channel = await leased.resolve_username("company_news")
        group = await leased.resolve_username("district_ads")
        assert await leased.resolve_username("nobody_has_this") is None
        assert await leased.resolve_username("1nvalid") is None, "Telegram says that nobody can have it"
    assert person is not None and (person.entity, person.first_name) == ("user", "Stranger 0")
    assert person.usernames == ["Stranger_Nr_0"]
    assert bot is not None and bot.entity == "bot"
    assert channel is not None and (channel.entity, channel.first_name) == ("channel", "Новости компании")
    assert group is not None and group.entity == "group"
    assert simulator.get(f"/api/accounts/{ANNA}/contacts") == before, "nothing is left in the phone book"


async def test_a_wait_for_usernames_is_reported_with_its_seconds(
    simulator: RunningSimulator, connected: Connect
) -> None:
    simulator.post(
        "/api/faults",
        {"kind": "flood_wait", "seconds": 77, "count": 1, "method": "contacts.resolveUsername"},
    )
    account = await in_database(connected)
    async with lease(account.pk) as leased:
        with pytest.raises(FloodWait) as wait:
            await leased.resolve_username("company_news")
    assert wait.value.seconds == 77
