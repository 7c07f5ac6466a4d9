"""What every kind of check offers. A new kind is one class with `parse` and `ask`, named in KINDS."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Generic, Literal, TypeVar

from django.utils.functional import Promise

from pult.core.telegram.errors import GatewayError
from pult.core.telegram.values import ContactRef, OwnContacts, TelegramUser

from ..rules.asking import Unanswered
from ..rules.looks import TextLooks
from ..rules.problem_texts import PROBLEM_TEXTS
from ..rules.problems import Problem
from .words import Words

if TYPE_CHECKING:
    # Only the worker asks; pages read titles and spellings and load nothing of the gateway.
    from pult.core.telegram.gateway import LeasedAccount

# What is asked about: phone numbers are integers (E.164 without the plus), every other kind has short texts.
V = TypeVar("V", int, str)


@dataclass(frozen=True, slots=True)
class Answers:
    """What a call brought, by the ids of the numbers; whatever is not named here was not found.

    `retry` got no answer (`why`), `unasked` were not even reached because `cut_by` came in between: they keep their
    tries. `added` are contacts that the call left in the phone book; `asked` is about how many Telegram was asked.
    """

    hits: dict[int, TelegramUser]
    retry: Collection[int] = frozenset()
    why: Unanswered = Unanswered.LIMIT
    added: Sequence[ContactRef] = ()
    asked: int = 0
    unasked: Collection[int] = frozenset()
    cut_by: GatewayError | None = None

    def apart_from(self, canary: int) -> "tuple[Answers, bool | None]":
        """These answers without the canary of this id, and whether Telegram named it (None: it said nothing)."""
        silent = canary in self.retry or canary in self.unasked
        hits = {number_id: user for number_id, user in self.hits.items() if number_id != canary}
        retry, unasked = frozenset(self.retry) - {canary}, frozenset(self.unasked) - {canary}
        return replace(self, hits=hits, retry=retry, unasked=unasked), None if silent else canary in self.hits


class Kind(TextLooks, ABC, Generic[V]):
    """A way to ask Telegram about the lines of a list.

    `name` is stored with each check, `column` says where its values are kept, `request` is the limit of Telegram's
    that it spends (the budgets of an account are learned for each), `most_per_call` how many one call asks about.
    """

    name: ClassVar[str]
    title: ClassVar[Promise]
    # A sentence for the choice of a kind.
    explanation: ClassVar[Promise | str] = ""
    column: ClassVar[Literal["phone", "subject"]] = "subject"
    request: ClassVar[str]
    most_per_call: ClassVar[int]
    # Whether a call leaves something with Telegram that `clean_up` has to take away.
    leaves_traces: ClassVar[bool] = False
    # Whether values are read differently by country, and whether hits may be others than people.
    national: ClassVar[bool] = False
    # Whether canaries can be mixed into its calls: they are phone numbers.
    takes_canaries: ClassVar[bool] = False
    various: ClassVar[bool] = False
    # How pages speak of the values; words for refused lines only where the general ones would be wrong.
    words: ClassVar[Words] = Words()
    problem_texts: ClassVar[dict[Problem, Promise]] = {}

    @property
    def key(self) -> str:
        """What its values are called in files for programs."""
        return self.name

    @abstractmethod
    def parse(self, texts: Sequence[str], region: str | None) -> list[V | Problem]:
        """For each text its value, in the one spelling that makes repeated ones equal, or why there is none.

        `region` is the country of national spellings, or None.
        """

    @abstractmethod
    async def ask(
        self, account: "LeasedAccount", items: Sequence[tuple[int, V]], *, marker: str, own: OwnContacts
    ) -> Answers:
        """Ask about (id, value) pairs, at most `most_per_call`. `marker` names the call in the phone book.

        Raises GatewayErrors when nothing at all was answered.
        """

    def shown(self, value: V) -> str:
        """How a value is written on pages and in exports."""
        return str(value)

    def problem_text(self, problem: str) -> str:
        """What a person reads about a refused line; the code itself where there are no words."""
        if problem not in set(Problem):
            return problem
        known = Problem(problem)
        return str(self.problem_texts.get(known) or PROBLEM_TEXTS[known])

    async def clean_up(
        self, account: "LeasedAccount", *, added: Sequence[ContactRef], missed: Sequence[V]
    ) -> Iterable[TelegramUser]:
        """Remove what an answered call left behind; returns people who show their own names only now."""
        return ()

    async def clean_up_lost(self, account: "LeasedAccount", *, asked: Sequence[V]) -> None:
        """Remove whatever calls without an answer may have left behind."""
