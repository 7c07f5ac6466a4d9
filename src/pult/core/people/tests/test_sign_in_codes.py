"""Codes of the bot: eight digits, five minutes, one use."""

import hashlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pult.core.people.models import Person, SignInCode
from pult.core.people.operations import (
    UnableToMakeCode,
    UnableToUseCode,
    create_sign_in_code,
    link_telegram,
    switch_off,
    take_telegram_away,
    use_sign_in_code,
)
from pult.core.people.telegram_sign_in import plain_code, shown_code
from pult.core.people.tests.conftest import NOW

pytestmark = pytest.mark.django_db


def test_a_code_opens_once_however_it_is_spaced(operator: Person) -> None:
    code = create_sign_in_code(person=operator, now=NOW)
    assert use_sign_in_code(code=f" {shown_code(code)} ", now=NOW) == operator
    with pytest.raises(UnableToUseCode, match="does not work"):
        use_sign_in_code(code=code, now=NOW)


def test_a_code_dies_after_five_minutes(operator: Person) -> None:
    code = create_sign_in_code(person=operator, now=NOW)
    with pytest.raises(UnableToUseCode):
        use_sign_in_code(code=code, now=NOW + timedelta(minutes=5))
    other = create_sign_in_code(person=operator, now=NOW)
    assert use_sign_in_code(code=other, now=NOW + timedelta(minutes=4, seconds=59)) == operator


def test_a_new_code_voids_the_one_before(operator: Person) -> None:
    first = create_sign_in_code(person=operator, now=NOW)
    second = create_sign_in_code(person=operator, now=NOW)
    with pytest.raises(UnableToUseCode):
        use_sign_in_code(code=first, now=NOW)
    assert use_sign_in_code(code=second, now=NOW) == operator


def test_a_code_from_a_lost_telephone_dies_with_the_link(owner: Person, operator: Person) -> None:
    link_telegram(person=operator, user_id=7, name="Vera", username="", now=NOW)
    code = create_sign_in_code(person=operator, now=NOW)
    take_telegram_away(actor=owner, person=operator, now=NOW)
    with pytest.raises(UnableToUseCode):
        use_sign_in_code(code=code, now=NOW)


def test_codes_that_open_nothing_do_not_pile_up(owner: Person, operator: Person) -> None:
    use_sign_in_code(code=create_sign_in_code(person=owner, now=NOW), now=NOW)
    for _tap in range(3):
        code = create_sign_in_code(person=operator, now=NOW)
    use_sign_in_code(code=code, now=NOW)
    assert SignInCode.objects.count() == 2
    create_sign_in_code(person=operator, now=NOW + timedelta(minutes=6))
    assert SignInCode.objects.count() == 1


def test_the_table_does_not_tell_the_code(operator: Person) -> None:
    code = create_sign_in_code(person=operator, now=NOW)
    stored = bytes(SignInCode.objects.get().code_digest)
    assert stored != hashlib.sha256(code.encode()).digest(), "a bare hash of eight digits is found by trying"
    assert code.encode() not in stored


def test_whose_access_is_closed_gets_no_code(owner: Person, operator: Person) -> None:
    switch_off(actor=owner, person=operator, now=NOW)
    with pytest.raises(UnableToMakeCode, match="closed"):
        create_sign_in_code(person=operator, now=NOW)


@given(st.text(max_size=20))
def test_anything_typed_is_a_code_or_nothing(text: str) -> None:
    found = plain_code(text)
    assert found == "" or (len(found) == 8 and found.isascii() and found.isdecimal())


@pytest.mark.parametrize(
    "typed", ["", "1234567", "123456789", "１２３４５６７８", "12a45678", "\ud800", "1234\n5678"]
)
def test_what_is_no_code_opens_nothing(typed: str, operator: Person) -> None:
    create_sign_in_code(person=operator, now=NOW)
    with pytest.raises(UnableToUseCode):
        use_sign_in_code(code=typed, now=NOW)
