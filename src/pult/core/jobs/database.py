"""From coroutines to synchronous operations and back: the one bridge, and the address of the database."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import psycopg
from django.db import close_old_connections, connection

P = ParamSpec("P")
R = TypeVar("R")

# Few threads are enough: an operation takes milliseconds, and each thread may hold one pooled connection.
_threads = ThreadPoolExecutor(max_workers=6, thread_name_prefix="database")


def with_fresh_connection(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call `function` in this thread; its connection goes back before and after, as Django does around a request."""
    close_old_connections()
    try:
        return function(*args, **kwargs)
    finally:
        close_old_connections()


async def in_database(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a synchronous operation or query in a thread that has a healthy database connection."""
    return await asyncio.get_running_loop().run_in_executor(
        _threads, lambda: with_fresh_connection(function, *args, **kwargs)
    )


def database_dsn() -> str:
    """The libpq address of Django's database, for connections of our own (LISTEN, locks)."""
    known = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
    parameters = {
        key: value
        for key, value in connection.get_connection_params().items()
        if key in known and value not in {"", None}
    }
    # A listener only waits: without this it would not notice for hours that the other side has vanished.
    patience = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
    return psycopg.conninfo.make_conninfo("", **{**patience, **parameters})
