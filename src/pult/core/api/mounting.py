"""The one API: every registered module's router, our problems, our reading of bodies."""

from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.module_loading import import_string
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser

from pult.core.api import handlers
from pult.core.api.access import TokenAuth
from pult.core.api.document import completed
from pult.core.api.errors import Kind, Problem
from pult.core.api.own import router as own_router
from pult.core.registry import Registry

FORMS = {"multipart/form-data", "application/x-www-form-urlencoded"}


class BodyParser(Parser):
    """Reads a body only as what its content type says it is."""

    def parse_body(self, request: HttpRequest) -> Any:
        """JSON. Raises Problem for another content type, which ninja wraps, and ValueError for what is no JSON."""
        # Ninja hands parts of a multipart body in here as requests of their own, without a type.
        if request.META and request.content_type != "application/json":
            raise Problem(Kind.UNSUPPORTED_MEDIA_TYPE, headers={"Accept": "application/json"})
        return super().parse_body(request)

    def parse_querydict(
        self, data: "MultiValueDict[str, Any]", list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """Parameters of the address, or the fields of a form."""
        if data is not request.GET and request.content_type not in FORMS:
            raise Problem(Kind.UNSUPPORTED_MEDIA_TYPE, headers={"Accept": "multipart/form-data"})
        return super().parse_querydict(data, list_fields, request)


class PultApi(NinjaAPI):
    """Ninja with an OpenAPI document that says everything an operation may answer."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The OpenAPI document."""
        return completed(super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params))


def build_api(registry: Registry, *, version: str) -> PultApi:
    """An API of all modules that are registered. Raises KeyError for an operation with a scope nobody declared."""
    api = PultApi(
        title="Pult",
        version=version,
        urls_namespace="api-v1",
        # Both are pages of ours: they stand under the same content security policy as all the others.
        docs_url=None,
        openapi_url=None,
        parser=BodyParser(),
    )
    handlers.connect(api)
    api.add_router("", own_router)
    for module in registry:
        if module.api is not None:
            api.add_router(module.prefix.strip("/"), import_string(module.api))
    for bound in api._get_bound_routers():
        for view in bound.path_operations.values():
            for operation in view.operations:
                scopes = _scopes_of(registry, operation.auth_callbacks, name=operation.view_func.__name__)
                operation.openapi_extra = {**(operation.openapi_extra or {}), "x-scopes": scopes}
    return api


def _scopes_of(registry: Registry, auths: Any, *, name: str) -> list[str]:
    """What a token needs. No token, or a scope that nobody declared, is a fault of the programme."""
    if not auths or not all(isinstance(auth, TokenAuth) for auth in auths):
        raise TypeError(f"operation {name} of the API has no token")
    return [registry.scope(auth.scope).name for auth in auths if auth.scope is not None]
