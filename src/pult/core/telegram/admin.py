"""Accounts in the panel, without their sessions."""

from django.contrib import admin
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from pult.core.panel.looking import Looking, page_link, panel
from pult.core.telegram.models import Account, Budget, KeyPair, SignIn


@admin.register(Account, site=panel)
class AccountPanel(Looking):
    """Connected accounts; the page of an account is where it is steered."""

    list_display = ("label", "owner", "shared", "state", "resting_until", "last_used_at", "own_page")
    list_select_related = ("owner",)
    list_filter = ("state", "shared", "simulated")
    search_fields = ("name", "username", "phone_hint", "owner__name")
    ordering = ("-connected_at",)

    @admin.display(description=_("Page"))
    def own_page(self, account: Account) -> SafeString:
        """Where it is managed."""
        return page_link(reverse("telegram:account", args=[account.pk]), _("Open"))


@admin.register(KeyPair, site=panel)
class KeyPairPanel(Looking):
    """Applications registered with Telegram, without their hashes."""

    list_display = ("title", "api_id", "simulated", "added_by", "created_at")
    list_select_related = ("added_by",)


@admin.register(Budget, site=panel)
class BudgetPanel(Looking):
    """What accounts have learned."""

    list_display = ("account", "request", "call_size", "ceiling", "per_hour", "changed_at")
    list_select_related = ("account",)


@admin.register(SignIn, site=panel)
class SignInPanel(Looking):
    """Accounts being connected; what was typed is never shown."""

    list_display = ("person", "method", "state", "phone_hint", "created_at", "expires_at")
    list_select_related = ("person",)
    list_filter = ("state", "method")
    ordering = ("-created_at",)
