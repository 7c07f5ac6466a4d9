"""The rules of the world that need no socket: budgets, the contacts hash, passwords, phones."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from telethon.password import compute_check
from telethon.tl import types

from telegram_simulator.world.contacts import contacts_hash
from telegram_simulator.world.limits import Buckets, Limit, Limits, UnableToSetLimits, limits_from
from telegram_simulator.world.passwords import GENERATOR, PRIME_BYTES, PasswordChallenge, password_columns
from telegram_simulator.world.people import normalise_phone
from telegram_simulator.world.schema import make_tables

NOW = 1_790_000_000.0


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    make_tables(connection)
    yield connection
    connection.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    capacity=st.integers(1, 1000),
    per_second=st.floats(0.1, 100),
    amounts=st.lists(st.integers(1, 1000), max_size=30),
)
def test_who_waits_as_announced_is_served_and_nobody_gets_more_than_the_budget(
    connection: sqlite3.Connection, capacity: int, per_second: float, amounts: list[int]
) -> None:
    limit, buckets, now, taken = Limit(capacity, per_second), Buckets(connection), NOW, 0
    for amount in amounts:
        if amount > capacity:
            granted, wait = buckets.take_up_to("7900", "contacts", limit, amount, now)
            taken += granted
            assert (granted == 0) == (wait > 0)
            continue
        wait = buckets.take("7900", "contacts", limit, amount, now)
        if wait:
            # One second less would not have been enough, unless that is less than the shortest wait.
            assert wait == 1 or buckets.wait_for("7900", "contacts", limit, amount, now + wait - 1)
            now += wait
            assert buckets.take("7900", "contacts", limit, amount, now) == 0
        taken += amount
    assert taken <= capacity + (now - NOW) * per_second + 1e-3


def test_levels_and_waits_outlive_the_process_once_they_are_written_down(
    connection: sqlite3.Connection,
) -> None:
    limit = Limit(10, 1)
    before = Buckets(connection)
    before.take("7901", "contacts", limit, 8, NOW)
    before.announce("7901", "contacts.importContacts", 30, NOW)
    before.flush()
    after = Buckets(connection)
    assert after.level("7901", "contacts", limit, NOW) == 2
    assert after.waiting("7901", "contacts.importContacts", NOW + 10) == 20
    assert (
        after.waiting("7901", "contacts.importContacts", NOW + 29.97) == 0
    )  # a timer's rounding is forgiven
    after.refill("7901")
    assert Buckets(connection).level("7901", "contacts", limit, NOW) == 10


def test_an_empty_budget_that_never_refills_announces_a_day(connection: sqlite3.Connection) -> None:
    assert Buckets(connection).take("7902", "contacts", Limit(0, 0), 1, NOW) == 86_400


@pytest.mark.parametrize(
    "wish",
    [[], {"contact": {}}, {"contacts": 5}, {"contacts": {"capacity": -1}}, {"contacts": {"capacity": True}},
     {"contacts": {"per_second": "fast"}}, {"contacts": {"speed": 1}}],
)  # fmt: skip
def test_limits_that_make_no_sense_are_refused(wish: object) -> None:
    with pytest.raises(UnableToSetLimits):
        limits_from(wish)


def test_named_limits_replace_only_themselves() -> None:
    changed = limits_from({"contacts": {"capacity": 7}})
    assert (changed.contacts, changed.send) == (Limit(7, Limits().contacts.per_second), Limits().send)


def test_the_contacts_hash_depends_on_saved_count_and_members_but_not_on_their_order() -> None:
    assert contacts_hash(0, []) == 0
    assert contacts_hash(2, [30, 10, 20]) == contacts_hash(2, [10, 20, 30])
    assert len({contacts_hash(2, [10, 20]), contacts_hash(3, [10, 20]), contacts_hash(2, [10, 21])}) == 3
    # Worked by hand from the documented steps: after 1 and 2 the accumulator is (1<<35 ^ 1) ^ itself>>4, plus 2.
    first = 1 ^ (1 << 35)
    assert contacts_hash(1, [2]) == (first ^ (first >> 4)) + 2
    assert -(2**63) <= contacts_hash(5, list(range(10**9, 10**9 + 500))) < 2**63


@pytest.mark.parametrize("typed", ["pult", "Pult"])
def test_a_password_is_checked_without_being_sent(typed: str) -> None:
    _, salt1, salt2, verifier = password_columns("pult")
    assert salt1 and salt2 and verifier
    challenge = PasswordChallenge.ask(salt1=salt1, salt2=salt2, verifier=verifier)
    question = types.account.Password(
        new_algo=None,
        new_secure_algo=None,
        secure_random=b"",
        current_algo=types.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow(
            salt1, salt2, GENERATOR, PRIME_BYTES
        ),
        srp_B=challenge.srp_b,
        srp_id=challenge.srp_id,
    )
    answer = compute_check(question, typed)
    assert challenge.is_answered_by(answer.A, answer.M1) == (typed == "pult")


@pytest.mark.parametrize("a", [b"", b"\0" * 256, b"\1", PRIME_BYTES, b"\xff" * 300])
def test_nonsense_is_no_password(a: bytes) -> None:
    _, salt1, salt2, verifier = password_columns("pult")
    assert salt1 and salt2 and verifier
    assert not PasswordChallenge.ask(salt1=salt1, salt2=salt2, verifier=verifier).is_answered_by(
        a, b"\0" * 32
    )


@pytest.mark.parametrize(
    ("text", "phone"),
    [("+7 (900) 000-00-01", "79000000001"), ("79000000001", "79000000001"), ("12345", None), ("", None),
     ("+0123456789", None), ("7900000000x", None), ("1" * 16, None), ("٧٩٠٠٠٠٠٠٠٠١", None)],
)  # fmt: skip
def test_phones_are_digits_with_country_code(text: str, phone: str | None) -> None:
    assert normalise_phone(text) == phone


def test_the_package_carries_its_page() -> None:
    assert (Path(__file__).parents[1] / "control" / "page.html").is_file()
