"""The page of one account: its state and what happens next, what it has learned, and the most it may ask at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from pult.core.people.access import PersonRequest, needs
from pult.core.telegram.models import Account, Budget, Lesson
from pult.core.telegram.operations.accounts import UnableToChangeAccount
from pult.core.telegram.operations.budgets import UnableToSetMost, set_most_at_once, topic_of
from pult.core.telegram.queries import accounts_managed_by, budgets_of, latest_lessons
from pult.core.telegram.web.forms import MostAtOnceForm
from pult.core.ui.numbers import exactly, grouped, in_words

LESSONS_SHOWN = 60
# Each kind of request has a limit of its own; one of a kind of check that somebody added is called by its name.
REQUESTS = {"phones": gettext_lazy("Phone numbers"), "usernames": gettext_lazy("Usernames")}


@dataclass(frozen=True, slots=True)
class Learned:
    """What an account has learned about one kind of request, as the page shows it; lessons newest first."""

    title: str
    budget: Budget
    lessons: list[Lesson]
    at_once: int

    @property
    def per_hour(self) -> int | None:
        """Whole numbers an hour; None while unknown."""
        return round(self.budget.per_hour) if self.budget.per_hour else None

    @property
    def first_at(self) -> datetime:
        """When the chart begins."""
        return self.lessons[-1].at

    @property
    def last_at(self) -> datetime:
        """When the chart ends."""
        return self.lessons[0].at

    @property
    def bars(self) -> list[dict[str, Any]]:
        """The chart, oldest first."""
        return [_bar(lesson) for lesson in reversed(self.lessons)]

    @property
    def said(self) -> str:
        """The chart in words."""
        waits = sum(lesson.cause == Lesson.Cause.WAIT for lesson in self.lessons)
        words = _("The latest %(calls)s: %(answered)s of %(asked)s numbers were answered, %(waits)s.")
        return words % {
            "calls": ngettext("%(count)s request", "%(count)s requests", len(self.lessons))
            % {"count": grouped(len(self.lessons))},
            "answered": grouped(sum(lesson.answered for lesson in self.lessons)),
            "asked": grouped(sum(lesson.asked for lesson in self.lessons)),
            "waits": ngettext("%(count)s wait was asked for", "%(count)s waits were asked for", waits)
            % {"count": grouped(waits)},
        }


@require_http_methods(["GET", "POST"])
@needs("telegram.accounts")
def account(request: PersonRequest, account_id: UUID) -> HttpResponse:
    """/accounts/<uuid>/: GET shows it; POST most=200 keeps how many numbers it may ask about at once."""
    found = get_object_or_404(accounts_managed_by(request.user), pk=account_id)
    form = MostAtOnceForm(request.POST or None, initial={"most": found.numbers_per_call})
    if request.method == "POST" and form.is_valid():
        try:
            found = set_most_at_once(
                account_id=account_id, most=form.cleaned_data["most"], actor=request.user, now=timezone.now()
            )
        except UnableToSetMost as refusal:
            form.add_error("most", str(refusal))
        except UnableToChangeAccount as refusal:
            messages.error(request, str(refusal))
            return redirect("telegram:accounts")
        else:
            words = ngettext(
                "%(account)s asks about at most %(count)s number at once now.",
                "%(account)s asks about at most %(count)s numbers at once now.",
                found.numbers_per_call,
            )
            count = grouped(found.numbers_per_call)
            messages.success(request, words % {"account": found.label, "count": count})
            return redirect("telegram:account", account_id)
    learned = [_learned(found, budget) for budget in budgets_of(found)]
    topics = [f"account:{found.pk}", topic_of(found.pk)]
    context = {
        "account": found,
        "learned": learned,
        "form": form,
        "may_change": True,
        "live_address": "/live/?" + "&".join(f"topic={topic}" for topic in topics),
        "live_events": ", ".join(f"sse:{topic.replace(':', '-')} throttle:1s" for topic in topics),
        "parts": ",".join(_live_parts(learned)),
        "now": timezone.now(),
    }
    return render(request, "telegram/account.html", context, status=422 if form.errors else 200)


def _live_parts(learned: list[Learned]) -> list[str]:
    """What is fetched again when something changes: an opened table stays open, what is typed stays typed."""
    requests = [entry.budget.request for entry in learned]
    return [
        "#account-state",
        *(f"#{part}-{request}" for request in requests for part in ("figures", "calls")),
    ]


def _learned(account: Account, budget: Budget) -> Learned:
    lessons = list(latest_lessons(account, budget.request, most=LESSONS_SHOWN))
    at_once = min(account.numbers_per_call, budget.call_size)
    title = str(REQUESTS.get(budget.request, budget.request))
    return Learned(title, budget, lessons, at_once)


def _bar(lesson: Lesson) -> dict[str, Any]:
    words = _("%(at)s: %(answered)s of %(asked)s answered") % {
        "at": exactly(lesson.at),
        "answered": grouped(lesson.answered),
        "asked": grouped(lesson.asked),
    }
    waited = lesson.cause == Lesson.Cause.WAIT
    if waited and lesson.wait_seconds:
        words = _("%(call)s; Telegram asked for a wait of %(length)s") % {
            "call": words,
            "length": in_words(lesson.wait_seconds),
        }
    return {
        "total": lesson.asked,
        "done": lesson.answered,
        "level": lesson.call_size,
        "marked": waited,
        "title": words,
    }
