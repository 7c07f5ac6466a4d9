"""Reading updates without trust."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pult.core.bots.rules.incoming import read, shown_name, storable, update_id_of
from pult.core.bots.tests import scene

LONE = "\ud800"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
names = st.sampled_from(
    [
        "update_id",
        "message",
        "callback_query",
        "my_chat_member",
        "chat",
        "from",
        "text",
        "id",
        "photo",
        "data",
    ]
)
lookalikes = st.recursive(
    json_values,
    lambda inner: st.dictionaries(names, inner, max_size=6),
    max_leaves=12,
)


@given(lookalikes)
def test_whatever_comes_is_read_without_an_error(update: Any) -> None:
    incoming = read(update)
    assert -(2**63) <= incoming.chat_id < 2**63
    assert len(incoming.kind) <= 40


@given(lookalikes)
def test_what_is_kept_of_an_update_is_json_that_postgresql_takes(update: Any) -> None:
    text = storable(update)
    text.encode()
    assert "\0" not in json.dumps(json.loads(text), ensure_ascii=False)
    assert "NaN" not in json.dumps(json.loads(text)) or "NaN" in json.dumps(update)


def test_an_update_that_needs_no_mending_is_kept_as_it_is() -> None:
    update = scene.message(5, "Привет 👋 \\u0000 as letters")
    assert json.loads(storable(update)) == update


def test_nul_and_lone_surrogates_become_the_replacement_character() -> None:
    update = scene.message(5, f"a\0b{LONE}c😀")
    assert json.loads(storable(update))["message"]["text"] == "a\ufffdb\ufffdc😀"


def test_numbers_that_are_none_become_nothing() -> None:
    assert (
        json.loads(storable({"update_id": 1, "message": {"date": float("nan")}}))["message"]["date"] is None
    )


def test_what_is_nested_beyond_measure_is_no_update() -> None:
    deep: Any = {}
    for _ in range(100_000):
        deep = {"a": deep}
    with pytest.raises(ValueError, match="nested"):
        storable(deep)


def test_an_update_without_chat_or_of_an_unknown_kind_is_read_as_such() -> None:
    assert read({"update_id": 5, "shipping_query": {"from": {"id": 9}}}).chat_id == 0
    assert read({"update_id": 5, "from_the_future": 7}).kind == "from_the_future"
    assert read({"update_id": 5}).kind == ""


@pytest.mark.parametrize("number", [None, "7", 7.5, True, 2**63, -(2**63) - 1, [7]])
def test_an_id_that_is_no_number_of_telegram_is_none(number: Any) -> None:
    assert update_id_of({"update_id": number}) is None


@pytest.mark.parametrize(
    ("text", "command", "payload"),
    [
        ("/start", "start", ""),
        ("/start abc-def", "start", "abc-def"),
        ("/Menu@some_bot now", "menu", "now"),
        ("/", "", ""),
        ("/@bot", "", ""),
        ("hello /start", "", ""),
        ("/list\nof lines", "list", "of lines"),
    ],
)
def test_commands_are_read_with_what_stands_behind_them(text: str, command: str, payload: str) -> None:
    incoming = read(scene.message(5, text))
    assert (incoming.command, incoming.payload) == (command, payload)


def test_a_caption_is_no_command() -> None:
    incoming = read(scene.message(5, caption="/start", document={"file_id": "f", "file_name": "a.csv"}))
    assert (incoming.command, incoming.text) == ("", "/start")
    assert incoming.file is not None
    assert (incoming.file.name, incoming.file.caption) == ("a.csv", "/start")


def test_of_a_photo_the_largest_size_is_taken() -> None:
    sizes = [{"file_id": "small", "file_size": 10}, {"file_id": "large", "file_size": 90}]
    incoming = read(scene.message(5, photo=sizes))
    assert incoming.file is not None
    assert (incoming.file.file_id, incoming.file.size) == ("large", 90)


def test_only_ones_own_contact_counts() -> None:
    own = read(scene.message(5, contact={"phone_number": "+7911", "user_id": 5}))
    other = read(scene.message(5, contact={"phone_number": "+7922", "user_id": 6}))
    assert (own.contact, other.contact) == ("+7911", "")


def test_names_cannot_turn_a_sentence_round_or_break_a_line() -> None:
    assert shown_name("An\u202ena\u2066\n\tPetrova\0") == "An na Petrova"
    assert shown_name("👩‍🚀 Анна") == "👩‍🚀 Анна"
    assert len(shown_name("x" * 500)) == 130


def test_a_message_that_is_too_old_or_has_no_text_cannot_be_edited() -> None:
    def tapped(**message: Any) -> bool:
        above = {"message_id": 1, "chat": {"id": 5, "type": "private"}, **message}
        return read(
            {"update_id": 1, "callback_query": {"id": "q", "from": {"id": 5}, "message": above}}
        ).editable

    assert tapped(date=100, text="A screen")
    assert not tapped(date=0)
    assert not tapped(date=100, document={"file_id": "f"})
