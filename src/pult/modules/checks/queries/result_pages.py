"""Results by place instead of by page: a reader who comes back with a place goes on exactly there."""

from collections.abc import Sequence
from dataclasses import dataclass

from pult.modules.checks.models import Block, Check, Number
from pult.modules.checks.queries.results import Wanted, numbers_wanted

Place = tuple[int, int]
"""Ordinal of the block and id of the number."""

COUNTS = {"found": "found_count", "not_found": "not_found_count", "unanswered": "unanswered_count"}
# Blocks that one page of a search looks through: what fits nowhere must not hold a request up.
SEARCHED_BLOCKS = 300
# Behind every number of a block.
END_OF_BLOCK = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ResultsPart:
    """Numbers in the order of the list, and the place to go on behind; None at the end.

    A part may hold fewer numbers than asked for although the list goes on.
    """

    numbers: list[Number]
    end: Place | None


def results_after(check: Check, wanted: Wanted, *, after: Place | None, limit: int) -> ResultsPart:
    """At most `limit` numbers behind a place, with their findings; looks into no more blocks than it needs.

    The counts kept with the blocks say where the wanted numbers lie, so that a place deep in a list of a million
    is as near as the first.
    """
    open_blocks = Block.objects.filter(check_ref=check).order_by("ordinal")
    if after is not None:
        open_blocks = open_blocks.filter(ordinal__gte=after[0])
    column = COUNTS.get(wanted.verdict, "size")
    rows = list(open_blocks.filter(**{f"{column}__gt": 0}).values_list("pk", "ordinal", column))
    chosen = _enough(rows, limit=limit, behind=after, searched=bool(wanted.search))
    if not chosen:
        return ResultsPart([], None)
    numbers = numbers_wanted(check, wanted).filter(block__in=[block for block, _, _ in chosen])
    if after is not None:
        numbers = numbers.exclude(block__ordinal=after[0], pk__lte=after[1])
    ordered = numbers.select_related("finding", "block").order_by("block__ordinal", "pk")
    found = list(ordered[: limit + 1])
    if len(found) > limit:
        last = found[limit - 1]
        return ResultsPart(found[:limit], (last.block.ordinal, last.pk))
    # Verdicts change meanwhile: fewer than counted are no sign of the end.
    return ResultsPart(found, (chosen[-1][1], END_OF_BLOCK) if len(chosen) < len(rows) else None)


def _enough(
    rows: Sequence[tuple[int, int, int]], *, limit: int, behind: Place | None, searched: bool
) -> list[tuple[int, int, int]]:
    """The blocks that hold `limit` numbers and one more; of the block in which reading stopped none may be left."""
    if searched:
        return list(rows[:SEARCHED_BLOCKS])
    chosen, counted = [], 0
    for row in rows:
        if counted > limit:
            break
        chosen.append(row)
        if behind is None or row[1] != behind[0]:
            counted += row[2]
    return chosen
