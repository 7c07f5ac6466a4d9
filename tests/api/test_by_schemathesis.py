"""schemathesis reads the OpenAPI document and sends what fits it and what does not: every answer must fit it, too."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from pytest_django.fixtures import Settings
from schemathesis.config import SchemathesisConfig

from pult.config.urls import api
from pult.config.wsgi import application
from pult.core.api.tests.callers import token_of
from pult.core.people.models import Person
from pult.core.registry import Role
from pult.modules.checks.models import Check
from pult.modules.checks.operations.uploads import accept_upload
from pult.modules.checks.tests import scenes

pytestmark = pytest.mark.django_db

# What fits the schema is refused all the same where the schema cannot say it: whether a text holds numbers, what a file
# holds and which columns it has, how long this installation keeps lists, where an address leads.
# Everywhere else it has to be taken.
ONLY_THE_CONTENT_TELLS = {
    "create_check": 422,
    "create_check_from_file": 422,
    "choose_column": 422,
    "list_columns": 422,
    "create_webhook": 422,
    "change_webhook": 422,
}
# A cursor is opaque: the schema knows only that it is a text.
WITH_CURSOR = (
    "list_accounts",
    "list_checks",
    "list_blocks",
    "list_rejected_lines",
    "list_log",
    "list_results",
    "list_queue",
    "list_activity",
    "list_webhooks",
    "list_deliveries",
)
TAKEN = ["2xx", "401", "403", "404", "409"]


def also_expected(operation: str, status: int) -> dict[str, Any]:
    statuses = [*TAKEN, str(status)]
    return {
        "include-operation-id": operation,
        "checks": {"positive_data_acceptance": {"expected-statuses": statuses}},
    }


CONFIG = SchemathesisConfig.from_dict(
    {
        "base-url": "http://testserver",
        "operations": [
            *(also_expected(operation, status) for operation, status in ONLY_THE_CONTENT_TELLS.items()),
            *(also_expected(operation, 400) for operation in WITH_CURSOR),
        ],
    }
)
schema = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema())), config=CONFIG)
schema.app = application


@pytest.fixture(autouse=True)
def one_transaction(db: None) -> Iterator[None]:
    """Requests of this test share its transaction, as those of Django's own test client do."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def olga(settings: Settings, db: None) -> Person:
    """An owner, whose limits do not matter here."""
    settings.PULT_API_REQUESTS_PER_MINUTE = 1_000_000
    return Person.objects.create_user(email="olga@example.org", name="Olga", role=Role.OWNER.value)


@pytest.fixture
def known_ids(olga: Person) -> list[int]:
    """One check in each state, so that operations find something to work on."""
    states = [Check.State.READY, Check.State.RUNNING, Check.State.PAUSED, Check.State.FINISHED]
    made = [scenes.check(olga, numbers=3, state=state).pk for state in states]
    file = SimpleUploadedFile("list.csv", b"name,phone\nAnna,+79123456789\n")
    made.append(accept_upload(actor=olga, file=file, now=timezone.now()).pk)
    scenes.account(olga)
    return made


@pytest.fixture
def text(olga: Person) -> str:
    """A token that may do everything."""
    return token_of(olga).text


@schema.parametrize()
@settings(
    max_examples=10,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    # Many are refused by the schema's own rules before they are sent.
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_fits_the_document(case: Any, text: str, known_ids: list[int]) -> None:
    made_up = (case.path_parameters or {}).get("check_id")
    if case.meta.generation.mode.is_positive and made_up is not None:
        # Made-up ids lead nowhere; in turn each state of a check is asked.
        case.path_parameters["check_id"] = known_ids[int(made_up) % len(known_ids)]
    case.call_and_validate(headers={"Authorization": f"Bearer {text}"})
