"""The administrators' pages: the queue and what can be done in it, everybody's checks, activity, allowances, logs."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pult.core.audit.models import AuditEntry
from pult.core.people.models import Person
from pult.modules.checks.models import Allowance, Block, Check, Finding, Hold, LogEntry, Number, Usage
from pult.modules.checks.operations.journal import note
from pult.modules.checks.queries.activity import today
from pult.modules.checks.queries.waiting import Waits, queue_standings
from pult.modules.checks.tests import scenes
from pult.modules.checks.tests.scenes import NOW

pytestmark = pytest.mark.django_db
Kind = LogEntry.Kind


@pytest.fixture
def admin(client: Client) -> Person:
    somebody = scenes.person("olga", role="administrator")
    client.force_login(somebody)
    return somebody


@pytest.fixture
def anna() -> Person:
    return scenes.person("anna")


def waits() -> list[tuple[int, Waits]]:
    return [(standing.check_id, standing.waits) for standing in queue_standings()]


def test_the_queue_stands_in_the_order_of_turns_and_says_what_each_waits_for(
    admin: Person, anna: Person
) -> None:
    boris = scenes.person("boris")
    account = scenes.account(admin, shared=True)
    checks = [scenes.check(anna, numbers=600), scenes.check(anna), scenes.check(boris)]
    paused = scenes.check(boris, state=Check.State.PAUSED)
    Usage.objects.create(person=anna, day=today(), asked=5, last_turn_at=timezone.now())
    Block.objects.filter(check_ref=checks[0], ordinal=0).update(
        state="working", account_id=account.pk, account_label="Tester"
    )
    assert waits() == [
        (checks[2].pk, Waits.TURN),
        (checks[0].pk, Waits.WORKING),
        (checks[1].pk, Waits.TURN),
        (paused.pk, Waits.PAUSED),
    ]
    assert queue_standings()[1].accounts == ("Tester",)


def test_each_obstacle_is_named(admin: Person, anna: Person) -> None:
    check = scenes.check(anna)
    assert waits() == [(check.pk, Waits.NO_ACCOUNT)]
    until = timezone.now() + timedelta(minutes=9)
    account = scenes.account(anna, resting_until=until)
    assert (waits(), queue_standings()[0].until) == ([(check.pk, Waits.RESTS)], until)
    type(account).objects.update(resting_until=None)
    assert waits() == [(check.pk, Waits.TURN)]
    Block.objects.update(wait_until=until, wait_reason="asked_later")
    assert (waits(), queue_standings()[0].until) == ([(check.pk, Waits.LATER)], until)
    Allowance.objects.create(scope="each", numbers_per_day=0)
    assert waits() == [(check.pk, Waits.SPENT)]
    assert queue_standings()[0].until is not None
    Check.objects.update(reuse_pending=True)
    assert waits() == [(check.pk, Waits.REUSE)]
    Person.objects.filter(pk=anna.pk).update(is_active=False)
    assert waits() == [(check.pk, Waits.OWNER_OFF)]
    Hold.objects.create(person=anna, laid_at=NOW)
    assert waits() == [(check.pk, Waits.HELD_PERSON)]
    Hold.objects.create(laid_at=NOW)
    assert waits() == [(check.pk, Waits.HELD_ALL)]


def test_the_owner_reads_why_a_check_does_not_go_on(client: Client, anna: Person) -> None:
    client.force_login(anna)
    scenes.account(anna)
    check = scenes.check(anna)
    Allowance.objects.create(scope="each", numbers_per_day=0)
    assert "all numbers that are allowed for a day" in client.get(f"/checks/{check.pk}/").text
    Hold.objects.create(laid_at=NOW)
    assert "holds back all checks" in client.get(f"/checks/{check.pk}/").text


@pytest.mark.parametrize(
    ("path", "action", "kind", "words"),
    [
        ("{check}/pause/", "check.paused", Kind.PAUSED, "An administrator paused"),
        ("{check}/cancel/", "check.cancelled", Kind.CANCELLED, "An administrator cancelled"),
        ("{check}/move/first/", "check.moved", Kind.MOVED, "An administrator put this check first"),
        ("{check}/move/last/", "check.moved", Kind.MOVED, "An administrator put this check last"),
        ("hold/", "queue.held", Kind.HELD, "An administrator holds back all checks"),
    ],
)
def test_what_an_administrator_does_is_in_the_audit_and_in_the_log_that_the_owner_reads(  # noqa: PLR0917
    client: Client, admin: Person, anna: Person, path: str, action: str, kind: Kind, words: str
) -> None:
    check = scenes.check(anna)
    response = client.post("/checks/queue/" + path.format(check=check.pk))
    assert (response.status_code, response["Location"]) == (302, "/checks/queue/")
    assert AuditEntry.objects.get(action=action).actor == admin
    assert LogEntry.objects.get(check_ref=check, kind=kind)
    client.force_login(anna)
    assert words in client.get(f"/checks/{check.pk}/log/").text
    assert words in client.get("/checks/log/").text


def test_order_holds_and_releases(client: Client, admin: Person, anna: Person) -> None:
    first, second = scenes.check(anna), scenes.check(anna)
    client.post(f"/checks/queue/{second.pk}/move/first/")
    client.post(f"/checks/queue/{first.pk}/move/first/")
    client.post(f"/checks/queue/{second.pk}/move/last/")
    assert dict(Check.objects.values_list("pk", "precedence")) == {first.pk: 2, second.pk: -1}
    client.post(f"/checks/queue/{second.pk}/move/normal/")
    client.post("/checks/queue/hold/", {"person": anna.pk, "reason": "month's end"})
    client.post("/checks/queue/hold/", {"person": anna.pk, "reason": "audit"})
    hold = Hold.objects.get()
    assert (hold.person, hold.reason, hold.laid_by) == (anna, "audit", admin)
    assert "audit" in client.get("/checks/queue/").text
    client.post("/checks/queue/release/", {"person": anna.pk})
    assert not Hold.objects.exists()
    assert AuditEntry.objects.filter(action="queue.released", actor=admin).count() == 1


def test_an_account_is_switched_off_and_on_from_the_queue(
    client: Client, admin: Person, anna: Person
) -> None:
    account = scenes.account(anna)
    client.post(f"/checks/queue/accounts/{account.pk}/off/")
    account.refresh_from_db()
    assert account.state == "switched_off"
    client.post(f"/checks/queue/accounts/{account.pk}/on/")
    account.refresh_from_db()
    assert account.state == "connected"


def test_refusals_become_messages_and_unknown_things_are_not_found(
    client: Client, admin: Person, anna: Person
) -> None:
    check = scenes.check(anna, state=Check.State.FINISHED)
    assert "Only a running check" in client.post(f"/checks/queue/{check.pk}/pause/", follow=True).text
    assert client.post(f"/checks/queue/{check.pk}/explode/").status_code == 404
    assert client.post("/checks/queue/999999/pause/").status_code == 404
    assert client.post("/checks/queue/hold/", {"person": "999999"}).status_code == 404


PAGES = [
    "/checks/queue/",
    "/checks/queue/checks/",
    "/checks/queue/people/",
    "/checks/queue/allowances/",
    "/checks/queue/log/",
    "/checks/queue/log/export.csv",
    "/checks/queue/checks/{check}/",
    "/checks/queue/checks/{check}/log/",
]
NUMBERS = ["/checks/queue/checks/{check}/results/", "/checks/queue/checks/{check}/results/export.json"]
DEEDS = ["{check}/pause/", "{check}/move/first/", "hold/", "release/"]


@pytest.mark.parametrize("role", ["operator", "administrator", "owner"])
def test_who_may_open_what(client: Client, anna: Person, role: str) -> None:
    check = scenes.check(anna)
    client.force_login(scenes.person("somebody", role=role))
    manages, sees = role != "operator", role == "owner"
    for page in PAGES:
        assert client.get(page.format(check=check.pk)).status_code == (200 if manages else 403), page
    for page in NUMBERS:
        assert client.get(page.format(check=check.pk)).status_code == (200 if sees else 403), page
    for deed in DEEDS:
        response = client.post("/checks/queue/" + deed.format(check=check.pk))
        assert response.status_code == (302 if manages else 403), deed
    assert client.get(f"/checks/{check.pk}/").status_code == 404


def found(check: Check) -> None:
    number = scenes.numbers_of(check)[0]
    Number.objects.filter(pk=number.pk).update(state="f", answered_at=NOW)
    Finding.objects.create(number=number, telegram_id=4242424242, first_name="Zinaida", last_seen="week")
    Block.objects.update(found_count=1)
    note(check.pk, Kind.STARTED)


def test_no_page_of_an_administrator_holds_a_number_or_a_person_found(
    client: Client, admin: Person, anna: Person
) -> None:
    check = scenes.check(anna)
    found(check)
    for page in PAGES:
        response = client.get(page.format(check=check.pk))
        text = response.getvalue().decode()
        for secret in ("79000000000", "Zinaida", "4242424242"):
            assert secret not in text, page


def test_each_look_at_somebody_elses_numbers_is_recorded_and_ones_own_is_not(
    client: Client, anna: Person
) -> None:
    owner = scenes.person("olga", role="owner")
    client.force_login(owner)
    check, own = scenes.check(anna), scenes.check(owner)
    found(check)
    assert "Zinaida" in client.get(f"/checks/queue/checks/{check.pk}/results/").text
    export = client.get(f"/checks/queue/checks/{check.pk}/results/export.json")
    assert json.loads(export.getvalue())[0]["first_name"] == "Zinaida"
    client.get(f"/checks/queue/checks/{own.pk}/results/")
    entries = AuditEntry.objects.filter(action__startswith="check.results").order_by("pk")
    assert [(entry.action, entry.object_id, entry.actor) for entry in entries] == [
        ("check.results_seen", str(check.pk), owner),
        ("check.results_exported", str(check.pk), owner),
    ]


@pytest.mark.parametrize(
    "page",
    [
        "/checks/queue/",
        "/checks/queue/checks/",
        "/checks/queue/people/",
        "/checks/queue/log/",
        "/checks/log/",
    ],
)
def test_a_list_costs_the_same_queries_with_one_row_and_with_three(
    client: Client, admin: Person, page: str
) -> None:
    def rows(count: int) -> int:
        for index in range(count):
            somebody = admin if page == "/checks/log/" else scenes.person(f"person{index}")
            check = scenes.check(somebody)
            scenes.account(somebody)
            note(check.pk, Kind.STARTED)
            Hold.objects.create(person=somebody, laid_at=NOW) if page != "/checks/log/" else None
            Usage.objects.update_or_create(person=somebody, day=today(), defaults={"asked": 7})
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(page).status_code == 200
        return len(queries)

    client.get(page)
    assert rows(1) == rows(2)


def test_search_filters_and_sorting_of_the_lists(client: Client, admin: Person, anna: Person) -> None:
    boris = scenes.person("boris")
    running, done = (
        scenes.check(anna, numbers=20),
        scenes.check(boris, numbers=10, state=Check.State.FINISHED),
    )
    Check.objects.filter(pk=running.pk).update(name="Spring")
    Check.objects.filter(pk=done.pk).update(name="Autumn")

    def listed(query: str) -> list[int]:
        return [row["check"].pk for row in client.get(f"/checks/queue/checks/?{query}").context["rows"]]

    assert listed("sort=numbers") == [done.pk, running.pk]
    assert listed("sort=-person") == [done.pk, running.pk]
    assert listed("state=finished") == [done.pk]
    assert listed("q=spri") == [running.pk]
    assert listed("q=boris") == listed(f"person={boris.pk}") == [done.pk]
    queue = client.get("/checks/queue/?q=anna&sort=-numbers").context["rows"]
    assert [row["check"].pk for row in queue] == [running.pk]
    assert client.get("/checks/queue/?q=nobody").context["rows"] == []


def test_activity_of_people(client: Client, admin: Person, anna: Person) -> None:
    check = scenes.check(anna)
    found(check)
    scenes.account(anna)
    day = today()
    for back, asked in ((0, 5), (3, 10), (20, 100), (40, 1000)):
        Usage.objects.create(person=anna, day=day - timedelta(days=back), asked=asked)
    Allowance.objects.create(scope="each", numbers_per_day=12)
    Hold.objects.create(person=anna, laid_at=NOW)
    page = client.get("/checks/queue/people/?q=anna")
    (row,) = page.context["rows"]
    person = row.person
    assert (person.checks_made, person.today, person.week, person.month) == (1, 5, 15, 115)
    assert (row.verdicts, row.accounts, row.left, len(row.series)) == (1, 1, 7, 30)
    assert (row.series[-1], row.series[-4], row.hold is not None) == (5, 10, True)
    for order in ("name", "-checks", "today", "-week", "month", "-last"):
        assert client.get(f"/checks/queue/people/?sort={order}").status_code == 200


def test_allowances_are_set_and_bad_input_stays_in_its_field(
    client: Client, admin: Person, anna: Person
) -> None:
    address = "/checks/queue/allowances/"
    client.post(address, {"part": "limits", "all": "1000", "each": "100"})
    client.post(address, {"part": "exception", "person": anna.pk, "numbers": "300"})
    assert set(Allowance.objects.values_list("scope", "numbers_per_day")) == {
        ("all", 1000),
        ("each", 100),
        ("person", 300),
    }
    wrong = client.post(address, {"part": "limits", "all": "-5", "each": ""})
    assert wrong.status_code == 422
    assert 'value="-5"' in wrong.text
    Usage.objects.create(person=anna, day=today(), asked=250)
    page = client.get(address)
    assert (page.context["asked_today"], page.context["left_words"]) == (250, 750)
    client.post(address, {"part": "exception", "person": anna.pk, "numbers": ""})
    assert Allowance.objects.get(person=anna).numbers_per_day is None
    assert "no limit" in client.get(address).text
    assert client.get("/checks/queue/people/").context["rows"][0].left is None
    client.post(address, {"part": "end", "person": anna.pk})
    client.post(address, {"part": "limits", "all": "1000", "each": ""})
    assert list(Allowance.objects.values_list("scope", flat=True)) == ["all"]


Ask = Callable[[str], list[dict[str, Any]]]


def test_logs_of_a_person_of_all_and_of_oneself(client: Client, admin: Person, anna: Person) -> None:
    boris = scenes.person("boris")
    mine, theirs = scenes.check(anna), scenes.check(boris)
    Check.objects.filter(pk=mine.pk).update(name="Spring")
    note(mine.pk, Kind.STARTED)
    note(mine.pk, Kind.CALL_LOST, block_ordinal=0, reason="timeout")
    note(theirs.pk, Kind.STARTED)
    LogEntry.objects.filter(check_ref=theirs).update(at=timezone.now() - timedelta(days=3))

    def entries(page: str) -> int:
        return len(client.get(page).context["entries"])

    assert entries("/checks/queue/log/") == 3
    assert entries(f"/checks/queue/log/?person={anna.pk}") == 2
    assert entries("/checks/queue/log/?kind=trouble") == 1
    assert entries("/checks/queue/log/?period=1") == 2
    assert entries("/checks/queue/log/?q=spring&kind=steering") == 1
    client.force_login(anna)
    assert entries("/checks/log/") == 2
    exported = client.get("/checks/log/export.json?kind=steering")
    (row,) = json.loads(exported.getvalue())
    assert (row["check_name"], row["kind"], row["text"]) == ("Spring", "started", "Check started.")
    csv = client.get("/checks/log/export.csv").getvalue().decode()
    assert csv.count("\r\n") == 3
    assert client.get("/checks/log/export.pdf").status_code == 404
