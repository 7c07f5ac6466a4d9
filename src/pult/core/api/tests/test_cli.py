"""Tokens from the terminal of the server."""

import pytest
from typer.testing import CliRunner

from pult.core.api.cli import commands
from pult.core.api.models import Token
from pult.core.api.tests.callers import Caller
from pult.core.people.models import Person

pytestmark = pytest.mark.django_db
terminal = CliRunner()


def test_a_token_is_made_listed_and_revoked(anna: Person) -> None:
    made = terminal.invoke(
        commands, ["create", "Anna@Example.org", "--name", "CRM", "--scope", "checks:read"]
    )
    assert made.exit_code == 0
    text = made.stdout.strip()
    assert Caller(text).get("/token").json()["scopes"] == ["checks:read"]
    token = Token.objects.get()
    listed = terminal.invoke(commands, ["list", "anna@example.org"]).stdout
    assert token.key in listed
    assert text not in listed
    revoked = terminal.invoke(commands, ["revoke", "anna@example.org", f"pult_{token.key}"])
    assert revoked.exit_code == 0
    assert Caller(text).get("/token").status_code == 401


def test_without_scopes_it_may_what_its_person_may(anna: Person) -> None:
    text = terminal.invoke(commands, ["create", "anna@example.org"]).stdout.strip()
    assert "checks:write" in Caller(text).get("/token").json()["scopes"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["create", "nobody@example.org"], "Nobody here"),
        (["create", "anna@example.org", "--scope", "world:rule"], "world:rule"),
        (["create", "anna@example.org", "--name", " "], "name"),
        (["revoke", "anna@example.org", "abc"], "abc"),
    ],
)
def test_what_cannot_be_done_is_said(anna: Person, words: list[str], said: str) -> None:
    answer = terminal.invoke(commands, words)
    assert answer.exit_code == 1
    assert said in answer.stderr
