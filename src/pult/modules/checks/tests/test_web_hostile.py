"""What hostile people, lists and names at Telegram try on the pages: nothing of it runs, breaks or leaks."""

import csv
import io
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from pult.core.people.models import Person
from pult.core.people.operations import switch_off
from pult.core.registry import Role
from pult.modules.checks.models import Block, Check, Finding, LogEntry, Number, RejectedLine
from pult.modules.checks.tests.scenes import account, check, numbers_of, person
from pult.modules.checks.tests.test_web_isolation import addresses_of

pytestmark = pytest.mark.django_db

SCRIPT = "<img src=x onerror=alert(1)>"
FORMULA = '=HYPERLINK("http://evil","x")'


@pytest.fixture
def anna(client: Client) -> Person:
    somebody = person("anna")
    client.force_login(somebody)
    return somebody


@pytest.fixture
def made(anna: Person) -> Check:
    """Two people whose names are traps, in a list whose name and lines are traps as well."""
    made = check(anna, numbers=2, state=Check.State.FINISHED)
    Check.objects.filter(pk=made.pk).update(
        name=f"{SCRIPT}\r\nSet-Cookie: a=b", source_name=SCRIPT, rejected_count=1
    )
    for number, name in zip(numbers_of(made), (SCRIPT, FORMULA), strict=True):
        Finding.objects.create(
            number=number, telegram_id=number.pk, first_name=name, last_name=name, usernames=[name],
            last_seen="recently",
        )  # fmt: skip
    Number.objects.update(state="f")
    Block.objects.update(found_count=2, state="done", account_label=SCRIPT)
    RejectedLine.objects.create(check_ref=made, line=1, text=SCRIPT, problem="not_a_number")
    LogEntry.objects.create(
        check_ref=made, at=timezone.now(), kind="block_failed", block_ordinal=0, account_label=SCRIPT,
        details={"error": SCRIPT, "failures": 1, "until": None},
    )  # fmt: skip
    account(anna, name=SCRIPT, username=SCRIPT)
    return made


def pages(made: Check) -> list[str]:
    return [
        reverse("checks:history"),
        reverse("checks:check", args=[made.pk]),
        reverse("checks:results", args=[made.pk]),
        reverse("checks:results", args=[made.pk]) + "?verdict=invalid",
        reverse("checks:log", args=[made.pk]),
        reverse("telegram:accounts"),
    ]


def test_names_never_become_part_of_a_page(client: Client, made: Check) -> None:
    for address in pages(made):
        shown = client.get(address)
        assert shown.status_code == 200, address
        assert SCRIPT not in shown.content.decode(), address
        assert "<img src=x" not in shown.content.decode(), address


def test_what_was_searched_for_is_shown_as_text(client: Client, made: Check) -> None:
    for address in pages(made):
        joined = f"{address}{'&' if '?' in address else '?'}q={quote(SCRIPT)}"
        assert "<img src=x" not in client.get(joined).content.decode(), address


def test_titles_and_cells_of_a_list_are_shown_as_text(client: Client, anna: Person) -> None:
    content = f"{SCRIPT};phone\n{SCRIPT};+79123456789\n{SCRIPT};+79123456788\n".encode()
    sent = client.post(
        reverse("checks:new"),
        {"file": SimpleUploadedFile(f"{SCRIPT}.csv", content), "region": "", "purpose": "fair", "keep": "30"},
    )
    assert sent.status_code == 302
    assert "<img src=x" not in client.get(sent["Location"]).content.decode()


def test_exported_names_start_no_formula(client: Client, made: Check) -> None:
    exported = client.get(reverse("checks:export", args=[made.pk, "csv"])).getvalue().decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(exported)) for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell.lstrip()[:1] in {"=", "@", "-"}]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_the_name_of_a_check_writes_no_header(client: Client, made: Check, kind: str) -> None:
    answer = client.get(reverse("checks:export", args=[made.pk, kind]))
    answer.close()
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert not {"\r", "\n", "<", "\0"} & set(answer["Content-Disposition"])


@pytest.mark.parametrize(
    "query",
    [
        "q=%00", "q=a%00b", "q=%25", "q=_", "q=%5C", "q=%27%3B--", f"q={'x' * 5000}", "q=%F0%9F%98%80",
        "q=%ED%A0%80", "page=99999999999999999999", "page=-1", "page=%00", "page=x", "sort=%00", "sort=-",
        "sort=password", "state=%00", "kind=%00", "block=99999999999", "block=%D9%A1", "block=%C2%B2",
        "verdict=%00", "problem=%00", "verdict=invalid&q=%00", "verdict=invalid&problem=%00",
        "verdict=invalid&page=9999999",
        "q=%D9%A1%D9%A2", "q=%C2%B2", f"q={'9' * 400}", "sheet=%00", "column=%C2%B2", "region=%00",
    ],
)  # fmt: skip
def test_no_address_breaks_a_page(client: Client, made: Check, query: str) -> None:
    for address in pages(made):
        joined = f"{address}{'&' if '?' in address else '?'}{query}"
        assert client.get(joined).status_code == 200, joined
    for exported in (
        reverse("checks:export", args=[made.pk, "csv"]),
        reverse("checks:export", args=[made.pk, "json"]),
        reverse("checks:export_log", args=[made.pk]),
    ):
        answer = client.get(f"{exported}?{query}")
        assert answer.status_code == 200, exported
        assert answer.getvalue()


@pytest.mark.parametrize(
    "query", ["sheet=%00", "column=%C2%B2", "column=99999", "region=%00", "region=XX", "sheet=no"]
)
def test_no_address_breaks_the_choice_of_a_column(client: Client, anna: Person, query: str) -> None:
    content = b"name;phone\nAnna;+79123456789\n"
    sent = client.post(
        reverse("checks:new"),
        {"file": SimpleUploadedFile("a.csv", content), "region": "", "purpose": "fair", "keep": "30"},
    )
    assert client.get(f"{sent['Location']}?{query}").status_code == 200


@pytest.mark.parametrize(
    "name", ["x" * 5000, "a\0b", "\ud83d\ude00", "../../../etc/passwd", "a\r\nb", "   ", "." * 300]
)
def test_no_name_breaks_an_upload(client: Client, anna: Person, name: str) -> None:
    for fields in (
        {
            "file": SimpleUploadedFile(
                f"{name.encode('utf-16', 'surrogatepass').decode('utf-16')}.csv", b"+79123456789\n"
            )
        },
        {"text": "+79123456789", "name": name.encode("utf-16", "surrogatepass").decode("utf-16")},
    ):
        answer = client.post(reverse("checks:new"), {"region": "", "purpose": "fair", "keep": "30", **fields})
        assert answer.status_code in {200, 302, 422}, answer.status_code
    for made in Check.objects.all():
        assert len(made.name) <= 200 and "\0" not in made.name


def test_percent_and_underscore_are_no_wildcards(client: Client, made: Check) -> None:
    for words in ("%", "\\", "[", '["'):
        assert client.get(reverse("checks:history"), {"q": words}).context["rows"] == [], words
        assert client.get(reverse("checks:results", args=[made.pk]), {"q": words}).context["rows"] == [], (
            words
        )


def test_ids_beyond_every_number_are_not_there(client: Client, anna: Person) -> None:
    for name in ("check", "results", "log", "export_log"):
        assert client.get(reverse(f"checks:{name}", args=[10**30])).status_code == 404
    for name in ("start", "pause", "remove"):
        assert client.post(reverse(f"checks:{name}", args=[10**30])).status_code == 404


def test_every_change_needs_the_token_of_the_page(anna: Person, made: Check) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(anna)
    for verb, address in addresses_of(made):
        if verb == "post":
            assert strict.post(address).status_code == 403, address
    assert strict.post(reverse("checks:new"), {"text": "+79123456789"}).status_code == 403


def test_changes_are_never_made_by_a_link(client: Client, made: Check) -> None:
    for verb, address in addresses_of(made):
        # The form of purpose and end has a page of its own.
        if verb == "post" and not address.endswith("/keeping/"):
            assert client.get(address).status_code == 405, address


def test_who_is_switched_off_is_out_at_once(client: Client, anna: Person, made: Check) -> None:
    boss = person("boss", role=Role.OWNER)
    switch_off(actor=boss, person=anna, now=timezone.now())
    for verb, address in [("get", page) for page in pages(made)] + addresses_of(made):
        answer = getattr(client, verb)(address)
        assert answer.status_code == 302 and "sign-in" in answer["Location"], address
    assert Check.objects.get(pk=made.pk).state == Check.State.FINISHED
