"""What the tests about people share: people of each role, signed-in browsers."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone, translation

from pult.core.people.models import Person
from pult.core.people.tests.proving import prove
from pult.core.registry import Role

PASSWORD = "correct horse battery"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def house_language_and_zone() -> Iterator[None]:
    """What a request activated in this thread must not reach the next test."""
    yield
    translation.deactivate()
    timezone.deactivate()


PersonMaker = Callable[..., Person]
Browser = Callable[[Person], Client]


@pytest.fixture
def make_person(db: None) -> PersonMaker:
    """make_person("owner") or make_person(Role.OPERATOR, name="Vera", password=None)."""
    made = 0

    def make(role: str = Role.OPERATOR, **fields: object) -> Person:
        nonlocal made
        made += 1
        defaults = {"email": f"person{made}@example.org", "name": f"Person {made}", "password": PASSWORD}
        return Person.objects.create_user(role=Role(role).value, **{**defaults, **fields})  # type: ignore[arg-type]

    return make


@pytest.fixture
def owner(make_person: PersonMaker) -> Person:
    return make_person(Role.OWNER, name="Olga")


@pytest.fixture
def administrator(make_person: PersonMaker) -> Person:
    return make_person(Role.ADMINISTRATOR, name="Anton")


@pytest.fixture
def operator(make_person: PersonMaker) -> Person:
    return make_person(Role.OPERATOR, name="Vera")


@pytest.fixture
def browser_of() -> Browser:
    """A browser in which that person is signed in."""

    def sign_in(person: Person) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return sign_in


@pytest.fixture
def proved_browser_of(browser_of: Browser) -> Browser:
    """The same a moment after the person has proved again who they are: dangerous acts open."""

    def sign_in(person: Person) -> Client:
        client = browser_of(person)
        prove(client, person)
        return client

    return sign_in
