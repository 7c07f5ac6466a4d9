"""Requests at the edge of the web process: one log line each, and the two addresses a watchdog asks."""

import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from pult.core.watch.this_process import durations

MOST_BYTES_OF_VISITORS = 256 * 1024
API = "/api/v1/"

log = structlog.get_logger("pult.web")
QUIET_PATHS = ("/static/", "/healthz", "/readyz", "/metrics")
# What follows lets somebody in.
SECRET_PATHS = ("/enter/", "/sign-in/password/reset/")


class RequestLogMiddleware:
    """Logs method, path (never the query: it may carry numbers), status and time of each request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        took = time.perf_counter() - began
        if not request.path.startswith(QUIET_PATHS):
            path = next(
                (f"{start}…" for start in SECRET_PATHS if request.path.startswith(start)), request.path
            )
            log.info(
                "request",
                method=request.method,
                path=path,
                status=response.status_code,
                ms=round(took * 1000, 1),
            )
            durations.observe(_route(request), response.status_code, took)
        return response


def _route(request: HttpRequest) -> str:
    """The application that answered: one of a short list, whatever address somebody made up."""
    match = request.resolver_match
    return (match.app_name or "house") if match else "nowhere"


class VisitorBodyMiddleware:
    """Refuses large bodies of who is not signed in: Django would put them on disk before anybody asks who sent them.

    Stands after AuthenticationMiddleware; what signed-in people may upload is the pages' own rule. The API asks for a
    token before it reads a body.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        large = not length.isdecimal() or int(length) > MOST_BYTES_OF_VISITORS
        if large and not request.path_info.startswith(API) and not request.user.is_authenticated:
            # Most likely somebody whose session has expired, with a list to upload.
            return redirect(settings.LOGIN_URL)
        return self.get_response(request)


def healthz(_request: HttpRequest) -> HttpResponse:
    """The process is alive; nothing else is asked."""
    return JsonResponse({"status": "ok"})


def readyz(_request: HttpRequest) -> HttpResponse:
    """The process can serve people: the database answers and its tables are those of this version."""
    from pult.core.watch.queries import missing_migrations

    try:
        missing = missing_migrations()
    except DatabaseError:
        return JsonResponse({"status": "database unreachable"}, status=503)
    if missing:
        return JsonResponse({"status": "migrations missing", "count": missing}, status=503)
    return JsonResponse({"status": "ok"})
