"""What docs/how-to/add-a-kind.md says works: its own code, put in at test time, runs a whole check."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from pult.core.people.models import Person
from pult.modules.checks import formats, kinds
from pult.modules.checks.models import Check, Number
from pult.modules.checks.operations.lists import read_check
from pult.modules.checks.tests import scenes
from pult.modules.checks.tests.conftest import Connect
from pult.modules.checks.tests.test_engine import short_waits, work
from pult.modules.checks.tests.world import contacts, list_of, violations
from telegram_simulator.testing import RunningSimulator

__all__ = ["short_waits"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]

PAGE = Path(__file__).resolve().parents[5] / "docs" / "how-to" / "add-a-kind.md"


def class_of_the_page(name: str) -> Any:
    """The class of this name, as the page writes it."""
    for code in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL):
        if f"class {name}(" in code:
            assert len(re.findall(r"^ +\S", code, re.MULTILINE)) <= 30, "about twenty lines"
            room: dict[str, Any] = {"__name__": "taken_from_the_page"}
            exec(compile(code, str(PAGE), "exec"), room)  # noqa: S102 - our own page
            return room[name]
    raise AssertionError(f"{name} is not on the page")


@pytest.fixture
def anna(client: Client, settings: Settings, tmp_path: Path) -> Iterator[Person]:
    settings.PULT_UPLOADS_DIR = tmp_path / "uploads"
    somebody = scenes.person("anna")
    client.force_login(somebody)
    yield somebody


def test_a_kind_and_a_format_of_twenty_lines_run_a_whole_check(
    world: RunningSimulator, connect: Connect, client: Client, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = class_of_the_page("ByPhoneQuietly")()
    monkeypatch.setitem(kinds.KINDS, kind.name, kind)
    json_list = class_of_the_page("JsonList")
    monkeypatch.setattr(formats, "FORMATS", (formats.FORMATS[0], json_list, *formats.FORMATS[1:]))
    form = client.get("/checks/new/").text
    assert ".json" in form and "JSON" in form, "the field for uploading offers it"
    assert "Phone numbers, quietly" in form, "the choice of kinds offers it"

    account = connect(anna, "79140000001", limits={"resolve": {"capacity": 20, "per_second": 20}})
    before = contacts(world, "79140000001")
    truth = list_of(world, 40, "quietly")
    lines = [{"name": "Somebody", "phone": f"+{phone}"} for phone in truth]
    lines += [{"name": "Again", "phone": f"+{next(iter(truth))}"}, {"name": "Nobody", "phone": "letters"}]
    upload = SimpleUploadedFile("list.json", json.dumps(lines).encode())
    client.post(
        "/checks/new/", {"purpose": "autumn fair", "keep": "30", "file": upload, "kind": "quiet_phone"}
    )
    check = Check.objects.get()
    page = client.get(f"/checks/{check.pk}/")
    assert page.context["sample"].format == "json"
    assert page.context["sample"].suggested == 1
    client.post(f"/checks/{check.pk}/column/", {"column": 1})
    assert read_check(check_id=check.pk) == Check.State.READY
    check.refresh_from_db()
    assert (check.valid_count, check.repeated_count, check.rejected_count) == (40, 1, 1)
    assert "Valid values" in client.get(f"/checks/{check.pk}/").text
    client.post(f"/checks/{check.pk}/start/")
    work(account)

    check.refresh_from_db()
    assert check.state == Check.State.FINISHED
    wanted = {str(phone): "f" if findable else "n" for phone, findable in truth.items()}
    assert dict(Number.objects.values_list("subject", "state")) == wanted
    assert contacts(world, "79140000001") == before, "nothing entered the phone book"
    assert violations(world) == 0
    results = client.get(f"/checks/{check.pk}/results/?verdict=found").context["rows"]
    assert {row["subject"] for row in results} <= {f"+{phone}" for phone in truth}
    export = client.get(f"/checks/{check.pk}/results/export.json")
    rows = json.loads(b"".join(export.streaming_content))  # type: ignore[attr-defined]
    assert {row["quiet_phone"]: row["verdict"] for row in rows if row["verdict"] != "invalid"} == {
        f"+{phone}": "found" if findable else "not_found" for phone, findable in truth.items()
    }


def test_a_kind_needs_no_more_than_a_name_and_two_methods() -> None:
    kind = class_of_the_page("ByPhoneQuietly")
    told = {name for name in vars(kind) if not name.startswith("_")}
    assert told <= {"name", "title", "request", "national", "parse", "shown", "look_up"}
