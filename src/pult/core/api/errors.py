"""Problems: how the API says that something could not be done (RFC 9457)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class Kind(Enum):
    """Every kind of problem: its name in the address of `type`, its status and its title."""

    MALFORMED = "malformed", 400, _("The request cannot be read")
    BAD_CURSOR = "bad-cursor", 400, _("The cursor is not one of this list")
    UNAUTHENTICATED = "unauthenticated", 401, _("A valid token is needed")
    SCOPE_MISSING = "scope-missing", 403, _("The token lacks a scope")
    FORBIDDEN = "forbidden", 403, _("Your role does not allow this")
    NOT_FOUND = "not-found", 404, _("There is nothing here")
    METHOD_NOT_ALLOWED = "method-not-allowed", 405, _("This address knows other methods")
    CONFLICT = "conflict", 409, _("It is not in a state that allows this")
    KEY_IN_USE = "key-in-use", 409, _("The first request with this key is still being worked on")
    TOO_LARGE = "too-large", 413, _("The request is too large")
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type", 415, _("The content type is another one here")
    INVALID = "invalid", 422, _("Some values cannot be used")
    KEY_REUSED = "key-reused", 422, _("This key was used for another request")
    TOO_MANY_REQUESTS = "too-many-requests", 429, _("Too many requests")
    SERVER_ERROR = "server-error", 500, _("Something went wrong inside Pult")
    UNAVAILABLE = "unavailable", 503, _("Pult cannot answer at the moment")

    def __init__(self, slug: str, status: int, title: Promise) -> None:
        self.slug, self.status, self.title = slug, status, title

    @classmethod
    def of_status(cls, status: int) -> "Kind":
        """The general kind of that status; those that have none of their own count as malformed or server error."""
        for kind in cls:
            if kind.status == status:
                return kind
        return cls.MALFORMED if status < 500 else cls.SERVER_ERROR


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one value: `pointer` (RFC 6901) into the body, or the name of a parameter."""

    detail: Text
    pointer: str = ""
    parameter: str = ""


class Problem(Exception):
    """Ends a request with a problem; `detail` is a sentence for people that says what to do."""

    def __init__(
        self,
        kind: Kind,
        detail: Text = "",
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind.slug)
        self.kind = kind
        self.detail = detail
        self.faults = tuple(faults)
        self.headers = dict(headers or {})


def refused_field(field: str, detail: Text) -> Problem:
    """A value of the body that cannot be used, by its name."""
    pointer = "/" + field.replace("~", "~0").replace("/", "~1")
    return Problem(Kind.INVALID, detail, faults=[Fault(detail, pointer=pointer)])
