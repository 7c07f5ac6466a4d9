"""How django-allauth's second factors behave here: secrets sealed and bound to their person, our words."""

import base64
from typing import Any

import segno
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pult.core.people.models import Person
from pult.core.secrets import UnableToReveal, key_id_of, reveal_text, seal_text

SEALED = ("secret", "seed")
"""The entries of an authenticator's data that are sealed: the app's secret, the seed of the recovery codes."""


def _identity(person_id: str) -> str:
    return f"mfa_authenticator.data:{person_id}"


def seal_factor(text: str, *, person_id: int) -> str:
    """`<person id>.<base64 of the sealed text>`; opens for that person's rows only."""
    sealed = seal_text(text, identity=_identity(str(person_id)))
    return f"{person_id}.{base64.b64encode(sealed).decode()}"


def open_factor(sealed: str) -> str:
    """The text of what `seal_factor` made. Raises UnableToReveal."""
    person_id, separator, content = sealed.partition(".")
    if not separator:
        raise UnableToReveal("the stored second factor is not one that Pult sealed")
    return reveal_text(base64.b64decode(content), identity=_identity(person_id))


def _sealed_by(sealed: str) -> int:
    return key_id_of(base64.b64decode(sealed.partition(".")[2]))


def count_by_key() -> dict[int, int]:
    """How many secrets of second factors each key sealed: {key id: secrets}."""
    found: dict[int, int] = {}
    for data in Authenticator.objects.values_list("data", flat=True):
        for name in SEALED:
            if name in data:
                key = _sealed_by(data[name])
                found[key] = found.get(key, 0) + 1
    return found


@transaction.atomic
def reseal_factors(current: int, batch: int) -> int:
    """Seal up to `batch` secrets of other keys anew; returns how many. What does not open is left alone."""
    done = 0
    rows = Authenticator.objects.filter(type__in=[Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES])
    for pk, person_id, data in rows.select_for_update().values_list("pk", "user_id", "data"):
        old = {name: data[name] for name in SEALED if name in data and _sealed_by(data[name]) != current}
        try:
            fresh = {name: seal_factor(open_factor(text), person_id=person_id) for name, text in old.items()}
        except UnableToReveal:
            continue
        if fresh:
            Authenticator.objects.filter(pk=pk).update(data={**data, **fresh})
            done += len(fresh)
        if done >= batch:
            break
    return done


def refuse_moved_factor(*, instance: Authenticator, **_rest: Any) -> None:
    """Receiver for every authenticator read from the database: a secret copied from another person's row is refused.

    The adapter sees only the text, so the person it was sealed for stands in front of it and is compared here;
    changing that number makes the text unreadable.
    """
    data = instance.__dict__.get("data") or {}
    for name in SEALED:
        if name in data and data[name].partition(".")[0] != str(instance.user_id):
            raise UnableToReveal("this second factor was sealed for somebody else")


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth carries no types
    """The one place where allauth asks about second factors."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right. Wait for the next one and type that."),
        "cannot_generate_recovery_codes": _("Set up an authenticator app or a security key first."),
    }

    def encrypt(self, text: str) -> str:
        """Factors are set up by their own person only, who is the one asking."""
        person = context.request.user
        if not isinstance(person, Person):
            raise TypeError(person)
        return seal_factor(text, person_id=person.pk)

    def decrypt(self, encrypted_text: str) -> str:
        return open_factor(encrypted_text)

    def build_totp_svg(self, url: str) -> SafeString:
        """Dark on light in every theme, or phones cannot read it."""
        drawn = segno.make(url, error="m").svg_inline(scale=5, dark="#000", light="#fff")
        return mark_safe(drawn)  # noqa: S308  (drawn by segno from an address that Pult made)

    def generate_authenticator_name(self, user: Person, type: Authenticator.Type) -> str:  # noqa: A002
        """A name to begin with, in the person's language."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return gettext("Key %(number)d") % {"number": count + 1}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """What the browser shows: Pult at this host."""
        return {**super().get_public_key_credential_rp_entity(), "name": "Pult"}
