"""Tokens: shown once, stored as a fingerprint, never worth more than their person."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from pult.core.api.models import Token
from pult.core.api.operations.tokens import UnableToMakeToken, create_token, revoke_token
from pult.core.api.queries import scopes_open_to
from pult.core.api.tests.callers import Caller, problem, token_of
from pult.core.people.models import Person
from pult.core.people.operations import switch_off, switch_on
from pult.core.registry import Role

pytestmark = pytest.mark.django_db


def test_a_token_tells_about_itself(anna: Person) -> None:
    issued = token_of(anna, scopes=["checks:read"])
    answer = Caller(issued.text).get("/token")
    assert answer.status_code == 200
    told = answer.json()
    assert told["person"] == {"name": "Anna", "email": "anna@example.org", "role": "operator"}
    assert told["scopes"] == ["checks:read"]
    assert told["expires_at"].endswith("Z")
    assert answer["Cache-Control"] == "no-store"


def test_the_database_holds_nothing_to_send(anna: Person) -> None:
    issued = token_of(anna)
    secret = issued.text.rpartition("_")[2]
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM api_token t")
        stored = cursor.fetchone()[0]
    assert secret not in stored
    assert issued.token.key in stored
    assert secret not in repr(issued)


def test_a_wrong_secret_opens_nothing_and_costs_its_owner_nothing(anna: Person) -> None:
    issued = token_of(anna)
    forged = issued.text[:-8] + "00000000"
    for text in (forged, "", "pult_", "nonsense", "pult_" + "0" * 12 + "_" + "0" * 64, "ü" * 20):
        problem(Caller(text).get("/token"), 401, "unauthenticated")
    assert Caller(issued.text).get("/token")["RateLimit-Remaining"] == "119"


def test_without_a_token_there_is_a_challenge(anna: Person) -> None:
    answer = Caller(None).get("/token")
    problem(answer, 401, "unauthenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert Caller(None, Authorization="Basic YTpi").get("/token").status_code == 401


def test_a_session_of_the_pages_is_no_token(anna: Person) -> None:
    programme = Caller(None)
    programme.client.force_login(anna)
    assert programme.get("/token").status_code == 401
    assert programme.post("/checks", {}).status_code == 401


def test_a_token_ends_when_it_is_revoked_or_its_time_is_over(anna: Person) -> None:
    issued = token_of(anna)
    now = timezone.now()
    revoke_token(actor=anna, person=anna, token_id=issued.token.pk, now=now)
    problem(Caller(issued.text).get("/token"), 401, "unauthenticated")
    assert revoke_token(actor=anna, person=anna, token_id=issued.token.pk, now=now).revoked_at == now
    short = token_of(anna)
    Token.objects.filter(pk=short.token.pk).update(expires_at=now - timedelta(seconds=1))
    problem(Caller(short.text).get("/token"), 401, "unauthenticated")


def test_tokens_end_with_their_person(anna: Person) -> None:
    owner = Person.objects.create_user(email="olga@example.org", role=Role.OWNER.value)
    programme = Caller(token_of(anna).text)
    switch_off(actor=owner, person=anna, now=timezone.now())
    problem(programme.get("/token"), 401, "unauthenticated")
    with pytest.raises(UnableToMakeToken):
        token_of(anna, scopes=["checks:read"])
    switch_on(actor=owner, person=anna, now=timezone.now())
    assert programme.get("/token").status_code == 200


def test_nobody_makes_a_token_that_may_more_than_they(anna: Person) -> None:
    now = timezone.now()
    with pytest.raises(UnableToMakeToken) as refusal:
        create_token(
            actor=anna, person=anna, name="x", scopes=["world:rule"], expires_at=now + timedelta(1), now=now
        )
    assert refusal.value.field == "scopes"
    assert all(anna.may(scope.permission) for scope in scopes_open_to(anna))


@pytest.mark.parametrize("days", [0, -1, 3 * 365 + 1])
def test_a_token_has_an_end_that_makes_sense(anna: Person, days: int) -> None:
    with pytest.raises(UnableToMakeToken) as refusal:
        token_of(anna, days=days)
    assert refusal.value.field == "expires_at"


def test_the_last_use_is_remembered(anna: Person) -> None:
    issued = token_of(anna)
    assert issued.token.last_used_at is None
    Caller(issued.text).get("/token")
    issued.token.refresh_from_db()
    assert issued.token.last_used_at is not None


def test_another_ones_token_cannot_be_revoked(anna: Person, boris: Person) -> None:
    issued = token_of(anna)
    with pytest.raises(Token.DoesNotExist):
        revoke_token(actor=boris, person=boris, token_id=issued.token.pk, now=timezone.now())
