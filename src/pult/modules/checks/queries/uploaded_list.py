"""A look into an uploaded list before it is read: what was found, and how the first cells would be understood."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from pult.modules.checks.formats import Sample, UnreadableFile, UnreadableReason, format_names, open_list
from pult.modules.checks.formats.texts import unreadable_words
from pult.modules.checks.kinds import kind_named
from pult.modules.checks.models import Check
from pult.modules.checks.rules.numbers import REGIONS
from pult.modules.checks.rules.problems import Problem

SHOWN_ROWS = 6
# Why reading ended although nothing is wrong with the file's content (operations/lists.py).
OUR_REASONS = {
    "file_gone": _("The uploaded file is no longer there. Upload it again."),
    "failed": _(
        "An error inside Pult stopped the reading. Try again; if it stops again, tell whoever runs Pult."
    ),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A cell as it stands in the list, and what it is taken for: a number as it is shown, or a problem in words."""

    text: str
    number: str
    problem: str


def sample_of(check: Check, *, sheet: str = "") -> Sample:
    """What the uploaded file holds, with its first rows; raises UnreadableFile, also when the file is gone."""
    path = Path(settings.PULT_UPLOADS_DIR) / Path(check.source_path).name
    if not check.source_path or not path.exists():
        raise UnreadableFile(UnreadableReason.EMPTY)
    opened = open_list(
        path, filename=check.source_name, most_bytes=settings.PULT_UPLOAD_LIMIT, looks=kind_named(check.kind)
    )
    return opened.sample(SHOWN_ROWS, sheet=sheet or None)


def readings_of(texts: Sequence[str], *, region: str, kind: str) -> list[Reading]:
    """How cells would be understood with that default country; without one if it is unknown. Leaves empty cells out."""
    asked = kind_named(kind)
    filled = [text for text in texts if text.strip()]
    results = asked.parse(filled, region if region in REGIONS else None)
    return [
        Reading(text, "", asked.problem_text(result))
        if isinstance(result, Problem)
        else Reading(text, asked.shown(result), "")
        for text, result in zip(filled, results, strict=True)
    ]


def unreadable_text(reason: str, *, kind: str) -> str:
    """Why a file could not be read, the line if it is known, and what to do; the code where there are no words."""
    if reason == UnreadableReason.NO_NUMBERS:
        return str(kind_named(kind).words.nothing_found)
    if reason in OUR_REASONS:
        return str(OUR_REASONS[reason])
    return unreadable_words(reason, formats=format_names())
