"""Around every answer of the API: limits in its headers, and problems instead of pages."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from pult.core.api.answers import PROBLEM_TYPE, problem_response
from pult.core.api.errors import Kind, Problem
from pult.core.api.operations.tokens import TokenUse

ROOT = "/api/v1/"
# Room for the other fields of an upload.
BESIDE_THE_FILE = 1024 * 1024


class ApiMiddleware:
    """Stands before everything that reads a body or answers with a page; other addresses pass untouched."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(ROOT):
            return self.get_response(request)
        response = self._refused(request) or self.get_response(request)
        if response.status_code >= 400 and response.get("Content-Type", "") != PROBLEM_TYPE:
            # Django's and ninja's own answers: no such address, no such method.
            kind = Kind.of_status(response.status_code)
            allowed = {"Allow": response["Allow"]} if "Allow" in response else {}
            response = problem_response(request, Problem(kind, headers=allowed))
        use: TokenUse | None = getattr(request, "token_use", None)
        if use is not None:
            response["RateLimit-Limit"] = str(use.limit)
            response["RateLimit-Remaining"] = str(use.remaining)
            response["RateLimit-Reset"] = str(use.reset)
        response.setdefault("Cache-Control", "no-store")
        return response

    def _refused(self, request: HttpRequest) -> HttpResponse | None:
        """Bodies that are too large are refused before a byte is read."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal():
            return problem_response(request, Problem(Kind.MALFORMED))
        if int(length) > settings.PULT_UPLOAD_LIMIT + BESIDE_THE_FILE:
            return problem_response(request, Problem(Kind.TOO_LARGE))
        return None
