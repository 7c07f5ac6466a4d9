"""Making a check: from a list in the body, or from an uploaded file whose column is then chosen."""

from collections.abc import Iterator

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Form, Schema, UploadedFile
from pydantic import Field

from pult.core.api.access import ApiRequest, scoped
from pult.core.api.errors import Kind, Problem, refused_field
from pult.core.api.gateway import IdempotencyKey, created_once
from pult.modules.checks.api.refusals import as_problems
from pult.modules.checks.api.routing import router
from pult.modules.checks.api.shown import CheckDetails, details_shown
from pult.modules.checks.api.wishes import ChosenColumn, NewCheck, Region, UploadedCheck
from pult.modules.checks.formats import Sample, UnreadableFile
from pult.modules.checks.models import Check
from pult.modules.checks.operations.removal import remove_source
from pult.modules.checks.operations.uploads import accept_paste, accept_upload, confirm_column
from pult.modules.checks.queries.column_choice import column_named
from pult.modules.checks.queries.own_checks import own_checks
from pult.modules.checks.queries.progress import progress_of
from pult.modules.checks.queries.uploaded_list import readings_of, sample_of, unreadable_text

CHUNK = 1024 * 1024


class ReadingOut(Schema):
    """A cell, and what it is taken for."""

    text: str
    subject: str | None = Field(description="What would be asked about; null where it is none.")
    problem: str | None = Field(description="Why it is none, in words.")


class ColumnOut(Schema):
    """A column of an uploaded list."""

    number: int = Field(description="Its number from 1.")
    title: str = Field(description="Its heading; empty without one.")
    share: float = Field(description="How many of its cells look like numbers, 0 to 1.")
    readings: list[ReadingOut] = Field(description="Its first cells.")


class ColumnsOut(Schema):
    """What an uploaded list holds."""

    format: str = Field(examples=["csv"])
    encoding: str | None
    sheet: str | None
    sheets: list[str]
    suggested: int | None = Field(
        description="Number of the column that looks most like it; null: none does."
    )
    columns: list[ColumnOut]


@router.post(
    "",
    auth=scoped("checks:write"),
    response={201: CheckDetails},
    operation_id="create_check",
    summary="Make a check from numbers",
)
def create_check(request: ApiRequest, wanted: NewCheck, idempotency_key: IdempotencyKey = "") -> HttpResponse:
    """Takes a list in the body. It is read in a moment: the state goes from `reading` to `ready`, or to `running` with
    `start`. A text of several columns waits for the choice of one, as an uploaded file does.
    """
    text, field = wanted.content()

    def create() -> tuple[Schema, str]:
        with as_problems(field):
            check = accept_paste(
                actor=request.auth.person,
                text=text,
                now=timezone.now(),
                name=wanted.name,
                region=wanted.region,
                kind=wanted.kind,
                purpose=_purpose(wanted.purpose),
                keep_days=wanted.keep_days,
                start_at_once=wanted.start,
            )
        return _made(request, check)

    return created_once(request, key=idempotency_key, content=[request.body], create=create)


@router.post(
    "/from-file",
    auth=scoped("checks:write"),
    response={201: CheckDetails},
    operation_id="create_check_from_file",
    summary="Make a check from a file",
)
def create_check_from_file(
    request: ApiRequest,
    wanted: Form[UploadedCheck],
    file: File[UploadedFile],
    idempotency_key: IdempotencyKey = "",
) -> HttpResponse:
    """Takes a CSV, TXT or XLSX file. With `column` it is read at once; without it the check waits: look at the columns
    and choose one.
    """
    fields = sorted(request.POST.items())

    def content() -> Iterator[bytes]:
        yield from (f"{name}={value}".encode(errors="surrogatepass") for name, value in fields)
        yield (file.name or "").encode(errors="surrogatepass")
        yield from file.chunks(CHUNK)

    return created_once(
        request,
        key=idempotency_key,
        content=content() if idempotency_key else (),
        create=lambda: _from_file(request, wanted, file),
    )


@router.get(
    "/{int:check_id}/columns",
    auth=scoped("checks:read"),
    response=ColumnsOut,
    operation_id="list_columns",
    openapi_extra={"x-problems": [409]},
    summary="Columns of an uploaded list",
)
def list_columns(request: ApiRequest, check_id: int, sheet: str = "", region: Region = "") -> ColumnsOut:
    """What the file holds and how its first cells would be understood, as long as the check waits for its column."""
    check = own_checks(request.auth.person).get(pk=check_id)
    if not check.source_path or check.state not in {Check.State.UPLOADED, Check.State.UNREADABLE}:
        raise Problem(Kind.CONFLICT, _("This list has been read already."))
    sample = _sample(check, sheet=sheet, field="sheet")
    return ColumnsOut(
        format=sample.format,
        encoding=sample.encoding,
        sheet=sample.sheet,
        sheets=list(sample.sheets),
        suggested=None if sample.suggested is None else sample.suggested + 1,
        columns=[
            ColumnOut(
                number=column.index + 1,
                title=column.title,
                share=round(column.share_of_numbers, 3),
                readings=[
                    ReadingOut(text=cell.text, subject=cell.number or None, problem=cell.problem or None)
                    for cell in readings_of(column.examples, region=region or check.region, kind=check.kind)
                ],
            )
            for column in sample.columns
        ],
    )


@router.post(
    "/{int:check_id}/column",
    auth=scoped("checks:write"),
    response=CheckDetails,
    operation_id="choose_column",
    summary="Choose the column",
)
def choose_column(request: ApiRequest, check_id: int, wanted: ChosenColumn) -> CheckDetails:
    """Says where the numbers stand; the list is read next."""
    check = own_checks(request.auth.person).get(pk=check_id)
    if not check.source_path or check.state not in {Check.State.UPLOADED, Check.State.UNREADABLE}:
        raise Problem(Kind.CONFLICT, _("This list has been read already."))
    sample = _sample(check, sheet=wanted.sheet, field="sheet")
    return _with_column(request, check, sample, wanted.column, region=wanted.region or check.region)


def _purpose(text: str) -> str:
    if not text.strip():
        raise refused_field("purpose", _("Say in a few words what this list is for."))
    return text


@transaction.atomic
def _from_file(request: ApiRequest, wanted: UploadedCheck, file: UploadedFile) -> tuple[Schema, str]:
    with as_problems("file"):
        check = accept_upload(
            actor=request.auth.person,
            file=file,
            now=timezone.now(),
            name=wanted.name,
            region=wanted.region,
            kind=wanted.kind,
            purpose=_purpose(wanted.purpose),
            keep_days=wanted.keep_days,
            start_at_once=wanted.start,
        )
    try:
        sample = _sample(check, sheet=wanted.sheet, field="file")
        if wanted.column:
            _with_column(request, check, sample, wanted.column, region=wanted.region)
            check.refresh_from_db()
    except BaseException:
        # The row goes with the transaction; nothing half-stored stays.
        remove_source(check.source_path)
        raise
    return _made(request, check)


def _sample(check: Check, *, sheet: str, field: str) -> Sample:
    try:
        return sample_of(check, sheet=sheet)
    except UnreadableFile as error:
        raise refused_field(field, unreadable_text(error.code, kind=check.kind)) from error


def _with_column(
    request: ApiRequest, check: Check, sample: Sample, column: str, *, region: str
) -> CheckDetails:
    chosen = column_named(sample, column)
    if chosen is None:
        titles = ", ".join(f"{known.index + 1} {known.title}".strip() for known in sample.columns)
        raise refused_field(
            "column", _("There is no such column. There are: %(columns)s.") % {"columns": titles}
        )
    with as_problems():
        check = confirm_column(
            actor=request.auth.person,
            check_id=check.pk,
            column=chosen,
            sheet=sample.sheet or "",
            region=region,
            now=timezone.now(),
        )
    return details_shown(check, progress_of(check, now=timezone.now()))


def _made(request: ApiRequest, check: Check) -> tuple[Schema, str]:
    shown = details_shown(check, progress_of(check, now=timezone.now()))
    return shown, request.build_absolute_uri(f"/api/v1/checks/{check.pk}")
