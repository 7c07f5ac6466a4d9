"""Usernames as people write them, and lists of them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pult.modules.checks.formats import Sample, UnreadableFile, UnreadableReason, open_list
from pult.modules.checks.kinds import KINDS
from pult.modules.checks.rules.problems import Problem
from pult.modules.checks.rules.usernames import looks_like_username, parse_usernames

USERNAMES = KINDS["username"]


@pytest.mark.parametrize(
    "text",
    [
        "Ivan_Petrov",
        "@ivan_petrov",
        " @Ivan_Petrov ",
        "«@ivan_petrov»",
        "\u200b@ivan_petrov\ufeff",
        "＠ivan_petrov",
        "t.me/ivan_petrov",
        "http://t.me/ivan_petrov/",
        "https://t.me/Ivan_Petrov?start=abc",
        "https://t.me/ivan_petrov/1234",
        "https://t.me/s/ivan_petrov",
        "https://www.telegram.me/ivan_petrov",
        "telegram.dog/ivan_petrov",
        "https://ivan_petrov.t.me",
        "tg://resolve?domain=ivan_petrov",
        "tg://resolve?start=1&domain=Ivan_Petrov&x=2",
        "tg:resolve?domain=ivan_petrov",
        "t.me/@ivan_petrov",
    ],
)
def test_every_usual_spelling_is_the_same_username(text: str) -> None:
    assert parse_usernames([text]) == ["ivan_petrov"]
    assert looks_like_username(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", Problem.EMPTY),
        ("   ", Problem.EMPTY),
        ("@abc", Problem.TOO_SHORT),
        ("@" + "a" * 33, Problem.TOO_LONG),
        ("1ivan", Problem.NOT_A_USERNAME),
        ("_ivan", Problem.NOT_A_USERNAME),
        ("@иван_петров", Problem.LETTERS),
        ("ivan petrov", Problem.NOT_A_USERNAME),
        ("ivan@example.org", Problem.NOT_A_USERNAME),
        ("+7 912 345-67-89", Problem.PHONE),
        ("79123456789", Problem.PHONE),
        ("https://t.me/+79123456789", Problem.PHONE),
        ("https://t.me/+AbCdEf12345", Problem.INVITATION),
        ("https://t.me/joinchat/AbCdEf", Problem.INVITATION),
        ("https://t.me/addstickers/Cats", Problem.NOT_A_USERNAME),
        ("https://t.me/c/1234567/5", Problem.NOT_A_USERNAME),
        ("https://t.me/", Problem.NOT_A_USERNAME),
        ("https://example.org/ivan_petrov", Problem.NOT_A_USERNAME),
        ("@anna_k, @boris_m", Problem.SEVERAL_NUMBERS),
        ("31.01.2026", Problem.DATE),
        ("a" * 5000, Problem.NOT_A_USERNAME),
    ],
)
def test_every_refusal_has_its_reason(text: str, problem: Problem) -> None:
    assert parse_usernames([text]) == [problem]
    assert USERNAMES.problem_text(problem)


@given(st.text(max_size=60))
def test_any_text_is_a_username_or_a_problem(text: str) -> None:
    (result,) = parse_usernames([text])
    assert isinstance(result, Problem) or (4 <= len(result) <= 32 and result == result.lower())


@given(st.from_regex(r"[A-Za-z][A-Za-z0-9_]{3,31}", fullmatch=True))
def test_what_telegram_allows_is_taken_in_every_spelling(name: str) -> None:
    spellings = [name, f"@{name}", f"https://t.me/s/{name}", f"tg://resolve?domain={name}"]
    assert set(parse_usernames(spellings)) == {name.lower()}


def sample(folder: Path, text: str) -> Sample:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return open_list(path, filename="list.csv", looks=USERNAMES).sample()


def texts(folder: Path, text: str) -> list[str]:
    path = folder / "list.txt"
    path.write_text(text, encoding="utf-8")
    opened = open_list(path, filename="list.txt", looks=USERNAMES)
    return [cell.text for cells in opened.cells(0) for cell in cells]


def test_the_column_of_usernames_is_suggested(tmp_path: Path) -> None:
    found = sample(
        tmp_path,
        "Имя;Город;Телеграм;Телефон\nАнна;Omsk;@anna_k;+79123456789\nБорис;Moscow;https://t.me/boris_m;\n",
    )
    assert found.header
    assert found.suggested == 2
    assert [column.title for column in found.columns] == ["Имя", "Город", "Телеграм", "Телефон"]


def test_a_heading_is_known_by_its_word_or_by_what_stands_below(tmp_path: Path) -> None:
    assert texts(tmp_path, "username\nanna_k\nboris_m\n") == ["anna_k", "boris_m"]
    assert texts(tmp_path, "people we like\n@anna_k\n@boris_m\n") == ["@anna_k", "@boris_m"]
    assert texts(tmp_path, "anna_k\nboris_m\n") == ["anna_k", "boris_m"]
    assert texts(tmp_path, "user_one\nnickolas\n") == ["user_one", "nickolas"], "names, not headings"


def test_several_on_a_line_are_taken_apart(tmp_path: Path) -> None:
    assert texts(tmp_path, "@anna_k @boris_m\nt.me/carl_n\n") == ["@anna_k", "@boris_m", "t.me/carl_n"]
    assert texts(tmp_path, "anna_k, boris_m, carl_n\n") == ["anna_k", "boris_m", "carl_n"]
    assert texts(tmp_path, "hello dear people\n@anna_k\n@boris_m") == ["@anna_k", "@boris_m"]


def test_a_list_of_phone_numbers_is_no_list_of_usernames(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        sample(tmp_path, "+79123456789\n+79123456780\n")
    assert refusal.value.reason == UnreadableReason.NO_NUMBERS
