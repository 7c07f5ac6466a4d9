"""Verdicts of a check, filtered, searched and sorted; by page, and as a stream for exports.

In the order of the list nothing needs an index on a million numbers: the counts kept with the blocks say in which
blocks the wanted page lies.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

from django.db.models import Count, F, Q, QuerySet, TextField
from django.db.models.functions import Cast

from pult.modules.checks.models import Block, Check, Finding, Number, RejectedLine

VERDICTS: dict[str, Number.State] = {
    "found": Number.State.FOUND,
    "not_found": Number.State.NOT_FOUND,
    "unanswered": Number.State.UNANSWERED,
}
INVALID = "invalid"

ORDERS: dict[str, tuple[Any, ...]] = {
    "phone": ("phone",),
    "-phone": ("-phone",),
    "name": (F("finding__first_name").asc(nulls_last=True), "finding__last_name", "pk"),
    "-name": (F("finding__first_name").desc(nulls_last=True), "-finding__last_name", "pk"),
    "id": (F("finding__telegram_id").asc(nulls_last=True), "pk"),
    "-id": (F("finding__telegram_id").desc(nulls_last=True), "pk"),
    "seen": (F("finding__last_seen_at").asc(nulls_last=True), "pk"),
    "-seen": (F("finding__last_seen_at").desc(nulls_last=True), "pk"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants to see of the results; unknown values mean everything, in the order of the list."""

    verdict: str = ""
    search: str = ""
    order: str = ""


class ResultRows(Sequence[Number]):
    """Numbers of a check as a sliceable sequence with a length, as Django's Paginator wants it."""

    def __init__(self, check: Check, wanted: Wanted) -> None:
        self._check = check
        self._wanted = wanted
        self._counted: int | None = None
        self._blocks: list[tuple[int, int]] | None = None

    def __len__(self) -> int:
        """How many rows there are; by the counts of the blocks unless a search was given."""
        if self._counted is None:
            self._counted = (
                numbers_wanted(self._check, self._wanted).count()
                if self._wanted.search
                else sum(count for _, count in self._counts())
            )
        return self._counted

    @overload
    def __getitem__(self, rows: int) -> Number: ...

    @overload
    def __getitem__(self, rows: slice) -> list[Number]: ...

    def __getitem__(self, rows: int | slice) -> Number | list[Number]:
        if isinstance(rows, int):
            return self[rows : rows + 1][0]
        start, stop = rows.start or 0, len(self) if rows.stop is None else rows.stop
        if self._wanted.search or self._wanted.order in ORDERS:
            order = ORDERS.get(self._wanted.order, ("block__ordinal", "pk"))
            found = numbers_wanted(self._check, self._wanted).order_by(*order)
            return list(found.select_related("finding")[start:stop])
        return self._in_order(start, stop)

    def _counts(self) -> list[tuple[int, int]]:
        if self._blocks is None:
            self._blocks = _counts_by_block(self._check, self._wanted.verdict)
        return self._blocks

    def _in_order(self, start: int, stop: int) -> list[Number]:
        """Rows `start` to `stop` in the order of the list, looking into no other blocks than theirs."""
        blocks: list[int] = []
        passed = skip = 0
        for block_id, count in self._counts():
            if passed + count > start and passed < stop:
                if not blocks:
                    skip = start - passed
                blocks.append(block_id)
            passed += count
        found = numbers_wanted(self._check, self._wanted).filter(block__in=blocks)
        ordered = found.order_by("block__ordinal", "pk").select_related("finding")
        return list(ordered[skip : skip + stop - start])


def numbers_wanted(check: Check, wanted: Wanted) -> QuerySet[Number]:
    """The numbers of a check by verdict and search: digits look into numbers and ids, other words into names.

    "+7 (912) 34" and "791234" find the same.
    """
    numbers = Number.objects.filter(block__check_ref=check)
    if wanted.verdict in VERDICTS:
        numbers = numbers.filter(state=VERDICTS[wanted.verdict])
    text = wanted.search.strip()
    if not text:
        return numbers
    digits = "".join(character for character in text if character.isdecimal())
    if digits and not any(character.isalpha() or character in "@_" for character in text):
        by_phone = Q(phone_text__contains=digits)
        if len(digits) < 19:
            # Not through a join: that would put every number beside its finding first.
            by_phone |= Q(pk__in=Finding.objects.filter(telegram_id=int(digits)).values("number"))
        return numbers.annotate(phone_text=Cast("phone", TextField())).filter(by_phone)
    for word in text.split():
        bare = word.lstrip("@")
        numbers = numbers.annotate(names=Cast("finding__usernames", TextField())).filter(
            Q(finding__first_name__icontains=word)
            | Q(finding__last_name__icontains=word)
            | (Q(names__icontains=bare) if bare else Q())
        )
    return numbers


def rejected_lines(check: Check, *, problem: str = "", search: str = "") -> QuerySet[RejectedLine]:
    """Lines that are no numbers, in the order of the list, by reason and by a piece of their text."""
    lines = RejectedLine.objects.filter(check_ref=check).order_by("line", "pk")
    if problem:
        lines = lines.filter(problem=problem)
    return lines.filter(text__icontains=search) if search else lines


def stream_blocks(check: Check, wanted: Wanted) -> Iterator[QuerySet[Number]]:
    """The same rows as the page shows, one block after the other; always in the order of the list."""
    for block_id, count in _counts_by_block(check, wanted.verdict):
        if count:
            yield numbers_wanted(check, wanted).filter(block=block_id).order_by("pk")


def _counts_by_block(check: Check, verdict: str) -> list[tuple[int, int]]:
    column = {"found": "found_count", "not_found": "not_found_count", "unanswered": "unanswered_count"}
    blocks = Block.objects.filter(check_ref=check).order_by("ordinal")
    return list(blocks.values_list("pk", column.get(verdict, "size")))


def problem_counts(check: Check) -> list[tuple[str, int]]:
    """How many rejected lines there are of each problem, the most frequent first."""
    counts = RejectedLine.objects.filter(check_ref=check).values_list("problem").annotate(count=Count("pk"))
    return list(counts.order_by("-count", "problem"))
