"""Values that every part of the API speaks in: problems, pages, cursors, moments."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field, PlainSerializer

from pult.core.api.errors import Kind, Problem

LIMIT_DEFAULT, LIMIT_MOST = 100, 1000
BIGGEST_ID = 2**63 - 1

Item = TypeVar("Item")
Row = TypeVar("Row")
Key = list[int | str]


def _in_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[datetime, PlainSerializer(_in_utc, return_type=str)]
"""A moment in UTC: 2026-11-21T08:15:00.000Z (ISO 8601, RFC 3339)."""


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("NUL")
    return text


Words = Annotated[str, AfterValidator(_without_nul), Field(json_schema_extra={"pattern": "^[^\\u0000]*$"})]
"""A text without NUL, which PostgreSQL does not know."""


def without_fraction(value: object) -> object:
    """For BeforeValidator of whole numbers in JSON: 7.0 is one as well (JSON Schema)."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class FaultOut(Schema):
    """One value that could not be used."""

    detail: str = Field(description="What is wrong with it, for people.")
    pointer: str | None = Field(
        None, description="JSON pointer into the body (RFC 6901).", examples=["/numbers/0"]
    )
    parameter: str | None = Field(
        None, description="Name of the parameter, where it is none of the body.", examples=["limit"]
    )


class ProblemOut(Schema):
    """A problem by RFC 9457, as application/problem+json."""

    type: str = Field(description="Address of this kind of problem; the last part tells kinds apart.")
    title: str = Field(description="The kind of problem in words, in the language of Accept-Language.")
    status: int = Field(description="The status of the answer.")
    detail: str | None = Field(None, description="What happened this time and what to do.")
    instance: str = Field(description="The path that was asked for.")
    errors: list[FaultOut] | None = Field(None, description="The values that could not be used.")


class Page(Schema, Generic[Item]):
    """A part of a list; `next` leads to the part that follows."""

    items: list[Item]
    next: str | None = Field(description="Cursor of the next page; null at the end of the list.")


class Paging(Schema):
    """How much of a list is wanted, and from where."""

    model_config = ConfigDict(extra="ignore")

    limit: int = Field(LIMIT_DEFAULT, ge=1, le=LIMIT_MOST, description="At most so many items.")
    cursor: str = Field(
        "",
        max_length=500,
        description="`next` of the page before, unchanged; without it the list begins at its start.",
    )


def cursor_of(key: Iterable[int | str]) -> str:
    """A cursor for the place behind the row with that key; opaque to whoever gets it."""
    return (
        base64.urlsafe_b64encode(json.dumps(list(key), separators=(",", ":")).encode()).decode().rstrip("=")
    )


def key_of(cursor: str, kinds: Sequence[type]) -> Key | None:
    """The key in a cursor, None for the start. Raises Problem where it is none of that shape.

    It is not signed: every list starts from what its reader may see, so a made-up cursor shows nothing else.
    """
    if not cursor:
        return None
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        key = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (UnicodeEncodeError, binascii.Error, ValueError, RecursionError):
        key = None
    if not isinstance(key, list) or [type(part) for part in key] != list(kinds):
        raise Problem(
            Kind.BAD_CURSOR, _("Take `next` of the page before, unchanged, or leave the cursor out.")
        )
    if any(isinstance(part, int) and abs(part) > BIGGEST_ID for part in key):
        raise Problem(
            Kind.BAD_CURSOR, _("Take `next` of the page before, unchanged, or leave the cursor out.")
        )
    return key


def page_of(
    rows: Sequence[Row],
    *,
    limit: int,
    shown: Callable[[Row], Item],
    key: Callable[[Row], Iterable[int | str]],
) -> Page[Item]:
    """A page of the first `limit` rows; ask for one row more, which only says that there is a next page."""
    here = rows[:limit]
    following = cursor_of(key(here[-1])) if len(rows) > limit else None
    return Page(items=[shown(row) for row in here], next=following)
