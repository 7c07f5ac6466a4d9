"""Acts as transactions: everybody's copy, who is told, and what a failure leaves behind."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from telegram_simulator.bot_api.feed import Feed
from telegram_simulator.world import acts
from telegram_simulator.world.bots import Bot
from telegram_simulator.world.hub import Arrived, Deleted, Edited, UpdateQueued
from telegram_simulator.world.people import Person
from telegram_simulator.world.updates import KEPT_FOR, QUESTIONS_KEPT_FOR
from telegram_simulator.world.world import World

NOW = 1_790_000_000.0


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = World.open(tmp_path, people=30)
    Feed(opened)
    yield opened
    opened.close()


@pytest.fixture
def bot(world: World) -> Bot:
    return world.bots.all()[0]


@pytest.fixture
def person(world: World) -> Person:
    created = world.people.create({"phone": "79640000001", "first_name": "Яна"})
    world.accounts.ensure(created.id)
    return created


def waiting(world: World, bot: Bot) -> list[dict[str, Any]]:
    return [json.loads(update.payload) for update in world.updates.waiting(bot.id, limit=100)]


def test_a_message_lies_in_both_boxes_under_one_uid(world: World, bot: Bot, person: Person) -> None:
    heard: list[tuple[int, Any]] = []
    world.hub.listen(lambda who, fact: heard.append((who, fact)))
    posted = acts.post(world, sender_id=person.id, place=("user", bot.id), text="Раз", now=NOW)
    assert set(posted.copies) == {person.id, bot.id}
    assert {copy.uid for copy in posted.copies.values()} == {posted.uid}
    assert [type(fact) for who, fact in heard if who == person.id] == [Arrived]
    assert [type(fact) for who, fact in heard if who == bot.id] == [UpdateQueued, Arrived]
    acts.edit(world, message=posted.own, text="Два", content={}, now=NOW + 1)
    assert {copy.text for copy in world.messages.copies(posted.uid)} == {"Два"}
    acts.delete(world, message=posted.own, now=NOW + 2, only_for=person.id)
    assert [copy.box for copy in world.messages.copies(posted.uid)] == [bot.id]
    assert [type(fact) for who, fact in heard if who == person.id] == [Arrived, Edited, Deleted]


def test_what_fails_has_not_happened_and_nobody_hears_of_it(world: World, bot: Bot, person: Person) -> None:
    heard: list[Any] = []
    world.hub.listen(lambda _, fact: heard.append(fact))
    with pytest.raises(ZeroDivisionError), world.transaction():
        acts.post(world, sender_id=person.id, place=("user", bot.id), text="Раз", now=NOW)
        world.bots.change(bot.id, can_join_groups=False)
        raise ZeroDivisionError
    assert heard == []
    assert waiting(world, bot) == []
    assert world.messages.history(person.id, ("user", bot.id), before_id=0, limit=10) == []
    assert world.bots.all()[0].can_join_groups, "what is kept in memory is taken back too"
    acts.post(world, sender_id=person.id, place=("user", bot.id), text="Два", now=NOW)
    assert [update["message"]["text"] for update in waiting(world, bot)] == ["Два"]


def test_an_update_that_got_too_old_is_forgotten_and_a_tap_sooner(
    world: World, bot: Bot, person: Person
) -> None:
    for kind in ("message", "callback_query"):
        world.updates.queue(bot.id, kind, {}, lane=person.id, now=NOW)

    def kinds(now: float) -> list[str]:
        return [update.kind for update in world.updates.waiting(bot.id, limit=10, now=now)]

    assert kinds(NOW + QUESTIONS_KEPT_FOR - 1) == ["message", "callback_query"]
    assert kinds(NOW + QUESTIONS_KEPT_FOR + 1) == ["message"]
    assert kinds(NOW + KEPT_FOR + 1) == []


def test_blocking_twice_is_told_once_and_a_blocked_bot_is_not_written_to(
    world: World, bot: Bot, person: Person
) -> None:
    acts.press_start(world, person_id=person.id, bot_id=bot.id, payload="x", now=NOW)
    assert acts.block(world, person_id=person.id, bot_id=bot.id, now=NOW)
    assert not acts.block(world, person_id=person.id, bot_id=bot.id, now=NOW)
    with pytest.raises(acts.UnableToAct, match="unblock it first"):
        acts.post(world, sender_id=person.id, place=("user", bot.id), text="Ау", now=NOW)
    acts.press_start(world, person_id=person.id, bot_id=bot.id, now=NOW)
    kinds = [next(iter(update)) for update in waiting(world, bot)]
    assert kinds == ["message", "my_chat_member", "my_chat_member", "message"]


def test_only_buttons_that_are_there_can_be_tapped(world: World, bot: Bot, person: Person) -> None:
    acts.press_start(world, person_id=person.id, bot_id=bot.id, now=NOW)
    markup = {"inline_keyboard": [[{"text": "Да", "callback_data": "yes"}]]}
    posted = acts.post(
        world, sender_id=bot.id, place=("user", person.id), text="Ну?", now=NOW, content={"markup": markup}
    )
    seen = posted.copies[person.id]
    with pytest.raises(acts.UnableToAct, match="no such button"):
        acts.tap(world, person_id=person.id, message=seen, data="no", now=NOW)
    tapped = acts.tap(world, person_id=person.id, message=seen, data="yes", now=NOW)
    told = waiting(world, bot)[-1]["callback_query"]
    assert (told["id"], told["message"]["message_id"]) == (tapped.id, posted.own.id)
