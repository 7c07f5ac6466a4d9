"""`/metrics`, for Prometheus only."""

import hmac
from ipaddress import ip_address

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from pult.core.watch.exposition import exposition

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# A reverse proxy says with one of these that somebody else is asking.
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_FORWARDED_PROTO", "HTTP_VIA")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """401 without the token; 403 for everybody but this machine while no token is set."""
    token = settings.METRICS_TOKEN
    if token is None and not _from_here(request):
        text = "Set PULT_METRICS_TOKEN and send it as Authorization: Bearer …\n"
        return HttpResponse(text, status=403, content_type="text/plain; charset=utf-8")
    if token is not None and not _knows(request, token):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    try:
        body = exposition()
    except DatabaseError:
        return HttpResponse("The database does not answer.\n", status=503, content_type="text/plain")
    return HttpResponse(body, content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


def _knows(request: HttpRequest, token: str) -> bool:
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    return kind.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())


def _from_here(request: HttpRequest) -> bool:
    """Straight from this machine: behind a reverse proxy everybody seems to come from there, so nobody does."""
    if settings.ENVIRONMENT.proxies or any(header in request.META for header in FORWARDED):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
