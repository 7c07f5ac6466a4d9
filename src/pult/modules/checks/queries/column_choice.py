"""Which column of an uploaded list is meant."""

from pult.modules.checks.formats import Sample

SUGGESTED = "suggested"


def column_named(sample: Sample, wanted: str) -> int | None:
    """The index (from 0) of the column with that heading or that number from 1, or the suggested one; else None."""
    bare = wanted.strip().casefold()
    for column in sample.columns:
        if bare and column.title.strip().casefold() == bare:
            return column.index
    if bare == SUGGESTED:
        return sample.suggested
    numbers = {str(column.index + 1): column.index for column in sample.columns}
    return numbers.get(bare)
