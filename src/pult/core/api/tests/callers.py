"""Programmes that use the API in tests."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from pult.core.api.operations.tokens import IssuedToken, create_token
from pult.core.api.queries import scopes_open_to
from pult.core.people.models import Person

ROOT = "/api/v1"


def token_of(person: Person, *, scopes: Collection[str] | None = None, days: float = 30) -> IssuedToken:
    """A token of that person; with every scope they can have if none is named."""
    now = timezone.now()
    return create_token(
        actor=person,
        person=person,
        name="programme",
        scopes=[scope.name for scope in scopes_open_to(person)] if scopes is None else scopes,
        expires_at=now + timedelta(days=days),
        now=now,
    )


class Caller:
    """A programme with a token (or none); answers come as Django's test client gives them."""

    def __init__(self, text: str | None, **headers: str) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = ({"Authorization": f"Bearer {text}"} if text is not None else {}) | headers

    def get(self, path: str, **query: Any) -> Any:
        """GET /api/v1/…"""
        return self.client.get(ROOT + path, query, headers=self.headers)

    def post(self, path: str, content: Any = None, **headers: str) -> Any:
        """POST JSON."""
        return self.client.post(
            ROOT + path,
            data={} if content is None else content,
            content_type="application/json",
            headers=self.headers | headers,
        )

    def upload(self, path: str, **fields: Any) -> Any:
        """POST a form with files."""
        headers = self.headers | fields.pop("headers", {})
        return self.client.post(ROOT + path, data=fields, headers=headers)

    def raw(self, method: str, path: str, body: bytes = b"", content_type: str = "application/json") -> Any:
        """Anything at all."""
        return self.client.generic(method, ROOT + path, body, content_type, headers=self.headers)


def caller(person: Person, *, scopes: Collection[str] | None = None, **headers: str) -> Caller:
    """A programme of that person."""
    return Caller(token_of(person, scopes=scopes).text, **headers)


def problem(answer: Any, status: int, kind: str) -> dict[str, Any]:
    """The problem in an answer, after a look that it is one by RFC 9457."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    content: dict[str, Any] = answer.json()
    assert content["status"] == status
    assert content["type"].endswith(f"/api/v1/docs#{kind}")
    assert content["title"]
    return content
