"""Inquiries about one number: sealed, own, recorded without the number, erased with everything it leads to."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from typer.testing import CliRunner

from pult.core.audit.models import AuditEntry
from pult.core.people.models import Person
from pult.core.privacy.cli import commands
from pult.core.privacy.models import Inquiry, Objection
from pult.core.privacy.operations import ask_about, erase_everywhere, ring_inquiries, work_off
from pult.core.privacy.operations.searching import WAIT_AT_MOST
from pult.core.privacy.queries import is_refused, may_follow_inquiry, next_inquiry, refused_numbers, trace_of
from pult.core.privacy.rules import phone_of, subject_of
from pult.core.registry import Erased, PersonalData, PersonalRecord, Role, Subject, registry

pytestmark = pytest.mark.django_db
PHONE = 79_123_456_789
MARK = "Vera Karelina"


class Rows:
    """A module's rows as the room of privacy sees them."""

    def __init__(self) -> None:
        self.kept = 2
        self.under_way = False
        self.forced: list[bool] = []

    def stored_about(self, phone: Subject, progress: Any) -> Iterator[PersonalRecord]:
        progress(1, 2)
        for place in range(self.kept if phone == PHONE else 0):
            yield PersonalRecord("row", {"place": place, "name": MARK, "at": timezone.now(), "found": True})

    def erase(self, phone: Subject, progress: Any, force: bool) -> Erased:
        self.forced.append(force)
        if self.under_way and not force:
            gone, self.kept = self.kept - 1, 1
            return Erased({"row": gone}, waits=True)
        gone, self.kept = self.kept, 0
        return Erased({"row": gone})


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> Rows:
    """Only one module stores anything about numbers."""
    rows = Rows()
    data = PersonalData(stored_about=rows.stored_about, erase=rows.erase, words={"row": "A row of the test"})
    modules = {
        name: replace(module, personal_data=data if name == "privacy" else None)
        for name, module in registry._modules.items()
    }
    monkeypatch.setattr(registry, "_modules", modules)
    return rows


@pytest.fixture
def olga(client: Client) -> Person:
    somebody = Person.objects.create_user(email="olga@example.org", name="Olga", role=Role.OWNER.value)
    client.force_login(somebody)
    return somebody


def everything_stored() -> str:
    """All rows of privacy, audit and queue as PostgreSQL prints them."""
    with connection.cursor() as cursor:
        text = ""
        for table in ("privacy_inquiry", "privacy_objection", "audit_entry", "procrastinate_jobs"):
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t")  # noqa: S608 - constants
            text += "".join(row[0] for row in cursor.fetchall())
    return text


def test_a_number_is_looked_up_shown_and_saved(client: Client, olga: Person, rows: Rows) -> None:
    answer = client.post("/privacy/", {"number": "+7 (912) 345-67-89"})
    address = answer["Location"]
    assert "Everything that is stored is being gone through" in client.get(address).text
    ring_inquiries()
    job = ProcrastinateJob.objects.get()
    assert job.task_name == "privacy.inquire"
    work_off(inquiry_id=Inquiry.objects.get().pk)
    page = client.get(address).text
    assert "+79123456789" in page and MARK in page and "A row of the test" in page
    report = client.get(f"{address}report.json")
    assert "attachment" in report["Content-Disposition"]
    content = json.loads(report.content)
    assert (content["number"], len(content["records"])) == ("+79123456789", 2)
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", "object_type", "object_id"))
    assert actions[-2:] == [
        ("privacy.looked", "number", trace_of(PHONE)),
        ("privacy.report_saved", "number", trace_of(PHONE)),
    ]


def test_neither_number_nor_report_lies_anywhere_in_clear(olga: Person, rows: Rows) -> None:
    inquiry = ask_about(actor=olga, subject=PHONE, now=timezone.now())
    work_off(inquiry_id=inquiry.pk)
    erase_everywhere(actor=olga, inquiry_id=inquiry.pk, refuse_later=True, now=timezone.now())
    stored = everything_stored()
    assert str(PHONE) not in stored and MARK not in stored
    work_off(inquiry_id=inquiry.pk)
    inquiry.refresh_from_db()
    assert (inquiry.state, inquiry.number, inquiry.report, inquiry.hint) == ("erased", None, None, "")
    assert inquiry.counts == {"privacy.row": 2}
    assert AuditEntry.objects.get(action="privacy.erased").details == {"row": 2}


def test_the_page_erases_and_says_what_went(client: Client, olga: Person, rows: Rows) -> None:
    inquiry = ask_about(actor=olga, subject=PHONE, now=timezone.now())
    work_off(inquiry_id=inquiry.pk)
    address = f"/privacy/inquiries/{inquiry.pk}/"
    client.post(f"{address}erase/", {"refuse_later": "on"})
    assert "is being erased everywhere" in client.get(address).text
    assert client.get(f"{address}report.json").status_code == 404
    work_off(inquiry_id=inquiry.pk)
    page = client.get(address).text
    assert "The number is erased" in page and "refused from now on" in page and "A row of the test" in page
    assert is_refused(PHONE)
    # A second time does nothing and says so.
    assert "is being erased already" in client.post(f"{address}erase/", follow=True).text


def test_what_cannot_go_yet_is_tried_again_and_after_a_day_forced(olga: Person, rows: Rows) -> None:
    rows.under_way = True
    inquiry = ask_about(actor=olga, subject=PHONE, now=timezone.now())
    erase_everywhere(actor=olga, inquiry_id=inquiry.pk, refuse_later=False, now=timezone.now())
    work_off(inquiry_id=inquiry.pk)
    inquiry.refresh_from_db()
    assert (inquiry.state, inquiry.held_up, inquiry.counts) == ("erasing", True, {"privacy.row": 1})
    assert inquiry.due_at is not None and next_inquiry() == inquiry.due_at
    Inquiry.objects.update(erasing_since=timezone.now() - WAIT_AT_MOST)
    work_off(inquiry_id=inquiry.pk)
    inquiry.refresh_from_db()
    assert (inquiry.state, inquiry.counts) == ("erased", {"privacy.row": 2})
    assert rows.forced == [False, True]


def test_a_lost_job_is_sent_again_and_a_second_run_does_no_harm(olga: Person, rows: Rows) -> None:
    inquiry = ask_about(actor=olga, subject=PHONE, now=timezone.now())
    ring_inquiries()
    ring_inquiries()
    assert ProcrastinateJob.objects.count() == 1
    ProcrastinateJob.objects.all().delete()
    Inquiry.objects.update(due_at=timezone.now())
    ring_inquiries()
    assert ProcrastinateJob.objects.count() == 1
    work_off(inquiry_id=inquiry.pk)
    work_off(inquiry_id=inquiry.pk)
    assert Inquiry.objects.get().state == Inquiry.State.LOOKED


def test_an_inquiry_goes_by_itself_after_a_day(olga: Person, rows: Rows) -> None:
    ask_about(actor=olga, subject=PHONE, now=timezone.now() - timedelta(days=1, minutes=1))
    ring_inquiries()
    assert not Inquiry.objects.exists()


def test_an_inquiry_is_its_askers_alone(client: Client, olga: Person, rows: Rows) -> None:
    inquiry = ask_about(actor=olga, subject=PHONE, now=timezone.now())
    boris = Person.objects.create_user(email="boris@example.org", role=Role.OWNER.value)
    client.force_login(boris)
    assert client.get(f"/privacy/inquiries/{inquiry.pk}/").status_code == 404
    assert client.post(f"/privacy/inquiries/{inquiry.pk}/erase/").status_code == 404
    assert not may_follow_inquiry(boris, str(inquiry.pk)) and may_follow_inquiry(olga, str(inquiry.pk))
    assert client.get("/privacy/").context["rows"] == []


def test_lists_read_later_refuse_what_was_erased_before(olga: Person, rows: Rows) -> None:
    now = timezone.now()
    inquiry = ask_about(actor=olga, subject=PHONE, now=now)
    erase_everywhere(actor=olga, inquiry_id=inquiry.pk, refuse_later=False, now=now)
    assert len(refused_numbers(uploaded_at=now - timedelta(seconds=1))) == 1
    assert refused_numbers(uploaded_at=now + timedelta(seconds=1)) == frozenset()
    assert not is_refused(PHONE)
    assert Objection.objects.get().lists_before == now


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+7 912 345-67-89", PHONE),
        ("7(912)345.67.89", PHONE),
        ("0079123456789", PHONE),
        ("+7 912", None),
        ("seven", None),
        ("+7912345678912345", None),
        ("", None),
        ("+٧٩١٢٣٤٥٦٧٨٩", None),
    ],
)
def test_the_number_is_read_from_usual_spellings(text: str, number: int | None) -> None:
    assert phone_of(text) == number


def test_a_wrong_number_is_answered_beside_the_field(client: Client, olga: Person) -> None:
    answer = client.post("/privacy/", {"number": "call me"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["number"]
    assert not Inquiry.objects.exists()


def test_the_policy_is_changed_within_reason(client: Client, olga: Person) -> None:
    answer = client.post("/privacy/retention/", {"default_days": "30", "most_days": "20"})
    assert answer.status_code == 422 and list(answer.context["form"].errors) == ["default_days"]
    client.post("/privacy/retention/", {"default_days": "30", "most_days": "60", "may_stay": "on"})
    client.post("/privacy/retention/", {"default_days": "14", "most_days": "60"})
    entries = AuditEntry.objects.filter(action="privacy.policy_changed").order_by("pk")
    assert [entry.details["default_days"] for entry in entries] == [30, 14]
    assert "14" in client.get("/privacy/").text


def test_an_operator_sees_none_of_it(client: Client) -> None:
    client.force_login(Person.objects.create_user(email="anna@example.org"))
    for address in ("/privacy/", "/privacy/retention/"):
        assert client.get(address).status_code == 403
    assert "/privacy/" not in client.get("/checks/").text


def test_the_terminal_shows_and_erases(rows: Rows) -> None:
    shown = CliRunner().invoke(commands, ["show", "+79123456789"])
    assert shown.exit_code == 0, shown.output
    assert len(json.loads(shown.stdout)["records"]) == 2
    assert not Inquiry.objects.exists()
    erased = CliRunner().invoke(commands, ["erase", "+79123456789", "--refuse", "--yes"])
    assert erased.exit_code == 0, erased.output
    assert "A row of the test: 2" in erased.stdout
    assert rows.kept == 0 and is_refused(PHONE)
    assert CliRunner().invoke(commands, ["show", "no body"]).exit_code == 1
    assert AuditEntry.objects.filter(action="privacy.looked", actor=None).count() == 2


@pytest.mark.parametrize("text", ["@Vera_K", "vera_k", " https://t.me/vera_k/ ", "t.me/VERA_K"])
def test_a_username_is_understood_as_people_pass_it_on(text: str) -> None:
    assert subject_of(text) == "vera_k"


@pytest.mark.parametrize("text", ["", "@", "vera k", "ver", "1vera", "вера", "@vera@", "vera'; --", "+7912"])
def test_what_is_neither_a_number_nor_a_username_is_refused(text: str) -> None:
    assert subject_of(text) is None


def test_a_username_is_looked_up_and_refused_without_being_kept(
    client: Client, olga: Person, rows: Rows
) -> None:
    address = client.post("/privacy/", {"number": "@Vera_Karelina"})["Location"]
    inquiry = Inquiry.objects.get()
    work_off(inquiry_id=inquiry.pk)
    assert "@vera_karelina" in client.get(address).text
    assert client.get(f"{address}report.json").json()["number"] == "@vera_karelina"
    client.post(f"{address}erase/", {"refuse_later": "on"})
    work_off(inquiry_id=inquiry.pk)
    assert is_refused("vera_karelina") and not is_refused("somebody")
    assert "is refused from now on" in client.get(address).text
    assert "vera_karelina" not in everything_stored().lower()
