"""Kinds that ask Telegram about one value after another, for requests that take only one."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from pult.core.telegram.errors import AccountLost, AccountRestricted, FloodWait, NoAnswer
from pult.core.telegram.values import OwnContacts, TelegramUser

from ..rules.asking import Unanswered
from .kind import Answers, Kind

if TYPE_CHECKING:
    from pult.core.telegram.gateway import LeasedAccount


class OneByOne(Kind[str]):
    """What is left to say is `parse` and `look_up`. What ends a call early leaves the answers before it standing."""

    # A call stays short enough for a worker that is told to stop.
    most_per_call: ClassVar[int] = 25

    @abstractmethod
    async def look_up(self, account: "LeasedAccount", value: str) -> TelegramUser | None:
        """Who is behind this value; None for nobody. Raises GatewayErrors."""

    async def ask(
        self, account: "LeasedAccount", items: Sequence[tuple[int, str]], *, marker: str, own: OwnContacts
    ) -> Answers:
        """A flood wait, a loss or a silence in the middle: what was not reached goes back as it was."""
        hits: dict[int, TelegramUser] = {}
        for place, (number_id, value) in enumerate(items):
            try:
                somebody = await self.look_up(account, value)
            except (FloodWait, AccountLost, AccountRestricted) as error:
                if not place:
                    raise
                return Answers(hits, asked=place, unasked=_ids(items[place:]), cut_by=error)
            except NoAnswer as error:
                # Only this one was on its way; asked again for ever it would hold up all others.
                return Answers(
                    hits,
                    retry={number_id},
                    why=Unanswered.NO_ANSWER,
                    asked=place + 1,
                    unasked=_ids(items[place + 1 :]),
                    cut_by=error,
                )
            if somebody is not None:
                hits[number_id] = somebody
        return Answers(hits, asked=len(items))


def _ids(items: Sequence[tuple[int, str]]) -> frozenset[int]:
    return frozenset(number_id for number_id, _ in items)
