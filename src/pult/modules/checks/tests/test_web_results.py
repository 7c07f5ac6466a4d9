"""Results: what is asked for is what is shown and what is exported."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from pult.core.people.models import Person
from pult.modules.checks.models import Block, Check, Finding, Number, RejectedLine
from pult.modules.checks.tests.scenes import check, numbers_of, person, phone_of

pytestmark = pytest.mark.django_db
FIRST = 79_000_000_000


@pytest.fixture
def anna(client: Client) -> Person:
    somebody = person("anna")
    client.force_login(somebody)
    return somebody


def settled(made: Check, letters: str) -> None:
    """The numbers get their verdicts, the blocks their counts."""
    for number, letter in zip(numbers_of(made), letters, strict=True):
        number.state = letter
        number.save()
    for block in Block.objects.filter(check_ref=made):
        states = "".join(block.numbers.order_by("pk").values_list("state", flat=True))
        Block.objects.filter(pk=block.pk).update(
            found_count=states.count("f"),
            not_found_count=states.count("n"),
            unanswered_count=states.count("u"),
            state="done",
        )


def behind(number: Number, **fields: Any) -> None:
    known: dict[str, Any] = {
        "telegram_id": 500 + phone_of(number) % 1000,
        "last_seen": "recently",
        "first_name": "Nobody",
    }
    Finding.objects.create(number=number, **{**known, **fields})


@pytest.fixture
def made(anna: Person) -> Check:
    """Six numbers: Zoe, Boris and a formula are found; one is missing, one unanswered, one still waits."""
    made = check(anna, numbers=6, first_phone=FIRST, state=Check.State.FINISHED)
    settled(made, "ffnfuw")
    numbers = numbers_of(made)
    behind(numbers[0], first_name="Zoe", last_name="Smith", usernames=["zoe", "smith_z"], premium=True)
    behind(numbers[1], first_name="Борис", usernames=[], last_seen_at=datetime(2026, 2, 3, 4, 5, tzinfo=UTC))
    behind(numbers[3], first_name='=HYPERLINK("http://evil")', verified=True)
    Number.objects.filter(pk=numbers[4].pk).update(unanswered_reason="limit")
    RejectedLine.objects.create(check_ref=made, line=9, text="-1+1", problem="not_a_number")
    Check.objects.filter(pk=made.pk).update(rejected_count=1)
    return made


def shown(client: Client, made: Check, query: str = "") -> list[int]:
    answer = client.get(f"/checks/{made.pk}/results/{query}")
    assert answer.status_code == 200
    return [row["number"].phone - FIRST for row in answer.context["rows"]]


def test_filters_by_verdict(client: Client, made: Check) -> None:
    assert shown(client, made) == [0, 1, 2, 3, 4, 5]
    assert shown(client, made, "?verdict=found") == [0, 1, 3]
    assert shown(client, made, "?verdict=not_found") == [2]
    assert shown(client, made, "?verdict=unanswered") == [4]
    assert shown(client, made, "?verdict=nonsense") == [0, 1, 2, 3, 4, 5]


def test_invalid_shows_the_rejected_lines(client: Client, made: Check) -> None:
    answer = client.get(f"/checks/{made.pk}/results/?verdict=invalid")
    assert [(row["line"].line, row["line"].text) for row in answer.context["lines"]] == [(9, "-1+1")]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("zoe", [0]),
        ("@smith_z", [0]),
        ("Zoe Smith", [0]),
        ("БОРИС", [1]),
        ("+7 (900) 000-00-02", [2]),
        ("00004", [4]),
        ("501", [1]),
        ("nobody at all", []),
        ("%", []),
        ("9" * 60, []),
    ],
)
def test_search_looks_into_numbers_names_usernames_and_ids(
    client: Client, made: Check, words: str, found: list[int]
) -> None:
    answer = client.get(f"/checks/{made.pk}/results/", {"q": words})
    assert [row["number"].phone - FIRST for row in answer.context["rows"]] == found


def test_sorting(client: Client, made: Check) -> None:
    assert shown(client, made, "?sort=-phone") == [5, 4, 3, 2, 1, 0]
    assert shown(client, made, "?sort=name&verdict=found") == [3, 0, 1]
    assert shown(client, made, "?sort=-id&verdict=found") == [3, 1, 0]
    assert shown(client, made, "?sort=-seen")[0] == 1


def test_pages_go_through_all_blocks_in_the_order_of_the_list(client: Client, anna: Person) -> None:
    made = check(anna, numbers=1100, first_phone=FIRST, state=Check.State.FINISHED)
    settled(made, ("f" + "n" * 9) * 110)
    seen: list[int] = []
    for page in range(1, 23):
        seen += shown(client, made, f"?page={page}")
    assert seen == list(range(1100))
    found: list[int] = []
    for page in range(1, 4):
        found += shown(client, made, f"?verdict=found&page={page}")
    assert found == list(range(0, 1100, 10))


def test_not_found_is_explained(client: Client, made: Check) -> None:
    assert "hidden it from strangers" in client.get(f"/checks/{made.pk}/results/?verdict=not_found").text


def test_before_the_start_there_are_no_results(client: Client, anna: Person) -> None:
    made = check(anna, state=Check.State.READY)
    assert client.get(f"/checks/{made.pk}/results/").status_code == 302
    assert client.get(f"/checks/{made.pk}/results/export.csv").status_code == 404


def exported(client: Client, made: Check, kind: str, query: str = "") -> bytes:
    answer = client.get(f"/checks/{made.pk}/results/export.{kind}{query}")
    assert answer.status_code == 200
    assert f"list-{made.pk}.{kind}" in answer["Content-Disposition"]
    return answer.getvalue()


def test_csv_holds_every_number_and_no_formula(client: Client, made: Check) -> None:
    rows = list(csv.reader(io.StringIO(exported(client, made, "csv").decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == [*(f"+{FIRST + place}" for place in range(6)), "'-1+1"]
    assert [row[1] for row in rows[1:]] == [
        "found",
        "found",
        "not found",
        "found",
        "unanswered",
        "waiting",
        "invalid",
    ]
    assert rows[4][3].startswith("'=")
    assert rows[1][5] == "'@zoe @smith_z"
    assert not any(cell.startswith(("=", "-", "@", "\t")) for row in rows for cell in row)


def test_exports_respect_filter_and_search(client: Client, made: Check) -> None:
    found = json.loads(exported(client, made, "json", "?verdict=found"))
    assert [row["number"] for row in found] == [f"+{FIRST + place}" for place in (0, 1, 3)]
    assert (found[0]["premium"], found[0]["last_seen"], found[1]["last_seen_at"]) == (
        True, "recently", "2026-02-03T04:05:00+00:00",
    )  # fmt: skip
    assert [row["verdict"] for row in json.loads(exported(client, made, "json", "?verdict=invalid"))] == [
        "invalid"
    ]
    assert len(json.loads(exported(client, made, "json", "?q=zoe"))) == 1


def test_xlsx_keeps_numbers_as_text(client: Client, made: Check) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(exported(client, made, "xlsx"))).active
    assert sheet is not None
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert values[0][:2] == ["Number", "Verdict"]
    assert values[1][0] == f"+{FIRST}"
    assert values[4][3] == '=HYPERLINK("http://evil")'
    assert sheet.cell(5, 4).data_type == "s"


def test_exports_speak_the_persons_language(client: Client, anna: Person, made: Check) -> None:
    Person.objects.filter(pk=anna.pk).update(language="ru")
    rows = exported(client, made, "csv").decode("utf-8-sig").splitlines()
    assert rows[0].startswith('"Номер","Вердикт"')
    assert '"найден"' in rows[1]


def test_an_unknown_format_is_not_there(client: Client, made: Check) -> None:
    assert client.get(f"/checks/{made.pk}/results/export.exe").status_code == 404


def test_as_many_queries_for_three_rows_as_for_one(
    client: Client, anna: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (1, 3):
        made = check(anna, numbers=count, first_phone=FIRST, state=Check.State.FINISHED)
        settled(made, "f" * count)
        for number in numbers_of(made):
            behind(number)
        client.get(f"/checks/{made.pk}/results/")
        with django_assert_num_queries(7):
            client.get(f"/checks/{made.pk}/results/")
