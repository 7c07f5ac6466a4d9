"""What becomes of accounts when two records of one person become one, and of sign-ins when somebody is shut out."""

from django.db import transaction

from pult.core.telegram.models import Account, KeyPair, SignIn
from pult.core.telegram.operations.sign_ins import end_sign_in
from pult.core.telegram.queries import open_sign_ins


@transaction.atomic
def hand_over_accounts(*, merged_id: int, kept_id: int) -> int:
    """Give accounts, sign-ins and key pairs to the kept person; returns how many accounts. Sessions stay connected."""
    SignIn.objects.filter(person_id=merged_id).update(person_id=kept_id)
    KeyPair.objects.filter(added_by_id=merged_id).update(added_by_id=kept_id)
    return Account.objects.filter(owner_id=merged_id).update(owner_id=kept_id)


@transaction.atomic
def cancel_sign_ins_of(*, person_id: int) -> int:
    """Give up every sign-in that somebody has under way, with everything typed for it; returns how many."""
    under_way = list(
        open_sign_ins().filter(person_id=person_id).select_for_update(of=("self",)).order_by("pk")
    )
    for sign_in in under_way:
        end_sign_in(sign_in, SignIn.State.CANCELLED)
    return len(under_way)
