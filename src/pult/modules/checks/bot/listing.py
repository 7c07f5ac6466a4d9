"""The person's own checks, some on a page."""

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pult.core.bots.screens import Answer, Button, Visit, below
from pult.core.ui.numbers import grouped
from pult.modules.checks.bot import words
from pult.modules.checks.bot.drawing import draw
from pult.modules.checks.bot.routing import own_check, room
from pult.modules.checks.models import Check
from pult.modules.checks.queries.own_checks import checks_listed

CHECKS_ON_A_PAGE = 6


@room.action("list")
def list_checks(visit: Visit, page: str = "0") -> Answer:
    """All checks, the newest first."""
    wanted = max(0, int(page)) if page.isdecimal() and len(page) < 6 else 0
    checks = checks_listed(visit.person)
    count = checks.count()
    wanted = min(wanted, max(0, count - 1) // CHECKS_ON_A_PAGE)
    start = wanted * CHECKS_ON_A_PAGE
    shown = list(checks[start : start + CHECKS_ON_A_PAGE])
    if not shown:
        text = _(
            "Here you find out which phone numbers of a list have a Telegram account. Send the list, look at what was "
            "understood, start, and get a file back."
        )
    else:
        text = ngettext("You have %(count)s check.", "You have %(count)s checks.", count) % {
            "count": grouped(count)
        }
    return below(
        words.paragraphs(format_html("<b>{}</b>", _("📱 Checks")), text),
        (Button(_("➕ New check"), "checks.new"),),
        *((_line(check),) for check in shown),
        _pages(wanted, count),
        (Button(_("‹ Menu"), "home.menu"),),
    )


@room.action("open")
def open_check(visit: Visit, check_id: str) -> Answer:
    """One check as it stands."""
    return draw(visit, own_check(visit, check_id))


def _line(check: Check) -> Button:
    sign = words.SIGNS[Check.State(check.state)]
    return Button(
        f"{sign} {words.short(check.name, 32)} · {grouped(check.valid_count)}",
        "checks.open",
        (str(check.pk),),
    )


def _pages(page: int, count: int) -> tuple[Button, ...]:
    last = max(0, count - 1) // CHECKS_ON_A_PAGE
    if not last:
        return ()
    here = Button(f"{page + 1} / {last + 1}", "checks.list", (str(page),))
    before = (Button("‹", "checks.list", (str(page - 1),)),) if page else ()
    after = (Button("›", "checks.list", (str(page + 1),)),) if page < last else ()
    return (*before, here, *after)
