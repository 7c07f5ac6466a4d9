"""What stands beside every page of the panel: its lists in groups, the way back to Pult, Pult's mark and colours."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

ICONS = {
    "people.person": "person",
    "people.telegramidentity": "send",
    "people.application": "how_to_reg",
    "people.permissionchoice": "rule",
    "people.entrylink": "link",
    "people.browsersession": "devices",
    "people.secondfactordemand": "security",
    "bots.bot": "smart_toy",
    "bots.update": "move_to_inbox",
    "bots.outgoing": "outbox",
    "bots.chat": "chat",
    "bots.conversation": "forum",
    "bots.livescreen": "live_tv",
    "telegram.account": "account_circle",
    "telegram.keypair": "key",
    "telegram.budget": "speed",
    "telegram.signin": "login",
    "procrastinate.procrastinatejob": "list_alt",
    "watch.jobfailure": "error",
    "watch.runningprocess": "memory",
    "audit.auditentry": "history",
}
GROUP_OF = {"procrastinate": "queue", "watch": "queue", "audit": "trail"}


def groups(request: HttpRequest) -> list[dict[str, Any]]:
    """The lists as unfold's sidebar wants them; the page that one is on is marked."""
    from pult.core.panel.site import panel

    titles = {
        "people": _("People"),
        "bots": _("Bots"),
        "telegram": _("Accounts"),
        "queue": _("Queue"),
        "trail": _("Trail"),
    }
    items: dict[str, list[dict[str, Any]]] = {name: [] for name in titles}
    for model in panel._registry:
        options = model._meta
        link = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
        # A room that nobody has grouped here stands under its own name.
        name = GROUP_OF.get(options.app_label, options.app_label)
        titles.setdefault(name, str(options.app_config.verbose_name))
        items.setdefault(name, []).append(
            {
                "title": capfirst(str(options.verbose_name_plural)),
                "icon": ICONS.get(options.label_lower, "table_rows"),
                "link": link,
                "active": request.path.startswith(link),
            }
        )
    back = {"title": _("Back to Pult"), "icon": "arrow_back", "link": "/", "active": False}
    return [
        {"items": [back]},
        *({"title": titles[name], "separator": True, "items": rows} for name, rows in items.items() if rows),
    ]


def mark(request: HttpRequest) -> str:
    """Pult's mark."""
    return static("ui/img/mark.svg")


def style(request: HttpRequest) -> str:
    """What differs from unfold's looks."""
    return static("panel/panel.css")


def script(request: HttpRequest) -> str:
    """The theme of all other pages holds here, too."""
    return static("panel/theme.js")
