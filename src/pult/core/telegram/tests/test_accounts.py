"""Rests and losses of accounts: columns in the database, told to whoever waits."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pult.core.audit.models import AuditEntry
from pult.core.people.models import Person
from pult.core.secrets import UnableToReveal, reveal
from pult.core.telegram.events import account_became_usable
from pult.core.telegram.models import Account, KeyPair
from pult.core.telegram.operations.accounts import end_rests, lose_account, rest_account
from pult.core.telegram.operations.leases import LeasedRow, Unusable, open_lease, replace_session
from pult.core.telegram.queries import accounts_usable_by, next_rest_end
from pult.core.telegram.tests.conftest import make_account

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def account(owner: Person, key_pair: KeyPair) -> Account:
    return make_account(owner, key_pair)


def test_a_longer_rest_is_never_shortened(account: Account) -> None:
    first = rest_account(account_id=account.pk, seconds=600, reason="flood_wait", now=NOW)
    assert first == NOW + timedelta(seconds=600)
    kept = rest_account(account_id=account.pk, seconds=30, reason="all_unanswered", now=NOW)
    assert kept == first
    account.refresh_from_db()
    assert (account.resting_until, account.rest_reason) == (first, "flood_wait")
    assert next_rest_end() == first


def test_a_rest_needs_one_end(account: Account) -> None:
    with pytest.raises(ValueError, match="either"):
        rest_account(account_id=account.pk, reason="flood_wait", now=NOW)


def test_when_a_rest_is_over_waiting_work_is_told(
    account: Account, django_capture_on_commit_callbacks: Any
) -> None:
    rest_account(account_id=account.pk, seconds=60, reason="flood_wait", now=NOW)
    told: list[Any] = []

    def listen(account_id: Any, **_: Any) -> None:
        told.append(account_id)

    account_became_usable.connect(listen)
    try:
        assert end_rests(now=NOW + timedelta(seconds=59)) == 0
        with django_capture_on_commit_callbacks(execute=True):
            assert end_rests(now=NOW + timedelta(seconds=60)) == 1
    finally:
        account_became_usable.disconnect(listen)
    assert told == [account.pk]
    assert next_rest_end() is None


def test_a_lost_account_is_not_used_any_more_and_the_trail_says_why(account: Account, owner: Person) -> None:
    assert account in accounts_usable_by(owner)
    assert lose_account(account_id=account.pk, state="needs_sign_in", reason="session_ended", now=NOW)
    assert account not in accounts_usable_by(owner)
    assert AuditEntry.objects.get(action="account.needs_sign_in").details == {"reason": "session_ended"}
    assert not lose_account(account_id=account.pk, state="banned", reason="banned", now=NOW), "said once"


def test_shared_accounts_serve_colleagues_too(owner: Person, operator: Person, key_pair: KeyPair) -> None:
    own = make_account(owner, key_pair, 1)
    shared = make_account(owner, key_pair, 2, shared=True)
    assert set(accounts_usable_by(operator)) == {shared}
    assert set(accounts_usable_by(owner)) == {own, shared}


def test_a_session_is_sealed_for_its_row_only(owner: Person, key_pair: KeyPair) -> None:
    first, second = make_account(owner, key_pair, 1), make_account(owner, key_pair, 2)
    assert reveal(first, "session") == "secret session 1"
    second.session = first.session
    with pytest.raises(UnableToReveal):
        reveal(second, "session")


def test_a_lease_tells_nothing_of_its_secrets_when_it_is_printed(account: Account) -> None:
    row = open_lease(account_id=account.pk, now=NOW)
    assert isinstance(row, LeasedRow)
    assert row.session == "secret session 1"
    assert "secret session" not in repr(row)
    assert row.api_hash not in repr(row)


def test_an_account_of_the_other_telegram_is_left_alone(account: Account, settings: Any) -> None:
    from dataclasses import replace

    settings.TELEGRAM = replace(settings.TELEGRAM, mode="real")
    assert open_lease(account_id=account.pk, now=NOW) == Unusable("switched_off", "other_world")


def test_a_session_changed_while_connected_does_not_overwrite_a_new_sign_in(account: Account) -> None:
    assert replace_session(account_id=account.pk, before="secret session 1", session="moved")
    assert not replace_session(account_id=account.pk, before="secret session 1", session="late")
    account.refresh_from_db()
    assert reveal(account, "session") == "moved"
