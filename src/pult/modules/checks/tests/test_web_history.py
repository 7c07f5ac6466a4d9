"""The history of checks: leads a newcomer, then finds any check again."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from pult.core.people.models import Person
from pult.modules.checks.models import Block, Check
from pult.modules.checks.tests.scenes import NOW, account, check, person

pytestmark = pytest.mark.django_db
HISTORY = "/checks/"


@pytest.fixture
def anna(client: Client) -> Person:
    somebody = person("anna")
    client.force_login(somebody)
    return somebody


def named(
    owner: Person, name: str, *, days: int = 0, numbers: int = 10, state: Check.State = Check.State.FINISHED
) -> Check:
    made = check(owner, numbers=numbers, state=state)
    Check.objects.filter(pk=made.pk).update(name=name, created_at=NOW + timedelta(days=days))
    return made


def test_a_newcomer_is_led_to_connect_then_to_upload(client: Client, anna: Person) -> None:
    first = client.get(HISTORY)
    assert [step["title"] for step in first.context["steps"] if step.get("done")] == []
    assert reverse("telegram:connect") in first.text
    account(anna)
    then = client.get(HISTORY)
    assert then.context["steps"][0]["done"]
    assert f'href="{reverse("checks:new")}"' in then.text


def test_sample_numbers_are_offered_with_the_simulated_telegram_only(
    client: Client, anna: Person, settings: Settings
) -> None:
    settings.SIMULATOR_URL = "http://127.0.0.1:8010"
    assert "http://127.0.0.1:8010/api/sample-numbers?count=1000&amp;format=csv" in client.get(HISTORY).text
    settings.SIMULATED_TELEGRAM = False
    assert "sample-numbers" not in client.get(HISTORY).text


def names_on(client: Client, query: str = "") -> list[str]:
    return [row["check"].name for row in client.get(HISTORY + query).context["rows"]]


def test_search_state_and_sorting_live_in_the_address(client: Client, anna: Person) -> None:
    named(anna, "Spring fair", numbers=5)
    named(anna, "Autumn fair", days=1, numbers=20, state=Check.State.PAUSED)
    named(anna, "Winter", days=2, numbers=10, state=Check.State.READY)
    assert names_on(client) == ["Winter", "Autumn fair", "Spring fair"]
    assert names_on(client, "?q=FAIR") == ["Autumn fair", "Spring fair"]
    assert names_on(client, "?state=paused") == ["Autumn fair"]
    assert names_on(client, "?state=preparing") == ["Winter"]
    assert names_on(client, "?sort=-numbers") == ["Autumn fair", "Winter", "Spring fair"]
    assert names_on(client, "?sort=name") == ["Autumn fair", "Spring fair", "Winter"]
    assert names_on(client, "?q=fair&state=finished") == ["Spring fair"]


def test_nonsense_in_the_address_shows_the_list(client: Client, anna: Person) -> None:
    named(anna, "Only")
    assert names_on(client, "?sort=drop&state=x&page=-5") == ["Only"]
    assert names_on(client, "?page=9999") == ["Only"]


def test_nothing_fits_is_not_the_newcomers_page(client: Client, anna: Person) -> None:
    named(anna, "Only")
    answer = client.get(HISTORY + "?q=zzz")
    assert answer.context["any"]
    assert "No check fits" in answer.text


def test_pages_of_25(client: Client, anna: Person) -> None:
    for number in range(27):
        named(anna, f"List {number:02}", days=number, numbers=1)
    assert len(names_on(client)) == 25
    assert names_on(client, "?page=2") == ["List 01", "List 00"]


def test_verdicts_are_summed_over_the_blocks(client: Client, anna: Person) -> None:
    made = named(anna, "Sums", numbers=600)
    Block.objects.filter(check_ref=made, ordinal=0).update(
        found_count=200, not_found_count=290, unanswered_count=10
    )
    Block.objects.filter(check_ref=made, ordinal=1).update(found_count=1, not_found_count=99)
    row = client.get(HISTORY).context["rows"][0]["check"]
    assert (row.found, row.not_found, row.unanswered) == (201, 389, 10)


def test_as_many_queries_for_three_checks_as_for_one(
    client: Client, anna: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    named(anna, "One")
    client.get(HISTORY)
    with django_assert_num_queries(
        7
    ):  # session, person, count, rows, what goes soon, counts by state and by kind
        client.get(HISTORY)
    named(anna, "Two")
    named(anna, "Three", numbers=600)
    with django_assert_num_queries(7):
        client.get(HISTORY)
