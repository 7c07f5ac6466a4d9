"""Limits: so many requests a minute for each token, exactly, and said with every answer."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from pult.core.api.models import Token
from pult.core.api.operations.tokens import use_token
from pult.core.api.tests.callers import Caller, problem, token_of
from pult.core.people.models import Person


def in_the_middle_of_a_minute() -> None:
    """Wait, by the database's clock, until this minute lasts long enough for a test."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_sleep(CASE WHEN extract(second FROM clock_timestamp()) > 50 "
            "THEN 60.1 - extract(second FROM clock_timestamp()) ELSE 0 END)"
        )


@pytest.mark.django_db(transaction=True)
def test_the_limit_is_told_and_then_kept(settings: Settings) -> None:
    settings.PULT_API_REQUESTS_PER_MINUTE = 3
    anna = Person.objects.create_user(email="anna@example.org")
    programme = Caller(token_of(anna).text)
    in_the_middle_of_a_minute()
    answers = [programme.get("/token") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert {answer["RateLimit-Limit"] for answer in answers} == {"3"}
    problem(answers[-1], 429, "too-many-requests")
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60
    assert answers[-1]["Retry-After"] == answers[-1]["RateLimit-Reset"]
    # Another token of the same person has a minute of its own.
    assert Caller(token_of(anna).text).get("/token").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_new_minute_begins_anew(settings: Settings) -> None:
    settings.PULT_API_REQUESTS_PER_MINUTE = 1
    issued = token_of(Person.objects.create_user(email="anna@example.org"))
    programme = Caller(issued.text)
    in_the_middle_of_a_minute()
    assert [programme.get("/token").status_code for _ in range(2)] == [200, 429]
    token = Token.objects.get()
    assert token.window_started_at is not None
    with connection.cursor() as cursor:
        cursor.execute("UPDATE api_token SET window_started_at = window_started_at - interval '1 minute'")
    assert programme.get("/token").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_requests_at_once_are_counted_one_by_one() -> None:
    issued = token_of(Person.objects.create_user(email="anna@example.org"))
    in_the_middle_of_a_minute()

    def use(_number: int) -> int:
        try:
            known = use_token(text=issued.text, limit=20)
            assert known is not None
            return known.used
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        counted = list(threads.map(use, range(40)))
    assert sorted(counted) == list(range(1, 41))
