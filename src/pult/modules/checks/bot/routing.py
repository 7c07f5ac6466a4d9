"""The room into which the functions of this folder enter themselves."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext_lazy as _

from pult.core.bots.screens import BotRoom, Refused, Visit
from pult.modules.checks.models import Check
from pult.modules.checks.operations.keeping import UnableToKeep
from pult.modules.checks.operations.steering import UnableToChangeCheck
from pult.modules.checks.operations.uploads import UnableToAccept
from pult.modules.checks.queries.own_checks import own_checks

room = BotRoom("checks", permission="checks.use")
room.entry(_("📱 Checks"), "list", order=10)
room.command("check", _("Check a list of numbers"), "new")
room.command("checks", _("Your checks"), "list")


def own_check(visit: Visit, check_id: str) -> Check:
    """The person's own check. Raises Refused where it is gone."""
    found = own_checks(visit.person).filter(pk=int(check_id)).first() if check_id.isdecimal() else None
    if found is None:
        raise Refused(_("This check is not there any more."))
    return found


@contextmanager
def as_refusals() -> Iterator[None]:
    """What an operation refuses is what the person reads."""
    try:
        yield
    except (UnableToAccept, UnableToChangeCheck, UnableToKeep) as error:
        raise Refused(error.reason) from error
    except Check.DoesNotExist as error:
        raise Refused(_("This check is not there any more.")) from error
