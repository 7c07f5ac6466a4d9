"""Results as a file: streamed, however many there are."""

from typing import Any, Literal

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from ninja import Query, Schema
from pydantic import Field

from pult.core.api.access import ApiRequest, scoped
from pult.core.api.values import Words
from pult.modules.checks.api.routing import router
from pult.modules.checks.queries.own_checks import own_checks
from pult.modules.checks.queries.result_files import CONTENT_TYPES, result_chunks
from pult.modules.checks.queries.results import Wanted

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
    return StreamingHttpResponse(
        result_chunks(check, asked, wanted.format), content_type=CONTENT_TYPES[wanted.format], headers=headers
    )
