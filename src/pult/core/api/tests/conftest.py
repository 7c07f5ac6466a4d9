"""What the tests of the API share."""

import pytest

from pult.core.people.models import Person
from pult.core.registry import Role


@pytest.fixture
def anna(db: None) -> Person:
    return Person.objects.create_user(email="anna@example.org", name="Anna", role=Role.OPERATOR.value)


@pytest.fixture
def boris(db: None) -> Person:
    return Person.objects.create_user(email="boris@example.org", name="Boris", role=Role.OPERATOR.value)
