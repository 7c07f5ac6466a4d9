"""Kinds that ask one after another: whatever cuts in, what came stays and what was not reached waits."""

import asyncio
from typing import Any, cast

import pytest

from pult.core.telegram.gateway import (
    AccountLost,
    FloodWait,
    GatewayError,
    LeasedAccount,
    NoAnswer,
    OwnContacts,
)
from pult.modules.checks.kinds import Answers
from pult.modules.checks.kinds.by_username import ByUsername
from pult.modules.checks.rules.asking import Unanswered
from pult.modules.checks.tests.scenes import somebody

ITEMS = [(number, f"name_{number}") for number in range(1, 6)]


class Oracle:
    """Telegram as a script: a name is somebody, nobody, or trouble."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    async def resolve_username(self, username: str) -> Any:
        """The next answer."""
        answer = self.answers.pop(0)
        if isinstance(answer, GatewayError):
            raise answer
        return answer


def asked(*answers: Any) -> Answers:
    account = cast(LeasedAccount, Oracle(*answers))
    own = OwnContacts(frozenset(), {})
    return asyncio.run(ByUsername().ask(account, ITEMS, marker="~pult-1", own=own))


def test_every_answer_is_a_hit_or_a_miss() -> None:
    answers = asked(somebody(1), None, somebody(3), None, None)
    assert set(answers.hits) == {1, 3}
    assert (set(answers.retry), set(answers.unasked), answers.asked) == (set(), set(), 5)


@pytest.mark.parametrize("cut", [FloodWait(60), AccountLost("needs_sign_in", "session_ended")])
def test_a_cut_keeps_what_came_and_consumes_nothing(cut: GatewayError) -> None:
    answers = asked(somebody(1), None, cut)
    assert (set(answers.hits), set(answers.retry)) == ({1}, set())
    assert (set(answers.unasked), answers.asked, answers.cut_by) == ({3, 4, 5}, 2, cut)


def test_silence_consumes_the_try_of_the_one_that_was_on_its_way() -> None:
    answers = asked(somebody(1), NoAnswer("timeout"))
    assert (set(answers.retry), answers.why) == ({2}, Unanswered.NO_ANSWER)
    assert set(answers.unasked) == {3, 4, 5}


def test_trouble_before_the_first_answer_is_the_trouble_of_the_whole_call() -> None:
    with pytest.raises(FloodWait):
        asked(FloodWait(60))
