"""What the API does about facts of people."""

from typing import Any

from django.utils.translation import gettext_lazy

from pult.core.api.models import IdempotencyKey, Token
from pult.core.people.events import merge_asked, people_merge
from pult.core.people.models import Person
from pult.core.registry import Text


def hand_over_tokens(sender: object, kept: Person, merged: Person, **_: Any) -> None:
    """Two records become one: tokens go on working, now for the kept person.

    A key that both used for a request is kept once, with the answer that the kept person got.
    """
    Token.objects.filter(person=merged).update(person=kept)
    known = IdempotencyKey.objects.filter(person=kept).values("key")
    keys = IdempotencyKey.objects.filter(person=merged)
    keys.filter(key__in=known).delete()
    keys.update(person=kept)


def would_hand_over(sender: object, merged: Person, **_: Any) -> list[tuple[Text, int]]:
    """Somebody wants to know what merging would move."""
    return [(gettext_lazy("API tokens"), Token.objects.filter(person=merged, revoked_at=None).count())]


def connect() -> None:
    """Listen; called once when the app is ready."""
    merge_asked.connect(would_hand_over, dispatch_uid="api.would_hand_over")
    people_merge.connect(hand_over_tokens, dispatch_uid="api.hand_over_tokens")
