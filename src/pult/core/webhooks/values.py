"""What passes between sending and its record."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt ended: `error` "" is success; else a word that `words.ERRORS` names."""

    error: str
    status: int | None = None
    excerpt: str = ""
