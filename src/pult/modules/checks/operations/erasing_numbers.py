"""Erasing one phone number from every check of everybody, at the request of the person whose number it is.

The row goes with its finding; the block and the check count one number less, so that all totals stay true. Each row
is one transaction: an erasure that is cut short is simply repeated.
"""

from collections import Counter

from django.db import connection, transaction
from django.db.models import F

from pult.core.registry import Erased, Progress, Subject
from pult.modules.checks.models import Block, Call, Canary, Check, Finding, LogEntry, Number, RejectedLine
from pult.modules.checks.operations.blocks import finish_if_over, lock_check, settle_block
from pult.modules.checks.operations.dispatch import send_to_erasing
from pult.modules.checks.operations.journal import note
from pult.modules.checks.queries.personal_data import calls_to_forget, lines_with, numbers_with

TIDIED_LATER = [Call.State.ANSWERED, Call.State.LOST]

FORGET_ASKED = """
UPDATE checks_call SET asked_phones = coalesce((
    SELECT jsonb_agg(asked) FROM jsonb_array_elements(asked_phones) asked WHERE asked <> to_jsonb(%(phone)s::bigint)
), '[]') WHERE id = ANY(%(calls)s)
"""


def erase_number(subject: Subject, progress: Progress, force: bool) -> Erased:
    """Erase a number or username from checks, rejected lines and canaries. For the room of privacy, in the worker.

    With a username goes every row whose found person has it. A number in a call under way, or one that an
    account still has to forget, waits; with `force` only for the call.
    """
    counts: Counter[str] = Counter()
    # A list that was being read already may still bring the number in: look again when it is read.
    waits = Check.objects.filter(state=Check.State.READING).exists()
    for number_id in numbers_with(subject, progress):
        gone = _erase_row(number_id, force)
        counts["checked_number"] += bool(gone)
        waits = waits or gone is None
    lines = RejectedLine.objects.filter(pk__in=lines_with(subject, lambda done, total: None))
    counts["rejected_line"] = lines.update(text="")
    if isinstance(subject, int):
        counts["canary"] = Canary.objects.filter(phone=subject).delete()[1].get("checks.Canary", 0)
    calls = calls_to_forget(subject)
    if calls and force:
        with connection.cursor() as cursor:
            cursor.execute(FORGET_ASKED, {"phone": subject, "calls": calls})
    return Erased(counts, waits or bool(calls and not force))


@transaction.atomic
def _erase_row(number_id: int, force: bool) -> bool | None:
    """True when it went, False when it was gone already, None when it has to wait."""
    found = (
        Number.objects.filter(pk=number_id).values_list("block_id", "block__check_ref_id").order_by().first()
    )
    if found is None:
        return False
    block_id, check_id = found
    check = lock_check(check_id)
    if check.state == Check.State.REMOVED:
        # It goes with everything else of its check.
        send_to_erasing(check_id)
        return None
    block = Block.objects.select_for_update(of=("self",)).filter(pk=block_id).first()
    number = Number.objects.select_for_update(of=("self",)).filter(pk=number_id).first()
    if block is None or number is None:
        return False
    if _is_held(number, force):
        return None
    Finding.objects.filter(number_id=number_id).delete()
    number.delete()
    Check.objects.filter(pk=check_id).update(
        valid_count=F("valid_count") - 1, reused_count=F("reused_count") - int(number.reused)
    )
    note(check_id, LogEntry.Kind.SUBJECT_ERASED, block_ordinal=block.ordinal)
    if block.size > 1:
        Block.objects.filter(pk=block_id).update(size=F("size") - 1)
        settle_block(block_id, check=check)
    else:
        # A block has at least one number: the last one takes it along.
        Call.objects.filter(block_id=block_id).update(block=None)
        block.delete()
        finish_if_over(check)
    return True


def _is_held(number: Number, force: bool) -> bool:
    """Whether a call is under way with it, or its account still has to forget the number of a call that is over."""
    if number.state == Number.State.ASKED:
        return True
    call = Call.objects.filter(pk=number.call_id) if number.call_id else Call.objects.none()
    return not force and call.filter(state__in=TIDIED_LATER).exists()
