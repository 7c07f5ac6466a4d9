"""From a coroutine of the worker to synchronous operations and back: the one bridge."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

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
