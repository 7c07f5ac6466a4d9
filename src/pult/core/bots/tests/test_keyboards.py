"""The builders of screens that every room uses: pages with arrows, a question before what cannot be undone."""

import pytest

from pult.core.bots.keyboards import columns, confirm, lines, paged, shortened, way_back
from pult.core.bots.screens import Button, Screen


class Thing:
    """Something in a list."""

    def __init__(self, number: int) -> None:
        self.number = number


def page_of(count: int, page: str) -> Screen:
    return paged(
        [Thing(number) for number in range(count)],  # type: ignore[type-var] # rows of any kind
        page,
        title="Things",
        empty="There are none.",
        button=lambda thing: Button(f"Thing {thing.number}", "things.open", (str(thing.number),)),
        turn=("things.list", "all"),
        last_rows=(way_back(),),
    )


def labels(screen: Screen) -> list[str]:
    return [str(button.text) for row in screen.rows for button in row]


def test_one_page_has_no_arrows_and_an_empty_one_says_so() -> None:
    assert labels(page_of(2, "0")) == ["Thing 0", "Thing 1", "‹ Menu"]
    assert "There are none." in page_of(0, "0").text
    assert labels(page_of(0, "0")) == ["‹ Menu"]


def test_arrows_lead_to_the_pages_that_there_are() -> None:
    first, middle, last = page_of(20, "0"), page_of(20, "1"), page_of(20, "2")
    assert [label for label in labels(first) if label in "◀▶"] == ["▶"]
    assert [label for label in labels(middle) if label in "◀▶"] == ["◀", "▶"]
    assert labels(last)[:4] == ["Thing 16", "Thing 17", "Thing 18", "Thing 19"]
    forward = next(button for row in first.rows for button in row if button.text == "▶")
    assert (forward.action, forward.arguments) == ("things.list", ("all", "1"))
    assert "Page 2 of 3" in middle.text


@pytest.mark.parametrize(
    ("page", "number"), [("99", 3), ("-1", 1), ("x", 1), ("", 1), ("²", 1), ("9" * 50, 1)]
)
def test_a_page_that_there_is_not_is_the_last_or_the_first(page: str, number: int) -> None:
    assert f"Page {number} of 3" in page_of(20, page).text


def test_a_question_offers_the_deed_and_a_way_back() -> None:
    asked = confirm(
        "Stop <it>?",
        yes=Button("Stop", "things.stop", ("1",)),
        back=Button("", "things.open", ("1",)),
        note="What is done stays.",
    )
    assert asked.text == "<b>Stop &lt;it&gt;?</b>\n\nWhat is done stays."
    assert labels(asked) == ["Stop", "‹ No, back"]
    assert asked.rows[1][0].action == "things.open"


def test_small_things() -> None:
    assert [len(row) for row in columns([Button(str(number)) for number in range(5)])] == [2, 2, 1]
    assert lines("a", "", "<b>") == "a\n&lt;b&gt;"
    assert (shortened("abcdef", 4), shortened("abcd", 4)) == ("abc…", "abcd")
