"""The audit trail: written once, never changed, read by those who may."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from pult.core.audit.models import AuditEntry
from pult.core.audit.operations import record
from pult.core.audit.queries import Cursor, entries, page_of
from pult.core.audit.vocabulary import name_actions, title_of, value_in_words

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
People = get_user_model().objects

pytestmark = pytest.mark.django_db


def browser(role: str) -> Client:
    person = People.create_user(email=f"{role}@example.org", name=role.title(), role=role)
    client = Client()
    client.force_login(person)
    return client


def write(count: int, action: str = "check.started", **more: object) -> None:
    for number in range(count):
        record(action=action, actor=None, now=NOW + timedelta(minutes=number), **more)  # type: ignore[arg-type]


def test_an_entry_can_be_neither_changed_nor_deleted() -> None:
    write(1)
    for attempt in (
        lambda: AuditEntry.objects.update(action="check.removed"),
        lambda: AuditEntry.objects.update(actor_label="somebody else"),
        lambda: AuditEntry.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            attempt()
    assert AuditEntry.objects.get().action == "check.started"


def test_the_trail_outlives_an_erased_person() -> None:
    person = People.create_user(email="gone@example.org", name="Gone")
    record(action="check.started", actor=person, now=NOW)
    person.delete()
    entry = AuditEntry.objects.get(action="check.started")
    assert (entry.actor, entry.actor_label) == (None, "Gone")


def test_a_person_is_called_as_they_are_called_today() -> None:
    person = People.create_user(email="owner@pult.invalid")
    record(action="check.started", actor=person, now=NOW)
    person.name = "Anna"
    person.save()
    assert page_of(entries()).lines[0].actor == "Anna"


def test_only_administrators_and_owners_read_it() -> None:
    assert Client().get("/audit/")["Location"] == "/sign-in/?next=/audit/"
    assert browser("operator").get("/audit/").status_code == 403
    assert browser("administrator").get("/audit/").status_code == 200
    assert browser("owner").get("/audit/").status_code == 200


def test_pages_by_cursor_lead_there_and_back() -> None:
    write(7)
    first = page_of(entries(), size=3)
    second = page_of(entries(), size=3, before=first.older)
    third = page_of(entries(), size=3, before=second.older)
    assert [len(page.lines) for page in (first, second, third)] == [3, 3, 1]
    assert first.newer is None and third.older is None
    back = page_of(entries(), size=3, after=third.newer)
    assert [line.entry.pk for line in back.lines] == [line.entry.pk for line in second.lines]
    at_the_top = page_of(entries(), size=3, after=second.newer)
    assert [line.entry.pk for line in at_the_top.lines] == [line.entry.pk for line in first.lines]
    assert at_the_top.newer is None


def test_the_filter_lives_in_the_address() -> None:
    owner = browser("owner")
    write(2)
    write(1, action="check.paused", object_type="check", object_id=77)

    def shown(query: str) -> list[str]:
        lines = owner.get(f"/audit/?{query}").context["page"].lines
        return sorted(line.entry.action for line in lines if not line.entry.action.startswith("person."))

    assert shown("") == ["check.paused", "check.started", "check.started"]
    assert shown("q=77") == ["check.paused"]
    assert shown("since=2026-11-22") == []
    assert len(shown("since=2026-11-21&until=2026-11-21")) == 3
    assert len(shown("since=nonsense&action=unknown&before=x")) == 3
    assert owner.get("/audit/?q=nothing+like+it").status_code == 200
    assert [
        line.entry.action for line in owner.get("/audit/?action=person.signed_in").context["page"].lines
    ] == ["person.signed_in"]


def test_the_search_knows_the_readers_words_and_names() -> None:
    owner = browser("owner")
    vera = People.create_user(email="vera@example.org", name="Vera")
    record(action="check.started", actor=vera, now=NOW)
    record(action="person.switched_off", actor=None, now=NOW, object_type="person", object_id=vera.pk)

    def found(words: str) -> set[str]:
        return {line.entry.action for line in owner.get("/audit/", {"q": words}).context["page"].lines}

    assert found("VERA") == found("vera@example") == {"check.started", "person.switched_off"}
    assert found("signed in to") == {"person.signed_in"}
    assert found("entirely different") == set()


def test_cursors_that_somebody_made_up_are_ignored() -> None:
    for text in (
        "",
        "x",
        "5",
        "2026-11-21_5",
        "2026-11-21T12:00:00+00:00_x",
        "2026-11-21T12:00:00+00:00_-1",
        "_",
    ):
        assert Cursor.parse(text) is None
    cursor = Cursor(NOW, 5)
    assert Cursor.parse(str(cursor)) == cursor


def test_an_action_has_one_name() -> None:
    assert title_of("nobody.named_this") == "nobody.named_this"
    with pytest.raises(ValueError, match="twice"):
        name_actions({"person.signed_in": "again"})


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_the_database_five_times_however_long_it_is(
    rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    owner = browser("owner")
    person = People.get(email="owner@example.org")
    write(rows, action="person.switched_off", object_type="person", object_id=person.pk)
    # Session, reader, entries, names of people acted upon, people for the filter.
    with django_assert_num_queries(5):
        assert owner.get("/audit/").status_code == 200


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("scope", "each", "each person"),
        ("reason", "frozen", "frozen by Telegram"),
        ("factor", "totp", "authenticator app"),
        ("role", "operator", "Operator"),
        ("may_stay", False, "no"),
        ("refused_in_future", True, "yes"),
        ("numbers_per_day", None, "–"),
        ("after", "2026-12-01", "Dec. 1, 2026"),
        ("canary", "2026-99-99", "2026-99-99"),
        ("most", 200, 200),
    ],
)
def test_details_are_told_in_words(name: str, value: object, words: object) -> None:
    with translation.override("en"):
        assert str(value_in_words(name, value)) == str(words)


def test_what_was_before_stands_before_what_came_after() -> None:
    record(action="person.role_changed", actor=None, now=NOW, before="operator", after="owner")
    with translation.override("en"):
        details = page_of(entries()).lines[0].details
    assert [(str(name), str(value)) for name, value in details] == [
        ("before", "Operator"),
        ("after", "Owner"),
    ]
