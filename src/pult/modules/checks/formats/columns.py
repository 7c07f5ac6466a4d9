"""Which column of a list holds the values, and whether its first row is a heading. Decided on the first
rows alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ..rules.looks import Looks
from ..rules.problems import Problem

# More columns than this are not shown for choosing.
SHOWN_COLUMNS = 100


@dataclass(frozen=True, slots=True)
class Column:
    """A column to choose from.

    `index` counts from 0, `title` is the heading ("" without one), `examples` are the cells of the first
    rows, and
    `share_of_numbers` (0 to 1) tells how many of its filled cells a person would take for such values.
    """

    index: int
    title: str
    examples: tuple[str, ...]
    share_of_numbers: float
    rank: float


def is_blank(row: Sequence[object]) -> bool:
    """Whether nothing stands in the row."""
    return not any(value is not None and str(value).strip() for value in row)


def heading_rows(rows: Sequence[Sequence[str]], looks: Looks) -> int:
    """How many rows stand above the list: none, the heading, or a title over the whole table and the heading.

    A title is one text alone, above a row of several that have nothing like a number either.
    """
    if not looks.has_header(rows):
        return 0
    below = rows[1:]
    titled = sum(map(bool, map(str.strip, rows[0]))) == 1 and looks.has_header(below)
    return 2 if titled and sum(map(bool, map(str.strip, below[0]))) > 1 else 1


def found_columns(
    rows: Sequence[Sequence[str]], looks: Looks, *, header: int, shown: int
) -> tuple[Column, ...]:
    """The columns that are not empty, each with `shown` examples; the last of the `header` rows names them."""
    body = rows[header:]
    columns = []
    for index in range(min(max(map(len, rows), default=0), SHOWN_COLUMNS)):
        texts = [row[index] if index < len(row) else "" for row in body]
        titles = rows[header - 1] if header else ()
        title = titles[index].strip()[:100] if index < len(titles) else ""
        if title or any(map(str.strip, texts)):
            columns.append(_column(index, title, texts, shown, looks))
    return tuple(columns)


def suggested_column(columns: Sequence[Column]) -> int | None:
    """The most likely column of values, or None when no cell of any column is like one."""
    candidates = [column for column in columns if column.share_of_numbers > 0]
    return max(candidates, key=lambda column: column.rank).index if candidates else None


def _column(index: int, title: str, texts: list[str], shown: int, looks: Looks) -> Column:
    filled = [text for text in texts if text.strip()]
    like_numbers = [text for text in filled if looks.looks_like(text)]
    share = len(like_numbers) / len(filled) if filled else 0.0
    # Bar codes and tax numbers look like phone numbers: whether they are somebody's number,
    # are spelled like one, and the heading decide.
    numbers = sum(not isinstance(result, Problem) for result in looks.parse(like_numbers, None))
    spelled = sum(map(looks.is_marked, like_numbers))
    certainty = (numbers + spelled) / (2 * max(len(filled), 1))
    rank = share + 0.5 * certainty + (0.5 if looks.headings.search(title) else 0.0)
    return Column(index, title, tuple(texts[:shown]), round(share, 3), rank)
