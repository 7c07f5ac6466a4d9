"""Whatever happens in whatever order, an account's own contacts keep their names and none of ours stays."""

import asyncio
import inspect

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telethon import functions

from pult.core.telegram.errors import GatewayError
from pult.core.telegram.gateway.contacts import PhoneBook, delete_request
from pult.core.telegram.rules import contacts as rules
from pult.core.telegram.tests.phone_book_double import SELF_ID, Killed, Telegram
from pult.core.telegram.values import ContactRef, ImportAnswer, KeptName, PhoneToImport, TelegramUser

MARKER = f"{rules.MARKER_PREFIX}12"
NAMES = st.tuples(
    st.text(st.characters(codec="utf-8", exclude_characters="~"), max_size=8), st.text(max_size=8)
)


def test_the_parameter_of_delete_contacts_is_called_id() -> None:
    assert list(inspect.signature(functions.contacts.DeleteContactsRequest.__init__).parameters) == [
        "self",
        "id",
    ]
    request = delete_request([ContactRef(5, 55)])
    assert [(user.user_id, user.access_hash) for user in request.id] == [(5, 55)]
    assert request.to_dict()["_"] == "DeleteContactsRequest"


class Installation:
    """A worker that comes back after each death with what the database kept."""

    def __init__(self, telegram: Telegram) -> None:
        self.telegram = telegram
        self.kept = ""
        self.lease = self.new_lease()

    def new_lease(self) -> PhoneBook:
        async def keep(text: str) -> None:
            self.kept = text

        return PhoneBook(ask=self.telegram.ask, self_id=SELF_ID, snapshot=self.kept, keep=keep)

    async def check(self, phones: list[int]) -> ImportAnswer | None:
        try:
            answer = await self.lease.import_phones(
                [PhoneToImport(phone, phone) for phone in phones], marker=MARKER
            )
            await self.lease.remove_contacts(answer.added)
        except GatewayError:
            return None
        except Killed:
            self.lease = self.new_lease()
            return None
        return answer

    async def clean_up(self) -> None:
        self.telegram.mishaps.clear()
        self.lease = self.new_lease()
        await self.lease.remove_leftovers(marker_prefix=rules.MARKER_PREFIX)


@settings(max_examples=150, deadline=None)
@given(
    own=st.dictionaries(st.integers(2, 30), NAMES, max_size=8),
    people=st.frozensets(st.integers(2, 30)),
    calls=st.lists(st.lists(st.integers(1002, 1030), min_size=1, max_size=6, unique=True), max_size=5),
    mishaps=st.lists(st.sampled_from(["", "", "lost", "cut", "killed"]), max_size=15),
)
def test_own_contacts_survive_any_sequence_of_calls_and_crashes(
    own: dict[int, tuple[str, str]], people: frozenset[int], calls: list[list[int]], mishaps: list[str]
) -> None:
    telegram = Telegram(people=people | own.keys(), contacts=dict(own), mishaps=list(mishaps))

    async def story() -> None:
        installation = Installation(telegram)
        for phones in calls:
            answer = await installation.check(phones)
            if answer is not None:
                assert {phone - 1000 for phone in answer.hits} == {
                    phone - 1000 for phone in phones if phone - 1000 in telegram.people
                }
                assert not {ref.user_id for ref in answer.added} & own.keys()
        await installation.clean_up()

    asyncio.run(story())
    assert telegram.contacts == own


async def test_an_own_contact_is_named_back_at_once() -> None:
    telegram = Telegram(people=frozenset({5}), contacts={5: ("Mum", "Home")})
    answer = await Installation(telegram).lease.import_phones([PhoneToImport(1, 1005)], marker=MARKER)
    assert telegram.contacts == {5: ("Mum", "Home")}
    assert (answer.hits[1].first_name, answer.added) == ("Mum", [])


async def test_a_name_that_could_not_be_given_back_is_given_back_before_the_next_call() -> None:
    telegram = Telegram(people=frozenset({5}), contacts={5: ("Mum", "")}, mishaps=["", "", "cut"])
    lease = Installation(telegram).lease
    await lease.import_phones([PhoneToImport(1, 1005)], marker=MARKER)
    assert telegram.contacts == {5: (MARKER, "")}
    await lease.import_phones([PhoneToImport(2, 1006)], marker=MARKER)
    assert telegram.contacts == {5: ("Mum", "")}


async def test_an_own_contact_stays_even_when_it_is_named_for_removal() -> None:
    telegram = Telegram(people=frozenset({5, 6}), contacts={5: ("Mum", ""), 6: (MARKER, "")})
    await Installation(telegram).lease.remove_contacts([ContactRef(5, 35), ContactRef(6, 42)])
    assert telegram.contacts == {5: ("Mum", "")}


async def test_imported_people_come_back_under_their_own_names() -> None:
    telegram = Telegram(people=frozenset({7}), contacts={})
    installation = Installation(telegram)
    answer = await installation.lease.import_phones([PhoneToImport(1, 1007)], marker=MARKER)
    assert answer.hits[1].first_name == ""
    people = await installation.lease.remove_contacts(answer.added)
    assert people[7].first_name == "Real 7"


@pytest.mark.parametrize("marker", ["", "pult", "Anna", rules.MARKER_PREFIX, f"{rules.MARKER_PREFIX}a b"])
async def test_an_import_without_our_marker_is_refused(marker: str) -> None:
    installation = Installation(Telegram(people=frozenset(), contacts={}))
    with pytest.raises(ValueError, match="marker"):
        await installation.lease.import_phones([PhoneToImport(1, 1007)], marker=marker)


def person(user_id: int, name: str = "Somebody") -> TelegramUser:
    return TelegramUser(user_id, 7, name, "", [], None, False, False, "recently", None)


def test_an_answer_without_its_person_is_unanswered_not_missing() -> None:
    outcome = rules.read_import(
        imported=[(1, 10), (2, 20)], retry=[3], users={10: person(10)}, own={}, self_id=SELF_ID
    )
    assert set(outcome.answer.hits) == {1}
    assert outcome.answer.retry == {2, 3}


def test_oneself_is_a_hit_but_never_removed() -> None:
    outcome = rules.read_import(
        imported=[(1, SELF_ID)], retry=[], users={SELF_ID: person(SELF_ID)}, own={}, self_id=SELF_ID
    )
    assert set(outcome.answer.hits) == {1}
    assert outcome.answer.added == []


@given(
    st.dictionaries(
        st.integers(1, 2**60), st.builds(KeptName, st.text(), st.text(), st.none() | st.integers(1, 10**15))
    )
)
def test_a_snapshot_is_read_as_it_was_written(snapshot: dict[int, KeptName]) -> None:
    assert rules.read_snapshot(rules.write_snapshot(snapshot)) == snapshot


def test_no_snapshot_yet_is_an_empty_one() -> None:
    assert rules.read_snapshot("") == {}
