"""A page hears of what changed, and only of what its person may follow."""

import asyncio
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from pult.core.jobs.database import in_database
from pult.core.live import publish
from pult.core.live import stream as live_stream
from pult.core.people.models import Person
from pult.core.people.operations import demand_second_factor, end_all_sessions, switch_off
from pult.core.registry import Role

pytestmark = pytest.mark.django_db(transaction=True)


class Browser:
    """One EventSource: an ASGI connection whose messages are collected."""

    def __init__(self, application: live_stream.LiveStream, query: str, cookie: str) -> None:
        self.sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._leave: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        scope = {"type": "http", "headers": [(b"cookie", cookie.encode())], "query_string": query.encode()}
        self.task = asyncio.create_task(application(scope, self._leave.get, self.sent.put))

    async def next(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.sent.get(), 10)

    async def leave(self) -> None:
        await self._leave.put({"type": "http.disconnect"})
        await asyncio.wait_for(self.task, 10)


def signed_in_cookie(person: Person) -> str:
    client = Client()
    client.force_login(person)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def dsn() -> str:
    from pult.core.jobs.database import database_dsn

    return database_dsn()


def make_person(email: str) -> tuple[Person, str]:
    person = Person.objects.create_user(email=email)
    return person, signed_in_cookie(person)


async def test_a_change_reaches_the_page_once_however_often_it_is_said() -> None:
    person, cookie = await in_database(make_person, "anna@example.com")
    application = live_stream.LiveStream(dsn())
    browser = Browser(application, f"topic=person:{person.pk}", cookie)
    start = await browser.next()
    assert start["status"] == 200
    assert (b"content-type", b"text/event-stream; charset=utf-8") in start["headers"]
    assert (b"x-content-type-options", b"nosniff") in start["headers"]
    assert dict(start["headers"])[b"content-security-policy"].startswith(b"default-src 'none'")
    assert (await browser.next())["body"] == b"retry: 2000\n\n"
    # Both first events say "look again": at the start of the stream, and as soon as the process listens.
    expected = f"event: person-{person.pk}\ndata: \n\n".encode()
    for _ in range(2):
        assert (await browser.next())["body"] == expected

    await in_database(publish, f"person:{person.pk}")
    assert (await browser.next())["body"] == expected
    # Where the process listens already, a page hears of what it missed while it was on its way.
    second = Browser(application, f"topic=person:{person.pk}", cookie)
    for _ in range(2):
        await second.next()
    assert (await second.next())["body"] == expected
    await second.leave()
    await browser.leave()
    assert application.switchboard.open_pages == 0


async def test_a_burst_becomes_one_event_later_and_the_pace_slows_with_many_pages() -> None:
    person, cookie = await in_database(make_person, "anna@example.com")
    application = live_stream.LiveStream(dsn())
    browser = Browser(application, f"topic=person:{person.pk}", cookie)
    for _ in range(4):
        await browser.next()
    for _ in range(20):
        await in_database(publish, f"person:{person.pk}")
    told = [(await browser.next())["body"]]
    began = asyncio.get_running_loop().time()
    for _ in range(20):
        await in_database(publish, f"person:{person.pk}")
    told.append((await browser.next())["body"])
    assert told == [f"event: person-{person.pk}\ndata: \n\n".encode()] * 2, (
        "none is lost, and none is doubled"
    )
    assert asyncio.get_running_loop().time() - began >= live_stream.CALM_SECONDS / 2
    assert application._calm_seconds() == live_stream.CALM_SECONDS
    application.switchboard.open_pages = 200
    assert application._calm_seconds() == 200 / live_stream.EVENTS_A_SECOND
    application.switchboard.open_pages = 1
    await browser.leave()


async def test_another_persons_topic_is_not_followed() -> None:
    _, cookie = await in_database(make_person, "anna@example.com")
    other, _ = await in_database(make_person, "boris@example.com")
    browser = Browser(
        live_stream.LiveStream(dsn()), f"topic=person:{other.pk}&topic=unknown:1&topic=x", cookie
    )
    assert (await browser.next())["status"] == 204


@pytest.mark.parametrize("cookie", ["", "pult_session=forged", "other=1"])
async def test_a_visitor_follows_nothing(cookie: str) -> None:
    browser = Browser(live_stream.LiveStream(dsn()), "topic=person:1", cookie)
    assert (await browser.next())["status"] == 401


async def test_a_person_switched_off_follows_nothing() -> None:
    person, cookie = await in_database(make_person, "anna@example.com")
    person.is_active = False
    await in_database(person.save)
    browser = Browser(live_stream.LiveStream(dsn()), f"topic=person:{person.pk}", cookie)
    assert (await browser.next())["status"] == 401


async def test_who_owes_a_second_factor_follows_nothing() -> None:
    person, cookie = await in_database(make_person, "anna@example.com")
    await in_database(demand_second_factor, actor=None, roles=list(Role), now=timezone.now())
    browser = Browser(live_stream.LiveStream(dsn()), f"topic=person:{person.pk}", cookie)
    assert (await browser.next())["status"] == 401


async def test_access_that_is_closed_ends_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_stream, "ASK_AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(live_stream, "KEEP_ALIVE_SECONDS", 0.05)
    person, cookie = await in_database(make_person, "anna@example.com")
    application = live_stream.LiveStream(dsn())
    browser = Browser(application, f"topic=person:{person.pk}", cookie)
    assert (await browser.next())["status"] == 200
    person.is_active = False
    await in_database(person.save)
    await asyncio.wait_for(browser.task, 10)
    assert application.switchboard.open_pages == 0
    last = [browser.sent.get_nowait() for _ in range(browser.sent.qsize())][-1]
    assert not last.get("more_body"), "the browser is told that this was all, and asks again"


async def test_a_lost_database_is_an_answer_not_an_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object) -> None:
        raise OperationalError

    monkeypatch.setattr(live_stream, "_allowed_topics", unreachable)
    browser = Browser(live_stream.LiveStream(dsn()), "topic=person:1", "pult_session=some")
    assert (await browser.next())["status"] == 503


async def test_the_page_hears_again_after_the_database_cut_the_line() -> None:
    person, cookie = await in_database(make_person, "anna@example.com")
    browser = Browser(live_stream.LiveStream(dsn()), f"topic=person:{person.pk}", cookie)
    for _ in range(4):
        await browser.next()
    async with await psycopg.AsyncConnection.connect(dsn(), autocommit=True) as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE 'LISTEN%' AND datname = current_database() AND pid <> pg_backend_pid()"
        )
    # Listening again, the process tells every page to look, since it may have missed something.
    assert (await browser.next())["body"] == f"event: person-{person.pk}\ndata: \n\n".encode()
    await browser.leave()


@pytest.mark.parametrize("deed", [switch_off, end_all_sessions])
async def test_who_is_shut_out_hears_nothing_more_at_once(deed: Any) -> None:
    person, cookie = await in_database(make_person, "anna@example.com")
    browser = Browser(live_stream.LiveStream(dsn()), f"topic=person:{person.pk}", cookie)
    for _ in range(4):
        await browser.next()
    await in_database(lambda: deed(actor=None, person=person, now=timezone.now()))
    # Long before the stream would ask by itself.
    assert await asyncio.wait_for(browser.next(), 5) == {"type": "http.response.body", "body": b""}
    await asyncio.wait_for(browser.task, 5)
