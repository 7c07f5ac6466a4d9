"""Time left as a check's page shows it: learned budgets, shared among those who wait."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from pult.core.people.models import Person
from pult.core.telegram.models import Account, Budget
from pult.modules.checks.models import Check, Hold
from pult.modules.checks.queries.progress import progress_of
from pult.modules.checks.tests import scenes

pytestmark = pytest.mark.django_db


def learned(owner: Person, per_hour: float | None, **fields: Any) -> Account:
    account = scenes.account(owner, **fields)
    Budget.objects.filter(account=account, request="phones").update(per_hour=per_hour)
    return account


def left(check: Check) -> Any:
    """Seconds; None while unknown."""
    length = progress_of(check, now=timezone.now()).left
    return None if length is None else length.total_seconds()


def test_it_follows_from_what_the_accounts_have_learned() -> None:
    anna = scenes.person()
    check = scenes.check(anna, numbers=600)
    assert left(check) is None
    learned(anna, 36_000)
    assert left(check) == pytest.approx(60)
    learned(anna, 36_000)
    assert left(check) == pytest.approx(30)


def test_a_resting_account_counts_from_when_it_wakes_and_a_lost_one_not_at_all() -> None:
    anna = scenes.person()
    check = scenes.check(anna, numbers=600)
    learned(anna, 36_000, state="banned")
    assert left(check) is None
    learned(anna, 36_000, resting_until=timezone.now() + timedelta(minutes=10))
    assert left(check) == pytest.approx(660, abs=1)


def test_a_shared_account_is_divided_among_the_people_who_wait_and_an_own_one_among_ones_checks() -> None:
    anna, boris = scenes.person("anna"), scenes.person("boris")
    check = scenes.check(anna, numbers=600)
    shared = learned(anna, 36_000, shared=True)
    other = scenes.check(boris, numbers=600)
    assert (left(check), left(other)) == (pytest.approx(120), pytest.approx(120))
    shared.shared = False
    shared.save()
    assert (left(check), left(other)) == (pytest.approx(60), None)
    scenes.check(anna, numbers=600)
    assert left(check) == pytest.approx(120)


def test_whoever_is_held_back_takes_no_turns_from_others_and_has_no_end_in_sight() -> None:
    anna, boris = scenes.person("anna"), scenes.person("boris")
    check, other = scenes.check(anna, numbers=600), scenes.check(boris, numbers=600)
    learned(anna, 36_000, shared=True)
    Hold.objects.create(person=boris, laid_at=timezone.now())
    assert (left(check), left(other)) == (pytest.approx(60), None)


def test_the_page_says_so_while_nothing_is_known(client: Client) -> None:
    anna = scenes.person()
    client.force_login(anna)
    check = scenes.check(anna, numbers=600)
    account = learned(anna, None)
    assert "time left: not known yet" in client.get(f"/checks/{check.pk}/").text
    Budget.objects.filter(account=account).update(per_hour=36_000)
    page = client.get(f"/checks/{check.pk}/").text
    assert "not known yet" not in page
    assert "about 1 min left" in page.replace("\N{NO-BREAK SPACE}", " ")
