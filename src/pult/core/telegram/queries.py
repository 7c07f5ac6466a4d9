"""Reads: which accounts, key pairs and sign-ins a person may see or use."""

from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Count, F, Min, Q, QuerySet
from django.db.models.functions import Coalesce

from pult.core.people.models import Person
from pult.core.telegram.models import Account, Budget, KeyPair, Lesson, RetiredSession, SignIn


def accounts_usable_by(person: Person) -> QuerySet[Account]:
    """Connected accounts that this person's work may use: their own and the shared ones. Resting ones are included."""
    return Account.objects.filter(
        Q(owner=person) | Q(shared=True), state=Account.State.CONNECTED, simulated=settings.TELEGRAM.simulated
    )


def accounts_lost_by(person: Person, *, since: datetime) -> QuerySet[Account]:
    """This person's own accounts that worked since that moment and cannot any more until somebody does something."""
    lost = [Account.State.NEEDS_SIGN_IN, Account.State.RESTRICTED, Account.State.BANNED]
    return Account.objects.filter(
        owner=person, state__in=lost, last_used_at__gte=since, simulated=settings.TELEGRAM.simulated
    ).order_by("connected_at", "pk")


def accounts_shown_to(person: Person) -> QuerySet[Account]:
    """Accounts on this person's page: their own, the shared ones, and everybody's for who may share and remove them.

    Only those of the Telegram in use: made-up accounts do not stand beside real ones.
    """
    accounts = (
        Account.objects.filter(simulated=settings.TELEGRAM.simulated)
        .select_related("owner", "key_pair")
        .order_by("connected_at", "pk")
    )
    if person.may("telegram.share"):
        return accounts
    return accounts.filter(Q(owner=person) | Q(shared=True))


def accounts_managed_by(person: Person) -> QuerySet[Account]:
    """Accounts that this person may look into and change: their own, and everybody's for who may share and remove."""
    accounts = accounts_shown_to(person)
    return accounts if person.may("telegram.share") else accounts.filter(owner=person)


def budgets_of(account: Account) -> QuerySet[Budget]:
    """What the account has learned, for each kind of request that it made already."""
    return Budget.objects.filter(account=account).order_by("request")


def latest_lessons(account: Account, request: str, *, most: int) -> QuerySet[Lesson]:
    """The account's latest calls of this kind, as its budget learned from them, newest first."""
    return Lesson.objects.filter(account=account, request=request).order_by("-pk")[:most]


SORTS = {
    "name": "name",
    "state": "state",
    "last_used": "last_used_at",
    "connected": "connected_at",
}


def accounts_listed(
    person: Person, *, search: str = "", state: str = "", sort: str = ""
) -> QuerySet[Account]:
    """The accounts of this person's page, searched by name, sorted by a name of `SORTS` ("-name": backwards)."""
    found = accounts_shown_to(person)
    # PostgreSQL knows no text with NUL.
    if words := search.replace("\0", "").removeprefix("@"):
        found = found.filter(
            Q(name__icontains=words)
            | Q(username__icontains=words)
            | Q(phone_hint=words[-4:])
            | Q(owner__name__icontains=words)
            | Q(owner__email__icontains=words)
        )
    if state in Account.State.values:
        found = found.filter(state=state)
    column = SORTS.get(sort.removeprefix("-"))
    if column is None:
        return found
    order = F(column).desc(nulls_last=True) if sort.startswith("-") else F(column).asc(nulls_last=True)
    return found.order_by(order, "pk")


def key_pairs() -> QuerySet[KeyPair]:
    """Key pairs of the Telegram in use, simulated or real."""
    return KeyPair.objects.filter(simulated=settings.TELEGRAM.simulated).order_by("created_at", "pk")


def key_pairs_listed() -> QuerySet[KeyPair]:
    """Key pairs with `account_count`, how many accounts each of them serves."""
    return key_pairs().select_related("added_by").annotate(account_count=Count("accounts"))


def key_pair_is_busy(key_pair_id: UUID) -> bool:
    """Whether a sign-in is under way with this pair, or an old session is still to be logged out with it."""
    return (
        open_sign_ins().filter(key_pair=key_pair_id).exists()
        or RetiredSession.objects.filter(key_pair=key_pair_id).exists()
    )


def sign_ins_of(person: Person) -> QuerySet[SignIn]:
    """A person's own sign-ins; nobody sees another's."""
    return SignIn.objects.filter(person=person).select_related("key_pair", "account").order_by("-created_at")


def open_sign_ins() -> QuerySet[SignIn]:
    """Sign-ins to which something may still happen."""
    return SignIn.objects.exclude(state__in=SignIn.OVER)


def is_waiting_for_scan(*, sign_in_id: UUID) -> bool:
    """Whether a QR code is being shown: then a worker holds the sign-in for as long as that takes."""
    return SignIn.objects.filter(pk=sign_in_id, state=SignIn.State.SCAN_WANTED).exists()


def next_rest_end() -> datetime | None:
    """When the next account has rested."""
    end: datetime | None = Account.objects.aggregate(end=Min("resting_until"))["end"]
    return end


def next_probe() -> datetime | None:
    """When the next restricted account is to be looked at; the earliest of times for one that has no time yet."""
    moments = Account.objects.filter(state=Account.State.RESTRICTED, simulated=settings.TELEGRAM.simulated)
    never = datetime(2000, 1, 1, tzinfo=UTC)
    moment: datetime | None = moments.aggregate(moment=Min(Coalesce("probe_at", never)))["moment"]
    return moment


def next_sign_in_expiry() -> datetime | None:
    """When the next open sign-in expires."""
    expiry: datetime | None = open_sign_ins().aggregate(expiry=Min("expires_at"))["expiry"]
    return expiry


def may_follow_account(person: Person, account_id: str) -> bool:
    """Whether live notices about an account may reach this person."""
    uuid = _uuid(account_id)
    return uuid is not None and accounts_shown_to(person).filter(pk=uuid).exists()


def may_follow_budget(person: Person, account_id: str) -> bool:
    """Whether live notices about what an account learns may reach this person."""
    uuid = _uuid(account_id)
    return uuid is not None and accounts_managed_by(person).filter(pk=uuid).exists()


def may_follow_sign_in(person: Person, sign_in_id: str) -> bool:
    """Whether live notices about a sign-in may reach this person."""
    uuid = _uuid(sign_in_id)
    return uuid is not None and sign_ins_of(person).filter(pk=uuid).exists()


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
