"""The OpenAPI document in the order in which people read: chapters, operations, fields."""

import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

METHOD_TONES = {"get": "accent", "post": "good", "delete": "bad", "put": "warn", "patch": "warn"}
DEEPEST = 5
BACKTICKS = re.compile(r"`([^`]+)`")

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter or a value of a body; `depth` is how far it stands inside others."""

    name: str
    kind: str
    place: str
    required: bool
    description: str
    example: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What may be answered."""

    status: str
    title: str
    description: str
    content_types: tuple[str, ...]
    fields: tuple[Field, ...]
    tone: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """Operations of one tag."""

    title: str
    anchor: str
    operations: tuple["OperationShown", ...]


@dataclass(frozen=True, slots=True)
class OperationShown:
    """One operation."""

    anchor: str
    method: str
    tone: str
    path: str
    summary: str
    description: str
    scopes: tuple[str, ...]
    parameters: tuple[Field, ...]
    content_type: str
    body: tuple[Field, ...]
    example: str
    replies: tuple[Reply, ...]


def marked(text: str) -> SafeString:
    """A text of the document as HTML: `words` in backticks become code."""
    return mark_safe(BACKTICKS.sub(r"<code>\1</code>", escape(" ".join(text.split()))))  # noqa: S308 - escaped


def chapters_of(document: Node) -> list[Chapter]:
    """Chapters in the order of their first operation."""
    found: dict[str, list[OperationShown]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tag = (operation.get("tags") or ["Other"])[0]
            found.setdefault(tag, []).append(_operation(document, path, method, operation))
    return [Chapter(tag, f"tag-{place}", tuple(shown)) for place, (tag, shown) in enumerate(found.items())]


def _operation(document: Node, path: str, method: str, operation: Node) -> OperationShown:
    content_type, body = _content(document, operation.get("requestBody", {}))
    return OperationShown(
        anchor=operation["operationId"],
        method=method.upper(),
        tone=METHOD_TONES.get(method, "neutral"),
        path=path,
        summary=operation.get("summary", ""),
        description=marked(operation.get("description", "")),
        scopes=tuple(
            scope
            for needed in operation.get("security", ())
            for scopes in needed.values()
            for scope in scopes
        ),
        parameters=tuple(_parameter(document, parameter) for parameter in operation.get("parameters", ())),
        content_type=content_type,
        body=tuple(_fields(document, body)),
        example=_curl(document, path, method, content_type=content_type, body=body),
        replies=tuple(
            _reply(document, str(status), reply)
            for status, reply in sorted(operation["responses"].items(), key=lambda pair: int(pair[0]))
        ),
    )


def _parameter(document: Node, parameter: Node) -> Field:
    schema = parameter["schema"]
    example = parameter.get("example", schema.get("example", ""))
    return Field(
        name=parameter["name"],
        kind=_kind(schema, document),
        place=parameter["in"],
        required=parameter.get("required", False),
        description=marked(parameter.get("description", "")),
        example=str(example),
    )


def _content(document: Node, holder: Node) -> tuple[str, Node]:
    for content_type, media in holder.get("content", {}).items():
        return content_type, _resolved(document, media.get("schema", {}))
    return "", {}


def _resolved(document: Node, schema: Node) -> Node:
    while "$ref" in schema:
        found: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


def _fields(document: Node, schema: Node, depth: int = 0) -> list[Field]:
    rows: list[Field] = []
    required = set(schema.get("required", ()))
    for name, raw in schema.get("properties", {}).items():
        value = _resolved(document, raw)
        examples = raw.get("examples") or value.get("examples") or []
        rows.append(
            Field(
                name=name,
                kind=_kind(raw, document),
                place="",
                required=name in required,
                description=marked(raw.get("description", "")),
                example=json.dumps(examples[0], ensure_ascii=False) if examples else "",
                depth=depth,
            )
        )
        inner = _inner(document, value)
        if inner and depth < DEEPEST:
            rows += _fields(document, inner, depth + 1)
    return rows


def _inner(document: Node, value: Node) -> Node | None:
    """The object inside a list or a choice with null."""
    for candidate in (value, value.get("items", {}), *value.get("anyOf", ())):
        known = _resolved(document, candidate)
        if "items" in known:
            known = _resolved(document, known["items"])
        if "properties" in known:
            return known
    return None


def _kind(schema: Node, document: Node) -> str:
    schema = _resolved(document, schema)
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_kind(choice, document) for choice in schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(str(choice) for choice in schema["enum"] if choice != "")
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}), document)}"
    if schema.get("format") == "binary":
        return "file"
    return str(schema.get("type", "any"))


def _reply(document: Node, status: str, raw: Node) -> Reply:
    reply = _resolved(document, raw)
    _content_type, schema = _content(document, reply)
    fine = int(status) < 400
    return Reply(
        status=status,
        title=HTTPStatus(int(status)).phrase,
        description=marked(reply.get("description", "")),
        content_types=tuple(reply.get("content", {})),
        fields=tuple(_fields(document, schema)) if fine else (),
        tone="good" if fine else "warn" if int(status) < 500 else "bad",
    )


def _curl(document: Node, path: str, method: str, *, content_type: str, body: Node) -> str:
    """A command to copy; values come from the examples of the document."""
    shown = path.replace("{check_id}", "12")
    lines = [
        f'curl {"" if method == "get" else f"-X {method.upper()} "}"$PULT{shown}"',
        '-H "Authorization: Bearer $TOKEN"',
    ]
    properties = body.get("properties", {})
    values = {
        name: examples[0]
        for name, raw in properties.items()
        if (examples := raw.get("examples") or _resolved(document, raw).get("examples"))
    }
    if content_type == "application/json":
        lines.append('-H "Content-Type: application/json"')
        lines.append(f"-d '{json.dumps(values, ensure_ascii=False)}'")
    elif content_type == "multipart/form-data":
        lines.append('-F "file=@list.csv"')
        lines += [f'-F "{name}={value}"' for name, value in values.items() if name != "file"]
    return " \\\n  ".join(lines)
