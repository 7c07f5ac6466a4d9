"""What all lists of the panel share: they show rows, and never a secret."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import AdminSite, ShowFacets
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

from pult.core.panel.columns import is_identifier, worded, worded_filter
from pult.core.panel.site import panel
from pult.core.panel.words import COLUMNS

__all__ = ["Looking", "each", "page_link", "panel", "shown_fields"]

NEVER_SHOWN = frozenset({"password", "secret_digest", "code_digest", "session_key", "shown_digest"})
"""Columns that could let somebody in; sealed columns are bytes and are never shown either."""


def shown_fields(model: type[models.Model]) -> list[str]:
    """The columns of a model that may be shown."""
    return [
        field.name
        for field in model._meta.concrete_fields
        if not isinstance(field, models.BinaryField) and field.name not in NEVER_SHOWN
    ]


class Looking(ModelAdmin):  # type: ignore[misc] # unfold has no types
    """A list that shows. What changes rows is an operation behind an action, recorded as everywhere."""

    # However many rows there are: no counting of them all.
    paginator = InfinitePaginator
    show_full_result_count = False
    list_per_page = 50
    show_add_link = False
    list_fullwidth = True
    show_facets = ShowFacets.NEVER
    empty_value_display = "–"
    save_as = False
    actions_on_top = True
    # Action → permission of the registry that it needs.
    acts: ClassVar[dict[str, str]] = {}

    def __init__(self, model: type[models.Model], admin_site: AdminSite) -> None:
        super().__init__(model, admin_site)
        # Made once: Django compares columns with each other while it draws one page.
        self._columns = [worded(model, name) for name in self.list_display]
        self._filters = [worded_filter(one) if isinstance(one, str) else one for one in self.list_filter]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Columns under words that people read."""
        return self._columns

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Likewise."""
        return self._filters

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """And so in the details of a row."""
        return super().get_form(request, obj, change, labels=COLUMNS, **kwargs)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Called after what it lists, not after what is done with it: there is nothing to select or change."""
        title = {"title": capfirst(str(self.opts.verbose_name_plural))}
        answer: HttpResponse = super().changelist_view(request, {**title, **(extra_context or {})})
        return answer

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Likewise."""
        title = {"title": capfirst(str(self.opts.verbose_name)), "subtitle": None}
        answer: HttpResponse = super().changeform_view(
            request, object_id, form_url, {**title, **(extra_context or {})}
        )
        return answer

    def get_urls(self) -> list[URLPattern]:
        """The list and its rows: nothing is added, deleted or asked for its own history here."""
        return [
            pattern
            for pattern in super().get_urls()
            if (pattern.name or "").endswith(("_changelist", "_change"))
        ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The site has asked already."""
        return True

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Likewise."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows are made by operations."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """And changed by them."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """And removed by them."""
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Every column but the secret ones."""
        names = shown_fields(self.model)
        return [worded(self.model, name) if is_identifier(name) else name for name in names]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """All of them."""
        return self.get_fields(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Those that this person may use."""
        return {
            name: action
            for name, action in super().get_actions(request).items()
            if name in self.acts and request.user.is_authenticated and request.user.may(self.acts[name])
        }


def each(
    request: HttpRequest, rows: Iterable[Any], deed: Callable[[Any], object], *, refusals: type[Exception]
) -> None:
    """Do a deed for each row; one that is refused says why and keeps nobody else from it."""
    done = 0
    for row in rows:
        try:
            deed(row)
        except refusals as error:
            messages.error(request, f"{row}: {error}")
        else:
            done += 1
    if done:
        messages.success(request, _("Done: %(count)s") % {"count": done})


def page_link(address: str, words: object) -> SafeString:
    """A link to the page where this is worked on."""
    return format_html('<a href="{}" class="text-primary-600 underline">{}</a>', address, words)
