"""Lists: search, filters, sorting and page live in the address, and none of them forgets the others."""

from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory


def drawn(source: str, address: str, **values: object) -> str:
    """The template `source` drawn for a request of `address`."""
    context = Context({"request": RequestFactory().get(address), **values})
    return unescape(Template("{% load ui %}" + source).render(context))


def links(html: str) -> list[dict[str, list[str]]]:
    """The query of each link in `html`."""
    return [parse_qs(urlsplit(piece.split('"', 1)[0]).query) for piece in html.split('href="')[1:]]


def test_pages_keep_search_filter_and_order() -> None:
    page = Paginator(range(1_000), 50).get_page(3)
    found = links(drawn("{% pagination page %}", "/checks/?q=49&verdict=found&sort=-calls&page=3", page=page))
    assert found
    for query in found:
        assert (query["q"], query["verdict"], query["sort"]) == (["49"], ["found"], ["-calls"])
    assert ["4"] in [query["page"] for query in found]


def test_pages_say_where_one_is() -> None:
    html = drawn("{% pagination page %}", "/checks/?page=3", page=Paginator(range(1_234), 50).get_page(3))
    assert "101–150 of 1,234" in html
    assert '<span aria-current="page">3</span>' in html


def test_a_single_page_shows_its_count_and_no_links() -> None:
    html = drawn("{% pagination page %}", "/checks/", page=Paginator(range(7), 50).get_page(1))
    assert "1–7 of 7" in html
    assert not links(html)


@pytest.mark.parametrize(
    ("address", "state", "following"),
    [
        ("/?q=49&page=5", "none", "name"),
        ("/?q=49&page=5&sort=name", "ascending", "-name"),
        ("/?q=49&page=5&sort=-name", "descending", "name"),
        ("/?q=49&page=5&sort=calls", "none", "name"),
    ],
)
def test_a_header_sorts_turns_round_and_leads_to_the_first_page(
    address: str, state: str, following: str
) -> None:
    html = drawn('{% sort_header "name" "Name" %}', address)
    assert f'aria-sort="{state}"' in html
    assert links(html) == [{"q": ["49"], "sort": [following]}]


def test_a_numeric_header_starts_with_the_largest() -> None:
    html = drawn('{% sort_header "calls" "Calls" numeric=True %}', "/")
    assert links(html) == [{"sort": ["-calls"]}]
    assert 'class="number"' in html


def test_the_order_that_nobody_chose_is_shown_too() -> None:
    assert 'aria-sort="descending"' in drawn('{% sort_header "made" "Made" default="-made" %}', "/")


def test_filters_keep_the_search_and_forget_the_page() -> None:
    choices = [("found", "Found", 1_234), ("invalid", "Invalid")]
    html = drawn(
        '{% filter_pills "verdict" choices label="Verdict" %}', "/?q=49&page=9&verdict=found", choices=choices
    )
    assert links(html) == [
        {"q": ["49"]},
        {"q": ["49"], "verdict": ["found"]},
        {"q": ["49"], "verdict": ["invalid"]},
    ]
    assert 'aria-current="true">Found <small>1,234</small>' in html
    assert html.count("aria-current") == 1


def test_the_search_keeps_the_filters_and_forgets_the_page() -> None:
    html = drawn('{% search_form "Search" target="#list" %}', "/checks/?q=%2B49&verdict=found&page=9")
    assert '<input type="hidden" name="verdict" value="found">' in html
    assert 'name="page"' not in html
    assert 'name="q" value="+49"' in html
    assert 'hx-target="#list"' in html
