"""What a button carries: nobody can make one up, use another's, or change what it says."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from pult.core.bots.rules.callbacks import ForeignButton, ForgedButton, UnusableButton, pack, unpack

BOT, OTHER_BOT = UUID(int=7), UUID(int=8)
ANNA, BORIS = 1_000_001, 1_000_002

words = st.text(
    st.characters(codec="ascii", exclude_characters=":\0", categories=["L", "N", "P"]), max_size=8
)


@given(action=words, arguments=st.lists(words | st.uuids().map(str), max_size=2))
def test_a_button_brings_back_what_it_was_given(action: str, arguments: list[str]) -> None:
    try:
        data = pack(action, arguments, bot_id=BOT, user_id=ANNA)
    except ValueError:
        assert len("".join([action, *arguments])) > 40, "short ones fit"
        return
    assert len(data.encode()) <= 64
    assert unpack(data, bot_id=BOT, user_id=ANNA) == (action, tuple(arguments))


def test_a_uuid_takes_22_characters_so_that_it_fits_beside_an_action_and_a_page() -> None:
    check = str(uuid4())
    data = pack("checks.results", (check, "12"), bot_id=BOT, user_id=ANNA)
    assert unpack(data, bot_id=BOT, user_id=ANNA) == ("checks.results", (check, "12"))


def test_somebody_elses_button_is_told_apart_and_does_nothing() -> None:
    stolen = pack("people.approve", ("4",), bot_id=BOT, user_id=ANNA)
    with pytest.raises(ForeignButton):
        unpack(stolen, bot_id=BOT, user_id=BORIS)
    with pytest.raises(ForeignButton):
        unpack(stolen, bot_id=OTHER_BOT, user_id=ANNA)


@given(place=st.integers(0, 63), letter=st.characters(codec="utf-8"))
def test_a_button_with_one_character_changed_is_refused(place: int, letter: str) -> None:
    data = pack("people.approve", ("4", str(UUID(int=3))), bot_id=BOT, user_id=ANNA)
    place %= len(data)
    edited = data[:place] + letter + data[place + 1 :]
    if edited != data:
        with pytest.raises(UnusableButton):
            unpack(edited, bot_id=BOT, user_id=ANNA)


@pytest.mark.parametrize("data", ["", "menu", "AAAAAAAAAAAAAAmenu", "\ud800" * 20, "ы" * 32, "\0" * 64])
def test_a_made_up_button_is_refused(data: str) -> None:
    with pytest.raises(ForgedButton):
        unpack(data, bot_id=BOT, user_id=ANNA)


def test_what_does_not_fit_into_64_bytes_is_a_fault_of_the_programme() -> None:
    with pytest.raises(ValueError, match="64"):
        pack("checks.purpose", ("a long text that should have been remembered",), bot_id=BOT, user_id=ANNA)
    with pytest.raises(ValueError, match="separates"):
        pack("checks.open", ("1:2",), bot_id=BOT, user_id=ANNA)
    with pytest.raises(ValueError, match="UUID"):
        pack("checks.open", ("~" + "A" * 22,), bot_id=BOT, user_id=ANNA)


def test_buttons_outlive_a_change_of_the_secret_key_while_the_former_one_is_named(settings: Settings) -> None:
    former = settings.SECRET_KEY
    data = pack("home.menu", bot_id=BOT, user_id=ANNA)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [former]
    assert unpack(data, bot_id=BOT, user_id=ANNA) == ("home.menu", ())
    with pytest.raises(ForeignButton):
        unpack(data, bot_id=BOT, user_id=BORIS)
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(ForgedButton):
        unpack(data, bot_id=BOT, user_id=ANNA)
