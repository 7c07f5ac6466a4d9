"""Giving an account its proxy, and taking it away."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from pult.core.audit.operations import record
from pult.core.live import publish
from pult.core.people.models import Person
from pult.core.secrets import seal
from pult.core.telegram.events import account_became_usable
from pult.core.telegram.models import Account
from pult.core.telegram.operations.accounts import changeable_account
from pult.core.telegram.rules.proxies import Proxy, UnableToReadProxy, belongs_to_this_server, read_proxy


class UnableToSetProxy(Exception):
    """The address cannot be used; the text says why and can be shown beside the field."""


def usable_proxy(address: str, *, actor: Person) -> Proxy:
    """The proxy that an address names. Raises UnableToReadProxy, also where only those who lead may name that host.

    Otherwise whoever connects an account could find out what else runs on the server, and knock at it.
    """
    proxy = read_proxy(address)
    leads = settings.SIMULATED_TELEGRAM or actor.may("telegram.share")
    if belongs_to_this_server(proxy.host) and not leads:
        raise UnableToReadProxy(
            _("This address belongs to the server itself: only an administrator may enter it.")
        )
    return proxy


@transaction.atomic
def set_proxy(*, account_id: UUID, address: str, actor: Person, now: datetime) -> Account:
    """Let an account reach Telegram through this proxy from its next connection on; an empty address: directly.

    An account that rested because its proxy was silent tries the new way at once. Raises UnableToSetProxy, and
    UnableToChangeAccount when it is not this person's to change.
    """
    account = changeable_account(account_id, actor)
    if address.strip():
        try:
            proxy = usable_proxy(address, actor=actor)
        except UnableToReadProxy as unreadable:
            raise UnableToSetProxy(str(unreadable)) from unreadable
        seal(account, "proxy", proxy.address)
        account.proxy_hint = proxy.hint
    elif account.proxy is None:
        return account
    else:
        account.proxy, account.proxy_hint = None, ""
    if account.rest_reason == "proxy_silent":
        account.resting_until, account.rest_reason = None, ""
        transaction.on_commit(lambda: account_became_usable.send(sender=Account, account_id=account_id))
    account.save(update_fields=["proxy", "proxy_hint", "resting_until", "rest_reason"])
    record(
        action="account.proxy_set" if account.proxy_hint else "account.proxy_removed",
        actor=actor,
        now=now,
        object_type="account",
        object_id=account.pk,
        **({"proxy": account.proxy_hint} if account.proxy_hint else {}),
    )
    publish(f"account:{account.pk}")
    return account
