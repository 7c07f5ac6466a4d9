"""Who may do what over the API: scopes, roles, and nothing of another person."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from pult.config.urls import api
from pult.core.api.operations.tokens import UnableToMakeToken
from pult.core.api.tests.callers import ROOT, Caller, caller, problem
from pult.core.people.models import Person
from pult.core.registry import Role, registry
from pult.modules.checks.models import Check
from pult.modules.checks.tests import scenes

pytestmark = pytest.mark.django_db


def operations() -> list[tuple[str, str, str]]:
    """(method, path, scope) of everything that the API can do."""
    document = api.get_openapi_schema()
    return [
        (method.upper(), path.removeprefix(ROOT), *operation["security"][0]["token"])
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if operation["security"][0]["token"]
    ]


# Those of the queue are for everybody's checks: who may use them is tested below.
OF_ONE_CHECK = [row for row in operations() if "{check_id}" in row[1] and not row[2].startswith("queue:")]


# Rows of other rooms have tests of their own there; here they do not exist.
OTHER_ROW = re.compile(r"\{[a-z_]+\}")


def ask(programme: Caller, method: str, path: str, check_id: int) -> Any:
    path = OTHER_ROW.sub(str(UUID(int=0)), path.replace("{check_id}", str(check_id)))
    return programme.raw(method, path, b"{}" if method == "POST" else b"")


@pytest.mark.parametrize(("method", "path", "scope"), operations())
def test_each_operation_demands_its_scope(method: str, path: str, scope: str) -> None:
    anna = scenes.person("anna", role=Role.OWNER.value)
    check = scenes.check(anna, numbers=1, state=Check.State.FINISHED)
    others = [known.name for known in registry.scopes() if known.name != scope and anna.may(known.permission)]
    refused = problem(ask(caller(anna, scopes=others), method, path, check.pk), 403, "scope-missing")
    assert scope in refused["detail"]
    allowed = ask(caller(anna, scopes=[scope]), method, path, check.pk)
    nothing_there = {404, 422} if OTHER_ROW.search(path.replace("{check_id}", "")) else set()
    assert allowed.status_code not in {401, 403, 404, 500} - nothing_there
    problem(ask(Caller(None), method, path, check.pk), 401, "unauthenticated")


@pytest.mark.parametrize(("method", "path", "scope"), OF_ONE_CHECK)
def test_checks_of_others_are_not_there(method: str, path: str, scope: str) -> None:
    hers = scenes.check(scenes.person("vera"), numbers=3, state=Check.State.PAUSED)
    for role in Role:
        answer = ask(caller(scenes.person(role.value, role=role.value)), method, path, hers.pk)
        if path.endswith(("/start", "/column")) and answer.status_code == 422:
            answer = caller(scenes.person("x", role=role.value)).post(
                path.replace("{check_id}", str(hers.pk)), {"column": "1"} if path.endswith("/column") else {}
            )
        problem(answer, 404, "not-found")
    hers.refresh_from_db()
    assert hers.state == Check.State.PAUSED


def test_a_scope_opens_nothing_that_the_person_may_not_do(monkeypatch: pytest.MonkeyPatch) -> None:
    anna = scenes.person("anna")
    programme = caller(anna)
    assert programme.get("/checks").status_code == 200
    may: Callable[[Person, str], bool] = Person.may
    monkeypatch.setattr(
        Person, "may", lambda person, permission: permission != "checks.use" and may(person, permission)
    )
    problem(programme.get("/checks"), 403, "forbidden")
    assert programme.get("/token").status_code == 200


def test_the_queue_is_for_who_manages_checks() -> None:
    anna = scenes.person("anna")
    check = scenes.check(anna, numbers=5)
    with pytest.raises(UnableToMakeToken):
        caller(anna, scopes=["queue:read"])
    anton = caller(scenes.person("anton", role=Role.ADMINISTRATOR.value))
    row = anton.get("/checks/queue").json()["items"][0]
    assert (row["check_id"], row["person"]["name"], row["numbers"], row["waits"]) == (
        check.pk, "anna", 5, "no_account",
    )  # fmt: skip
    assert anton.post(f"/checks/queue/{check.pk}/move", {"place": "first"}).status_code == 204
    assert anton.get("/checks/queue").json()["items"][0]["precedence"] == 1
    assert anton.post(f"/checks/queue/{check.pk}/steer", {"verb": "pause"}).status_code == 204
    assert caller(anna).get(f"/checks/{check.pk}").json()["state"] == "paused"
    problem(anton.post(f"/checks/queue/{check.pk}/steer", {"verb": "pause"}), 409, "conflict")
    problem(anton.get(f"/checks/{check.pk}/results"), 404, "not-found")
    held = anton.post("/checks/queue/hold", {"person_id": anna.pk, "reason": "too many"}).json()
    assert (held["person_id"], held["reason"]) == (anna.pk, "too many")
    people = anton.get("/checks/queue/people").json()["items"]
    assert {row["person"]["id"]: row["held"] for row in people}[anna.pk] is True
    assert anton.post("/checks/queue/release", {"person_id": anna.pk}).status_code == 204
    problem(anton.post("/checks/queue/hold", {"person_id": 10**9}), 404, "not-found")
