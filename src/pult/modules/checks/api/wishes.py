"""What is sent to make a check. Unknown names and wrong types are refused, so that no typing mistake goes unseen."""

from typing import Annotated, Any

from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from pult.core.api.errors import refused_field
from pult.core.api.values import Words, without_fraction
from pult.modules.checks.kinds import KINDS
from pult.modules.checks.operations.keeping import LONGEST_PURPOSE
from pult.modules.checks.rules.numbers import REGIONS

MOST_NUMBERS = 100_000
LONGEST_KEPT = 36_500


def _one_of(known: tuple[str, ...]) -> Any:
    def check(text: str) -> str:
        if text not in known:
            raise ValueError("unknown")
        return text

    return AfterValidator(check)


_KINDS = tuple(KINDS)
_REGIONS = ("", *REGIONS)
KindName = Annotated[str, _one_of(_KINDS), Field(json_schema_extra={"enum": list(_KINDS)})]
Region = Annotated[str, _one_of(_REGIONS), Field(pattern="^([A-Z]{2})?$")]

NAME = "To find it again later; without one the file's name, or “Pasted list”."
REGION = "Country of numbers written without a country code, two letters (ISO 3166); empty for none."
PURPOSE = "What the list is for. It stands with the check until everything of it is erased."
KEEP_DAYS = (
    "After how many days everything of it is erased. Left out: the usual time of this installation; 0: never by "
    "itself, where that is allowed."
)
START = "Start as soon as it has been read. Otherwise it waits until it is started."
Line = Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f]*$")]


class Wishes(Schema):
    """What both ways of making a check share."""

    model_config = ConfigDict(extra="forbid", strict=True)

    purpose: Words = Field(
        min_length=1, max_length=LONGEST_PURPOSE, description=PURPOSE, examples=["Cleaning up the CRM"]
    )
    name: Words = Field("", max_length=200, description=NAME, examples=["Customers of spring"])
    kind: KindName = Field("phone", description="What is asked about.", examples=["phone"])
    region: Region = Field("", description=REGION, examples=["RU"])
    keep_days: Annotated[int, Field(ge=0, le=LONGEST_KEPT), BeforeValidator(without_fraction)] | None = Field(
        None, description=KEEP_DAYS, examples=[30]
    )
    start: bool = Field(False, description=START, examples=[True])


class NewCheck(Wishes):
    """A list sent in the body: either `numbers` or `text`."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["numbers"]}, {"required": ["text"]}]}
    )

    # The defaults only say "not sent"; the schema shows none.
    numbers: list[Line] = Field(
        default_factory=list,
        min_length=1,
        max_length=MOST_NUMBERS,
        description=f"One number each, at most {MOST_NUMBERS}; any usual spelling.",
        examples=[["+7 912 345-67-89", "+44 20 7946 0958"]],
    )
    text: Words = Field(
        default_factory=str,
        min_length=1,
        description="The list as text, one number on a line. At most 10 MB.",
    )

    def content(self) -> tuple[str, str]:
        """The list as text and the name of the value it came in. Raises Problem unless there is exactly one."""
        sent = self.model_fields_set & {"numbers", "text"}
        if sent == {"numbers"}:
            return "\n".join(self.numbers), "numbers"
        if sent == {"text"}:
            return self.text, "text"
        raise refused_field("numbers", _("Send either `numbers` or `text`."))


def _digits(value: object) -> object:
    """A form sends texts; only plain digits are a whole number."""
    plain = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10
    return int(str(value)) if plain else value


def _yes(value: object) -> object:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


class UploadedCheck(Schema):
    """The fields that go with an uploaded file."""

    model_config = ConfigDict(extra="forbid")

    purpose: Words = Field(
        min_length=1, max_length=LONGEST_PURPOSE, description=PURPOSE, examples=["Cleaning up the CRM"]
    )
    name: Words = Field("", max_length=200, description=NAME)
    kind: KindName = Field("phone", description="What is asked about.")
    region: Region = Field("", description=REGION)
    keep_days: Annotated[int, Field(ge=0, le=LONGEST_KEPT, strict=True), BeforeValidator(_digits)] | None = (
        Field(None, description=KEEP_DAYS)
    )
    start: Annotated[bool, BeforeValidator(_yes)] = Field(False, strict=True, description=START)
    column: Words = Field(
        "",
        max_length=100,
        description="Column with the numbers: its heading, its number from 1, or `suggested`. "
        "Without it the check waits until the column is chosen.",
        examples=["suggested"],
    )
    sheet: Words = Field(
        "", max_length=100, description="Sheet of a workbook; the first one with numbers if left out."
    )


class ChosenColumn(Schema):
    """Where the numbers stand."""

    model_config = ConfigDict(extra="forbid", strict=True)

    column: Words = Field(
        min_length=1,
        max_length=100,
        description="Its heading, its number from 1, or `suggested`.",
        examples=["suggested"],
    )
    sheet: Words = Field("", max_length=100, description="Sheet of a workbook.")
    region: Region = Field("", description=REGION)


class Started(Schema):
    """How a check is started."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reuse_days: Annotated[int, Field(ge=1, le=3650), BeforeValidator(without_fraction)] | None = Field(
        None,
        description="Take over verdicts of your own earlier checks that are at most so many days old, instead of "
        "asking again. Left out: ask about every number.",
        examples=[7],
    )
