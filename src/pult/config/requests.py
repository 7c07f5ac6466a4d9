"""Requests at the edge of the web process: one log line each, and the two addresses a watchdog asks."""

import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

MOST_BYTES_OF_VISITORS = 256 * 1024

log = structlog.get_logger("pult.web")
QUIET_PATHS = ("/static/", "/healthz", "/readyz")
# What follows lets somebody in.
SECRET_PATHS = ("/enter/", "/sign-in/password/reset/key/")


class RequestLogMiddleware:
    """Logs method, path (never the query: it may carry numbers), status and time of each request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        if not request.path.startswith(QUIET_PATHS):
            path = next(
                (f"{start}…" for start in SECRET_PATHS if request.path.startswith(start)), request.path
            )
            milliseconds = round((time.perf_counter() - began) * 1000, 1)
            log.info(
                "request", method=request.method, path=path, status=response.status_code, ms=milliseconds
            )
        return response


class VisitorBodyMiddleware:
    """Refuses large bodies of who is not signed in: Django would put them on disk before anybody asks who sent them.

    Stands after AuthenticationMiddleware; what signed-in people may upload is the pages' own rule.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        large = not length.isdecimal() or int(length) > MOST_BYTES_OF_VISITORS
        if large and not request.user.is_authenticated:
            # Most likely somebody whose session has expired, with a list to upload.
            return redirect(settings.LOGIN_URL)
        return self.get_response(request)


def healthz(_request: HttpRequest) -> HttpResponse:
    """The process is alive; nothing else is asked."""
    return JsonResponse({"status": "ok"})


def readyz(_request: HttpRequest) -> HttpResponse:
    """The process can serve people: the database answers and its tables are those of this version."""
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return JsonResponse({"status": "database unreachable"}, status=503)
    if missing:
        return JsonResponse({"status": "migrations missing", "count": len(missing)}, status=503)
    return JsonResponse({"status": "ok"})
