"""One number in the checks of everybody: what is stored about it, and its erasure, with totals that stay true."""

from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from pult.core.privacy.models import Objection
from pult.core.privacy.operations import ask_about, erase_everywhere, read_report, work_off
from pult.core.privacy.queries import fingerprint
from pult.core.registry import Erased, PersonalRecord, Role
from pult.modules.checks.models import Block, Call, Canary, Check, Finding, LogEntry, Number, RejectedLine
from pult.modules.checks.operations.answers import close_call, record_answers
from pult.modules.checks.operations.claim import claim_call
from pult.modules.checks.operations.erasing_numbers import erase_number
from pult.modules.checks.operations.lists import read_check
from pult.modules.checks.operations.reading import without
from pult.modules.checks.operations.setbacks import leave_unanswered
from pult.modules.checks.operations.uploads import accept_paste
from pult.modules.checks.queries import personal_data
from pult.modules.checks.queries.own_checks import numbers_of
from pult.modules.checks.queries.personal_data import stored_about
from pult.modules.checks.rules.problems import Problem
from pult.modules.checks.tests import scenes

pytestmark = pytest.mark.django_db
PHONE = 79_000_000_003


def erase(phone: int = PHONE, *, force: bool = False) -> Erased:
    return erase_number(phone, lambda done, total: None, force)


def found(phone: int = PHONE) -> list[PersonalRecord]:
    return list(stored_about(phone, lambda done, total: None))


def answered(check: Check, *, hits: int) -> None:
    """Its first numbers are found, the others not, as a call and its settling leave them."""
    for block in Block.objects.filter(check_ref=check):
        for place, number in enumerate(block.numbers.order_by("pk")):
            number.state = "f" if place < hits else "n"
            number.answered_at = scenes.NOW
            number.save()
            if number.state == "f":
                Finding.objects.create(
                    number=number,
                    telegram_id=number.phone or 0,
                    first_name="Vera",
                    usernames=["vera"],
                    last_seen="recently",
                )
        block.found_count, block.not_found_count = min(hits, block.size), max(0, block.size - hits)
        block.state = Block.State.DONE
        block.save()
    Check.objects.filter(pk=check.pk).update(state=Check.State.FINISHED, finished_at=scenes.NOW)


def test_everything_about_a_number_is_told() -> None:
    anna, boris = scenes.person("anna"), scenes.person("boris")
    hers, his = scenes.check(anna), scenes.check(boris)
    Check.objects.filter(pk=hers.pk).update(name="Fair", purpose="invitations")
    answered(hers, hits=5)
    RejectedLine.objects.create(check_ref=his, line=9, text="8 (900) 000-00-03 ext. 5", problem="extension")
    RejectedLine.objects.create(check_ref=his, line=10, text="8 (900) 000-00-04 ext. 5", problem="extension")
    Canary.objects.create(phone=PHONE, label="the office", created_at=scenes.NOW)
    records = found()
    assert [record.kind for record in records] == [
        "checked_number", "checked_number", "rejected_line", "canary",
    ]  # fmt: skip
    assert {record.facts["person"] for record in records[:2]} == {"anna", "boris"}
    one = next(record.facts for record in records if record.facts.get("check") == "Fair")
    assert (one["purpose"], one["verdict"], one["first_name"]) == ("invitations", "found", "Vera")
    assert records[3].facts["label"] == "the office"
    assert found(79_555_555_555) == []


def test_rows_are_gone_through_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal_data, "ROWS_AT_ONCE", 3)
    scenes.check(scenes.person())
    told: list[tuple[int, int]] = []
    ids = personal_data.numbers_with(PHONE, lambda done, total: told.append((done, total)))
    assert [Number.objects.get(pk=found_id).phone for found_id in ids] == [PHONE]
    assert told == [(3, 10), (6, 10), (9, 10), (10, 10)]


def test_totals_stay_true_when_a_number_goes() -> None:
    check = scenes.check(scenes.person(), numbers=600)
    answered(check, hits=5)
    assert erase() == Erased({"checked_number": 1, "rejected_line": 0, "canary": 0}, waits=False)
    check.refresh_from_db()
    sums = numbers_of(check)
    assert check.valid_count == sums["size"] == Number.objects.count() == 599
    assert (sums["found"], sums["not_found"]) == (9, 590)
    assert Finding.objects.count() == 9
    assert check.state == Check.State.FINISHED
    entry = LogEntry.objects.get(kind=LogEntry.Kind.SUBJECT_ERASED)
    assert (entry.block_ordinal, entry.details) == (0, {})
    assert erase().counts["checked_number"] == 0, "nothing left, nothing counted"


@pytest.mark.parametrize(
    ("state", "after"),
    [(Check.State.RUNNING, Check.State.FINISHED), (Check.State.READY, Check.State.READY)],
)
def test_the_last_number_takes_its_block_along_and_ends_a_running_check(
    state: Check.State, after: Check.State
) -> None:
    check = scenes.check(scenes.person(), numbers=1, first_phone=PHONE, state=state)
    erase()
    check.refresh_from_db()
    assert (check.valid_count, check.state) == (0, after)
    assert not Block.objects.exists()


def test_the_last_open_number_of_a_block_ends_it() -> None:
    check = scenes.check(scenes.person(), numbers=4)
    Number.objects.exclude(phone=PHONE).update(state="n", answered_at=scenes.NOW)
    erase()
    check.refresh_from_db()
    block = Block.objects.get()
    assert (block.state, block.size, block.not_found_count) == (Block.State.DONE, 3, 3)
    assert check.state == Check.State.FINISHED


def test_a_number_in_a_call_waits_until_the_account_has_forgotten_it() -> None:
    anna = scenes.person()
    scenes.check(anna)
    account = scenes.account(anna)
    call = claim_call(account_id=account.pk)
    assert call is not None
    assert erase().waits and erase(force=True).waits, "never while the answer may still come"
    record_answers(call_id=call.id, hits={}, retry=[], added=[])
    assert erase().waits, "the phone book still holds it"
    close_call(call_id=call.id)
    assert erase() == Erased({"checked_number": 1, "rejected_line": 0, "canary": 0}, waits=False)


def test_a_number_of_a_lost_call_is_forgotten_by_the_account_first_or_after_a_day() -> None:
    anna = scenes.person()
    scenes.check(anna)
    call = claim_call(account_id=scenes.account(anna).pk)
    assert call is not None
    leave_unanswered(call_id=call.id, reason="timeout")
    assert PHONE in Call.objects.get().asked_phones
    assert erase().waits
    assert not erase(force=True).waits
    assert PHONE not in Call.objects.get().asked_phones and len(Call.objects.get().asked_phones) == 9
    assert found() == []


def test_rejected_lines_lose_their_text_and_canaries_go() -> None:
    check = scenes.check(scenes.person())
    line = RejectedLine.objects.create(
        check_ref=check, line=9, text="+7 900 000 00 03 / 04", problem="several"
    )
    Canary.objects.create(phone=PHONE, created_at=scenes.NOW)
    assert erase().counts == {"checked_number": 1, "rejected_line": 1, "canary": 1}
    line.refresh_from_db()
    assert (line.text, line.line) == ("", 9)
    assert found() == []


def test_a_check_that_is_being_removed_is_waited_for() -> None:
    check = scenes.check(scenes.person(), state=Check.State.REMOVED)
    assert erase().waits
    assert ProcrastinateJob.objects.get(task_name="checks.erase").args == {"check_id": check.pk}


def test_an_erasure_that_was_cut_short_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("anna", "boris", "vera"):
        scenes.check(scenes.person(name))
    from pult.modules.checks.operations import erasing_numbers

    real = erasing_numbers._erase_row
    done: list[int] = []

    def killed_at_the_third(number_id: int, force: bool) -> bool | None:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(number_id)
        return real(number_id, force)

    monkeypatch.setattr(erasing_numbers, "_erase_row", killed_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        erase()
    assert Number.objects.filter(phone=PHONE).count() == 1
    monkeypatch.setattr(erasing_numbers, "_erase_row", real)
    erase()
    assert not Number.objects.filter(phone=PHONE).exists()
    for check in Check.objects.all():
        assert check.valid_count == numbers_of(check)["size"] == 9


def test_a_list_that_waits_to_be_read_comes_without_the_erased_number() -> None:
    anna, olga = scenes.person(), scenes.person("olga", role=Role.OWNER)
    now = timezone.now()
    waiting = accept_paste(actor=anna, text=f"+{PHONE}\n+79000000004\n", now=now - timedelta(minutes=1))
    inquiry = ask_about(actor=olga, subject=PHONE, now=now)
    erase_everywhere(actor=olga, inquiry_id=inquiry.pk, refuse_later=False, now=now)
    read_check(check_id=waiting.pk)
    assert list(Number.objects.values_list("phone", flat=True)) == [79_000_000_004]
    line = RejectedLine.objects.get()
    assert (line.line, line.text, line.problem) == (1, "", Problem.REFUSED)
    # It may be uploaded again later.
    later = accept_paste(actor=anna, text=f"+{PHONE}\n", now=now + timedelta(minutes=1))
    read_check(check_id=later.pk)
    assert Number.objects.filter(phone=PHONE).count() == 1


def test_an_objection_refuses_the_number_for_ever() -> None:
    anna, olga = scenes.person(), scenes.person("olga", role=Role.OWNER)
    inquiry = ask_about(actor=olga, subject=PHONE, now=timezone.now())
    erase_everywhere(actor=olga, inquiry_id=inquiry.pk, refuse_later=True, now=timezone.now())
    work_off(inquiry_id=inquiry.pk)
    later = accept_paste(actor=anna, text=f"+{PHONE}\n", now=timezone.now() + timedelta(days=400))
    read_check(check_id=later.pk)
    assert not Number.objects.exists()
    assert str(PHONE) not in "".join(str(bytes(row.digest)) for row in Objection.objects.all())


def test_only_the_refused_numbers_are_taken_out() -> None:
    results: list[int | Problem] = [PHONE, PHONE + 1, Problem.LETTERS]
    assert without(frozenset({fingerprint(PHONE)}), results) == [Problem.REFUSED, PHONE + 1, Problem.LETTERS]


def test_the_report_of_an_inquiry_holds_what_the_checks_know() -> None:
    olga = scenes.person("olga", role=Role.OWNER)
    scenes.check(scenes.person("anna"))
    inquiry = ask_about(actor=olga, subject=PHONE, now=timezone.now())
    work_off(inquiry_id=inquiry.pk)
    report = read_report(actor=olga, inquiry_id=inquiry.pk, now=timezone.now(), saved=False)
    assert report["number"] == f"+{PHONE}"
    assert [(record["kind"], record["person"]) for record in report["records"]] == [
        ("checked_number", "anna")
    ]


def test_somebody_may_come_with_a_username() -> None:
    anna, boris = scenes.person("anna"), scenes.person("boris")
    by_phone, by_name = scenes.check(anna), scenes.check(boris, numbers=3)
    answered(by_phone, hits=2)
    Finding.objects.filter(number__block__check_ref=by_phone).update(usernames=["other"])
    hers = Finding.objects.order_by("pk")[1]
    Finding.objects.filter(pk=hers.pk).update(usernames=["spare", "Vera_K"])
    Check.objects.filter(pk=by_name.pk).update(kind="username")
    for place, number in enumerate(Number.objects.filter(block__check_ref=by_name).order_by("pk")):
        Number.objects.filter(pk=number.pk).update(phone=None, subject=["veraxk", "vera_k", "vera_k2"][place])
    for line, text in enumerate(("@Vera_K, @oleg", "veraxk", "xvera_k")):
        RejectedLine.objects.create(check_ref=by_name, line=line, text=text, problem="several_numbers")
    records = list(stored_about("vera_k", lambda done, total: None))
    assert [record.kind for record in records] == ["checked_number", "checked_number", "rejected_line"]
    assert {record.facts["person"] for record in records[:2]} == {"anna", "boris"}
    assert {record.facts["subject"] for record in records[:2]} == {"@vera_k", f"+{hers.number.phone}"}
    erased = erase_number("vera_k", lambda done, total: None, False)
    assert (erased.counts["checked_number"], erased.counts["rejected_line"]) == (2, 1)
    assert list(stored_about("vera_k", lambda done, total: None)) == []
    assert Finding.objects.count() == 1
    assert set(Number.objects.exclude(subject="").values_list("subject", flat=True)) == {"veraxk", "vera_k2"}
    assert RejectedLine.objects.filter(text="").count() == 1


def test_a_list_of_usernames_is_read_without_who_objected() -> None:
    results = ["vera_k", "letters", Problem.LETTERS, "oleg"]
    refused = frozenset({fingerprint("vera_k"), fingerprint("letters")})
    read = without(refused, results)
    assert read == [Problem.REFUSED, Problem.REFUSED, Problem.LETTERS, "oleg"]
    assert isinstance(read[2], Problem)
