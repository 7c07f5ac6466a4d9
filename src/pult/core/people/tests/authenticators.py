"""Second factors in the hands of a test: an app that counts, and people who have one."""

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value

from pult.core.people.models import Person
from pult.core.people.second_factor import seal_factor


class App:
    """An authenticator app that knows a secret; each code of it is new, as after half a minute of waiting."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self._steps = iter((-1, 0, 1))

    def code(self) -> str:
        """The next code that the server still accepts; three of them at most."""
        return str(format_hotp_value(hotp_value(self.secret, int(time.time()) // 30 + next(self._steps))))


def with_app(person: Person) -> App:
    """Give the person an authenticator app, as the page does."""
    secret = generate_totp_secret()
    Authenticator.objects.create(
        user=person,
        type=Authenticator.Type.TOTP,
        data={"secret": seal_factor(secret, person_id=person.pk)},
    )
    return App(secret)


def with_recovery_codes(person: Person) -> list[str]:
    """Give the person recovery codes."""
    row = Authenticator.objects.create(
        user=person,
        type=Authenticator.Type.RECOVERY_CODES,
        data={"seed": seal_factor("5eed" * 20, person_id=person.pk), "used_mask": 0},
    )
    codes: list[str] = row.wrap().get_unused_codes()
    return codes
