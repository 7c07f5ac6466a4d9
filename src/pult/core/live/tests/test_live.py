"""A page hears of what changed, and only of what its person may follow."""

import asyncio
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.test import Client

from pult.core.jobs.database import in_database
from pult.core.live import publish
from pult.core.live import stream as live_stream
from pult.core.people.models import Person

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
    from pult.core.jobs.worker import database_dsn

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
    assert (await browser.next())["body"] == b"retry: 2000\n\n"
    # The first event says "look again": it comes as soon as the process listens.
    expected = f"event: person-{person.pk}\ndata: \n\n".encode()
    assert (await browser.next())["body"] == expected

    await in_database(publish, f"person:{person.pk}")
    assert (await browser.next())["body"] == expected
    await browser.leave()
    assert application.switchboard.open_pages == 0


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


async def test_the_page_hears_again_after_the_database_cut_the_line() -> None:
    person, cookie = await in_database(make_person, "anna@example.com")
    browser = Browser(live_stream.LiveStream(dsn()), f"topic=person:{person.pk}", cookie)
    for _ in range(3):
        await browser.next()
    async with await psycopg.AsyncConnection.connect(dsn(), autocommit=True) as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE 'LISTEN%' AND datname = current_database() AND pid <> pg_backend_pid()"
        )
    # Listening again, the process tells every page to look, since it may have missed something.
    assert (await browser.next())["body"] == f"event: person-{person.pk}\ndata: \n\n".encode()
    await browser.leave()
