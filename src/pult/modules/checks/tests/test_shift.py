"""An account's shift against an in-memory Telegram: whatever goes wrong, verdicts stay true and no contact is left."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pult.core.jobs import in_database
from pult.core.telegram.gateway import (
    AccountBusy,
    AccountLost,
    AccountRestricted,
    AccountUnusable,
    FloodWait,
    NoAnswer,
    PhoneToImport,
    RequestRefused,
)
from pult.core.telegram.models import Account
from pult.modules.checks.models import Block, Call, Check, Finding, LogEntry, Number
from pult.modules.checks.operations import shift as shift_module
from pult.modules.checks.operations.claim import claim_call
from pult.modules.checks.operations.control import cancel_check, pause_check
from pult.modules.checks.operations.shift import serve
from pult.modules.checks.tests import scenes
from pult.modules.checks.tests.scenes import AfterImport, FakeTelegram

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = 79_000_000_000


def work(account: Account, telegram: FakeTelegram) -> None:
    """One shift, as the job of the account runs it."""
    asyncio.run(serve(account.pk, lease=telegram.lease))


def work_until_over(account: Account, telegram: FakeTelegram, *, shifts: int = 40) -> None:
    """Shift after shift, with every wait over, until the check is finished."""
    for _ in range(shifts):
        work(account, telegram)
        if not Check.objects.filter(state=Check.State.RUNNING).exists():
            return
        Account.objects.update(resting_until=None)
        Number.objects.filter(ask_after__isnull=False).update(ask_after=scenes.NOW)
        Block.objects.filter(wait_until__isnull=False).update(wait_until=scenes.NOW)
    raise AssertionError("the check did not come to its end")


def scene(
    numbers: int = 30, every: int = 3, size: int = 10, **fields: Any
) -> tuple[Account, FakeTelegram, str]:
    """A running check in which every third number has an account; the truth as letters."""
    anna = scenes.person()
    account = scenes.account(anna, numbers_per_call=size, **fields)
    scenes.check(anna, numbers=numbers, first_phone=FIRST)
    registered = {FIRST + offset for offset in range(0, numbers, every)}
    truth = "".join("f" if FIRST + offset in registered else "n" for offset in range(numbers))
    return account, FakeTelegram(registered=registered), truth


def assert_true(truth: str, telegram: FakeTelegram) -> None:
    """Every verdict as it is in truth, everybody named, nothing left behind."""
    check = Check.objects.get()
    assert scenes.states_of(check) == truth
    assert telegram.contacts == {}
    # A number whose answer got lost may have been asked again by another account; with one account none is left.
    assert telegram.saved == set()
    assert not Call.objects.filter(state__in=["planned", "answered", "lost"]).exists()
    for finding in Finding.objects.select_related("number"):
        assert finding.telegram_id == scenes.phone_of(finding.number) * 10
        assert finding.first_name == f"Name {scenes.phone_of(finding.number) % 10_000}"
    assert Finding.objects.count() == truth.count("f")


def test_a_check_is_worked_off_call_by_call() -> None:
    account, telegram, truth = scene(numbers=30, size=10)
    work(account, telegram)
    assert_true(truth, telegram)
    assert Check.objects.get().state == Check.State.FINISHED
    assert [len(phones) for phones in telegram.imports] == [10, 10, 10]
    assert telegram.leases == 1


def test_own_contacts_are_answered_without_an_import() -> None:
    account, telegram, truth = scene(numbers=10)
    friend = scenes.somebody(FIRST + 3, first_name="Мама")
    telegram.own[FIRST + 3] = friend
    work(account, telegram)
    assert scenes.states_of(Check.objects.get()) == truth
    assert FIRST + 3 not in telegram.imports[0]
    assert Finding.objects.get(number__phone=FIRST + 3).first_name == "Мама"


def test_a_call_of_own_contacts_alone_asks_telegram_nothing() -> None:
    account, telegram, _ = scene(numbers=1)
    telegram.own[FIRST] = scenes.somebody(FIRST)
    work(account, telegram)
    assert telegram.imports == []
    assert scenes.states_of(Check.objects.get()) == "f"


def test_a_flood_wait_ends_the_shift_and_the_rest_is_a_column() -> None:
    account, telegram, truth = scene(numbers=20)
    telegram.troubles = [None, FloodWait(3600)]
    work(account, telegram)
    account.refresh_from_db()
    assert account.resting_until is not None
    assert account.resting_until - timezone.now() > timedelta(minutes=59)
    assert scenes.states_of(Check.objects.get()) == truth[:10] + "w" * 10
    work_until_over(account, telegram)
    assert_true(truth, telegram)
    assert set(Number.objects.values_list("tries", flat=True)) == {0}


def test_retry_contacts_are_asked_again_and_never_misses() -> None:
    account, telegram, truth = scene(numbers=10)

    def some(phones: Sequence[PhoneToImport]) -> list[int]:
        return [phone.client_id for phone in phones[::2]]

    telegram.troubles = [some]
    work(account, telegram)
    assert scenes.states_of(Check.objects.get()) == "".join(
        "u" if index % 2 == 0 else letter for index, letter in enumerate(truth)
    )
    work_until_over(account, telegram)
    assert_true(truth, telegram)


def test_a_whole_call_in_retry_contacts_makes_the_account_rest_for_an_hour() -> None:
    account, telegram, truth = scene(numbers=10)
    telegram.troubles = [lambda phones: [phone.client_id for phone in phones]]
    work(account, telegram)
    account.refresh_from_db()
    assert account.resting_until is not None
    assert timedelta(minutes=59) < account.resting_until - timezone.now() <= timedelta(hours=1)
    assert account.rest_reason == "all_unanswered"
    work_until_over(account, telegram)
    assert_true(truth, telegram)


def test_a_lost_answer_leaves_no_contact_and_the_numbers_are_asked_again() -> None:
    account, telegram, truth = scene(numbers=20)
    telegram.troubles = [AfterImport(NoAnswer("timeout"))]
    work(account, telegram)
    assert telegram.contacts == {}
    assert scenes.states_of(Check.objects.get()) == "u" * 10 + truth[10:]
    work_until_over(account, telegram)
    assert_true(truth, telegram)


def test_a_kill_in_the_middle_of_a_call_repeats_that_call_only() -> None:
    account, telegram, truth = scene(numbers=20)
    telegram.troubles = [None, AfterImport(KeyboardInterrupt())]
    with pytest.raises(KeyboardInterrupt):
        work(account, telegram)
    assert len(telegram.contacts) == truth[10:].count("f")
    assert Call.objects.filter(state=Call.State.PLANNED).count() == 1
    work_until_over(account, telegram)
    assert_true(truth, telegram)
    assert len(telegram.imports) == 3


def test_a_kill_before_the_contacts_are_removed_is_made_up_for_with_their_names() -> None:
    account, telegram, truth = scene(numbers=10)
    telegram.removal_troubles = [KeyboardInterrupt()]  # type: ignore[list-item]
    with pytest.raises(KeyboardInterrupt):
        work(account, telegram)
    assert telegram.contacts and Check.objects.get().state == Check.State.RUNNING
    work_until_over(account, telegram)
    assert_true(truth, telegram)
    assert len(telegram.imports) == 1


@pytest.mark.parametrize(
    ("trouble", "state"),
    [
        (AccountLost("needs_sign_in", "session_ended"), Account.State.NEEDS_SIGN_IN),
        (AccountLost("banned", "banned"), Account.State.BANNED),
        (AccountRestricted("peer_flood"), Account.State.RESTRICTED),
    ],
)
def test_a_lost_account_ends_its_shift_and_a_colleague_goes_on(
    trouble: Exception, state: Account.State
) -> None:
    account, telegram, truth = scene(numbers=20)
    telegram.troubles = [None, trouble]
    work(account, telegram)
    account.refresh_from_db()
    assert account.state == state
    assert scenes.states_of(Check.objects.get()) == truth[:10] + "w" * 10
    colleague = scenes.account(account.owner, numbers_per_call=10)
    work(colleague, telegram)
    assert scenes.states_of(Check.objects.get()) == truth


def test_contacts_that_could_not_be_removed_go_first_thing_in_the_next_shift() -> None:
    account, telegram, truth = scene(numbers=20)
    telegram.removal_troubles = [FloodWait(30)]
    work(account, telegram)
    assert telegram.contacts and len(telegram.imports) == 1
    work_until_over(account, telegram)
    assert_true(truth, telegram)


def test_contacts_that_telegram_will_not_remove_by_id_are_found_by_their_mark() -> None:
    account, telegram, truth = scene(numbers=10)
    telegram.removal_troubles = [RequestRefused("CONTACT_ID_INVALID")]
    work(account, telegram)
    assert telegram.contacts == {}
    assert scenes.states_of(Check.objects.get()) == truth


def test_an_error_of_ours_sets_one_block_aside_and_the_others_are_worked_off() -> None:
    account, telegram, truth = scene(numbers=1000, size=500)
    telegram.troubles = [AfterImport(ZeroDivisionError("a bug"))]
    work(account, telegram)
    first, second = Block.objects.order_by("ordinal")
    assert (first.state, first.failures, first.wait_reason) == ("waiting", 1, "failed")
    assert (second.state, second.not_found_count) == ("done", truth[500:].count("n"))
    assert LogEntry.objects.get(kind="block_failed").details["error"] == "ZeroDivisionError"
    work_until_over(account, telegram)
    assert_true(truth, telegram)


def test_a_shift_that_fails_outside_any_block_rests_instead_of_running_hot() -> None:
    account, telegram, _ = scene()
    telegram.troubles = [AfterImport(NoAnswer("network"))]
    telegram.removal_troubles = [ZeroDivisionError("a bug")]  # type: ignore[list-item]
    work(account, telegram)
    account.refresh_from_db()
    assert account.resting_until is not None and account.rest_reason == "pult_trouble"


@pytest.mark.parametrize("stop", [pause_check, cancel_check])
def test_pausing_and_cancelling_let_the_running_call_end_and_no_other_begin(stop: Any) -> None:
    account, telegram, truth = scene(numbers=20)

    async def stop_now() -> None:
        check = await in_database(Check.objects.get)
        await in_database(stop, actor=account.owner, check_id=check.pk, now=timezone.now())

    telegram.before_answer = stop_now
    work(account, telegram)
    assert scenes.states_of(Check.objects.get()) == truth[:10] + "w" * 10
    assert len(telegram.imports) == 1
    assert telegram.contacts == {}
    block = Block.objects.get()
    assert (block.account_id, block.found_count) == (None, truth[:10].count("f"))
    assert block.state == ("waiting" if stop is pause_check else "cancelled")


def test_a_shift_ends_after_its_time_and_queues_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    monkeypatch.setattr(shift_module, "SHIFT_SECONDS", 0.0)
    account, telegram, _ = scene(numbers=20)
    work(account, telegram)
    assert len(telegram.imports) == 1
    job = ProcrastinateJob.objects.get()
    assert (job.task_name, job.args) == ("checks.work_account", {"account_id": str(account.pk)})
    assert Block.objects.get().account_id == account.pk


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (NoAnswer("network"), "out_of_reach"),
        (FloodWait(60), "flood_wait"),
        (ZeroDivisionError(), "pult_trouble"),
    ],
)
def test_an_account_that_cannot_connect_is_left_alone_for_a_moment(trouble: Exception, reason: str) -> None:
    account, _, _ = scene()

    def refuse(account_id: object) -> Any:
        raise trouble

    asyncio.run(serve(account.pk, lease=refuse))
    account.refresh_from_db()
    assert account.resting_until is not None and account.resting_until > timezone.now()
    assert account.rest_reason == reason
    assert set(Number.objects.values_list("state", flat=True)) == {"w"}


def test_an_account_whose_session_cannot_be_opened_needs_a_sign_in() -> None:
    account, _, _ = scene()

    def refuse(account_id: object) -> Any:
        raise AccountUnusable("needs_sign_in", "not_secured")

    asyncio.run(serve(account.pk, lease=refuse))
    account.refresh_from_db()
    assert account.state == Account.State.NEEDS_SIGN_IN


def test_a_busy_account_is_left_to_the_one_who_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shift_module, "BUSY_PAUSE_SECONDS", 0.001)
    account, _, _ = scene()
    call = claim_call(account_id=account.pk)
    assert call is not None
    tried = []

    def refuse(account_id: object) -> Any:
        tried.append(account_id)
        raise AccountBusy

    asyncio.run(serve(account.pk, lease=refuse))
    account.refresh_from_db()
    assert account.resting_until is None and len(tried) > 1


troubles = st.lists(
    st.sampled_from(
        [
            None,
            FloodWait(5),
            NoAnswer("timeout"),
            AfterImport(NoAnswer("network")),
            AfterImport(ZeroDivisionError()),
            RequestRefused("SOMETHING_NEW"),
            AfterImport(asyncio.CancelledError()),
            lambda phones: [phone.client_id for phone in phones[1::2]],
            lambda phones: [phone.client_id for phone in phones],
        ]
    ),
    max_size=8,
)
removal_troubles = st.lists(
    st.sampled_from([FloodWait(5), NoAnswer("timeout"), RequestRefused("CONTACT_ID_INVALID")]), max_size=3
)


@pytest.fixture
def pauses_are_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    """An account that keeps its pace lets go at once, so that a test need not sit through it."""
    monkeypatch.setattr(shift_module, "HELD_SECONDS", 0.0)


@pytest.mark.usefixtures("pauses_are_rests")
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(troubles=troubles, removal_troubles=removal_troubles, size=st.integers(3, 40))
def test_whatever_goes_wrong_no_verdict_is_wrong_and_no_contact_stays(
    troubles: list[Any], removal_troubles: list[Any], size: int
) -> None:
    Check.objects.all().delete()
    Call.objects.all().delete()
    account, telegram, truth = scene(numbers=60, size=size)
    telegram.troubles, telegram.removal_troubles = list(troubles), list(removal_troubles)
    for _ in range(60):
        try:
            work(account, telegram)
        except asyncio.CancelledError:
            continue
        finally:
            got = scenes.states_of(Check.objects.get())
            assert all(mine in {"w", "a", "u", real} for mine, real in zip(got, truth, strict=True))
        Account.objects.update(resting_until=None)
        Number.objects.filter(state="u").update(ask_after=scenes.NOW)
        Block.objects.exclude(state__in=["done", "cancelled"]).update(wait_until=None, wait_reason="")
        if Check.objects.get().state == Check.State.FINISHED and not telegram.contacts:
            break
    got = scenes.states_of(Check.objects.get())
    assert all(mine in {"u", real} for mine, real in zip(got, truth, strict=True))
    assert telegram.contacts == {}
    assert Check.objects.get().state == Check.State.FINISHED
