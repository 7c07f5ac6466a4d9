"""What Telegram objects to is said beside the field where it was typed, and what was typed is kept where it may be."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from pult.core.people.models import Person
from pult.core.secrets import seal
from pult.core.telegram.models import KeyPair, SignIn


@pytest.mark.parametrize(
    ("field", "problem", "words"),
    [
        ("phone", "bad_phone", "does not know this number"),
        ("code", "wrong_code", "This code is wrong"),
        ("code", "expired_code", "This code has expired"),
        ("password", "wrong_password", "This password is wrong"),
    ],
)
def test_an_objection_stands_beside_its_field(
    field: str, problem: str, words: str, operator: Person, key_pair: KeyPair
) -> None:
    now = timezone.now()
    sign_in = SignIn(
        person=operator,
        key_pair=key_pair,
        method="code",
        state=f"{field}_wanted",
        problem=problem,
        created_at=now,
        expires_at=now + timedelta(minutes=15),
    )
    seal(sign_in, "phone", "79991234567")
    sign_in.save()
    client = Client()
    client.force_login(operator)
    for address in ("telegram:sign_in", "telegram:step"):
        page = client.get(reverse(address, args=[sign_in.pk])).content.decode()
        assert page.count(words) == 1
        beside = re.search(rf'id="id_{field}_error".*?</', page, re.S)
        assert beside is not None and words in beside.group()
        assert 'aria-invalid="true"' in page
        assert ('value="+79991234567"' in page) == (field == "phone")
