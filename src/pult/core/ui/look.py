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
from django.utils.translation import pgettext, pgettext_lazy

from pult.core.ui.icons import ICONS
from pult.core.ui.look_words import WORDS
from pult.core.ui.tags.elements import TONES

DIRECTIONS = ("ltr", "rtl")
WIDTHS = ("360", "768", "")


class SampleForm(forms.Form):
    """A form with a field of each sort."""

    name = forms.CharField(label=pgettext_lazy("look page", "Name of the check"), max_length=80)
    email = forms.EmailField(
        label=pgettext_lazy("look page", "E-mail"),
        help_text=pgettext_lazy("look page", "We write only when a check ends."),
    )
    phone = forms.CharField(label=pgettext_lazy("look page", "Phone"), required=False)
    country = forms.ChoiceField(
        label=pgettext_lazy("look page", "Country of national numbers"),
        choices=[("DE", "Germany"), ("RU", "Россия"), ("AE", "الإمارات")],
    )
    numbers = forms.CharField(
        label=pgettext_lazy("look page", "Numbers"), widget=forms.Textarea(attrs={"rows": 4}), required=False
    )
    shared = forms.BooleanField(
        label=pgettext_lazy("look page", "Colleagues may use this account"),
        required=False,
        help_text=pgettext_lazy("look page", "They never see its messages."),
    )
    speed = forms.ChoiceField(
        label=pgettext_lazy("look page", "Speed"),
        widget=forms.RadioSelect,
        choices=[
            ("calm", pgettext_lazy("look page", "Calm")),
            ("quick", pgettext_lazy("look page", "Quick")),
        ],
    )
    file = forms.FileField(label=pgettext_lazy("look page", "Drop a file here or choose one"), required=False)


def look(request: HttpRequest) -> HttpResponse:
    """Show the design system; `?dir=rtl`, `?width=360` and `?toast=1` change how."""
    if request.GET.get("toast"):
        messages.success(request, pgettext("look page", "The check has started."))
        messages.error(request, pgettext("look page", "The file could not be read: line 12 has no number."))
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
        ("good", pgettext("look page", "done")),
        ("accent", pgettext("look page", "running")),
        ("warn", pgettext("look page", "waiting")),
        ("bad", pgettext("look page", "failed")),
        ("neutral", pgettext("look page", "queued")),
    ]
    return {
        "words": WORDS,
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
        "bars": [
            {
                "total": 20 + n * 4,
                "done": 0 if n % 9 == 8 else 16 + n * 4,
                "level": 24 + n * 4,
                "marked": n % 9 == 8,
            }
            for n in range(40)
        ],
        "segments": [
            {
                "label": pgettext("look page", "Found"),
                "count": 21_480,
                "tone": "good",
                "url": "?verdict=found",
            },
            {
                "label": pgettext("look page", "Not found"),
                "count": 24_112,
                "tone": "neutral",
                "url": "?verdict=not_found",
            },
            {
                "label": pgettext("look page", "Unanswered"),
                "count": 3_050,
                "tone": "warn",
                "url": "?verdict=unanswered",
            },
            {
                "label": pgettext("look page", "Invalid"),
                "count": 1_358,
                "tone": "bad",
                "url": "?verdict=invalid",
            },
        ],
        "verdicts": [
            ("found", pgettext("look page", "Found"), 21_480),
            ("not_found", pgettext("look page", "Not found"), 24_112),
            ("invalid", pgettext("look page", "Invalid")),
        ],
        "views": [
            {"title": pgettext("look page", "Results"), "url": "?", "active": True, "count": 50_000},
            {"title": pgettext("look page", "Blocks"), "url": "?", "count": 100},
            {"title": pgettext("look page", "Log"), "url": "?"},
        ],
        "blocks": sample_blocks(100, states),
        "many_blocks": sample_blocks(2000, states),
        "entries": sample_log(now),
        "way": [
            {"title": pgettext("look page", "Connect an account"), "text": "", "done": True},
            {
                "title": pgettext("look page", "Upload a list"),
                "text": pgettext("look page", "A file or pasted numbers; sample data is one click away."),
                "url": "?",
                "action": pgettext("look page", "Upload"),
            },
            {
                "title": pgettext("look page", "Read the verdicts"),
                "text": pgettext("look page", "They arrive while you watch."),
            },
        ],
        "people": [
            ("+49 1512 3456789", "good", pgettext("look page", "Found"), "Мария Иванова", 812),
            ("+7 912 345-67-89", "neutral", pgettext("look page", "Not found"), "", 1_204),
            ("+971 50 123 4567", "warn", pgettext("look page", "Unanswered"), "", 33),
        ],
    }


def sample_blocks(count: int, states: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """`count` blocks, the first ones done and the last ones queued."""
    blocks = []
    for number in range(count):
        part = number / count
        place = 0 if part < 0.55 else 1 if part < 0.62 else 2 if part < 0.68 else 3 if part < 0.7 else 4
        tone, label = states[place]
        title = pgettext("look page", "Block %(number)s: %(state)s") % {"number": number + 1, "state": label}
        blocks.append({"tone": tone, "label": label, "title": title, "live": tone == "accent"})
    return blocks


def sample_log(now: Any) -> list[dict[str, Any]]:
    """A few entries of a log, newest first."""
    return [
        {
            "at": now,
            "text": pgettext("look page", "Block 14 is done: 312 found, 188 not found"),
            "tone": "good",
        },
        {
            "at": now - timedelta(seconds=40),
            "text": pgettext("look page", "Account +49 ··· 89 rests until 14:20"),
            "tone": "rest",
            "icon": "rest",
            "detail": pgettext("look page", "Telegram asked to wait 5 minutes (FLOOD_WAIT)."),
        },
        {
            "at": now - timedelta(minutes=3),
            "text": pgettext("look page", "Block 14 started"),
            "tone": "accent",
            "who": "Anna",
        },
        {
            "at": now - timedelta(minutes=4),
            "text": pgettext("look page", "The connection broke; trying again"),
            "tone": "bad",
        },
    ]
