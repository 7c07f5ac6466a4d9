"""Strangers who asked to be let in are forgotten: after a while by themselves, at once when somebody wants it so."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pult.core.people.models import Application, Person, TelegramIdentity
from pult.core.people.operations.applications import (
    apply_for_access,
    decide_application,
    forget_declined,
    next_declined_to_forget,
)
from pult.core.people.personal_data import erase, stored_about
from pult.core.people.rules import DECLINED_KEPT

pytestmark = pytest.mark.django_db


def asked(user_id: int, username: str, *, decided: str = "", days: int = 0) -> Application:
    then = timezone.now() - timedelta(days=days)
    application = apply_for_access(
        user_id=user_id,
        nickname=f"n{user_id}",
        telegram_name="Stranger",
        username=username,
        language="",
        now=then,
    )
    if decided:
        decide_application(actor=None, application_id=application.pk, approve=decided == "approved", now=then)
    return application


def nothing(done: int, of: int) -> None:
    """Nobody follows the progress."""


def test_who_was_declined_is_remembered_for_a_month() -> None:
    assert next_declined_to_forget() is None
    asked(1, "old_one", decided="declined", days=DECLINED_KEPT.days + 1)
    kept = {asked(2, "new_one", decided="declined").pk, asked(3, "waits", days=90).pk}
    kept.add(asked(4, "came", decided="approved", days=90).pk)
    due = next_declined_to_forget()
    assert due is not None and due < timezone.now()
    forget_declined()
    assert set(Application.objects.values_list("pk", flat=True)) == kept
    due = next_declined_to_forget()
    assert due is not None and due > timezone.now()


def test_a_username_is_found_and_erased_and_a_colleague_only_named(operator: Person) -> None:
    TelegramIdentity.objects.create(
        person=operator, user_id=9, simulated=True, username="Vera_1", linked_at=timezone.now()
    )
    asked(1, "vera_1", decided="declined")
    came, waits, other = asked(2, "VERA_1", decided="approved"), asked(3, "vera_1"), asked(4, "vera_12")
    kinds = [record.kind for record in stored_about("vera_1", nothing)]
    assert sorted(kinds) == ["application"] * 3 + ["colleague"] * 2
    assert list(stored_about(79123456789, nothing)) == []

    erased = erase("vera_1", nothing, False)
    assert (erased.counts, erased.waits) == ({"application": 2}, True), "a decision is waited for"
    erased = erase("vera_1", nothing, True)
    assert (erased.counts, erased.waits) == ({"application": 1}, False)
    assert set(Application.objects.values_list("pk", flat=True)) == {came.pk, other.pk}
    came.refresh_from_db()
    assert (came.username, came.telegram_name, came.person is None) == ("", "", False)
    assert not Application.objects.filter(pk=waits.pk).exists()
    assert [record.kind for record in stored_about("vera_1", nothing)] == ["colleague"] * 2
