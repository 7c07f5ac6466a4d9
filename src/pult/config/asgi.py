"""The web process: raw ASGI for live streams, everything else Django through WSGI threads.

Django's own ASGI handler costs about 5 ms of CPU a page in thread hops; a2wsgi serves four times as many pages.
"""

from typing import Any, cast

from a2wsgi import WSGIMiddleware

from pult.config.wsgi import application as django_pages
from pult.core.jobs.database import database_dsn
from pult.core.live.stream import LiveStream, Receive, Scope, Send
from pult.core.watch.this_process import count_live_pages

PAGE_THREADS = 8

_pages: Any = WSGIMiddleware(cast("Any", django_pages), workers=PAGE_THREADS)
_live = LiveStream(database_dsn())
count_live_pages(lambda: _live.switchboard.open_pages)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Route by path; uvicorn is started without lifespan and web sockets, so everything is HTTP."""
    if scope["path"] == "/live/":
        await _live(scope, receive, send)
    else:
        await _pages(scope, receive, send)
