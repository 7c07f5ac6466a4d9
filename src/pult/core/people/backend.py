"""Who stands behind a session or a password."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from pult.core.people.models import Person


class SignInBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth carries no types
    """allauth's, but the person of a session brings along whether the second factor they owe is missing."""

    def get_user(self, user_id: Any) -> Person | None:
        """One query, on every page."""
        person = Person.objects.with_standing().filter(pk=user_id).first()
        return person if person is not None and self.user_can_authenticate(person) else None
