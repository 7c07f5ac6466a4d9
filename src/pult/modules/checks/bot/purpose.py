"""The question what a list is for: personal data needs a purpose before anything is asked."""

from django.utils.translation import gettext as _

from pult.core.bots.screens import Button, Screen, Visit, below
from pult.modules.checks.bot import words
from pult.modules.checks.models import Check
from pult.modules.checks.queries.own_checks import last_purposes


def ask_purpose(visit: Visit, check: Check) -> Screen:
    """Typed, or one of the person's own lately."""
    known = last_purposes(visit.person)
    return below(
        words.paragraphs(
            words.heading(check),
            _(
                "What is this list for? Write it in a few words. It stays with the check, since these are numbers "
                "of other people."
            ),
        ),
        *(
            (Button(words.short(purpose, 40), "checks.same", (str(check.pk), str(other))),)
            for other, purpose in known
        ),
        (Button(_("🗑 Remove"), "checks.removing", (str(check.pk),)),),
        expects="checks.purpose",
        notes={"check": check.pk},
    )
