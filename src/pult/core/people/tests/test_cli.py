"""`pult person …` at the server's terminal."""

import pytest
from typer.testing import CliRunner

from pult.core.people.cli import commands
from pult.core.people.models import EntryLink, Person
from pult.core.people.tests.conftest import PersonMaker

pytestmark = pytest.mark.django_db
runner = CliRunner()


def test_inviting_prints_a_link_that_works() -> None:
    result = runner.invoke(commands, ["invite", "nina@example.org", "--role", "administrator"])
    assert result.exit_code == 0
    assert "/enter/" in result.stdout
    assert EntryLink.objects.get().role == "administrator"


def test_a_refusal_is_a_sentence_and_an_exit_code(owner: Person) -> None:
    result = runner.invoke(commands, ["invite", owner.email])
    assert result.exit_code == 1
    assert "already" in result.output


def test_a_link_for_the_first_owner_or_for_the_one_named(owner: Person, make_person: PersonMaker) -> None:
    other = make_person()
    assert "/enter/" in runner.invoke(commands, ["link"]).stdout
    assert "/enter/" in runner.invoke(commands, ["link", other.email.upper()]).stdout
    assert set(EntryLink.objects.values_list("person", flat=True)) == {owner.pk, other.pk}
    unknown = runner.invoke(commands, ["link", "nobody@example.org"])
    assert unknown.exit_code == 1


def test_the_list_shows_everybody(owner: Person, make_person: PersonMaker) -> None:
    off = make_person(is_active=False)
    shown = runner.invoke(commands, ["list"]).stdout
    assert owner.email in shown and off.email in shown
    assert "Access closed" in shown
