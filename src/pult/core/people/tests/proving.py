"""A browser in which somebody has just proved again who they are, without walking through the page."""

import time

from django.test import Client

from pult.core.people.models import Person


def prove(client: Client, person: Person) -> None:
    """As after /sign-in/again/: for the next minutes nothing dangerous asks again."""
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()
