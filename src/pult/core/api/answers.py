"""Problems on the wire."""

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from pult.core.api.errors import Fault, Kind, Problem

PROBLEM_TYPE = "application/problem+json"
REFERENCE_PATH = "/api/v1/docs"


def type_of(kind: Kind) -> str:
    """The address of a kind of problem: its place in the reference."""
    return f"{settings.PULT_ADDRESS}{REFERENCE_PATH}#{kind.slug}"


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A problem as application/problem+json (RFC 9457) in the language of the request."""
    kind = problem.kind
    content: dict[str, object] = {
        "type": type_of(kind),
        "title": str(kind.title),
        "status": kind.status,
        "instance": request.path,
    }
    if problem.detail:
        content["detail"] = str(problem.detail)
    if problem.faults:
        content["errors"] = [_fault(fault) for fault in problem.faults]
    # ASCII only: a path may hold what UTF-8 cannot carry.
    response = HttpResponse(json.dumps(content), status=kind.status, content_type=PROBLEM_TYPE)
    for name, value in problem.headers.items():
        response[name] = value
    return response


def _fault(fault: Fault) -> dict[str, str]:
    shown = {"detail": str(fault.detail)}
    # "" points at the whole body (RFC 6901); a parameter has no pointer.
    return shown | ({"parameter": fault.parameter} if fault.parameter else {"pointer": fault.pointer})
