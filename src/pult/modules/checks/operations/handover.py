"""What becomes of checks when two records of one person become one."""

from django.db import connection, transaction

from pult.core.live import publish
from pult.modules.checks.models import Allowance, Canary, Check, Hold

# What both asked on a day was asked by one person; the later of the two turns is the person's.
ADD_USAGE_UP = """
INSERT INTO checks_usage (person_id, day, asked, last_turn_at)
SELECT %(kept)s, day, asked, last_turn_at FROM checks_usage WHERE person_id = %(merged)s ORDER BY day
ON CONFLICT (person_id, day) DO UPDATE SET
    asked = checks_usage.asked + excluded.asked,
    last_turn_at = greatest(checks_usage.last_turn_at, excluded.last_turn_at)
"""
FORGET_USAGE = "DELETE FROM checks_usage WHERE person_id = %(merged)s"


@transaction.atomic
def hand_over_checks(*, merged_id: int, kept_id: int) -> int:
    """Give every check with its turns to the kept person; returns how many.

    An allowance or a hold of the kept person stays as it is; where they have none, that of the other comes along, so
    that merging opens nothing that was held back.
    """
    count = Check.objects.filter(owner_id=merged_id).update(owner_id=kept_id)
    people = {"merged": merged_id, "kept": kept_id}
    with connection.cursor() as cursor:
        cursor.execute(ADD_USAGE_UP, people)
        cursor.execute(FORGET_USAGE, people)
    for model in (Allowance, Hold):
        if model._default_manager.filter(person_id=kept_id).exists():
            model._default_manager.filter(person_id=merged_id).delete()
        else:
            model._default_manager.filter(person_id=merged_id).update(person_id=kept_id)
    Hold.objects.filter(laid_by_id=merged_id).update(laid_by_id=kept_id)
    Canary.objects.filter(added_by_id=merged_id).update(added_by_id=kept_id)
    publish(f"person:{kept_id}")
    return count
