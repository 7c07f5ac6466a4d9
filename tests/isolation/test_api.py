"""Every operation of the API's own document, with everybody's tokens and Anna's ids."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from pult.core.people.models import Person
from pult.core.registry import Role
from tests.isolation.scene import Scene, addresses, fingerprint, secrets_in, set_scene
from tests.isolation.test_pages import body_of, changed

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]

METHODS = ("get", "post", "put", "patch", "delete")
# Not operations: the document and the page that shows it, and the address of everything else under /api/v1/.
NOT_OPERATIONS = {"api-v1-docs", "api-v1-openapi", "api-v1:api-root"}
# Operations about everybody's checks, for whom holds the permission; what they may show of Anna's.
FOR_MANAGERS = {"/api/v1/checks/queue": ("checks.manage", frozenset({"check", "account", "person"}))}
# Operations that make something new of the caller's own.
MAKES_OWN = {("post", "/api/v1/checks"), ("post", "/api/v1/checks/from-file"), ("post", "/api/v1/webhooks")}


@pytest.fixture
def scene(settings: Settings, tmp_path: Path) -> Scene:
    settings.PULT_UPLOADS_DIR = tmp_path
    return set_scene()


def document() -> dict[str, Any]:
    client = Client()
    client.force_login(Person.objects.get(email="owner@example.org"))
    found: dict[str, Any] = json.loads(client.get("/api/v1/openapi.json").content)
    return found


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path as it stands in the document, the operation)."""
    known = document()
    for path, methods in known["paths"].items():
        for method, operation in methods.items():
            if method not in METHODS:
                continue
            schema = (
                operation.get("requestBody", {})
                .get("content", {})
                .get("application/json", {})
                .get("schema", {})
            )
            name = schema.get("$ref", "").rpartition("/")[2]
            operation["wanted"] = known["components"]["schemas"].get(name, {}).get("required", [])
            yield method, path, operation


def managed(path: str) -> tuple[str, frozenset[str]]:
    """The permission that an operation about everybody's checks needs, and what it may show; "" for all others."""
    return next((rule for start, rule in FOR_MANAGERS.items() if path.startswith(start)), ("", frozenset()))


def spelled(path: str, scene: Scene) -> str:
    """The path with Anna's ids; fails for an argument that the scene does not know."""
    names = re.findall(r"\{(\w+)\}", path)
    unknown = set(names) - set(scene.arguments)
    assert not unknown, f"{path}: tests/isolation/scene.py has nothing for {sorted(unknown)}"
    for name in names:
        path = path.replace("{" + name + "}", str(scene.arguments[name]))
    return path


# A value for each name that a body must have, so that a refusal is never only one of the body.
FILLED: dict[str, Any] = {
    "verb": "cancel",
    "place": "first",
    "person": None,
    "column": "1",
    "purpose": "stolen",
    "numbers": ["+4915123456789"],
    "name": "stolen",
    "url": "https://stolen.example.org/",
    "events": ["check.finished"],
}


def ask(method: str, path: str, operation: dict[str, Any], token: str | None) -> tuple[int, str]:
    headers = {"Idempotency-Key": "walk", **({"Authorization": f"Bearer {token}"} if token else {})}
    content = operation.get("requestBody", {}).get("content", {})
    client, given = Client(), {}
    if "multipart/form-data" in content:
        file = SimpleUploadedFile("a.csv", b"phone\n+4915123456789\n")
        given = {"data": {"purpose": "walk", "column": "1", "file": file}}
    elif "application/json" in content:
        wanted = operation["wanted"]
        unknown = set(wanted) - set(FILLED)
        assert not unknown, f"{path}: FILLED has nothing for {sorted(unknown)}"
        body = {name: FILLED[name] for name in wanted}
        given = {"data": json.dumps(body), "content_type": "application/json"}
    answer = getattr(client, method)(path, headers=headers, **given)
    return answer.status_code, body_of(answer)


def test_the_document_names_every_address_of_the_api(scene: Scene) -> None:
    written = {re.sub(r"\{\w+\}", "{}", path) for path in document()["paths"]}
    routed = {
        "/" + re.sub(r"<[^>]+>", "{}", address.pattern)
        for address in addresses()
        if address.name.startswith("api-v1:") and address.name not in NOT_OPERATIONS
    }
    assert routed == written


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_nobody_elses_token_reaches_what_is_annas(scene: Scene, role: str) -> None:
    walk = list(operations())
    before, faults = fingerprint(), []
    for method, path, operation in walk:
        if (method, path) in MAKES_OWN:
            continue
        permission, shown = managed(path)
        if permission and scene.people[role].may(permission):
            if method == "get":
                status, body = ask(method, spelled(path, scene), operation, scene.tokens[role])
                assert status == 200 and not secrets_in(body, shown=shown), path
            continue
        status, body = ask(method, spelled(path, scene), operation, scene.tokens[role])
        expected = {403} if permission else {404} if "{" in path else {200}
        if status not in expected or secrets_in(body):
            faults.append((method, path, status, secrets_in(body)))
    assert not faults, "\n".join(map(str, faults))
    assert changed(before) == []


@pytest.mark.parametrize("token", ["none", "wrong", "switched off", "cookie"])
def test_without_a_token_that_works_nothing_is_answered(scene: Scene, token: str) -> None:
    walk = list(operations())
    before, faults = fingerprint(), []
    given = {"none": None, "cookie": None, "wrong": "pult_" + "0" * 12 + "_" + "0" * 64}
    for method, path, operation in walk:
        status, body = ask(method, spelled(path, scene), operation, given.get(token, scene.tokens.get(token)))
        if status != 401 or secrets_in(body):
            faults.append((method, path, status, secrets_in(body)))
    assert not faults, "\n".join(map(str, faults))
    assert changed(before) == []


def test_a_session_of_the_browser_opens_nothing_of_the_api(scene: Scene) -> None:
    client = Client()
    client.force_login(scene.anna)
    for method, path, _operation in operations():
        if method == "get":
            assert client.get(spelled(path, scene)).status_code == 401, path


def test_a_token_opens_only_what_its_scopes_say(scene: Scene) -> None:
    from pult.core.api.models import Token

    Token.objects.filter(person=scene.anna).update(scopes=[])
    walk = list(operations())
    before = fingerprint()
    for method, path, operation in walk:
        status, body = ask(method, spelled(path, scene), operation, scene.tokens["anna"])
        if path.endswith("/token"):
            assert status == 200
            continue
        assert (status, secrets_in(body)) == (403, []), (method, path)
    assert changed(before) == []


def test_anna_reads_her_own_with_her_token(scene: Scene) -> None:
    seen: set[str] = set()
    for method, path, operation in operations():
        if method == "get":
            status, body = ask(method, spelled(path, scene), operation, scene.tokens["anna"])
            assert status < 500, path
            seen |= set(secrets_in(body))
    assert {"Annas-secret-list", "Veronika-behind-the-number", "annas-broken-line"} <= seen
