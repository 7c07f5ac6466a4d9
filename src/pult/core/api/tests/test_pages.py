"""The pages of tokens and the reference."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pult.core.api.models import Token
from pult.core.api.tests.callers import Caller, token_of
from pult.core.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(anna: Person) -> Client:
    client = Client()
    anna.set_password("a calm river in autumn")
    anna.save()
    client.force_login(anna)
    assert client.post("/sign-in/again/", {"password": "a calm river in autumn"}).status_code == 302
    return client


def test_a_session_alone_makes_no_token(anna: Person) -> None:
    client = Client()
    anna.set_password("a calm river in autumn")
    anna.save()
    client.force_login(anna)
    for ask in (client.get, client.post):
        answer = ask("/api/tokens/new/", {"name": "CRM", "scopes": ["checks:read"], "life": "30"})
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in/again/")
    assert not Token.objects.exists()


def test_a_token_is_made_on_the_page_and_shown_once(browser: Client, anna: Person) -> None:
    assert "No token yet" in browser.get("/api/tokens/").content.decode()
    answer = browser.post("/api/tokens/new/", {"name": "CRM", "scopes": ["checks:read"], "life": "30"})
    assert answer.status_code == 200
    text = answer.context["text"]
    assert answer.content.decode().count(text) >= 1
    assert "no-store" in answer["Cache-Control"]
    assert Caller(text).get("/checks").status_code == 200
    token = Token.objects.get()
    assert timedelta(days=29) < token.expires_at - timezone.now() <= timedelta(days=30)
    listed = browser.get("/api/tokens/").content.decode()
    assert text not in listed
    assert token.hint in listed
    assert "See checks, verdicts and logs" in listed


def test_the_last_day_counts_whole_in_the_zone_of_the_person(browser: Client, anna: Person) -> None:
    anna.time_zone = "Asia/Tokyo"
    anna.save()
    day = (timezone.now() + timedelta(days=40)).date()
    wanted = {"name": "x", "scopes": ["checks:read"], "life": "day", "last_day": day.isoformat()}
    assert browser.post("/api/tokens/new/", wanted).status_code == 200
    assert Token.objects.get().expires_at.isoformat() == f"{day}T15:00:00+00:00"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["world:rule"]}, "scopes"),
        ({"life": "day"}, "last_day"),
        ({"life": "day", "last_day": "2020-01-01"}, "last_day"),
        ({"life": "day", "last_day": "9999-12-30"}, "last_day"),
        ({"life": "day", "last_day": "9999-12-31"}, "last_day"),
        ({"life": "1000000"}, "life"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(browser: Client, wrong: dict[str, object], field: str) -> None:
    given = {"name": "kept words", "scopes": ["checks:read"], "life": "30"}
    answer = browser.post("/api/tokens/new/", given | wrong)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert field == "name" or b"kept words" in answer.content
    assert not Token.objects.exists()


def test_a_token_is_revoked_on_the_page_by_its_person_only(
    browser: Client, anna: Person, boris: Person
) -> None:
    issued = token_of(anna)
    stranger = Client()
    stranger.force_login(boris)
    path = f"/api/tokens/{issued.token.pk}/revoke/"
    assert stranger.post(path).status_code == 404
    assert browser.get(path).status_code == 405
    assert Caller(issued.text).get("/token").status_code == 200
    assert browser.post(path, follow=True).status_code == 200
    assert Caller(issued.text).get("/token").status_code == 401
    assert str(issued.token.hint) not in stranger.get("/api/tokens/").content.decode()


def test_the_list_is_searched_and_sorted(browser: Client, anna: Person) -> None:
    first, second = token_of(anna).token, token_of(anna).token
    Token.objects.filter(pk=first.pk).update(name="Alpha", revoked_at=timezone.now())
    Token.objects.filter(pk=second.pk).update(name="Beta")

    def names(query: str) -> list[str]:
        rows = browser.get(f"/api/tokens/?{query}").context["rows"]
        return [row.token.name for row in rows]

    assert names("") == ["Beta", "Alpha"]
    assert names("sort=name") == ["Alpha", "Beta"]
    assert names("state=working") == ["Beta"]
    assert names("state=over") == ["Alpha"]
    assert names("q=alph%00") == ["Alpha"]
    assert "No token fits" in browser.get("/api/tokens/?q=nobody").content.decode()


def test_the_document_opens_for_people_and_tokens(browser: Client, anna: Person) -> None:
    document = browser.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert "/api/v1/checks" in document["paths"]
    assert Caller(token_of(anna).text).get("/openapi.json").json() == document
    assert Caller(None).get("/openapi.json").status_code == 401
    page = browser.get("/api/v1/docs").content.decode()
    for operation in ("create_check", "list_results", "get_token"):
        assert f'id="{operation}"' in page
    for kind in ("key-reused", "bad-cursor", "too-many-requests"):
        assert f'id="{kind}"' in page
    assert "<script>" not in page
    assert " style=" not in page
    visitor = Client().get("/api/v1/docs")
    assert (visitor.status_code, visitor["Location"]) == (302, "/sign-in/?next=/api/v1/docs")


def test_every_operation_is_described() -> None:
    from pult.config.urls import api

    document = api.get_openapi_schema()
    names = []
    for methods in document["paths"].values():
        for operation in methods.values():
            names.append(operation["operationId"])
            assert operation["summary"]
            assert operation["description"]
            assert operation["tags"]
            assert operation["security"]
            assert {"401", "403", "429", "500"} <= {str(status) for status in operation["responses"]}
    assert len(names) == len(set(names))
