"""Results as a file: streamed, however many there are."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Literal

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, override
from ninja import Query, Schema
from pydantic import Field

from pult.core.api.access import ApiRequest, scoped
from pult.core.api.values import Words
from pult.modules.checks.api.routing import router
from pult.modules.checks.formats.exports import csv_export, json_export, xlsx_export
from pult.modules.checks.queries.export_rows import export_columns, export_rows
from pult.modules.checks.queries.own_checks import own_checks
from pult.modules.checks.queries.results import Wanted

PIECE = 64 * 1024
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
DOCUMENTED: dict[str, Any] = {
    "responses": {
        200: {
            "description": "The file.",
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                "application/json": {"schema": {"type": "array", "items": {"type": "object"}}},
                CONTENT_TYPES["xlsx"]: {"schema": {"type": "string", "format": "binary"}},
            },
        }
    }
}


class ExportWanted(Schema):
    """Which file, and which rows."""

    format: Literal["csv", "json", "xlsx"] = Field("csv", description="Kind of file.")
    verdict: Literal["", "found", "not_found", "unanswered", "invalid"] = Field("", description="Only these.")
    search: Words = Field("", max_length=100, description="As with the results.")


@router.get(
    "/{int:check_id}/export",
    auth=scoped("checks:read"),
    tags=["Results"],
    operation_id="export_results",
    summary="Results as a file",
    openapi_extra=DOCUMENTED,
)
def export_results(request: ApiRequest, check_id: int, wanted: Query[ExportWanted]) -> HttpResponseBase:
    """All rows in one answer. JSON has codes, CSV and XLSX have words in the language of Accept-Language."""
    check = own_checks(request.auth.person).get(pk=check_id)
    asked = Wanted(verdict=wanted.verdict, search=wanted.search.strip())
    name = f"check-{check.pk}.{wanted.format}"
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    columns = export_columns(check)
    if wanted.format == "xlsx":
        # Open files stay readable after their folder was removed.
        with tempfile.TemporaryDirectory(prefix="pult-export-") as folder:
            path = Path(folder) / name
            xlsx_export(path, columns, export_rows(check, asked))
            chunks = _pieces(path.open("rb"))
    elif wanted.format == "json":
        chunks = json_export(columns, export_rows(check, asked, codes=True))
    else:
        chunks = csv_export(columns, export_rows(check, asked))
    return StreamingHttpResponse(
        _in_language(get_language(), chunks), content_type=CONTENT_TYPES[wanted.format], headers=headers
    )


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def _in_language(language: str | None, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """A stream is made after the request's language has been put back: each piece in its own."""
    while True:
        with override(language):
            chunk = next(chunks, None)
        if chunk is None:
            return
        yield chunk
