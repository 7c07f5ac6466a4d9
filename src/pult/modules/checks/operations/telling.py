"""Who is told that a check is over: webhooks (counts and links, never a number, a name or what the list is called),
and the chat of the bot in which it began.
"""

from django.conf import settings
from django.db.models import Sum
from django.urls import reverse

from pult.core.webhooks.operations.outbox import write_deliveries
from pult.modules.checks.models import Block, Check
from pult.modules.checks.operations.bot_results import send_final_results


def tell_finished(check: Check) -> None:
    """Write down, in the transaction that ends the check, that it is over."""
    send_final_results(check)
    sums = Block.objects.filter(check_ref=check).aggregate(
        found=Sum("found_count"), not_found=Sum("not_found_count"), unanswered=Sum("unanswered_count")
    )
    facts = {
        "check_id": check.pk,
        "state": Check.State.FINISHED.value,
        "link": settings.PULT_ADDRESS + reverse("checks:check", args=[check.pk]),
        "api": f"{settings.PULT_ADDRESS}/api/v1/checks/{check.pk}",
        "totals": {name: count or 0 for name, count in sums.items()},
        "list": {
            "valid": check.valid_count,
            "rejected": check.rejected_count,
            "repeated": check.repeated_count,
        },
    }
    write_deliveries(event="check.finished", person_id=check.owner_id, facts=facts)
