"""Small builders of screens that every room uses: columns, pages, a way back, a question before what cannot be undone.

return paged(checks, page, title=_("Your checks"), line=draw, button=open_button, turn=("checks.list",))
return confirm(_("Stop this check?"), yes=Button(_("Stop"), "checks.stop", (number,)), back=...)
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from pult.core.bots.screens import Button, Rows, Screen, below
from pult.core.registry import Text

Item = TypeVar("Item", bound=Model)

PER_PAGE = 8


def menu_button() -> Button:
    """Leads to the main menu from anywhere."""
    return Button(_("‹ Menu"), "home.menu")


def back_button(action: str, *arguments: str) -> Button:
    """Leads to the screen before."""
    return Button(_("‹ Back"), action, arguments)


def way_back(action: str = "", *arguments: str) -> tuple[Button, ...]:
    """The last row of a screen: back to where it was opened, and the menu."""
    return (back_button(action, *arguments), menu_button()) if action else (menu_button(),)


def columns(buttons: Sequence[Button], count: int = 2) -> Rows:
    """Buttons in rows of `count`."""
    return tuple(tuple(buttons[start : start + count]) for start in range(0, len(buttons), count))


def lines(*texts: Text) -> SafeString:
    """Texts below each other, each made safe; empty ones are left out."""
    return format_html_join("\n", "{}", ((text,) for text in texts if str(text)))


def titled(title: Text, *texts: Text) -> SafeString:
    """A bold title with an empty line below it, then the texts."""
    body = lines(*texts)
    return format_html("<b>{}</b>\n\n{}", title, body) if body else format_html("<b>{}</b>", title)


def confirm(question: Text, *, yes: Button, back: Button, note: Text = "") -> Screen:
    """Asks before something that cannot be undone; `note` says what will happen."""
    return below(titled(question, note), (yes,), (Button(_("‹ No, back"), back.action, back.arguments),))


def paged(
    found: "QuerySet[Item] | Sequence[Item]",
    page: str,
    *,
    title: Text,
    empty: Text,
    button: Callable[[Item], Button],
    line: Callable[[Item], Text] | None = None,
    turn: tuple[str, ...],
    per_page: int = PER_PAGE,
    last_rows: Rows = (),
) -> Screen:
    """A list of which one page is shown, a button for each item, and arrows where there is more.

    `page` counts from "0" and comes from a button, so that anything unreadable is the first one. `turn` is the action
    that shows a page, with the arguments before the page's number. `empty` stands where nothing was found.
    """
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 0
    total = found.count() if isinstance(found, QuerySet) else len(found)
    last = max(0, (total - 1) // per_page)
    number = min(number, last)
    items = list(found[number * per_page : (number + 1) * per_page])
    texts = [empty] if not items else [line(item) for item in items] if line else []
    place = _("Page %(page)s of %(pages)s") % {"page": number + 1, "pages": last + 1} if last else ""
    return Screen(
        titled(title, *texts, *([format_html("\n{}", place)] if place else [])),
        (
            *((button(item),) for item in items),
            *_arrows(turn, number, last),
            *last_rows,
        ),
    )


def _arrows(turn: tuple[str, ...], number: int, last: int) -> Rows:
    action, *arguments = turn
    row = [
        Button(sign, action, (*arguments, str(target)))
        for sign, target in (("◀", number - 1), ("▶", number + 1))
        if 0 <= target <= last
    ]
    return (tuple(row),) if row else ()


def shortened(text: str, longest: int) -> str:
    """A text of at most so many characters, its end cut off visibly."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def code(text: str) -> SafeString:
    """A text that one tap copies."""
    return format_html("<code>{}</code>", text)
