"""The page of a started check: totals, waits in words, and what a person can do with it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pult.core.people.models import Person
from pult.modules.checks.models import Block, Call, Check, LogEntry, Number
from pult.modules.checks.operations.journal import note
from pult.modules.checks.tests.scenes import account, check, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(client: Client) -> Person:
    somebody = person("anna")
    client.force_login(somebody)
    return somebody


def test_totals_rate_and_time_left(client: Client, anna: Person) -> None:
    made = check(anna, numbers=1000)
    now = timezone.now()
    Check.objects.filter(pk=made.pk).update(started_at=now - timedelta(seconds=100))
    first = Block.objects.get(check_ref=made, ordinal=0)
    Block.objects.filter(pk=first.pk).update(state="done", found_count=200, not_found_count=300)
    Call.objects.create(
        block=first, account_id=account(anna).pk, state="clean", size=500, sent_at=now, answered_at=now
    )
    progress = client.get(f"/checks/{made.pk}/").context["progress"]
    assert (progress.total, progress.final, progress.open) == (1000, 500, 500)
    assert progress.rate == pytest.approx(5, rel=0.1)
    assert (len(progress.pulse), progress.pulse[-1]) == (17, 500)
    assert progress.left.total_seconds() == pytest.approx(100, rel=0.1)


def test_numbers_that_come_again_are_not_counted_as_done(client: Client, anna: Person) -> None:
    made = check(anna, numbers=10)
    Block.objects.filter(check_ref=made).update(found_count=4, unanswered_count=6)
    progress = client.get(f"/checks/{made.pk}/").context["progress"]
    assert (progress.final, progress.unanswered, progress.open) == (4, 6, 0)


def test_a_wait_is_told_with_its_reason_and_its_end(client: Client, anna: Person) -> None:
    made = check(anna, numbers=600)
    until = timezone.now() + timedelta(minutes=17)
    account(anna, name="Slow", resting_until=until, rest_reason="flood_wait")
    Block.objects.filter(check_ref=made).update(
        wait_until=until, wait_reason="account_rests", account_label="Slow"
    )
    page = client.get(f"/checks/{made.pk}/")
    assert page.context["progress"].next_at == until
    assert page.text.count("The account rests") == 2
    assert "Telegram asked for a pause" in page.text
    assert f'datetime="{until.isoformat()}"' in page.text


def test_accounts_at_work_name_their_blocks(client: Client, anna: Person) -> None:
    made = check(anna, numbers=1200)
    busy, _free = account(anna, name="Busy"), account(anna, name="Free")
    Block.objects.filter(check_ref=made, ordinal=1).update(
        state="working", account_id=busy.pk, account_label="Busy"
    )
    page = client.get(f"/checks/{made.pk}/")
    assert [(entry.account.name, entry.blocks) for entry in page.context["accounts"]] == [
        ("Busy", (1,)),
        ("Free", ()),
    ]
    assert [row.number for row in client.get(f"/checks/{made.pk}/?block=working").context["rows"]] == [2]


def test_an_open_page_learns_that_the_state_has_changed(client: Client, anna: Person) -> None:
    made = check(anna)
    address = f"/checks/{made.pk}/"
    assert client.get(address, headers={"X-Check-State": "running"}).status_code == 200
    changed = client.get(address, headers={"X-Check-State": "reading"})
    assert (changed.status_code, changed["HX-Trigger"]) == (204, "check:changed")


def test_a_person_starts_pauses_resumes_and_cancels(client: Client, anna: Person) -> None:
    made = check(anna, state=Check.State.READY)
    for verb, state in (
        ("start", "running"), ("pause", "paused"), ("resume", "running"), ("cancel", "cancelled"),
    ):  # fmt: skip
        answer = client.post(f"/checks/{made.pk}/{verb}/")
        assert answer["Location"] == f"/checks/{made.pk}/"
        made.refresh_from_db()
        assert made.state == state


def test_what_is_not_possible_now_is_said_and_changes_nothing(client: Client, anna: Person) -> None:
    made = check(anna, state=Check.State.FINISHED)
    answer = client.post(f"/checks/{made.pk}/pause/", follow=True)
    assert "Only a running check can be paused." in answer.text
    made.refresh_from_db()
    assert made.state == Check.State.FINISHED


def test_looking_at_an_action_does_nothing(client: Client, anna: Person) -> None:
    made = check(anna)
    assert client.get(f"/checks/{made.pk}/cancel/").status_code == 405
    made.refresh_from_db()
    assert made.state == Check.State.RUNNING


def test_unanswered_numbers_are_asked_again(client: Client, anna: Person) -> None:
    made = check(anna, numbers=3, state=Check.State.FINISHED)
    Block.objects.filter(check_ref=made).update(state="done", unanswered_count=2, found_count=1)
    Number.objects.filter(block__check_ref=made, phone__lt=79_000_000_002).update(state="u")
    assert "Ask unanswered again" in client.get(f"/checks/{made.pk}/results/").text
    answer = client.post(f"/checks/{made.pk}/ask-again/", follow=True)
    assert "2 numbers are asked again." in answer.text
    made.refresh_from_db()
    assert made.state == Check.State.RUNNING


def test_unanswered_numbers_say_whether_they_come_again_by_themselves(client: Client, anna: Person) -> None:
    made = check(anna, numbers=2)
    Block.objects.filter(check_ref=made).update(unanswered_count=2)
    later = timezone.now() + timedelta(minutes=5)
    numbers = Number.objects.filter(block__check_ref=made)
    numbers.update(state="u", tries=1, unanswered_reason="limit", ask_after=later)
    address = f"/checks/{made.pk}/results/"
    page = client.get(address).text
    assert page.count("asked again by itself in") == 2
    assert "Ask unanswered again" not in page, "nothing is left to a person yet"
    numbers.filter(phone=79_000_000_000).update(tries=5, ask_after=None)
    page = client.get(address).text
    assert (page.count("asked again by itself in"), page.count("not asked again by itself")) == (1, 1)
    assert "Ask unanswered again" in page


def test_a_finished_check_says_how_many_stay_without_an_answer_and_offers_to_ask_again(
    client: Client, anna: Person
) -> None:
    made = check(anna, numbers=3, state=Check.State.FINISHED)
    assert "without an answer" not in client.get(f"/checks/{made.pk}/").text
    Block.objects.filter(check_ref=made).update(state="done", unanswered_count=2, found_count=1)
    page = client.get(f"/checks/{made.pk}/").text
    assert "2 stay without an answer" in page
    assert f'action="/checks/{made.pk}/ask-again/"' in page


def test_a_removed_check_is_gone_from_the_history(client: Client, anna: Person) -> None:
    made = check(anna, state=Check.State.FINISHED)
    answer = client.post(f"/checks/{made.pk}/remove/")
    assert answer["Location"] == "/checks/"
    assert client.get(f"/checks/{made.pk}/").status_code == 404


def test_the_log_tells_what_happened_and_is_exported(client: Client, anna: Person) -> None:
    made = check(anna)
    note(made.pk, LogEntry.Kind.STARTED)
    note(made.pk, LogEntry.Kind.BLOCK_STARTED, block_ordinal=0, account_label="Busy", attempt=1)
    note(made.pk, LogEntry.Kind.BLOCK_STARTED, block_ordinal=1, account_label="Busy", attempt=1)
    note(made.pk, LogEntry.Kind.CALL_LOST, block_ordinal=1, reason="timeout")
    address = f"/checks/{made.pk}/log/"
    assert len(client.get(address).context["entries"]) == 4
    assert [entry["tone"] for entry in client.get(address + "?kind=trouble").context["entries"]] == ["warn"]
    of_block = client.get(address + "?block=2")
    assert len(of_block.context["entries"]) == 2
    assert "Block 2" in of_block.text
    text = client.get(address + "export.csv?block=2").getvalue().decode("utf-8-sig")
    assert len(text.splitlines()) == 3
    assert "Busy" in text


def test_every_kind_of_entry_has_its_words(client: Client, anna: Person) -> None:
    made = check(anna)
    for kind in LogEntry.Kind:
        note(made.pk, kind, block_ordinal=0, account_label="Busy")
    page = client.get(f"/checks/{made.pk}/log/")
    assert page.status_code == 200
    assert all(entry["text"] for entry in page.context["entries"])


@pytest.mark.parametrize("state", [state for state in Check.State if state != Check.State.REMOVED])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_state_has_its_page_in_every_language(
    client: Client, anna: Person, state: Check.State, language: str
) -> None:
    Person.objects.filter(pk=anna.pk).update(language=language)
    made = check(anna, state=state)
    page = client.get(f"/checks/{made.pk}/")
    assert page.status_code == 200
    assert f'lang="{language}"' in page.text


def test_an_account_that_was_lost_on_the_way_is_named_with_what_to_do(client: Client, anna: Person) -> None:
    made = check(anna, numbers=10)
    Check.objects.filter(pk=made.pk).update(started_at=timezone.now() - timedelta(minutes=5))
    account(
        anna, name="Gone", state="needs_sign_in", state_reason="session_ended", last_used_at=timezone.now()
    )
    account(anna, name="Long gone", state="banned", last_used_at=timezone.now() - timedelta(days=1))
    account(person("boris"), name="Foreign", state="banned", last_used_at=timezone.now())
    page = client.get(f"/checks/{made.pk}/")
    assert [lost.name for lost in page.context["lost_accounts"]] == ["Gone"]
    assert "Sign in again to go on" in page.text
    assert 'href="/accounts/"' in page.text
    assert page.context["time_left"] is None


def test_everything_waits_while_every_account_rests_also_before_the_first_block(
    client: Client, anna: Person
) -> None:
    made = check(anna, numbers=10)
    soon, later = timezone.now() + timedelta(minutes=1), timezone.now() + timedelta(minutes=9)
    first = account(anna, name="First", resting_until=soon, rest_reason="flood_wait")
    account(anna, name="Second", resting_until=later, rest_reason="flood_wait")
    page = client.get(f"/checks/{made.pk}/")
    assert page.context["next_at"] == soon
    assert "Everything waits" in page.text
    assert f"topic=account:{first.pk}" in page.text
    account(anna, name="Free")
    assert client.get(f"/checks/{made.pk}/").context["next_at"] is None
