"""Uploading and pasting: every bad list gets a clear answer beside the field, and nothing half-stored stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from pult.core.people.models import Person
from pult.modules.checks.models import Check
from pult.modules.checks.operations.lists import read_check
from pult.modules.checks.tests.scenes import person

pytestmark = pytest.mark.django_db
NEW = "/checks/new/"
# What every new list has to say.
WISHES = {"purpose": "autumn fair", "keep": "30"}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
LIST = b"name;phone\r\nAnna;8 912 345-67-89\r\nBoris;+7 912 345-67-90\r\nNobody;letters\r\n"


@pytest.fixture
def anna(client: Client, settings: Settings, tmp_path: Path) -> Iterator[Person]:
    settings.PULT_UPLOADS_DIR = tmp_path / "uploads"
    somebody = person("anna")
    client.force_login(somebody)
    yield somebody


def uploaded(content: bytes, name: str = "list.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def kept_files(settings: Settings) -> list[Path]:
    folder: Path = settings.PULT_UPLOADS_DIR
    return list(folder.iterdir()) if folder.exists() else []


def left_checks() -> int:
    return Check.objects.exclude(state=Check.State.REMOVED).count()


def test_a_file_leads_to_the_choice_of_its_column(client: Client, anna: Person) -> None:
    answer = client.post(NEW, {**WISHES, "file": uploaded(LIST), "name": "Fair", "region": "RU"})
    made = Check.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/checks/{made.pk}/"
    assert (made.owner, made.name, made.region, made.state) == (anna, "Fair", "RU", Check.State.UPLOADED)
    page = client.get(answer["Location"])
    first = page.context["columns"][0]
    assert (first["title"], first["suggested"], first["chosen"]) == ("phone", True, True)
    assert [reading.number for reading in first["readings"]] == ["+79123456789", "+79123456790", ""]
    assert "UTF-8" in page.text


def test_another_country_is_tried_out_before_reading(client: Client, anna: Person) -> None:
    client.post(NEW, {**WISHES, "file": uploaded(LIST), "region": "RU"})
    made = Check.objects.get()
    page = client.get(f"/checks/{made.pk}/?region=DE")
    assert page.context["columns"][0]["readings"][0].number != "+79123456789"
    made.refresh_from_db()
    assert made.region == "RU"


def test_the_confirmed_column_is_read_and_shown(client: Client, anna: Person) -> None:
    client.post(NEW, {**WISHES, "file": uploaded(LIST), "region": "RU"})
    made = Check.objects.get()
    client.post(f"/checks/{made.pk}/column/", {"column": "1", "region": "RU"})
    made.refresh_from_db()
    assert (made.state, made.column) == (Check.State.READING, 1)
    assert "being read" in client.get(f"/checks/{made.pk}/").text
    read_check(check_id=made.pk)
    page = client.get(f"/checks/{made.pk}/")
    assert [(row["line"].line, row["line"].text) for row in page.context["lines"]] == [(4, "letters")]
    assert page.context["problems"][0][0] == "letters"
    assert page.context["blocks"] == 1
    assert not page.context["has_account"]
    assert "No Telegram account can work for you yet" in page.text


def test_the_page_tells_when_all_is_read_and_only_stored(client: Client, anna: Person) -> None:
    client.post(NEW, {**WISHES, "file": uploaded(LIST)})
    made = Check.objects.get()
    client.post(f"/checks/{made.pk}/column/", {"column": "1"})
    for read, stored in ((made.source_size - 1, False), (made.source_size, True)):
        Check.objects.filter(pk=made.pk).update(read_bytes=read, read_lines=4)
        assert ("being stored" in client.get(f"/checks/{made.pk}/").text) is stored


def test_another_tab_on_the_preview_learns_that_the_check_was_started(client: Client, anna: Person) -> None:
    client.post(NEW, {**WISHES, "numbers": "+7 912 345-67-89"})
    made = Check.objects.get()
    read_check(check_id=made.pk)
    assert f"topic=check:{made.pk}" in client.get(f"/checks/{made.pk}/").text
    Check.objects.filter(pk=made.pk).update(state="running")
    answer = client.get(f"/checks/{made.pk}/", headers={"X-Check-State": "ready"})
    assert (answer.status_code, answer["HX-Trigger"]) == (204, "check:changed")


def test_the_only_column_is_chosen_already(client: Client, anna: Person) -> None:
    client.post(NEW, {**WISHES, "file": uploaded(b"phone\n" + b"123456 or so\n" * 5)})
    page = client.get(f"/checks/{Check.objects.get().pk}/")
    assert [card["chosen"] for card in page.context["columns"]] == [True]


def test_a_column_that_is_not_in_the_list_is_refused(client: Client, anna: Person) -> None:
    client.post(NEW, {**WISHES, "file": uploaded(LIST)})
    made = Check.objects.get()
    for wrong in ("7", "-1", "x", ""):
        answer = client.post(f"/checks/{made.pk}/column/", {"column": wrong})
        assert answer.status_code == 422, wrong
        assert answer.context["form"].errors["column"]
    made.refresh_from_db()
    assert made.state == Check.State.UPLOADED


def test_a_paste_is_read_at_once(client: Client, anna: Person) -> None:
    client.post(NEW, {**WISHES, "numbers": "8 912 345-67-89\n+49 151 23456789\n12", "region": "RU"})
    made = Check.objects.get()
    assert made.state == Check.State.READING
    read_check(check_id=made.pk)
    made.refresh_from_db()
    assert (made.valid_count, made.rejected_count) == (2, 1)


def test_a_paste_of_several_columns_waits_for_the_choice_of_one(client: Client, anna: Person) -> None:
    text = "Anna\t8 912 345-67-89\tRiga\nBoris\t8 912 345-67-90\tRiga\n"
    answer = client.post(NEW, {**WISHES, "numbers": text, "region": "RU"})
    made = Check.objects.get()
    assert made.state == Check.State.UPLOADED
    first = client.get(answer["Location"]).context["columns"][0]
    assert (first["index"], first["suggested"]) == (1, True)


def test_a_paste_without_any_number_is_refused_beside_the_field(
    client: Client, anna: Person, settings: Settings
) -> None:
    answer = client.post(NEW, {**WISHES, "numbers": "apples\npears\n"})
    assert "no phone numbers" in answer.context["form"].errors["numbers"][0]
    assert "pears" in answer.text
    assert (left_checks(), kept_files(settings)) == (0, [])


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (PNG, "numbers.csv", "This is a picture, whatever its name says."),
        (b"", "empty.csv", "empty"),
        (b"  \r\n \r\n", "blank.txt", "empty"),
        (b"%PDF-1.7 and so on" * 50, "list.csv", "document"),
        (b"PK\x03\x04" + b"\0" * 500, "list.xlsx", ""),
        (b"apples\r\npears\r\n", "fruit.csv", "no phone numbers"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old.xls", "old Excel"),
    ],
)
def test_a_file_that_is_no_list_is_refused_beside_the_field(
    client: Client, anna: Person, content: bytes, name: str, words: str
) -> None:
    answer = client.post(NEW, {**WISHES, "file": uploaded(content, name), "name": "Typed", "region": "DE"})
    assert answer.status_code == 422
    (error,) = answer.context["form"].errors["file"]
    assert words in error
    assert 'value="Typed"' in answer.text
    assert '<option value="DE" selected>' in answer.text
    assert left_checks() == 0


def test_a_file_beyond_the_limit_is_refused_and_what_was_typed_stays(
    client: Client, anna: Person, settings: Settings
) -> None:
    settings.PULT_UPLOAD_LIMIT = 100_000
    answer = client.post(
        NEW, {**WISHES, "file": uploaded(b"+79123456789\r\n" * 20_000), "name": "Typed", "region": "KZ"}
    )
    assert answer.status_code == 413
    assert "97.7" in answer.context["form"].errors["file"][0]
    assert 'value="Typed"' in answer.text
    assert '<option value="KZ" selected>' in answer.text
    assert (left_checks(), kept_files(settings)) == (0, [])


def test_a_paste_beyond_the_body_limit_is_refused(client: Client, anna: Person, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = client.post(NEW, {**WISHES, "numbers": "+79123456789\n" * 500})
    assert answer.status_code == 413
    assert "too much to paste" in answer.text


def test_nothing_and_both_are_explained(client: Client, anna: Person) -> None:
    nothing = client.post(NEW, {**WISHES, "name": "Typed"})
    assert nothing.context["form"].errors["file"] == ["Choose a file, or paste the list below."]
    both = client.post(NEW, {**WISHES, "file": uploaded(LIST), "numbers": "+79123456789"})
    assert both.context["form"].errors["numbers"]
    assert "+79123456789" in both.text
    assert left_checks() == 0


def test_the_last_country_is_remembered(client: Client, anna: Person) -> None:
    client.post(NEW, {**WISHES, "numbers": "8 912 345-67-89", "region": "RU"})
    assert '<option value="RU" selected>' in client.get(NEW).text


def test_countries_are_named_in_the_persons_language(client: Client, anna: Person) -> None:
    Person.objects.filter(pk=anna.pk).update(language="ru")
    assert ">Германия<" in client.get(NEW).text


def test_a_script_gets_the_page_again_or_is_sent_on(client: Client, anna: Person) -> None:
    headers = {"HX-Request": "true"}
    assert client.post(NEW, {**WISHES, "file": uploaded(PNG)}, headers=headers).status_code == 422
    sent_on = client.post(NEW, {**WISHES, "file": uploaded(LIST)}, headers=headers)
    assert sent_on["HX-Redirect"] == f"/checks/{Check.objects.exclude(state=Check.State.REMOVED).get().pk}/"


def test_uploading_needs_the_token_of_the_form(settings: Settings, anna: Person) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(anna)
    assert strict.post(NEW, {**WISHES, "numbers": "+79123456789"}).status_code == 403
    assert left_checks() == 0
