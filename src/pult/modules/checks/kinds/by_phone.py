"""By phone number: contacts.importContacts, and everything out of the phone book again (decision 6)."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from pult.core.telegram.values import ContactRef, ImportAnswer, OwnContacts, PhoneToImport, TelegramUser

from ..rules.looks import PhoneLooks
from .kind import Answers, Kind
from .words import PhoneWords

if TYPE_CHECKING:
    from pult.core.telegram.gateway import LeasedAccount


class ByPhone(PhoneLooks, Kind[int]):
    """Who has an account with this phone number?"""

    name = "phone"
    title = _("Phone numbers")
    explanation = _("Which of them have a Telegram account")
    column = "phone"
    request = "phones"
    most_per_call = 500
    takes_canaries = True
    leaves_traces = True
    national = True
    words = PhoneWords()
    # As exports have called it since the first release.
    key = "number"

    def shown(self, value: int) -> str:
        """International, with the plus."""
        return f"+{value}"

    async def ask(
        self, account: "LeasedAccount", items: Sequence[tuple[int, int]], *, marker: str, own: OwnContacts
    ) -> Answers:
        """Numbers of the account's own contacts are answered from its address book: importing would rename them."""
        hits = {number_id: own.phones[phone] for number_id, phone in items if phone in own.phones}
        phones = [PhoneToImport(number_id, phone) for number_id, phone in items if number_id not in hits]
        answer = ImportAnswer({}, frozenset(), [])
        if phones:
            answer = await account.import_phones(phones, marker=marker)
        return Answers(hits | answer.hits, retry=answer.retry, added=answer.added, asked=len(phones))

    async def clean_up(
        self, account: "LeasedAccount", *, added: Sequence[ContactRef], missed: Sequence[int]
    ) -> Iterable[TelegramUser]:
        """Contacts go, which brings people's own names; numbers without anybody are forgotten."""
        people = await account.remove_contacts(added)
        await account.forget_numbers(missed)
        return people.values()

    async def clean_up_lost(self, account: "LeasedAccount", *, asked: Sequence[int]) -> None:
        """Everything under our marks goes, own contacts get their names back, then the numbers are forgotten."""
        await account.remove_leftovers()
        await account.forget_numbers(asked)
