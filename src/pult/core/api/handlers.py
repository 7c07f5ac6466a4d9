"""What an exception becomes for who asked: always a problem, never a trace."""

from typing import Any

import structlog
from django.core.exceptions import (
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from psycopg_pool import PoolTimeout

from pult.core.api.access import missing_token
from pult.core.api.answers import problem_response
from pult.core.api.errors import Fault, Kind, Problem
from pult.core.api.fault_words import fault_in_words

log = structlog.get_logger("pult.api")
# Where pydantic says that a value stands, what people call that place.
IN_BODY = {"body", "form", "file"}


def connect(api: NinjaAPI) -> None:
    """Give the API these handlers in place of ninja's own."""
    for kind, handler in HANDLERS.items():
        api.add_exception_handler(kind, handler)


def _answer(kind: Kind) -> Any:
    def handler(request: HttpRequest, _exception: Exception) -> HttpResponse:
        return problem_response(request, Problem(kind))

    return handler


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error, AuthenticationError):
        return problem_response(request, missing_token())
    # Ninja turns whatever its parser raises into 400: ours has said already what is wrong.
    if isinstance(error.__cause__, Problem):
        return problem_response(request, error.__cause__)
    if error.status_code == 400:
        return problem_response(request, Problem(Kind.MALFORMED, _("The body is not valid JSON.")))
    return problem_response(request, Problem(Kind.of_status(error.status_code), error.message))


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    if any(fault["loc"][0] == "path" for fault in error.errors):
        return problem_response(request, Problem(Kind.NOT_FOUND))
    faults = [_fault(fault) for fault in error.errors[:100]]
    detail = _("See `errors` for each of them.")
    return problem_response(request, Problem(Kind.INVALID, detail, faults=faults))


def _fault(fault: dict[str, Any]) -> Fault:
    place, *steps = fault["loc"]
    words = fault_in_words(fault)
    if place in IN_BODY:
        # The first step is the name of our own parameter.
        inner = steps[1:] if place == "body" else steps[-1:]
        pointer = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in inner)
        return Fault(words, pointer=pointer)
    return Fault(words, parameter=str(steps[-1]) if steps else place)


def _unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
    log.warning("api.database_away", path=request.path, error=type(error).__name__)
    return problem_response(
        request,
        Problem(
            Kind.UNAVAILABLE, _("The database does not answer. Try again soon."), headers={"Retry-After": "5"}
        ),
    )


def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    log.exception("api.failed", path=request.path, error=type(error).__name__)
    got_request_exception.send(sender=None, request=request)
    return problem_response(
        request,
        Problem(Kind.SERVER_ERROR, _("It was recorded. Try again; if it stays, tell whoever runs Pult.")),
    )


# Looked up by the exception's class and then its bases. Any: ninja's type allows a handler to get a class as well.
HANDLERS: dict[type[Exception], Any] = {
    Problem: problem_response,
    ValidationError: _invalid,
    HttpError: _http_error,
    Http404: _answer(Kind.NOT_FOUND),
    ObjectDoesNotExist: _answer(Kind.NOT_FOUND),
    PermissionDenied: _answer(Kind.FORBIDDEN),
    RequestDataTooBig: _answer(Kind.TOO_LARGE),
    SuspiciousOperation: _answer(Kind.MALFORMED),
    MultiPartParserError: _answer(Kind.MALFORMED),
    UnreadablePostError: _answer(Kind.MALFORMED),
    OperationalError: _unavailable,
    PoolTimeout: _unavailable,
    Exception: _failed,
}
