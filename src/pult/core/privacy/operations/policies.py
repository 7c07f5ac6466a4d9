"""The policy of the installation: for how long personal data is kept."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pult.core.audit.operations import record
from pult.core.people.models import Person
from pult.core.privacy.models import RetentionPolicy
from pult.core.privacy.queries import policy
from pult.core.privacy.values import LONGEST_DAYS


class UnableToChangePolicy(Exception):
    """The policy does not fit together; `field` names what to correct."""

    def __init__(self, reason: "str | Promise", *, field: str) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.field = field


@transaction.atomic
def change_policy(
    *, actor: Person, default_days: int, most_days: int, may_stay: bool, now: datetime
) -> RetentionPolicy:
    """Set for how many days new data is kept unless chosen otherwise, and at most. Raises UnableToChangePolicy.

    What is stored already keeps the end that its owner was shown.
    """
    if not 1 <= most_days <= LONGEST_DAYS:
        raise UnableToChangePolicy(_("Between 1 and 3650 days."), field="most_days")
    if not 1 <= default_days <= most_days:
        raise UnableToChangePolicy(_("At least 1, and not more than the longest time."), field="default_days")
    with connection.cursor() as cursor:
        # There may be no row yet that could be locked.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('pult.retention_policy'))")
    changed = policy()
    changed.default_days, changed.most_days, changed.may_stay = default_days, most_days, may_stay
    changed.changed_at, changed.changed_by = now, actor
    changed.save()
    record(
        action="privacy.policy_changed",
        actor=actor,
        now=now,
        default_days=default_days,
        most_days=most_days,
        may_stay=may_stay,
    )
    return changed
