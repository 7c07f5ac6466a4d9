"""Updates of several chats in one transaction: the same outcome as one after the other."""

from typing import Any

import pytest
from django.db import transaction
from django.utils.safestring import mark_safe

from pult.core.bots import rooms
from pult.core.bots.models import Conversation, Outgoing, Update
from pult.core.bots.operations import handling
from pult.core.bots.operations.handling import Outcome, handle, handle_together
from pult.core.bots.operations.updates import store_updates
from pult.core.bots.rules.pace import RUNS, Paces
from pult.core.bots.screens import Answer, BotRoom, Refused, Screen, Toast, Visit
from pult.core.bots.tests import scene
from pult.core.people.models import Person

pytestmark = pytest.mark.django_db

PEOPLE = [701, 702, 703, 704]
after_commit: list[str] = []


@pytest.fixture(autouse=True)
def room(monkeypatch: pytest.MonkeyPatch) -> BotRoom:
    made = BotRoom("home")

    @made.action("name")
    def name(visit: Visit, *words: str) -> Answer:
        Person.objects.filter(pk=visit.person.pk).update(name=" ".join(words))
        transaction.on_commit(lambda: after_commit.append(" ".join(words)))
        if "broken" in words:
            raise RuntimeError("a fault of ours")
        if "refused" in words:
            raise Refused("No.")
        return Screen(mark_safe("done"), expects="home.more")

    @made.action("never")
    def never(visit: Visit) -> Answer:
        return Toast("never run before")

    made.command("name", "Name", "name")
    made.command("never", "Never", "never")
    monkeypatch.setattr(rooms, "all_rooms", lambda: {"home": made})
    paces = Paces()
    for _ in range(RUNS):
        paces.note("home.name", 0.001)
    monkeypatch.setattr(handling, "paces", paces)
    return made


def stored(bot: Any, *texts: str) -> list[int]:
    updates = [scene.message(user, text) for user, text in zip(PEOPLE, texts, strict=False)]
    return store_updates(bot_id=bot.pk, updates=updates, now=scene.NOW)


def names() -> list[str]:
    return list(Person.objects.order_by("telegram_identities__user_id").values_list("name", flat=True))


def test_each_is_done_marked_answered_and_remembered() -> None:
    bot = scene.bot()
    for user in PEOPLE:
        scene.person(user)
    pks = stored(bot, "/name a", "/name b", "/name c", "/name d")
    ended = handle_together(update_pks=pks, now=scene.NOW)
    assert [one.outcome for one in ended] == [Outcome.HANDLED] * 4
    assert names() == ["a", "b", "c", "d"]
    assert set(Update.objects.values_list("state", "answered_by")) == {("handled", "home.name")}
    sent = Outgoing.objects.order_by("pk").values_list("chat_id", "update_id")
    assert list(sent) == list(zip(PEOPLE, pks, strict=True))
    assert Conversation.objects.filter(bot=bot, expects="home.more").count() == 4


def test_what_was_to_follow_the_commit_is_undone_with_the_deed(
    django_capture_on_commit_callbacks: Any,
) -> None:
    """The file of a check goes with the commit that removes the check: not when the removal did not happen."""
    bot = scene.bot()
    for user in PEOPLE:
        scene.person(user)
    pks = stored(bot, "/name a", "/name b broken", "/name c refused", "/name d")
    after_commit.clear()
    with django_capture_on_commit_callbacks(execute=True):
        handle_together(update_pks=pks, now=scene.NOW)
    assert after_commit == ["a", "d"]


def test_what_goes_wrong_leaves_nothing_and_is_told_when_it_is_alone() -> None:
    bot = scene.bot()
    for user in PEOPLE:
        scene.person(user)
    pks = stored(bot, "/name a", "/name broken", "/name refused", "/name d")
    ended = handle_together(update_pks=pks, now=scene.NOW)
    assert [one.outcome for one in ended] == [Outcome.HANDLED, Outcome.ALONE, Outcome.ALONE, Outcome.HANDLED]
    assert names() == ["a", "Person 702", "Person 703", "d"]
    assert Outgoing.objects.count() == 2
    outcomes = [handle(update_pk=pk, now=scene.NOW).outcome for pk in pks[1:3]]
    assert outcomes == [Outcome.FAILED, Outcome.HANDLED]
    assert names() == ["a", "Person 702", "Person 703", "d"]
    assert Outgoing.objects.count() == 4


def test_a_function_nobody_knows_to_be_quick_is_not_begun() -> None:
    bot = scene.bot()
    for user in PEOPLE[:2]:
        scene.person(user)
    pks = stored(bot, "/never", "/name b")
    ended = handle_together(update_pks=pks, now=scene.NOW)
    assert [one.outcome for one in ended] == [Outcome.ALONE, Outcome.HANDLED]
    assert handle(update_pk=pks[0], now=scene.NOW).outcome is Outcome.HANDLED


def test_after_its_time_no_other_deed_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    bot = scene.bot()
    for user in PEOPLE[:2]:
        scene.person(user)
    monkeypatch.setattr(handling, "TOGETHER_SECONDS", -1)
    ended = handle_together(update_pks=stored(bot, "/name a", "/name b"), now=scene.NOW)
    assert [one.outcome for one in ended] == [Outcome.ALONE] * 2
    assert names() == ["Person 701", "Person 702"]


def test_people_are_asked_for_together_in_few_statements(django_assert_max_num_queries: Any) -> None:
    bot = scene.bot()
    for user in PEOPLE:
        scene.person(user)
    pks = stored(bot, "/name a", "/name b", "/name c", "/name d")
    with django_assert_max_num_queries(6 + 3 * len(pks)):
        handle_together(update_pks=pks, now=scene.NOW)


def test_a_slow_run_makes_a_function_slow_until_it_has_been_quick_for_long() -> None:
    paces = Paces()
    assert not paces.quick("checks.list")
    for _ in range(RUNS):
        paces.note("checks.list", 0.001)
    assert paces.quick("checks.list")
    paces.note("checks.list", 1.0)
    for _ in range(RUNS):
        paces.note("checks.list", 0.001)
        assert not paces.quick("checks.list")
