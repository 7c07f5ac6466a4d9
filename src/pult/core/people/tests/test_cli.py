"""`pult person …` at the server's terminal."""

import pytest
from typer.testing import CliRunner

from pult.core.people.cli import commands
from pult.core.people.models import Application, EntryLink, Person
from pult.core.people.operations import apply_for_access, link_telegram
from pult.core.people.queries import person_of_telegram
from pult.core.people.tests.conftest import NOW, PersonMaker

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
    shown = runner.invoke(commands, ["list"], env={"COLUMNS": "120"}).stdout
    assert owner.email in shown and off.email in shown
    assert "Access closed" in shown


def test_people_of_telegram_are_let_in_named_and_merged(owner: Person, make_person: PersonMaker) -> None:
    for number, name in ((7, "anna"), (8, "boris")):
        apply_for_access(
            user_id=number, nickname=name, telegram_name=name, username=f"{name}_n", language="", now=NOW
        )
    assert "anna" in runner.invoke(commands, ["waiting"]).stdout
    assert runner.invoke(commands, ["let-in", "ANNA", "--role", "administrator"]).exit_code == 0
    assert runner.invoke(commands, ["decline", "boris"]).exit_code == 0
    assert runner.invoke(commands, ["decline", "boris"]).exit_code == 1
    anna = person_of_telegram(7)
    assert anna is not None and anna.role == "administrator"
    assert Application.objects.get(user_id=8).state == "declined"
    assert "@anna_n" in runner.invoke(commands, ["list"]).stdout
    assert "/enter/" in runner.invoke(commands, ["link", "@anna_n"]).stdout
    assert runner.invoke(commands, ["merge", owner.email, "@anna_n"], input="n\n").exit_code == 1
    assert runner.invoke(commands, ["merge", owner.email, f"#{anna.pk}", "--yes"]).exit_code == 0
    assert person_of_telegram(7) == owner
    other = make_person()
    link_telegram(person=other, user_id=9, name="", username="", now=NOW)
    both = runner.invoke(commands, ["merge", owner.email, other.email, "--yes"])
    assert both.exit_code == 1 and "Telegram of their own" in both.output


def test_an_invitation_without_an_address_lives_as_long_as_said() -> None:
    assert "/enter/" in runner.invoke(commands, ["invite", "--hours", "2"]).stdout
    link = EntryLink.objects.get()
    assert link.email == "" and (link.expires_at - link.created_at).total_seconds() == 7200
    assert runner.invoke(commands, ["invite", "--hours", "1000"]).exit_code == 2
