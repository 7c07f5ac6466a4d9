"""Who may do what over the API: scopes, roles, and nothing of another person."""

from collections.abc import Callable
from typing import Any

import pytest

from pult.config.urls import api
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


def ask(programme: Caller, method: str, path: str, check_id: int) -> Any:
    path = path.replace("{check_id}", str(check_id))
    return programme.raw(method, path, b"{}" if method == "POST" else b"")


@pytest.mark.parametrize(("method", "path", "scope"), operations())
def test_each_operation_demands_its_scope(method: str, path: str, scope: str) -> None:
    anna = scenes.person("anna")
    check = scenes.check(anna, numbers=1, state=Check.State.FINISHED)
    others = [known.name for known in registry.scopes() if known.name != scope and anna.may(known.permission)]
    refused = problem(ask(caller(anna, scopes=others), method, path, check.pk), 403, "scope-missing")
    assert scope in refused["detail"]
    allowed = ask(caller(anna, scopes=[scope]), method, path, check.pk)
    assert allowed.status_code not in {401, 403, 404, 500}
    problem(ask(Caller(None), method, path, check.pk), 401, "unauthenticated")


@pytest.mark.parametrize(("method", "path", "scope"), [row for row in operations() if "{check_id}" in row[1]])
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
