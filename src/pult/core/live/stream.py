"""Server-sent events as raw ASGI: one LISTEN connection for the process, a small queue for each open page.

Django's own streaming needs 57 kB and a thread hop for each page; this needs about 10 kB.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, close_old_connections
from django.http.cookie import parse_cookie
from django.utils.crypto import constant_time_compare

from pult.core.live.publishing import CHANNEL, shut_out_topic
from pult.core.registry import registry

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

# A comment line keeps proxies from closing a quiet stream, and finds pages that went away.
KEEP_ALIVE_SECONDS = 15
MOST_TOPICS = 20
# Who lost a right or a check hears nothing more after this long; who was shut out or signed out everywhere, at once.
ASK_AGAIN_SECONDS = 60
# Between two events of a page; each lets it fetch itself again. Where many pages are open they wait longer, so that
# fetching takes about half of a process and everybody else's pages stay quick (`make bench ONLY=live-pages`).
CALM_SECONDS = 0.7
EVENTS_A_SECOND = 10
# Django's middleware never sees a stream: what all other answers say is said here.
SAFETY_HEADERS = [
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
]

log = structlog.get_logger(__name__)


class Switchboard:
    """Passes notices of PostgreSQL on to the open pages of this process."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._pages: dict[str, set[Page]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        # A plain number: other threads read it.
        self.open_pages = 0

    def start(self) -> None:
        """Begin to listen, with the first page."""
        if self._task is None:
            self._task = asyncio.create_task(self._listen(), name="live-switchboard")

    def add(self, page: "Page") -> None:
        self.open_pages += 1
        for topic in page.heard:
            self._pages[topic].add(page)

    def remove(self, page: "Page") -> None:
        self.open_pages -= 1
        for topic in page.heard:
            self._pages[topic].discard(page)
            if not self._pages[topic]:
                del self._pages[topic]

    def _pass_on(self, topic: str) -> None:
        for page in self._pages.get(topic, ()):
            page.changed(topic)

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    # Whatever changed while nobody listened: every page looks again.
                    for topic in list(self._pages):
                        self._pass_on(topic)
                    async for notice in connection.notifies():
                        self._pass_on(notice.payload)
            except (psycopg.Error, OSError) as error:
                log.warning("live.listener_lost", error=type(error).__name__)
            await asyncio.sleep(1)


class Page:
    """One open page: the topics it follows and those that changed since it was last told.

    On `doubt`, which it is never told of, its stream asks whether it may still listen.
    """

    def __init__(self, topics: Iterable[str], doubt: str = "") -> None:
        self.topics = frozenset(topics)
        self.heard = self.topics | {doubt} if doubt else self.topics
        self.doubted = False
        self._doubt = doubt
        self._changed: set[str] = set()
        self._wake = asyncio.Event()

    def changed(self, topic: str) -> None:
        """Remember a change; many changes of one topic become one event."""
        if topic == self._doubt:
            self.doubted = True
        else:
            self._changed.add(topic)
        self._wake.set()

    def leave(self) -> None:
        """The browser has gone: whoever waits for events wakes up."""
        self._wake.set()

    async def next_events(self) -> bytes:
        """The next events as text/event-stream, or a keep-alive comment."""
        try:
            await asyncio.wait_for(self._wake.wait(), KEEP_ALIVE_SECONDS)
        except TimeoutError:
            return b": still here\n\n"
        self._wake.clear()
        topics, self._changed = sorted(self._changed), set()
        return b"".join(b"event: %s\ndata: \n\n" % topic.replace(":", "-").encode() for topic in topics)


def _person_behind(session_key: str) -> Any | None:
    """The active person of a session, checked as Django's own middleware does; None when there is none."""
    session = SessionStore(session_key)
    identifier: Any = session.get(SESSION_KEY)
    if identifier is None or not session.get(BACKEND_SESSION_KEY):
        return None
    people: Any = get_user_model()._default_manager
    person = people.with_standing().filter(pk=identifier, is_active=True).first()
    if person is None:
        return None
    known, expected = session.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash()
    # Who owes a second factor hears nothing before it is set up, as no page opens.
    return person if constant_time_compare(known, expected) and not person.held_back() else None


def may_listen(person: Any, topic: str) -> bool:
    """Whether a person may follow a topic: their own `person:<id>`, or what a module's rule for the prefix allows."""
    prefix, separator, identifier = topic.partition(":")
    if not separator:
        return False
    if prefix == "person":
        return identifier == str(person.pk)
    return any(
        rule(person, identifier)
        for module in registry
        for name, rule in module.topics.items()
        if name == prefix
    )


def _allowed_topics(session_key: str, topics: list[str]) -> "Grant | None":
    close_old_connections()
    try:
        person = _person_behind(session_key)
        if person is None:
            return None
        return Grant(person.pk, [topic for topic in topics if may_listen(person, topic)])
    finally:
        close_old_connections()


@dataclass(frozen=True, slots=True)
class Grant:
    """Who listens, and the topics that they may follow."""

    person_id: int
    topics: list[str]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a browser asked to follow, and with which session."""

    session_key: str
    topics: list[str]

    async def granted(self) -> Grant | None:
        """Who it is, and the topics that may be followed now; None when nobody is signed in. Raises DatabaseError."""
        ask = sync_to_async(_allowed_topics, thread_sensitive=False)
        return await ask(self.session_key, self.topics)


async def _refuse(send: Send, status: int) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", b"text/plain"), *SAFETY_HEADERS],
        }
    )
    await send({"type": "http.response.body", "body": b""})


class LiveStream:
    """The ASGI application behind /live/?topic=…&topic=…"""

    def __init__(self, dsn: str) -> None:
        self.switchboard = Switchboard(dsn)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
        topics = parse_qs(scope["query_string"].decode("latin-1")).get("topic", [])[:MOST_TOPICS]
        wish = Wish(cookies.get(settings.SESSION_COOKIE_NAME, ""), topics)
        try:
            granted = await wish.granted()
        except DatabaseError as error:
            log.warning("live.database_unreachable", error=type(error).__name__)
            await _refuse(send, 503)
            return
        if granted is None:
            await _refuse(send, 401)
        elif not granted.topics:
            # 204 tells an EventSource not to come back.
            await _refuse(send, 204)
        else:
            self.switchboard.start()
            await self._serve(wish, granted, receive, send)

    async def _serve(self, wish: Wish, granted: Grant, receive: Receive, send: Send) -> None:
        page = Page(granted.topics, doubt=shut_out_topic(granted.person_id))
        self.switchboard.add(page)
        gone = asyncio.create_task(self._until_gone(receive))
        gone.add_done_callback(lambda _: page.leave())
        try:
            await send(
                {
                    "type": "http.response.start",
                    "status": 200,
                    "headers": [
                        (b"content-type", b"text/event-stream; charset=utf-8"),
                        (b"cache-control", b"no-store"),
                        (b"x-accel-buffering", b"no"),
                        *SAFETY_HEADERS,
                    ],
                }
            )
            await send({"type": "http.response.body", "body": b"retry: 2000\n\n", "more_body": True})
            # Something may have changed since the page was made: it looks again at once.
            for topic in granted.topics:
                page.changed(topic)
            await self._pass_on(wish, page, gone, send)
        finally:
            gone.cancel()
            self.switchboard.remove(page)

    async def _pass_on(self, wish: Wish, page: Page, gone: "asyncio.Task[None]", send: Send) -> None:
        """Send events until the browser goes or may no longer follow; it then asks again and gets the answer."""
        ask_again_at = time.monotonic() + ASK_AGAIN_SECONDS
        while True:
            events = await page.next_events()
            if gone.done():
                return
            if page.doubted or time.monotonic() >= ask_again_at:
                page.doubted = False
                if not await _still_granted(wish, page):
                    break
                ask_again_at = time.monotonic() + ASK_AGAIN_SECONDS
            if events:
                await send({"type": "http.response.body", "body": events, "more_body": True})
            await asyncio.wait({gone}, timeout=self._calm_seconds())
        await send({"type": "http.response.body", "body": b""})

    def _calm_seconds(self) -> float:
        """How long a page hears nothing after an event; what changes meanwhile is the next one."""
        return max(CALM_SECONDS, self.switchboard.open_pages / EVENTS_A_SECOND)

    @staticmethod
    async def _until_gone(receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            continue


async def _still_granted(wish: Wish, page: Page) -> bool:
    try:
        granted = await wish.granted()
        return granted is not None and page.topics == frozenset(granted.topics)
    except DatabaseError as error:
        log.warning("live.database_unreachable", error=type(error).__name__)
        return False
