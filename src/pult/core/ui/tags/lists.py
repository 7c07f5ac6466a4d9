"""Lists whose search, filters, sorting and page live in the address."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import QueryDict
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from pult.core.ui.attributes import html_attributes
from pult.core.ui.icons import icon_svg
from pult.core.ui.numbers import grouped
from pult.core.ui.tags import register
from pult.core.ui.tags.pictures import part


def address(context: Context, **changes: object) -> str:
    """The present query string with `changes`; a value of None or "" takes the parameter out."""
    query: QueryDict = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.inclusion_tag("ui/pagination.html", takes_context=True)
def pagination(context: Context, page: Any, *, name: str = "page") -> dict[str, object]:
    """`{% pagination page %}` for a page of Django's Paginator; every other parameter of the address is kept."""
    paginator = page.paginator
    links = [
        {"number": number, "url": address(context, **{name: number}) if isinstance(number, int) else ""}
        for number in paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    ]
    return {
        "page": page,
        "links": links if paginator.num_pages > 1 else [],
        "previous": address(context, **{name: page.number - 1}) if page.has_previous() else "",
        "next": address(context, **{name: page.number + 1}) if page.has_next() else "",
        "words": _("%(first)s–%(last)s of %(total)s")
        % {
            "first": grouped(page.start_index()),
            "last": grouped(page.end_index()),
            "total": grouped(paginator.count),
        },
    }


@register.simple_tag(takes_context=True)
def sort_header(
    context: Context, key: str, label: str, *, default: str = "", numeric: bool = False, name: str = "sort"
) -> SafeString:
    """`{% sort_header "created" _("Started") default="-created" %}`: a <th> that sorts by `?sort=created`.

    A numeric column is aligned to the end and starts with the largest. Sorting leads back to the first page.
    """
    chosen = context["request"].GET.get(name) or default
    if chosen.removeprefix("-") == key:
        descending = chosen.startswith("-")
        state, picture = ("descending", "arrow-down") if descending else ("ascending", "arrow-up")
        following = key if descending else f"-{key}"
    else:
        state, picture, following = "none", "sort", f"-{key}" if numeric else key
    return format_html(
        '<th scope="col" aria-sort="{}"{}><a class="sort" href="{}">{}{}</a></th>',
        state,
        html_attributes({"class": "number" if numeric else None}),
        address(context, **{name: following, "page": None}),
        label,
        icon_svg(picture),
    )


@register.simple_tag(takes_context=True)
def filter_pills(
    context: Context, name: str, choices: Iterable[Sequence[Any]], *, label: str, everything: str = ""
) -> SafeString:
    """`{% filter_pills "verdict" choices label=_("Verdict") %}`; choices: (value, label) or (value, label, count)."""
    chosen = context["request"].GET.get(name, "")
    rows: list[Sequence[Any]] = [("", everything or _("All")), *choices]
    pills = format_html_join(
        "",
        '<a class="pill" href="{}"{}>{}{}</a>',
        (
            (
                address(context, **{name: row[0], "page": None}),
                html_attributes({"aria-current": "true" if str(row[0]) == chosen else None}),
                row[1],
                format_html(" <small>{}</small>", grouped(row[2])) if len(row) > 2 else "",
            )
            for row in rows
        ),
    )
    return format_html('<nav class="pills" aria-label="{}">{}</nav>', label, pills)


@register.simple_tag
def tabs(items: Iterable[Any], label: str) -> SafeString:
    """`{% tabs items _("Views of this check") %}`; an item has title, url, active and perhaps count."""
    links = format_html_join(
        "",
        '<a href="{}"{}>{}{}</a>',
        (
            (
                part(item, "url"),
                html_attributes({"aria-current": "page" if part(item, "active", default=False) else None}),
                part(item, "title"),
                format_html('<span class="count">{}</span>', grouped(count))
                if (count := part(item, "count", default=None)) is not None
                else "",
            )
            for item in items
        ),
    )
    return format_html('<nav class="tabs" aria-label="{}">{}</nav>', label, links)


@register.inclusion_tag("ui/search.html", takes_context=True)
def search_form(
    context: Context, placeholder: str, *, name: str = "q", target: str = ""
) -> dict[str, object]:
    """`{% search_form _("Search numbers") target="#results" %}`: keeps the other parameters of the address.

    With `target` (a selector that the whole page contains too) results appear while typing.
    """
    query: QueryDict = context["request"].GET
    kept = [
        (key, value)
        for key, values in query.lists()
        if key not in (name, "page")
        for value in values
    ]  # fmt: skip
    return {
        "placeholder": placeholder,
        "name": name,
        "value": query.get(name, ""),
        "kept": kept,
        "target": target,
        "path": context["request"].path,
    }


@register.inclusion_tag("ui/log.html")
def log_list(entries: Iterable[Any]) -> dict[str, object]:
    """`{% log_list entries %}`: an entry has `at`, `text`, and perhaps `tone`, `icon`, `detail`, `who`."""
    return {"entries": entries}


@register.inclusion_tag("ui/steps.html")
def steps(items: Iterable[Any]) -> dict[str, object]:
    """`{% steps items %}`: the way to the first result. An item has `title`, `text`, `done`, `url`, `action`.

    The first one that is not done is the current one and shows its button.
    """
    rows = []
    current_found = False
    for item in items:
        done = bool(part(item, "done", default=False))
        state = "done" if done else "todo" if current_found else "current"
        current_found = current_found or not done
        rows.append(
            {name: part(item, name) for name in ("title", "text", "url", "action")} | {"state": state}
        )
    return {"rows": rows}
