"""Telethon's errors and classes as the gateway's own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from telethon import errors, types

from pult.core.telegram.errors import (
    AccountLost,
    AccountRestricted,
    FloodWait,
    GatewayError,
    NoAnswer,
    RequestRefused,
)
from pult.core.telegram.gateway.translation import last_seen_of, translated, user_of
from pult.core.telegram.reasons import WORDS, in_words
from pult.core.telegram.rules.sign_ins import _BY_WORD, code_typed, outcome_of, phone_digits

NOW = datetime.now(UTC)


def shape(error: GatewayError) -> tuple[Any, ...]:
    return (type(error), *(value for value in vars(error).values()))


@pytest.mark.parametrize(
    ("telethons", "ours"),
    [
        (errors.FloodWaitError(None, capture=17), (FloodWait, 17)),
        (errors.FloodPremiumWaitError(None, capture=5), (FloodWait, 5)),
        (errors.FloodWaitError(None, capture=0), (FloodWait, 1)),
        (errors.PeerFloodError(None), (AccountRestricted, "peer_flood")),
        (errors.FrozenMethodInvalidError(None), (AccountRestricted, "frozen")),
        (errors.FloodError(None, "FROZEN_SOMETHING_NEW"), (AccountRestricted, "frozen")),
        (errors.AuthKeyUnregisteredError(None), (AccountLost, "needs_sign_in", "session_ended")),
        (errors.SessionRevokedError(None), (AccountLost, "needs_sign_in", "session_ended")),
        (errors.SessionExpiredError(None), (AccountLost, "needs_sign_in", "session_ended")),
        (errors.UnauthorizedError(None, "SOMETHING_NEW"), (AccountLost, "needs_sign_in", "session_ended")),
        (errors.AuthKeyDuplicatedError(None), (AccountLost, "needs_sign_in", "used_twice")),
        (errors.AuthKeyNotFound(), (AccountLost, "needs_sign_in", "session_ended")),
        (errors.UserDeactivatedBanError(None), (AccountLost, "banned", "banned")),
        (errors.UserDeactivatedError(None), (AccountLost, "banned", "deleted")),
        (errors.ServerError(None, "INTERNAL", 500), (NoAnswer, "server")),
        (errors.TimedOutError(None, "Timeout", 503), (NoAnswer, "server")),
        (TimeoutError(), (NoAnswer, "timeout")),
        (ConnectionResetError(), (NoAnswer, "network")),
        (errors.SecurityError(), (NoAnswer, "network")),
        (errors.PhoneCodeInvalidError(None), (RequestRefused, "PHONE_CODE_INVALID")),
        (errors.BadRequestError(None, "BRAND_NEW_WORD"), (RequestRefused, "BRAND_NEW_WORD")),
        (errors.SessionPasswordNeededError(None), (RequestRefused, "SESSION_PASSWORD_NEEDED")),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_an_error_keeps_its_meaning(telethons: Exception, ours: tuple[Any, ...]) -> None:
    assert shape(translated(telethons)) == ours


def test_a_fault_of_the_programme_is_not_taken_for_an_answer() -> None:
    with pytest.raises(ZeroDivisionError):
        translated(ZeroDivisionError())


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (types.UserStatusOnline(NOW), "online"),
        (types.UserStatusRecently(), "recently"),
        (types.UserStatusLastWeek(), "week"),
        (types.UserStatusLastMonth(), "month"),
        (types.UserStatusEmpty(), "long_ago"),
        (None, "hidden"),
        (types.UserStatusOffline(NOW - timedelta(hours=5)), "recently"),
        (types.UserStatusOffline(NOW - timedelta(days=5)), "week"),
        (types.UserStatusOffline(NOW - timedelta(days=20)), "month"),
        (types.UserStatusOffline(NOW - timedelta(days=90)), "long_ago"),
    ],
)
def test_last_seen_falls_into_its_class(status: Any, expected: str) -> None:
    seen, at = last_seen_of(status)
    assert seen == expected
    assert (at is not None) == isinstance(status, types.UserStatusOffline)


def test_all_active_usernames_are_kept_and_others_left_out() -> None:
    user = user_of(
        types.User(
            id=1,
            usernames=[
                types.Username("bought", active=True),
                types.Username("sleeping", active=False),
                types.Username("other", active=True),
            ],
        )
    )
    assert user is not None
    assert user.usernames == ["bought", "other"]


def test_a_person_whom_telegram_no_longer_knows_is_nobody() -> None:
    assert user_of(types.UserEmpty(1)) is None


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("+49 151 234-567-89", "4915123456789"),
        ("0049 151 23456789", "4915123456789"),
        ("٧٩٠٠٠٠٠٠٠٠١", "79000000001"),
        (" +7 (900) 000-00-01 ", "79000000001"),
        ("0151 23456789", None),
        ("12345", None),
        ("+7900abc0001", None),
        ("", None),
    ],
)
def test_a_typed_number_is_read_in_any_spelling(typed: str, digits: str | None) -> None:
    assert phone_digits(typed) == digits


def test_a_typed_code_is_read_in_any_spelling() -> None:
    assert code_typed(" 12 3-45 ") == "12345"
    assert code_typed("١٢٣٤٥") == "12345"
    assert code_typed("  word ") == "word"


def test_every_outcome_of_a_sign_in_has_its_words() -> None:
    outcomes = [*_BY_WORD.values()]
    outcomes += [
        outcome_of(error)
        for error in (
            FloodWait(3),
            NoAnswer("server"),
            NoAnswer("network"),
            AccountLost("banned", "banned"),
            AccountLost("needs_sign_in", "session_ended"),
            AccountRestricted("frozen"),
            RequestRefused("BRAND_NEW_WORD"),
        )
    ]
    assert {outcome.problem for outcome in outcomes if outcome.problem} <= WORDS.keys()


def test_a_code_without_words_is_shown_as_it_is() -> None:
    assert in_words("") == ""
    assert in_words("something_else") == "something_else"
