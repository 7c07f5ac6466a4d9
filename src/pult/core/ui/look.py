"""The page that shows every component in all its states (development only)."""

from datetime import timedelta
from math import sin
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pult.core.ui.icons import ICONS
from pult.core.ui.tags.elements import TONES

DIRECTIONS = ("ltr", "rtl")
WIDTHS = ("360", "768", "")


class SampleForm(forms.Form):
    """A form with a field of each sort."""

    name = forms.CharField(label=gettext_lazy("Name of the check"), max_length=80)
    email = forms.EmailField(
        label=gettext_lazy("E-mail"), help_text=gettext_lazy("We write only when a check ends.")
    )
    phone = forms.CharField(label=gettext_lazy("Phone"), required=False)
    country = forms.ChoiceField(
        label=gettext_lazy("Country of national numbers"),
        choices=[("DE", "Germany"), ("RU", "Россия"), ("AE", "الإمارات")],
    )
    numbers = forms.CharField(
        label=gettext_lazy("Numbers"), widget=forms.Textarea(attrs={"rows": 4}), required=False
    )
    shared = forms.BooleanField(
        label=gettext_lazy("Colleagues may use this account"),
        required=False,
        help_text=gettext_lazy("They never see its messages."),
    )
    speed = forms.ChoiceField(
        label=gettext_lazy("Speed"),
        widget=forms.RadioSelect,
        choices=[("calm", gettext_lazy("Calm")), ("quick", gettext_lazy("Quick"))],
    )
    file = forms.FileField(label=gettext_lazy("Drop a file here or choose one"), required=False)


def look(request: HttpRequest) -> HttpResponse:
    """Show the design system; `?dir=rtl`, `?width=360` and `?toast=1` change how."""
    if request.GET.get("toast"):
        messages.success(request, _("The check has started."))
        messages.error(request, _("The file could not be read: line 12 has no number."))
    direction = request.GET.get("dir", "")
    width = request.GET.get("width", "")
    return render(
        request,
        "ui/look/look.html",
        {
            **samples(),
            "direction": direction if direction in DIRECTIONS else "",
            "width": width if width in WIDTHS else "",
            "page": Paginator(range(1, 123_457), 50).get_page(request.GET.get("page", "1")),
        },
    )


def samples() -> dict[str, Any]:
    """Made-up contents for the components."""
    now = timezone.now()
    wrong = SampleForm({"email": "anna@", "country": "DE", "name": ""}, auto_id="wrong_%s")
    states = [
        ("good", _("done")),
        ("accent", _("running")),
        ("warn", _("waiting")),
        ("bad", _("failed")),
        ("neutral", _("queued")),
    ]
    return {
        "icons": sorted(ICONS),
        "tones": TONES,
        "form": SampleForm(initial={"name": "Autumn list", "speed": "calm"}),
        "wrong": wrong,
        "inside": SampleForm(auto_id="inside_%s"),
        "hour_ago": now - timedelta(minutes=64),
        "soon": now + timedelta(minutes=2, seconds=5),
        "long_ago": now - timedelta(days=40),
        "series": [round(40 + 25 * sin(n / 3) + n) for n in range(40)],
        "falling": [60 - n + 6 * (n % 3) for n in range(30)],
        "segments": [
            {"label": _("Found"), "count": 21_480, "tone": "good", "url": "?verdict=found"},
            {"label": _("Not found"), "count": 24_112, "tone": "neutral", "url": "?verdict=not_found"},
            {"label": _("Unanswered"), "count": 3_050, "tone": "warn", "url": "?verdict=unanswered"},
            {"label": _("Invalid"), "count": 1_358, "tone": "bad", "url": "?verdict=invalid"},
        ],
        "verdicts": [
            ("found", _("Found"), 21_480),
            ("not_found", _("Not found"), 24_112),
            ("invalid", _("Invalid")),
        ],
        "views": [
            {"title": _("Results"), "url": "?", "active": True, "count": 50_000},
            {"title": _("Blocks"), "url": "?", "count": 100},
            {"title": _("Log"), "url": "?"},
        ],
        "blocks": sample_blocks(100, states),
        "many_blocks": sample_blocks(2000, states),
        "entries": sample_log(now),
        "way": [
            {"title": _("Connect an account"), "text": "", "done": True},
            {
                "title": _("Upload a list"),
                "text": _("A file or pasted numbers; sample data is one click away."),
                "url": "?",
                "action": _("Upload"),
            },
            {"title": _("Read the verdicts"), "text": _("They arrive while you watch.")},
        ],
        "people": [
            ("+49 1512 3456789", "good", _("Found"), "Мария Иванова", 812),
            ("+7 912 345-67-89", "neutral", _("Not found"), "", 1_204),
            ("+971 50 123 4567", "warn", _("Unanswered"), "", 33),
        ],
    }


def sample_blocks(count: int, states: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """`count` blocks, the first ones done and the last ones queued."""
    blocks = []
    for number in range(count):
        part = number / count
        place = 0 if part < 0.55 else 1 if part < 0.62 else 2 if part < 0.68 else 3 if part < 0.7 else 4
        tone, label = states[place]
        title = _("Block %(number)s: %(state)s") % {"number": number + 1, "state": label}
        blocks.append({"tone": tone, "label": label, "title": title, "live": tone == "accent"})
    return blocks


def sample_log(now: Any) -> list[dict[str, Any]]:
    """A few entries of a log, newest first."""
    return [
        {"at": now, "text": _("Block 14 is done: 312 found, 188 not found"), "tone": "good"},
        {
            "at": now - timedelta(seconds=40),
            "text": _("Account +49 ··· 89 rests until 14:20"),
            "tone": "rest",
            "icon": "rest",
            "detail": _("Telegram asked to wait 5 minutes (FLOOD_WAIT)."),
        },
        {"at": now - timedelta(minutes=3), "text": _("Block 14 started"), "tone": "accent", "who": "Anna"},
        {"at": now - timedelta(minutes=4), "text": _("The connection broke; trying again"), "tone": "bad"},
    ]
