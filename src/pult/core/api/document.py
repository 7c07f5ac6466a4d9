"""The OpenAPI document, completed: ninja describes what succeeds, here stands what else may be answered."""

from typing import Any

from ninja.openapi.schema import OpenAPISchema

from pult.core.api.answers import PROBLEM_TYPE
from pult.core.api.errors import Kind
from pult.core.api.values import ProblemOut

DESCRIPTION = """Everything that the pages of Pult do with checks, for programmes.

Send a personal token with every request: `Authorization: Bearer pult_…`. Lists come in pages: `next` of one page is the
`cursor` of the following one. Errors are problems by RFC 9457. Times are in UTC, phone numbers in E.164 with a plus."""
SCHEME = "token"
PROBLEM_SCHEMAS = "#/components/schemas/ProblemOut"

LIMITS = {
    "RateLimit-Limit": "Requests that this token may send in a minute.",
    "RateLimit-Remaining": "Requests left in this minute.",
    "RateLimit-Reset": "Seconds until the next minute begins.",
}
WORDS = {
    400: "The body or the cursor cannot be read.",
    401: "No token, or one that is unknown, revoked or expired.",
    403: "The token lacks the scope, or its person's role does not allow it.",
    404: "There is nothing here, or it belongs to somebody else.",
    405: "Another method is needed.",
    409: "The state does not allow it, or a request with this Idempotency-Key is under way.",
    413: "The body is too large.",
    415: "Another content type is needed.",
    422: "Some values cannot be used; `errors` names each.",
    429: "Too many requests in this minute; Retry-After says when to go on.",
    500: "Something went wrong inside Pult.",
    503: "The database does not answer at the moment.",
}


def completed(document: OpenAPISchema) -> OpenAPISchema:
    """Add problems, limits, the security scheme and tidy names; changes the document and gives it back."""
    components = document["components"]
    problem = ProblemOut.model_json_schema(
        ref_template="#/components/schemas/{model}", mode="serialization", by_alias=True
    )
    components["schemas"].update(problem.pop("$defs", {}))
    components["schemas"]["ProblemOut"] = problem
    components["responses"] = {
        _name(status): _problem_answer(status, words) for status, words in WORDS.items()
    }
    components["headers"] = {
        name: {"description": words, "schema": {"type": "integer", "minimum": 0}}
        for name, words in LIMITS.items()
    }
    components["securitySchemes"] = {
        SCHEME: {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "pult_<12 hex digits>_<64 hex digits>",
            "description": "A personal token, made on the page API tokens or by `pult token create`.",
        }
    }
    document["info"]["description"] = DESCRIPTION
    document["servers"] = [{"url": "/"}]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            _complete_operation(operation, path=path, method=method)
    return document


def _complete_operation(operation: dict[str, Any], *, path: str, method: str) -> None:
    statuses = [401, 403, 405, 422, 429, 500, 503]
    if "{" in path:
        statuses.append(404)
    if "requestBody" in operation:
        statuses += [400, 413, 415]
    if any(parameter["name"] == "cursor" for parameter in operation.get("parameters", ())):
        statuses.append(400)
    if method != "get":
        statuses.append(409)
    statuses += operation.pop("x-problems", [])
    responses = operation["responses"]
    for answer in responses.values():
        answer["headers"] = {
            **{name: {"$ref": f"#/components/headers/{name}"} for name in LIMITS},
            **answer.get("headers", {}),
        }
    for status in sorted(set(statuses)):
        responses.setdefault(status, {"$ref": f"#/components/responses/{_name(status)}"})
    operation["security"] = [{SCHEME: operation.pop("x-scopes", [])}]


def _name(status: int) -> str:
    return f"Problem{status}"


def _problem_answer(status: int, words: str) -> dict[str, Any]:
    kinds = [kind.slug for kind in Kind if kind.status == status]
    named = f" Kinds: {', '.join(f'`{kind}`' for kind in kinds)}."
    answer: dict[str, Any] = {
        "description": words + named,
        "content": {PROBLEM_TYPE: {"schema": {"$ref": PROBLEM_SCHEMAS}}},
    }
    if status not in {401, 405, 500, 503}:
        answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in LIMITS}
    if status == 429:
        answer["headers"]["Retry-After"] = {
            "description": "Seconds until the next request is answered.",
            "schema": {"type": "integer"},
        }
    return answer
