"""A simulated Telegram in a process of its own, with accounts that are connected without the sign-in's steps."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from pult.core.telegram.models import Account
from pult.modules.checks.tests.world import connect_account
from telegram_simulator.testing import RunningSimulator, start_simulator


@pytest.fixture(autouse=True)
def empty_queue(request: pytest.FixtureRequest) -> None:
    """Jobs of earlier tests are gone: the queue's tables are not Django's, so nobody else empties them."""
    marker = request.node.get_closest_marker("django_db")
    if marker is not None:
        request.getfixturevalue("transactional_db" if marker.kwargs.get("transaction") else "db")
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


@pytest.fixture(scope="session")
def running_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with start_simulator(tmp_path_factory.mktemp("world"), people=3000) as simulator:
        yield simulator


@pytest.fixture
def world(running_world: RunningSimulator, settings: Settings) -> RunningSimulator:
    """The simulated Telegram, without faults; Pult is told where it listens."""
    running_world.delete("/api/faults")
    settings.TELEGRAM = replace(
        settings.TELEGRAM,
        mode="simulated",
        host=running_world.host,
        port=running_world.mtproto_port,
        public_key_file=running_world.public_key_file,
        control_url=running_world.control_url,
    )
    return running_world


Connect = Callable[..., Account]


@pytest.fixture
def connect(world: RunningSimulator, transactional_db: None) -> Connect:
    """connect(anna, "79110000001", limits={…}): a fresh simulated account of hers."""
    return partial(connect_account, world)
