"""Importing numbers and one's own contacts, as strict as the real thing."""

from collections.abc import Iterator

import pytest
from telethon import errors, functions, types

from telegram_simulator.testing import RunningSimulator
from telegram_simulator.tests.world_steps import (
    account_with,
    import_phones,
    person_with,
    running,
    signed_in,
    unregistered_phones,
)
from telegram_simulator.world.contacts import contacts_hash


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with running(tmp_path_factory.mktemp("world"), people=3000) as started:
        yield started


async def test_500_numbers_are_answered_by_client_id_and_removed_again(simulator: RunningSimulator) -> None:
    rows = simulator.get("/api/sample-numbers?count=500&hits=0.5&format=json")["numbers"]
    async with signed_in(simulator, account_with(simulator)) as client:
        result = await import_phones(client, [row["phone"] for row in rows])
        expected = {1000 + place for place, row in enumerate(rows) if row["findable"]}
        assert {entry.client_id for entry in result.imported} == expected
        assert len(expected) > 150
        assert result.retry_contacts == []
        by_id = {user.id: user for user in result.users}
        for entry in result.imported:
            user = by_id[entry.user_id]
            assert (user.phone, user.contact, user.first_name) == (
                rows[entry.client_id - 1000]["phone"],
                True,
                "Check",
            )
        await client(functions.contacts.DeleteContactsRequest(id=result.users))
        assert (await client(functions.contacts.GetContactsRequest(0))).contacts == []


async def test_only_the_answer_to_deleting_shows_the_names_of_the_profile(
    simulator: RunningSimulator,
) -> None:
    person = person_with(
        simulator, first_name="Игорь", last_name="Волков", premium=True, verified=True, last_seen="last_week"
    )
    async with signed_in(simulator, account_with(simulator)) as client:
        imported = await import_phones(client, [person["phone"]], first_name="pult")
        user = imported.users[0]
        assert (user.first_name, user.last_name) == ("pult", None)
        assert (user.premium, user.verified) == (True, True)
        assert isinstance(user.status, types.UserStatusLastWeek)
        removed = await client(functions.contacts.DeleteContactsRequest(id=[user]))
        after = removed.users[0]
        assert (after.first_name, after.last_name, after.contact) == ("Игорь", "Волков", False)


async def test_importing_renames_an_own_contact_and_deleting_really_loses_it(
    simulator: RunningSimulator,
) -> None:
    phone, friend = account_with(simulator), person_with(simulator)
    own = [{"phone": friend["phone"], "first_name": "Мой", "last_name": "Друг"}]
    simulator.put(f"/api/accounts/{phone}/contacts", {"contacts": own})
    async with signed_in(simulator, phone) as client:
        result = await import_phones(client, [friend["phone"]], first_name="Check")
        kept = simulator.get(f"/api/accounts/{phone}/contacts")["contacts"]
        assert [(c["first_name"], c["last_name"]) for c in kept] == [("Check", "")]
        await client(functions.contacts.AddContactRequest(result.users[0], "Мой", "Друг", ""))
        kept = simulator.get(f"/api/accounts/{phone}/contacts")["contacts"]
        assert [(c["first_name"], c["phone"]) for c in kept] == [("Мой", friend["phone"])]
        await client(functions.contacts.DeleteContactsRequest(id=[result.users[0]]))
        assert simulator.get(f"/api/accounts/{phone}/contacts")["contacts"] == []


async def test_privacy_hides_people_but_not_from_those_whom_they_know(simulator: RunningSimulator) -> None:
    phone = account_with(simulator)
    hidden = person_with(simulator, find_by_phone="nobody")
    careful = person_with(simulator, find_by_phone="contacts")
    acquainted = person_with(simulator, find_by_phone="contacts")
    simulator.patch(f"/api/people/{acquainted['phone']}", {"knows": {phone: True}})
    async with signed_in(simulator, phone) as client:
        result = await import_phones(client, [p["phone"] for p in (hidden, careful, acquainted)])
        assert [entry.client_id for entry in result.imported] == [1002]
        assert result.users[0].mutual_contact
        with pytest.raises(errors.PhoneNotOccupiedError):
            await client(functions.contacts.ResolvePhoneRequest(hidden["phone"]))


async def test_a_contact_added_by_username_keeps_the_number_to_themselves(
    simulator: RunningSimulator,
) -> None:
    secretive = person_with(simulator, username="quiet_river_9", phone_visible="nobody")
    async with signed_in(simulator, account_with(simulator)) as client:
        resolved = await client(functions.contacts.ResolveUsernameRequest("quiet_river_9"))
        stranger = resolved.users[0]
        assert (stranger.id, stranger.phone, stranger.contact) == (secretive["id"], None, False)
        await client(functions.contacts.AddContactRequest(stranger, "Тихая", "", ""))
        listed = await client(functions.contacts.GetContactsRequest(0))
        assert [(user.first_name, user.phone) for user in listed.users] == [("Тихая", None)]
        await import_phones(client, [secretive["phone"]])
        listed = await client(functions.contacts.GetContactsRequest(0))
        assert [user.phone for user in listed.users] == [secretive["phone"]]


async def test_unchanged_contacts_are_not_sent_again(simulator: RunningSimulator) -> None:
    people = [person_with(simulator) for _ in range(3)]
    async with signed_in(simulator, account_with(simulator)) as client:
        await import_phones(client, [p["phone"] for p in people] + unregistered_phones(2))
        listed = await client(functions.contacts.GetContactsRequest(0))
        assert listed.saved_count == 5  # the two unknown numbers stay in the phone book on the server
        known = contacts_hash(listed.saved_count, [contact.user_id for contact in listed.contacts])
        again = await client(functions.contacts.GetContactsRequest(known))
        assert isinstance(again, types.contacts.ContactsNotModified)
        await client(functions.contacts.DeleteContactsRequest(id=[listed.users[0]]))
        again = await client(functions.contacts.GetContactsRequest(known))
        assert len(again.contacts) == 2


async def test_deleting_by_phones_clears_found_and_unknown_numbers(simulator: RunningSimulator) -> None:
    phone, person = account_with(simulator), person_with(simulator)
    numbers = [person["phone"], *unregistered_phones(1)]
    async with signed_in(simulator, phone) as client:
        await import_phones(client, numbers)
        assert simulator.get(f"/api/accounts/{phone}/contacts")["saved_count"] == 2
        assert await client(functions.contacts.DeleteByPhonesRequest(numbers))
        assert simulator.get(f"/api/accounts/{phone}/contacts")["saved_count"] == 0


async def test_an_access_hash_belongs_to_who_got_it(simulator: RunningSimulator) -> None:
    person = person_with(simulator)
    async with (
        signed_in(simulator, account_with(simulator)) as one,
        signed_in(simulator, account_with(simulator)) as other,
    ):
        user = (await import_phones(one, [person["phone"]])).users[0]
        stolen = types.InputUser(user.id, user.access_hash)
        assert (await one(functions.users.GetUsersRequest([stolen])))[0].first_name == "Check"
        assert isinstance((await other(functions.users.GetUsersRequest([stolen])))[0], types.UserEmpty)
        with pytest.raises(errors.UserIdInvalidError):
            await other(functions.contacts.DeleteContactsRequest(id=[stolen]))


async def test_people_with_names_bought_on_fragment_have_a_list_of_usernames(
    simulator: RunningSimulator,
) -> None:
    person_with(simulator, username="plain_maple_1", second_username="bought_maple_1")
    async with signed_in(simulator, account_with(simulator)) as client:
        for name in ("plain_maple_1", "bought_maple_1"):
            user = (await client(functions.contacts.ResolveUsernameRequest(name))).users[0]
            assert user.username is None
            assert [one.username for one in user.usernames] == ["plain_maple_1", "bought_maple_1"]
        with pytest.raises(errors.UsernameNotOccupiedError):
            await client(functions.contacts.ResolveUsernameRequest("nobody_at_all_1"))
        with pytest.raises(errors.UsernameInvalidError):
            await client(functions.contacts.ResolveUsernameRequest("нет"))


async def test_statuses_and_the_full_profile_are_there(simulator: RunningSimulator) -> None:
    person = person_with(simulator, last_seen="online")
    async with signed_in(simulator, account_with(simulator)) as client:
        user = (await import_phones(client, [person["phone"]])).users[0]
        statuses = await client(functions.contacts.GetStatusesRequest())
        assert [type(one.status) for one in statuses] == [types.UserStatusOnline]
        full = await client(functions.users.GetFullUserRequest(user))
        assert (full.full_user.id, full.users[0].id) == (person["id"], person["id"])


async def test_a_person_who_leaves_telegram_is_no_longer_found(simulator: RunningSimulator) -> None:
    person, stays = person_with(simulator), person_with(simulator)
    async with signed_in(simulator, account_with(simulator)) as client:
        users = (await import_phones(client, [person["phone"], stays["phone"]])).users
        assert len(users) == 2
        simulator.delete(f"/api/people/{person['phone']}")
        removed = await client(functions.contacts.DeleteContactsRequest(id=users))
        assert [user.id for user in removed.users] == [stays["id"]]
        assert (await import_phones(client, [person["phone"]])).imported == []
        assert (await client(functions.contacts.GetContactsRequest(0))).contacts == []


async def test_a_username_may_be_that_of_a_bot_a_channel_or_a_group(simulator: RunningSimulator) -> None:
    bot = person_with(simulator, username="ticket_desk_bot", bot=True, find_by_phone="everybody")
    async with signed_in(simulator, account_with(simulator)) as client:
        user = (await client(functions.contacts.ResolveUsernameRequest("Ticket_Desk_Bot"))).users[0]
        assert (user.id, user.bot, user.phone, user.status) == (bot["id"], True, None, None)
        assert (await import_phones(client, [bot["phone"]])).imported == []
        for name, broadcast in (("company_news", True), ("district_ads", False)):
            answer = await client(functions.contacts.ResolveUsernameRequest(name))
            assert (answer.users, answer.chats[0].broadcast) == ([], broadcast)


async def test_sample_usernames_say_what_is_behind_them(simulator: RunningSimulator) -> None:
    rows = simulator.get("/api/sample-usernames?count=40&hits=0.5&format=json")["usernames"]
    entities = [row["entity"] for row in rows]
    assert len({row["username"].casefold() for row in rows}) == 40
    assert {"user", "bot", "channel", "group", None} == set(entities)
    assert entities.count(None) == 20
    text = simulator.get("/api/sample-usernames?count=3")
    assert "username" in str(text)
