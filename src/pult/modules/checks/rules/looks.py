"""How values stand in lists: what a column of them looks like, and whether the first row is its heading."""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol

from .numbers import looks_like_number, parse_numbers
from .problems import Problem

Rows = Sequence[Sequence[str]]

_FIVE_DIGITS = re.compile(r"(?:\D*\d){5}")
_WORD = re.compile(r"[^\W\d_]{2}")


class Looks(Protocol):
    """What reading a list has to know of the values in it; every kind of check answers this."""

    # Found in the heading of a column that holds such values.
    headings: re.Pattern[str]
    # A line of at most so many characters holds one value at most.
    one_alone: int

    def parse(self, texts: Sequence[str], region: str | None) -> list[Any]:
        """Values, or Problems."""
        ...

    def may_hold(self, text: str) -> bool:
        """Whether such a value could stand in it at all; asked for many cells, so it is quick."""
        ...

    def looks_like(self, text: str) -> bool:
        """Whether a person would take this for such a value, right or wrong."""
        ...

    def is_marked(self, text: str) -> bool:
        """Whether the spelling itself says so: a plus, an @, a link."""
        ...

    def separable(self, text: str) -> bool:
        """Whether it is one of several values that are divided by nothing but blanks."""
        ...

    def has_header(self, rows: Rows) -> bool:
        """Whether the first of these rows is a heading."""
        ...


class TextLooks(ABC):
    """What holds for most kinds: values are short texts. A heading names them, or is the one that is not marked."""

    headings = re.compile(r"(?!)")
    one_alone = 8

    @abstractmethod
    def parse(self, texts: Sequence[str], region: str | None) -> list[Any]:
        """Every kind has its own."""

    def may_hold(self, text: str) -> bool:
        """Any word."""
        return _WORD.search(text) is not None

    def looks_like(self, text: str) -> bool:
        """What can be parsed."""
        return not isinstance(self.parse([text], None)[0], Problem)

    def is_marked(self, text: str) -> bool:
        """Nothing is."""
        return False

    def separable(self, text: str) -> bool:
        """Words are, too: only marked ones are surely values."""
        return self.is_marked(text)

    def has_header(self, rows: Rows) -> bool:
        """A known word above, or plain words above a column of marked ones."""
        if len(rows) < 2 or any(map(self.is_marked, rows[0])):
            return False
        if any(self.headings.search(text) for text in rows[0]):
            return True
        for index, text in enumerate(rows[0]):
            below = [row[index] for row in rows[1:] if index < len(row) and row[index].strip()]
            if text.strip() and below and sum(map(self.is_marked, below)) * 2 > len(below):
                return True
        return False


class PhoneLooks(TextLooks):
    """Phone numbers have digits, headings have none."""

    headings = re.compile(
        r"phone|\btel\b|telefon|mobil|\bcell|whatsapp|msisdn|contact|number|тел|моб|номер|контакт|ном\.",
        re.IGNORECASE,
    )
    one_alone = 16

    def parse(self, texts: Sequence[str], region: str | None) -> list[int | Problem]:
        """E.164 digits; raises ValueError for a region that does not exist."""
        return parse_numbers(texts, region)

    def may_hold(self, text: str) -> bool:
        """Five digits."""
        return _FIVE_DIGITS.match(text) is not None

    def looks_like(self, text: str) -> bool:
        """Also damaged and wrong ones."""
        return looks_like_number(text)

    def is_marked(self, text: str) -> bool:
        """Spelled like a phone number rather than an amount or a bar code."""
        return any(sign in text for sign in "+()-")

    def separable(self, text: str) -> bool:
        """Whatever is like a number."""
        return looks_like_number(text)

    def has_header(self, rows: Rows) -> bool:
        """Words without anything like a number, above rows that have digits."""
        if len(rows) < 2 or any(map(self.may_hold, rows[0])):
            return False
        words = any(any(map(str.isalpha, text)) for text in rows[0])
        return words and any(self.may_hold(text) for row in rows[1:] for text in row)


PHONES = PhoneLooks()
