"""What the tests of webhooks share."""

from collections.abc import Iterator

import pytest

from pult.core.people.models import Person
from pult.core.registry import Role
from pult.core.webhooks.tests.receiver import Receiver, listening


@pytest.fixture
def anna(db: None) -> Person:
    return Person.objects.create_user(email="anna@example.org", name="Anna", role=Role.OPERATOR.value)


@pytest.fixture
def boris(db: None) -> Person:
    return Person.objects.create_user(email="boris@example.org", name="Boris", role=Role.OPERATOR.value)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as one:
        yield one
