"""Recording answers: verdicts by client_id, people, names that come with the removal, and counts of blocks."""

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pult.core.telegram.gateway import ContactRef
from pult.modules.checks.models import Block, Call, Check, Finding, LogEntry, Number
from pult.modules.checks.operations import answers
from pult.modules.checks.operations.answers import close_call, record_answers
from pult.modules.checks.operations.claim import PlannedCall, claim_call
from pult.modules.checks.operations.removal import erase_checks_of
from pult.modules.checks.operations.setbacks import leave_unanswered
from pult.modules.checks.tests import scenes

pytestmark = pytest.mark.django_db


def planned(numbers: int = 4) -> PlannedCall:
    anna = scenes.person()
    account = scenes.account(anna, numbers_per_call=500)
    scenes.check(anna, numbers=numbers)
    call = claim_call(account_id=account.pk)
    assert call is not None
    return call


def test_hits_are_found_retries_unanswered_and_the_rest_not_found() -> None:
    call = planned(4)
    (found, phone), (retried, _), *missed = call.numbers
    user = scenes.somebody(phone, premium=True, last_seen="week")
    assert record_answers(call_id=call.id, hits={found: user}, retry=[retried], added=[])
    states = dict(Number.objects.values_list("pk", "state"))
    assert states == {found: "f", retried: "u", **{number: "n" for number, _ in missed}}
    finding = Finding.objects.get()
    assert (finding.number_id, finding.telegram_id, finding.usernames) == (found, user.id, user.usernames)
    assert (finding.premium, finding.verified, finding.last_seen) == (True, False, "week")
    unanswered = Number.objects.get(pk=retried)
    assert (unanswered.tries, unanswered.unanswered_reason) == (1, "limit")
    assert unanswered.ask_after is not None and unanswered.ask_after > timezone.now()
    block = Block.objects.get()
    assert (block.found_count, block.not_found_count, block.unanswered_count) == (1, 2, 1)
    assert block.state == "working", "the missed numbers are still in the account's phone book"
    close_call(call_id=call.id)
    block.refresh_from_db()
    assert (block.state, block.wait_reason, block.wait_until) == (
        "waiting",
        "asked_later",
        unanswered.ask_after,
    )


def test_a_number_that_never_gets_an_answer_stays_unanswered_after_five_tries() -> None:
    anna = scenes.person()
    account = scenes.account(anna)
    check = scenes.check(anna, numbers=1)
    for _ in range(5):
        Number.objects.filter(state="u").update(ask_after=scenes.NOW)
        Block.objects.update(wait_until=None)
        call = claim_call(account_id=account.pk)
        assert call is not None
        record_answers(call_id=call.id, hits={}, retry=[call.numbers[0][0]], added=[])
    number = Number.objects.get()
    assert (number.state, number.tries, number.ask_after) == ("u", 5, None)
    assert Block.objects.get().state == Block.State.DONE
    assert Check.objects.get(pk=check.pk).state == Check.State.FINISHED


def test_a_block_is_over_only_when_the_contacts_are_removed_and_the_names_known() -> None:
    call = planned(1)
    number, phone = call.numbers[0]
    user = scenes.somebody(phone, first_name="")
    ref = ContactRef(user.id, user.access_hash)
    record_answers(call_id=call.id, hits={number: user}, retry=[], added=[ref])
    assert Number.objects.get().state == "f"
    assert Call.objects.get().added_contacts == [[ref.user_id, ref.access_hash]]
    assert (Block.objects.get().state, Check.objects.get().state) == ("working", "running")
    close_call(call_id=call.id, people=[scenes.somebody(phone, first_name="Ольга", last_name="О’Нил")])
    assert (Finding.objects.get().first_name, Finding.objects.get().last_name) == ("Ольга", "О’Нил")
    assert (Block.objects.get().state, Check.objects.get().state) == ("done", "finished")
    assert (Call.objects.get().state, Call.objects.get().added_contacts) == ("clean", [])


def test_an_answer_that_comes_after_the_call_was_given_up_changes_nothing() -> None:
    call = planned(2)
    leave_unanswered(call_id=call.id, reason="timeout")
    number, phone = call.numbers[0]
    assert not record_answers(call_id=call.id, hits={number: scenes.somebody(phone)}, retry=[], added=[])
    assert set(Number.objects.values_list("state", flat=True)) == {"u"}
    assert not Finding.objects.exists()


def test_an_answer_about_a_number_that_was_not_asked_is_ignored() -> None:
    call = planned(2)
    other = scenes.numbers_of(scenes.check(scenes.person("boris"), numbers=1))[0]
    record_answers(call_id=call.id, hits={other.pk: scenes.somebody(1)}, retry=[], added=[])
    assert Number.objects.get(pk=other.pk).state == "w"
    assert not Finding.objects.exists()


def test_names_with_characters_that_the_database_cannot_keep_are_kept_without_them() -> None:
    call = planned(1)
    number, phone = call.numbers[0]
    user = scenes.somebody(phone, first_name="a\0b" + "я" * 300)
    record_answers(call_id=call.id, hits={number: user}, retry=[], added=[])
    assert Finding.objects.get().first_name == ("ab" + "я" * 300)[:255]


def test_the_end_is_told_once_after_the_commit(django_capture_on_commit_callbacks: object) -> None:
    from pult.modules.checks.events import CheckFinished, happened

    told: list[object] = []

    def listen(sender: object, event: object, **_: object) -> None:
        told.append(event)

    happened.connect(listen)
    try:
        call = planned(3)
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            record_answers(call_id=call.id, hits={}, retry=[], added=[])
            close_call(call_id=call.id)
            assert told == []
    finally:
        happened.disconnect(listen)
    check = Check.objects.get()
    assert told == [CheckFinished(check_id=check.pk, owner_id=check.owner_id)]
    assert list(LogEntry.objects.order_by("pk").values_list("kind", flat=True)) == [
        "block_started",
        "call_answered",
        "block_done",
        "finished",
    ]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from("fnu"), min_size=1, max_size=60))
def test_counts_of_a_block_are_those_of_its_numbers(answers: list[str]) -> None:
    call = planned(len(answers))
    wanted = dict(zip([number for number, _ in call.numbers], answers, strict=True))
    phones = dict(call.numbers)
    record_answers(
        call_id=call.id,
        hits={number: scenes.somebody(phones[number]) for number, answer in wanted.items() if answer == "f"},
        retry=[number for number, answer in wanted.items() if answer == "u"],
        added=[],
    )
    block = Block.objects.get(pk=call.block_id)
    assert dict(Number.objects.filter(block=block).values_list("pk", "state")) == wanted
    counts = (block.found_count, block.not_found_count, block.unanswered_count)
    assert counts == tuple(answers.count(state) for state in "fnu")
    assert Finding.objects.filter(number__block=block).count() == answers.count("f")


def test_an_answer_for_somebody_who_leaves_at_that_moment_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    call = planned()
    owner = Check.objects.get().owner_id

    def leave(*_: object, **__: object) -> list[int]:
        erase_checks_of(person_id=owner)
        return []

    monkeypatch.setattr(answers, "touched_checks", leave)
    assert record_answers(call_id=call.id, hits={}, retry=[], added=[], canary_seen=False) is None
    assert Call.objects.get().state == Call.State.LOST
