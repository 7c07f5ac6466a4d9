"""Every list has a purpose and an end: chosen at upload, changed by its owner, kept to by the worker."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings

from pult.core.audit.models import AuditEntry
from pult.core.people.models import Person
from pult.core.people.operations import remove_person
from pult.core.privacy.operations import change_policy
from pult.core.privacy.values import UNTIL_REMOVED
from pult.core.registry import Role
from pult.modules.checks.models import Block, Call, Check, LogEntry, Number, Usage
from pult.modules.checks.operations import keeping
from pult.modules.checks.operations.answers import record_answers
from pult.modules.checks.operations.claim import claim_call
from pult.modules.checks.operations.keeping import UnableToKeep, change_keeping, erase_due, next_to_erase
from pult.modules.checks.operations.lists import read_check
from pult.modules.checks.operations.removal import erase_check
from pult.modules.checks.operations.uploads import UnableToAccept, accept_paste
from pult.modules.checks.tests import scenes

pytestmark = pytest.mark.django_db
NEW = "/checks/new/"


@pytest.fixture
def anna(client: Client, settings: Settings, tmp_path: Path) -> Person:
    settings.PULT_UPLOADS_DIR = tmp_path / "uploads"
    somebody = scenes.person("anna")
    client.force_login(somebody)
    return somebody


def paste(client: Client, **fields: str) -> int:
    answer = client.post(
        NEW, {"numbers": "+7 912 345-67-89", "purpose": "autumn fair", "keep": "30", **fields}
    )
    return answer.status_code


def days_of(check: Check) -> float | None:
    return None if check.erase_at is None else (check.erase_at - check.created_at) / timedelta(days=1)


def set_policy(*, default_days: int = 90, most_days: int = 365, may_stay: bool = False) -> None:
    owner = scenes.person("olga", role=Role.OWNER)
    change_policy(
        actor=owner, default_days=default_days, most_days=most_days, may_stay=may_stay, now=timezone.now()
    )


def test_a_list_without_a_purpose_is_sent_back_with_what_was_typed(client: Client, anna: Person) -> None:
    answer = client.post(NEW, {"numbers": "+7 912 345-67-89", "purpose": " ", "keep": "7"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["purpose"] == ["Say in a few words what this list is for."]
    assert "+7 912 345-67-89" in answer.text
    assert '<option value="7" selected>' in answer.text
    assert not Check.objects.exists()


def test_a_second_upload_needs_no_further_typing(client: Client, anna: Person) -> None:
    assert 'value="90" selected' in client.get(NEW).text
    paste(client, purpose="autumn fair", keep="own", keep_own="12")
    assert days_of(Check.objects.get()) == 12
    page = client.get(NEW)
    assert 'value="autumn fair"' in page.text
    assert '<option value="12" selected>12 days</option>' in page.text
    assert '<datalist id="purposes"><option value="autumn fair">' in page.text
    # Another person's words are nobody else's.
    client.force_login(scenes.person("boris"))
    assert "autumn fair" not in client.get(NEW).text


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"keep": "own"}, "keep_own"),
        ({"keep": "own", "keep_own": "366"}, "keep_own"),
        ({"keep": "own", "keep_own": "0"}, "keep_own"),
        ({"keep": "0"}, "keep"),
        ({"keep": "4000"}, "keep"),
    ],
)
def test_a_time_that_is_not_allowed_is_refused_beside_the_field(
    client: Client, anna: Person, fields: dict[str, str], field: str
) -> None:
    answer = client.post(NEW, {"numbers": "+7 912 345-67-89", "purpose": "fair", **fields})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]


def test_the_policy_decides_what_may_be_chosen(client: Client, anna: Person) -> None:
    set_policy(default_days=14, most_days=60, may_stay=True)
    offered = [value for value, _label in client.get(NEW).context["form"].fields["keep"].choices]
    assert offered == ["7", "14", "30", "60", "0", "own"]
    paste(client, keep=str(UNTIL_REMOVED))
    assert Check.objects.get().erase_at is None
    with pytest.raises(UnableToAccept, match="1 to 60 days"):
        accept_paste(actor=anna, text="+79123456789", keep_days=61, now=timezone.now())
    unsaid = accept_paste(actor=anna, text="+79123456789", now=timezone.now())
    assert days_of(unsaid) == 14


def test_purpose_and_end_stand_on_the_pages(client: Client, anna: Person) -> None:
    paste(client, keep="30")
    made = Check.objects.get()
    page = client.get(f"/checks/{made.pk}/").text
    assert "autumn fair" in page and "erased on" in page and "erased soon" not in page
    history = client.get("/checks/")
    assert "autumn fair" in history.text and not history.context["soon_erased"]
    assert [row["check"].pk for row in client.get("/checks/?q=fair").context["rows"]] == [made.pk]


def test_the_owner_is_told_three_days_before(client: Client, anna: Person) -> None:
    paste(client)
    made = Check.objects.get()
    Check.objects.update(erase_at=timezone.now() + timedelta(days=2, hours=23))
    assert [check.pk for check in client.get("/checks/").context["soon_erased"]] == [made.pk]
    assert "This check is erased soon" in client.get(f"/checks/{made.pk}/").text


def test_the_owner_changes_purpose_and_end_within_the_policy(client: Client, anna: Person) -> None:
    paste(client)
    made = Check.objects.get()
    day = (timezone.localdate() + timedelta(days=300)).isoformat()
    answer = client.post(f"/checks/{made.pk}/keeping/", {"purpose": "spring fair", "erase_on": day})
    assert answer.status_code == 302
    made.refresh_from_db()
    assert made.purpose == "spring fair"
    assert made.erase_at is not None and timezone.localdate(made.erase_at).isoformat() == day
    entry = AuditEntry.objects.get(action="check.keeping_changed")
    assert entry.details["after"] == made.erase_at.date().isoformat()
    for wrong in ("2020-01-01", (timezone.localdate() + timedelta(days=380)).isoformat(), "", "soon"):
        refused = client.post(f"/checks/{made.pk}/keeping/", {"purpose": "x", "erase_on": wrong})
        assert refused.status_code == 422, wrong
        assert list(refused.context["form"].errors) == ["erase_on"], wrong


def test_only_the_owner_changes_it(anna: Person) -> None:
    made = scenes.check(anna)
    with pytest.raises(Check.DoesNotExist):
        change_keeping(
            actor=scenes.person("boris", role=Role.OWNER),
            check_id=made.pk,
            purpose="mine now",
            erase_at=timezone.now() + timedelta(days=1),
            now=timezone.now(),
        )
    with pytest.raises(UnableToKeep):
        change_keeping(actor=anna, check_id=made.pk, purpose="x", erase_at=timezone.now(), now=timezone.now())


@pytest.mark.parametrize("state", [state for state in Check.State if state != Check.State.REMOVED])
def test_a_check_whose_time_is_over_goes_whatever_its_state(
    client: Client, anna: Person, state: Check.State
) -> None:
    over = scenes.check(anna, state=state)
    kept = scenes.check(anna, first_phone=79_100_000_000)
    past = timezone.now() - timedelta(seconds=1)
    Check.objects.filter(pk=over.pk).update(erase_at=past)
    Check.objects.filter(pk=kept.pk).update(erase_at=timezone.now() + timedelta(days=1))
    assert next_to_erase() == past
    erase_due()
    # Out of sight at once, erased by the worker.
    assert client.get(f"/checks/{over.pk}/").status_code == 404
    job = ProcrastinateJob.objects.get(task_name="checks.erase")
    assert job.args == {"check_id": over.pk}
    assert erase_check(check_id=over.pk)
    assert list(Check.objects.all()) == [kept]
    assert Number.objects.count() == 10
    entry = AuditEntry.objects.get(action="check.erased_by_time")
    assert (entry.actor, entry.object_id, entry.details) == (None, str(over.pk), {})
    assert next_to_erase() == Check.objects.get().erase_at


def test_a_call_under_way_is_recorded_and_goes_with_the_rest(anna: Person) -> None:
    made, account = scenes.check(anna), scenes.account(anna)
    call = claim_call(account_id=account.pk)
    assert call is not None
    Check.objects.update(erase_at=timezone.now() - timedelta(seconds=1))
    erase_due()
    assert not erase_check(check_id=made.pk), "the call is still under way"
    record_answers(call_id=call.id, hits={}, retry=[], added=[])
    assert erase_check(check_id=made.pk)
    assert (Check.objects.count(), Block.objects.count(), Number.objects.count()) == (0, 0, 0)
    # The account still has to forget the numbers that were missed.
    left = Call.objects.get()
    assert (left.state, len(left.asked_phones)) == (Call.State.ANSWERED, 10)


def test_the_lists_of_somebody_who_leaves_go_with_them(anna: Person) -> None:
    olga, boris = scenes.person("olga", role=Role.OWNER), scenes.person("boris")
    mine, kept = scenes.check(anna, numbers=600), scenes.check(boris, first_phone=79_100_000_000)
    account = scenes.account(boris, shared=True)
    call = claim_call(account_id=account.pk)
    assert call is not None and call.check_id == mine.pk
    remove_person(actor=olga, person=anna, now=timezone.now())
    assert list(Check.objects.all()) == [kept]
    assert Number.objects.count() == 10
    left = Call.objects.get()
    assert (left.state, left.block, len(left.asked_phones)) == (Call.State.LOST, None, len(call.numbers))
    assert not record_answers(call_id=call.id, hits={}, retry=[], added=[]), "its answer changes nothing"


def test_a_list_that_is_being_read_stops_being_read(anna: Person) -> None:
    made = accept_paste(actor=anna, text="+79123456789", now=timezone.now())
    Check.objects.update(erase_at=timezone.now() - timedelta(seconds=1))
    erase_due()
    assert read_check(check_id=made.pk) is None
    assert erase_check(check_id=made.pk)
    assert not Number.objects.exists() and not LogEntry.objects.exists()


def test_keeping_it_longer_in_the_last_moment_saves_it(anna: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    made = scenes.check(anna)
    Check.objects.update(erase_at=timezone.now() - timedelta(seconds=1))
    remove = keeping._remove_due

    def saved_meanwhile(check_id: int, *words: object) -> None:
        Check.objects.update(erase_at=timezone.now() + timedelta(days=1))
        remove(check_id, *words)  # type: ignore[arg-type]

    monkeypatch.setattr(keeping, "_remove_due", saved_meanwhile)
    erase_due()
    made.refresh_from_db()
    assert made.state == Check.State.RUNNING


def test_an_uploaded_file_goes_with_its_check(client: Client, anna: Person, settings: Settings) -> None:
    file = SimpleUploadedFile("list.csv", b"phone;name\n+79123456789;x\n")
    client.post(NEW, {"file": file, "purpose": "fair", "keep": "7"})
    made = Check.objects.get()
    folder: Path = settings.PULT_UPLOADS_DIR
    assert len(list(folder.iterdir())) == 1
    Check.objects.update(erase_at=timezone.now() - timedelta(seconds=1))
    erase_due()
    erase_check(check_id=made.pk)
    assert list(folder.iterdir()) == []


def test_how_much_was_asked_is_forgotten_after_a_year(anna: Person) -> None:
    today = timezone.now().date()
    Usage.objects.create(person=anna, day=today - timedelta(days=400), asked=5)
    Usage.objects.create(person=anna, day=today, asked=7)
    assert keeping.next_usage_to_forget() is not None
    keeping.forget_usage()
    assert list(Usage.objects.values_list("asked", flat=True)) == [7]
    assert keeping.next_usage_to_forget() is None
