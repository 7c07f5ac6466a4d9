"""An owner and an operator at their browsers, and a queue of the test's own."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from pult.core.people.models import Person


@pytest.fixture(autouse=True)
def empty_queue(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


@pytest.fixture
def owner() -> Person:
    return Person.objects.create_user(email="olga@example.org", name="Olga", role="owner")


@pytest.fixture
def client_of() -> Callable[[Person], Client]:
    def make(person: Person) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return make


@pytest.fixture
def failed_job() -> Callable[[], int]:
    """A job that has failed."""

    def make() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES"
                " ('default', 'checks.read_list', 'doing') RETURNING id"
            )
            row = cursor.fetchone()
            assert row is not None
            cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'failed', false)", [row[0]])
        return int(row[0])

    return make
