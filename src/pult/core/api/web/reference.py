"""The reference of the API: the OpenAPI document, and the same as a page."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from ninja import NinjaAPI

from pult.core.api.access import any_token, missing_token
from pult.core.api.answers import problem_response
from pult.core.api.errors import Kind, Problem
from pult.core.api.web.chapters import chapters_of, marked
from pult.core.registry import registry


@require_safe
def openapi(request: HttpRequest, api: NinjaAPI) -> HttpResponse:
    """/api/v1/openapi.json, for whoever is signed in or sends a token."""
    if not request.user.is_authenticated:
        try:
            if any_token()(request) is None:
                raise missing_token()
        except Problem as problem:
            return problem_response(request, problem)
    return JsonResponse(_document(api))


@require_safe
def docs(request: HttpRequest, api: NinjaAPI) -> HttpResponseBase:
    """/api/v1/docs: the reference as a page of Pult, made from the OpenAPI document."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    document = _document(api)
    context = {
        "chapters": chapters_of(document),
        "description": [marked(part) for part in document["info"]["description"].split("\n\n")],
        "scopes": registry.scopes(),
        "kinds": list(Kind),
        "base": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "api/reference.html", context)


@csrf_exempt
def nothing_here(_request: HttpRequest) -> HttpResponse:
    """Every address below /api/v1/ that no router knows."""
    raise Http404


_documents: dict[int, Any] = {}


def _document(api: NinjaAPI) -> Any:
    """The OpenAPI document; it does not change while the process lives."""
    if id(api) not in _documents:
        _documents[id(api)] = api.get_openapi_schema()
    return _documents[id(api)]
