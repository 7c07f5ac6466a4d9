"""Turning pages: nothing is missed and nothing comes twice, whatever happens meanwhile."""

from typing import Any

import pytest

from pult.core.api.tests.callers import Caller, caller, problem
from pult.core.api.values import cursor_of
from pult.core.people.models import Person
from pult.modules.checks.models import Block, Check, Finding, Number
from pult.modules.checks.queries.result_pages import results_after
from pult.modules.checks.queries.results import Wanted
from pult.modules.checks.tests import scenes

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(db: None) -> Person:
    return scenes.person("anna")


@pytest.fixture
def programme(anna: Person) -> Caller:
    return caller(anna)


def all_pages(programme: Caller, path: str, **query: Any) -> list[Any]:
    """Every item, page by page; `meanwhile` runs between the pages."""
    meanwhile, items, cursor, pages = query.pop("meanwhile", lambda: None), [], "", 0
    while True:
        page = programme.get(path, **query, cursor=cursor).json()
        items += page["items"]
        pages += 1
        if page["next"] is None:
            return items
        assert pages < 100
        cursor = page["next"]
        meanwhile()


def test_checks_made_meanwhile_move_nothing(programme: Caller, anna: Person) -> None:
    made = [scenes.check(anna, numbers=1).pk for _ in range(7)]
    seen = all_pages(programme, "/checks", limit=2, meanwhile=lambda: scenes.check(anna, numbers=1))
    assert [check["id"] for check in seen] == sorted(made, reverse=True)


def test_results_go_through_every_block_once(programme: Caller, anna: Person) -> None:
    check = scenes.check(anna, numbers=1201)
    seen = all_pages(programme, f"/checks/{check.pk}/results", limit=250)
    assert [row["id"] for row in seen] == [number.pk for number in scenes.numbers_of(check)]
    assert seen[0]["subject"] == "+79000000000"
    assert {row["verdict"] for row in seen} == {"waiting"}


def test_results_of_one_verdict_skip_empty_blocks(programme: Caller, anna: Person) -> None:
    check = scenes.check(anna, numbers=2000)
    wanted = [number for number in scenes.numbers_of(check) if (number.phone or 0) % 400 == 7]
    Number.objects.filter(pk__in=[number.pk for number in wanted]).update(state="f")
    for number in wanted:
        Finding.objects.create(
            number=number, telegram_id=number.phone or 0, first_name="Vera", last_seen="recently"
        )
        block = Block.objects.get(pk=number.block_id)
        block.found_count += 1
        block.save()
    seen = all_pages(programme, f"/checks/{check.pk}/results", verdict="found", limit=2)
    assert [row["id"] for row in seen] == [number.pk for number in wanted]
    assert seen[0]["person"]["first_name"] == "Vera"
    by_name = all_pages(programme, f"/checks/{check.pk}/results", search="vera", limit=2)
    assert [row["id"] for row in by_name] == [number.pk for number in wanted]
    by_digits = all_pages(programme, f"/checks/{check.pk}/results", search="79000001999", limit=2)
    assert [row["subject"] for row in by_digits] == ["+79000001999"]


def test_verdicts_that_arrive_meanwhile_open_no_gap(programme: Caller, anna: Person) -> None:
    check = scenes.check(anna, numbers=900)
    numbers = scenes.numbers_of(check)

    def another_verdict() -> None:
        number = Number.objects.filter(block__check_ref=check, state="w").order_by("-pk")[0]
        Number.objects.filter(pk=number.pk).update(state="n")
        Block.objects.filter(pk=number.block_id).update(not_found_count=1)

    seen = all_pages(programme, f"/checks/{check.pk}/results", limit=100, meanwhile=another_verdict)
    assert [row["id"] for row in seen] == [number.pk for number in numbers]


def test_counts_that_promise_too_much_do_not_end_the_list(anna: Person) -> None:
    check = scenes.check(anna, numbers=1500)
    Block.objects.filter(check_ref=check).update(found_count=300)
    last = scenes.numbers_of(check)[-1]
    Number.objects.filter(pk=last.pk).update(state="f")
    part, seen = results_after(check, Wanted(verdict="found"), after=None, limit=100), []
    while part.end is not None:
        seen += part.numbers
        part = results_after(check, Wanted(verdict="found"), after=part.end, limit=100)
    assert [number.pk for number in [*seen, *part.numbers]] == [last.pk]


def test_blocks_log_and_rejected_lines_have_pages(programme: Caller, anna: Person) -> None:
    check = scenes.check(anna, numbers=2500)
    blocks = all_pages(programme, f"/checks/{check.pk}/blocks", limit=2)
    assert [block["number"] for block in blocks] == [1, 2, 3, 4, 5]
    for state in ("pause", "resume") * 2:
        programme.post(f"/checks/{check.pk}/{state}")
    assert len(all_pages(programme, f"/checks/{check.pk}/log", limit=1)) == 4
    check.rejected_lines.create(line=3, text="a", problem="letters")
    check.rejected_lines.create(line=3, text="b", problem="letters")
    check.rejected_lines.create(line=9, text="c", problem="letters")
    rejected = all_pages(programme, f"/checks/{check.pk}/rejected", limit=1)
    assert [line["text"] for line in rejected] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "AAAA",
        cursor_of(["a"]),
        cursor_of([1, 2, 3]),
        cursor_of([10**30]),
        "ü",
        "[" * 400,
        cursor_of([True]),
    ],
)
def test_a_made_up_cursor_is_refused(programme: Caller, anna: Person, cursor: str) -> None:
    problem(programme.get("/checks", cursor=cursor), 400, "bad-cursor")


def test_a_cursor_opens_nothing_of_others(programme: Caller) -> None:
    stranger = scenes.check(scenes.person("boris"), numbers=3)
    cursor = cursor_of([stranger.pk + 1])
    assert programme.get("/checks", cursor=cursor).json() == {"items": [], "next": None}
    assert Check.objects.count() == 1


def test_a_page_deep_in_a_large_list_needs_few_queries(
    programme: Caller, anna: Person, django_assert_max_num_queries: Any
) -> None:
    check = scenes.check(anna, numbers=5000)
    cursor = cursor_of([8, 0])
    with django_assert_max_num_queries(7):
        page = programme.get(f"/checks/{check.pk}/results", cursor=cursor, limit=1000).json()
    assert len(page["items"]) == 1000
    assert page["items"][0]["line"] == 4001
