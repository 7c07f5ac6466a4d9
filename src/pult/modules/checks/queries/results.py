"""Verdicts of a check, filtered, searched and sorted; by page, and as a stream for exports.

In the order of the list nothing needs an index on a million numbers: the counts kept with the blocks say in which
blocks the wanted page lies.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

from django.db.models import Count, F, FilteredRelation, Max, Min, Q, QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from pult.modules.checks.kinds import Kind, kind_named
from pult.modules.checks.models import Block, Check, Finding, Number, RejectedLine
from pult.modules.checks.rules.problems import Problem

VERDICTS: dict[str, Number.State] = {
    "found": Number.State.FOUND,
    "not_found": Number.State.NOT_FOUND,
    "unanswered": Number.State.UNANSWERED,
}
INVALID = "invalid"
# More rows than these are not sorted, more matches not listed: a page must come at once.
MOST_SORTED = 100_000
MOST_MATCHES = 10_000
# Blocks that a search looks through before all the others.
FIRST_PORTION = 300
# Blocks of an export that are in memory at once: some megabytes.
STREAMED_AT_ONCE = 10

ORDERS: dict[str, tuple[Any, ...]] = {
    "phone": ("phone", "subject"),
    "-phone": ("-phone", "-subject"),
    "name": (F("found__first_name").asc(nulls_last=True), "found__last_name", "pk"),
    "-name": (F("found__first_name").desc(nulls_last=True), "-found__last_name", "pk"),
    "id": (F("found__telegram_id").asc(nulls_last=True), "pk"),
    "-id": (F("found__telegram_id").desc(nulls_last=True), "pk"),
    "seen": (F("found__last_seen_at").asc(nulls_last=True), "pk"),
    "-seen": (F("found__last_seen_at").desc(nulls_last=True), "pk"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants to see of the results; unknown values mean everything, in the order of the list."""

    verdict: str = ""
    search: str = ""
    order: str = ""


class ResultRows(Sequence[Number]):
    """Numbers of a check as a sliceable sequence with a length, as Django's Paginator wants it.

    Sorting and searching look at every row, so both have a limit: more rows than MOST_SORTED come in the order of the
    list, and of a search the first MOST_MATCHES in that order are there.
    """

    def __init__(self, check: Check, wanted: Wanted) -> None:
        self._check = check
        self._wanted = wanted
        self._blocks: list[tuple[int, int]] | None = None
        self._matching: list[int] | None = None

    @property
    def sortable(self) -> bool:
        """Whether these are few enough rows to be sorted."""
        return bool(self._wanted.search) or len(self) <= MOST_SORTED

    @property
    def cut(self) -> bool:
        """Whether the search fits more rows than are there."""
        return bool(self._wanted.search) and len(self._matches()) > MOST_MATCHES

    def __len__(self) -> int:
        """How many rows there are; by the counts of the blocks unless a search was given."""
        if self._wanted.search:
            return min(len(self._matches()), MOST_MATCHES)
        return sum(count for _, count in self._counts())

    @overload
    def __getitem__(self, rows: int) -> Number: ...

    @overload
    def __getitem__(self, rows: slice) -> list[Number]: ...

    def __getitem__(self, rows: int | slice) -> Number | list[Number]:
        if isinstance(rows, int):
            return self[rows : rows + 1][0]
        start, stop = rows.start or 0, len(self) if rows.stop is None else rows.stop
        order = ORDERS.get(self._wanted.order) if self.sortable else None
        matches = self._matches()[:MOST_MATCHES] if self._wanted.search else None
        if order is None:
            return self._in_order(start, stop) if matches is None else _with_findings(matches[start:stop])
        numbers = (
            matching(_stored_in(self._blocks_with_rows()), self._check, self._wanted)
            if matches is None
            else Number.objects.filter(pk__in=_listed(matches)).annotate(
                found=_findings(min(matches, default=0), max(matches, default=0))
            )
        )
        # First which rows, then what is in them: sorting moves ids only.
        return _with_findings(list(numbers.order_by(*order).values_list("pk", flat=True)[start:stop]))

    def _counts(self) -> list[tuple[int, int]]:
        if self._blocks is None:
            self._blocks = _counts_by_block(self._check, self._wanted.verdict)
        return self._blocks

    def _blocks_with_rows(self) -> list[int]:
        return [block for block, count in self._counts() if count]

    def _matches(self) -> list[int]:
        """Ids of the rows that a search fits, in the order of the list; a few more than MOST_MATCHES say "too many".

        What fits many rows has enough of them in the first blocks; what fits few is one reading of the rest.
        """
        if self._matching is None:
            self._matching = []
            blocks = self._blocks_with_rows()
            for portion in (blocks[:FIRST_PORTION], blocks[FIRST_PORTION:]):
                if portion and len(self._matching) <= MOST_MATCHES:
                    found = matching(_stored_in(portion), self._check, self._wanted)
                    self._matching += sorted(found.values_list("pk", flat=True))
        return self._matching

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


def _listed(ids: Sequence[int]) -> RawSQL:
    """Thousands of ids as one array: as a parameter each they cost more than the query that they are for."""
    return RawSQL("SELECT unnest(%s::bigint[])", [list(ids)])


def _with_findings(ids: Sequence[int]) -> list[Number]:
    rows = Number.objects.filter(pk__in=ids).select_related("finding").in_bulk()
    return [rows[number] for number in ids if number in rows]


def _stored_in(blocks: Sequence[int]) -> QuerySet[Number]:
    """The numbers of these blocks of one check, stored by one statement with rising ids: only that stretch is read."""
    edges = Number.objects.filter(block__in={*blocks[:1], *blocks[-1:]}).aggregate(
        low=Min("pk"), high=Max("pk")
    )
    low, high = edges["low"] or 0, edges["high"] or 0
    return Number.objects.filter(block__in=blocks, pk__range=(low, high)).annotate(found=_findings(low, high))


def _findings(low: int, high: int) -> FilteredRelation:
    return FilteredRelation("finding", condition=Q(finding__number__gte=low, finding__number__lte=high))


def numbers_wanted(check: Check, wanted: Wanted) -> QuerySet[Number]:
    """The numbers of a check by verdict and search, without an order."""
    numbers = Number.objects.filter(block__check_ref=check).annotate(found=FilteredRelation("finding"))
    return matching(numbers, check, wanted)


def matching(numbers: QuerySet[Number], check: Check, wanted: Wanted) -> QuerySet[Number]:
    """Those of these numbers that fit: digits look into numbers and ids, other words into names.

    `numbers` carry their finding as the relation `found`. "+7 (912) 34" and "791234" find the same.
    """
    if wanted.verdict in VERDICTS:
        numbers = numbers.filter(state=VERDICTS[wanted.verdict])
    text = wanted.search.strip()
    if not text:
        return numbers
    kind = kind_named(check.kind)
    digits = "".join(str(int(character)) for character in text if character.isdecimal())
    if digits and not any(character.isalpha() or character in "@_" for character in text):
        by_phone = Q(phone_text__contains=digits) | Q(subject__contains=digits)
        if len(digits) < 19:
            # Looked up beforehand: a join would put every number beside its finding first.
            people = Finding.objects.filter(telegram_id=int(digits), number__block__check_ref=check)
            by_phone |= Q(pk__in=list(people.values_list("number", flat=True)[:MOST_MATCHES]))
        return numbers.annotate(phone_text=Cast("phone", TextField())).filter(by_phone)
    for word in text.split():
        bare = word.lstrip("@")
        by_name = Q(found__first_name__icontains=word) | Q(found__last_name__icontains=word)
        if re.fullmatch(r"\w+", bare):
            # Names are kept as JSON, whose own marks are nobody's name.
            by_name |= Q(names__icontains=bare)
        fits = by_name & Q(state=Number.State.FOUND)
        if kind.column == "subject":
            fits |= Q(subject__contains=_asked_for(kind, word))
        numbers = numbers.annotate(names=Cast("found__usernames", TextField())).filter(fits)
    return numbers


def _asked_for(kind: Kind[Any], word: str) -> str:
    """What a piece of a search means among the values of this kind: a link as its value, anything else as it is."""
    value = kind.parse([word], None)[0]
    return word.lstrip("@").lower() if isinstance(value, Problem) else str(value)


def rejected_lines(check: Check, *, problem: str = "", search: str = "") -> QuerySet[RejectedLine]:
    """Lines that are no numbers, in the order of the list, by a known reason and by a piece of their text."""
    lines = RejectedLine.objects.filter(check_ref=check).order_by("line", "pk")
    if problem in set(Problem):
        lines = lines.filter(problem=problem)
    return lines.filter(text__icontains=search) if search else lines


def stream_portions(check: Check, wanted: Wanted) -> Iterator[QuerySet[Number]]:
    """The same rows as the page shows, some blocks at a time, in the order of the list; findings are `found`."""
    blocks = [block_id for block_id, count in _counts_by_block(check, wanted.verdict) if count]
    for start in range(0, len(blocks), STREAMED_AT_ONCE):
        portion = blocks[start : start + STREAMED_AT_ONCE]
        yield matching(_stored_in(portion), check, wanted).order_by("pk")


def _counts_by_block(check: Check, verdict: str) -> list[tuple[int, int]]:
    column = {"found": "found_count", "not_found": "not_found_count", "unanswered": "unanswered_count"}
    blocks = Block.objects.filter(check_ref=check).order_by("ordinal")
    return list(blocks.values_list("pk", column.get(verdict, "size")))


def problem_counts(check: Check) -> list[tuple[str, int]]:
    """How many rejected lines there are of each problem, the most frequent first."""
    counts = RejectedLine.objects.filter(check_ref=check).values_list("problem").annotate(count=Count("pk"))
    return list(counts.order_by("-count", "problem"))
