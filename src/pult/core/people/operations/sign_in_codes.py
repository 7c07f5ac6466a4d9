"""Short codes that the bot gives to a person: typed on the web within minutes, once, they sign that person in."""

import secrets
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pult.core.people.models import Person, SignInCode
from pult.core.people.operations.refusals import Unable
from pult.core.people.telegram_sign_in import SIGN_IN_CODE_LIFE, code_digest, plain_code

TRIES = 5
"""Fresh codes drawn when one is taken: with a hundred open ones that happens once in a million."""


class UnableToMakeCode(Unable):
    """No code for this person."""


class UnableToUseCode(Unable):
    """The code lets nobody in: mistyped, used, replaced by a newer one, or too old. The visitor learns no more."""

    def __init__(self) -> None:
        super().__init__(_("This code does not work. Ask the bot for a new one."))


@transaction.atomic
def create_sign_in_code(*, person: Person, now: datetime) -> str:
    """Eight digits for this person; codes made before are void. Raises UnableToMakeCode when the access is closed."""
    locked = Person.objects.select_for_update().get(pk=person.pk)
    if not locked.is_active:
        raise UnableToMakeCode(_("Your access is closed. Ask an administrator."))
    # What opens nothing any more goes: its digits may be drawn again, and nobody needs to know that it was there.
    SignInCode.objects.filter(Q(person=locked) | Q(expires_at__lte=now)).delete()
    for _try in range(TRIES):
        code = f"{secrets.randbelow(10**8):08d}"
        try:
            with transaction.atomic():
                SignInCode.objects.create(
                    person=locked,
                    code_digest=code_digest(code),
                    created_at=now,
                    expires_at=now + SIGN_IN_CODE_LIFE,
                )
        except IntegrityError:
            continue
        return code
    raise UnableToMakeCode(_("There are too many open codes. Try again in a few minutes."))


@transaction.atomic
def use_sign_in_code(*, code: str, now: datetime) -> Person:
    """Use a code up, in one statement, so that of any number of simultaneous visitors one gets in.

    Spaces and dashes do not matter. The person may have lost the access meanwhile: callers sign in as after a
    password, which says so. Raises UnableToUseCode.
    """
    digits = plain_code(code)
    claimed = bool(digits) and SignInCode.objects.filter(
        code_digest=code_digest(digits), used_at=None, expires_at__gt=now
    ).update(used_at=now)
    if not claimed:
        raise UnableToUseCode
    used = (
        SignInCode.objects.select_related("person")
        .filter(code_digest=code_digest(digits), used_at=now)
        .order_by("-created_at")[0]
    )
    return used.person
