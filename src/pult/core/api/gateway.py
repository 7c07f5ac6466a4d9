"""How a router answers what has to happen once only."""

from collections.abc import Callable, Iterable
from typing import Annotated

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Header, Schema

from pult.core.api.access import ApiRequest
from pult.core.api.errors import Kind, Problem
from pult.core.api.operations.idempotency import Answer, KeyInUse, KeyReused, answer_once, fingerprint_of

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        max_length=255,
        pattern=r"^[\x21-\x7e]*$",
        description="Any text of your own, such as a UUID. Sent again within 24 hours with the same content, "
        "the request creates nothing new and gets the first answer, with `Idempotency-Replayed: true`.",
    ),
]
"""Parameter of an operation that creates something; "" without one."""


def created_once(
    request: ApiRequest, *, key: str, content: Iterable[bytes], create: Callable[[], tuple[Schema, str]]
) -> HttpResponse:
    """Answer 201 with what `create` makes (and its address); with a key only once, however often it is asked.

    `content` are the parts of the request that make it the same one. Raises Problem.
    """

    def deed() -> Answer:
        made, address = create()
        return Answer(201, made.model_dump_json(by_alias=True).encode(), {"Location": address})

    if not key:
        return _response(deed())
    parts = [request.method or "", request.path]
    try:
        answer = answer_once(
            person=request.auth.person,
            key=key,
            fingerprint=fingerprint_of([*(part.encode() for part in parts), *content]),
            now=timezone.now(),
            deed=deed,
        )
    except KeyInUse:
        raise Problem(
            Kind.KEY_IN_USE, _("Wait for its answer, or ask again in a moment."), headers={"Retry-After": "1"}
        ) from None
    except KeyReused:
        raise Problem(
            Kind.KEY_REUSED, _("This Idempotency-Key came with other content before. Take a new one.")
        ) from None
    return _response(answer)


def _response(answer: Answer) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status, content_type="application/json")
    for name, value in answer.headers.items():
        response[name] = value
    if answer.repeated:
        response["Idempotency-Replayed"] = "true"
    return response
