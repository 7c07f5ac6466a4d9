"""What people send is fetched within a size and a time, and nothing is left of what failed."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from pult.core.bots.engine.client import Client
from pult.core.bots.engine.files import LARGEST, UnableToFetch, fetch
from pult.core.bots.operations.places import incoming_folder
from pult.core.bots.tests.sending_world import World, make_world
from telegram_simulator.testing import RunningSimulator, start_simulator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(60)]


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with start_simulator(tmp_path_factory.mktemp("simulator"), people=20) as running:
        yield running


@pytest.fixture
def world(simulator: RunningSimulator, settings: Settings, tmp_path: Path) -> World:
    simulator.delete("/api/faults")
    settings.PULT_DATA_DIR = tmp_path
    settings.TELEGRAM = replace(settings.TELEGRAM, mode="simulated", bot_api_url=simulator.bot_api_url)
    return make_world(simulator)


def sent_file(world: World, name: str, content: bytes) -> dict[str, Any]:
    """A document that somebody sent, as the update describes it."""
    player = world.player()
    player.send_file(world.username, name, content)
    updates = world.simulator.get(f"/api/bots/{world.username}/updates?limit=100")["updates"]
    found = [each["message"]["document"] for each in updates if "document" in each.get("message", {})]
    document: dict[str, Any] = found[-1]
    return document


def fetched(world: World, file_id: str, name: str, *, size: int = 0, limit: int = LARGEST) -> Path:
    async def run() -> Path:
        client = Client(world.known["token"])
        try:
            return await fetch(client, file_id, name, size, limit)
        finally:
            await client.close()

    return asyncio.run(run())


def refused(world: World, file_id: str, **more: Any) -> str:
    with pytest.raises(UnableToFetch) as refusal:
        fetched(world, file_id, "list.csv", **more)
    assert not list(incoming_folder().iterdir()), "nothing is left of it"
    return refusal.value.kind


def test_a_file_comes_whole_under_a_name_of_ours(world: World) -> None:
    content = bytes(range(256)) * 2000
    document = sent_file(world, "../../номера.CSV", content)
    path = fetched(world, document["file_id"], "../../номера.CSV", size=document["file_size"])
    assert path.read_bytes() == content
    assert path.parent == incoming_folder()
    assert path.suffix == ".csv" and path.stem.isalnum()


def test_what_is_known_to_be_too_large_is_not_even_asked_for(world: World) -> None:
    before = world.counters()
    assert refused(world, "whatever", size=LARGEST + 1) == "too_large"
    assert world.counters() == before


def test_whatever_telegram_said_of_the_size_no_more_than_the_limit_is_kept(world: World) -> None:
    document = sent_file(world, "list.csv", b"x" * 300_000)
    assert refused(world, document["file_id"], size=10, limit=100_000) == "too_large"


def test_a_file_that_telegram_does_not_have_is_gone(world: World) -> None:
    assert refused(world, "BQADno-such-file") == "gone"


def test_telegram_down_is_silence_and_not_an_error_of_the_file(world: World) -> None:
    document = sent_file(world, "list.csv", b"1")
    world.fault("down")
    assert refused(world, document["file_id"]) == "silent"
