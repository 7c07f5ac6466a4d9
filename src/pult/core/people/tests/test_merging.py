"""Two records of one human become one, and nothing is lost."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from pult.core.api.models import IdempotencyKey, Token
from pult.core.api.operations.tokens import create_token, use_token
from pult.core.audit.models import AuditEntry
from pult.core.audit.operations import record
from pult.core.bots.models import Bot, Outgoing
from pult.core.people.events import people_merge
from pult.core.people.models import Application, EntryLink, PermissionChoice, Person, TelegramIdentity
from pult.core.people.operations import (
    UnableToMerge,
    create_sign_in_code,
    create_sign_in_link,
    create_telegram_link,
    demand_second_factor,
    link_telegram,
    merge_people,
)
from pult.core.people.operations.merging import LeftBehind, relations, rows_of
from pult.core.people.queries import person_of_telegram
from pult.core.people.second_factor import open_factor
from pult.core.people.tests.authenticators import with_app
from pult.core.people.tests.conftest import NOW, PASSWORD, Browser, PersonMaker
from pult.core.people.tests.test_departures import account_of
from pult.core.privacy.models import RetentionPolicy
from pult.core.privacy.operations import ask_about
from pult.core.registry import Role
from pult.core.secrets import seal
from pult.core.telegram.models import Account, KeyPair, SignIn
from pult.core.webhooks.models import Webhook
from pult.modules.checks.models import Allowance, Canary, Check, Hold, Usage
from pult.modules.checks.tests import scenes

pytestmark = pytest.mark.django_db


def telegram(person: Person, user_id: int = 77) -> TelegramIdentity:
    return link_telegram(person=person, user_id=user_id, name="Vera", username="vera", now=NOW)


def _model(app: str, name: str) -> Any:
    return apps.get_model(app, name)._default_manager


def _bot(added_by: Person | None = None) -> Bot:
    bot = Bot(telegram_id=5, username="b", name="b", simulated=True, added_at=NOW, added_by=added_by)
    seal(bot, "token", "5:token")
    bot.save()
    return bot


def _account(person: Person) -> None:
    account_of(person)


def _sign_in(person: Person) -> None:
    SignIn.objects.create(
        person=person,
        key_pair=_pair(),
        method=SignIn.Method.CODE,
        created_at=NOW,
        expires_at=NOW,
    )


def _pair(added_by: Person | None = None) -> KeyPair:
    pair = KeyPair(title="t", api_id=4711, created_at=NOW, added_by=added_by)
    seal(pair, "api_hash", "hash")
    pair.save()
    return pair


def _webhook(person: Person) -> None:
    hook = Webhook(person=person, url="https://example.org/", events=["check.finished"], created_at=NOW)
    seal(hook, "secret", "s")
    hook.save()


MAKERS: dict[str, Any] = {
    "people.EntryLink.person": lambda person: create_sign_in_link(actor=None, person=person, now=NOW),
    "people.EntryLink.invited_by": lambda person: EntryLink.objects.create(
        purpose="invitation", secret_digest=b"x", invited_by=person, created_at=NOW, expires_at=NOW
    ),
    "people.BrowserSession.person": lambda person: Client().force_login(person),
    "people.TelegramIdentity.person": telegram,
    "people.Application.decided_by": lambda person: Application.objects.create(
        user_id=5, simulated=True, nickname="n", created_at=NOW, state="declined", decided_by=person
    ),
    "people.Application.person": lambda person: Application.objects.create(
        user_id=6, simulated=True, nickname="m", created_at=NOW, state="approved", person=person
    ),
    "people.PermissionChoice.changed_by": lambda person: PermissionChoice.objects.create(
        role="operator", permission="people.see", allowed=True, changed_at=NOW, changed_by=person
    ),
    "people.SignInCode.person": lambda person: create_sign_in_code(person=person, now=NOW),
    "account.EmailAddress.user": lambda person: _model("account", "EmailAddress").create(
        user=person, email=person.email
    ),
    "mfa.Authenticator.user": with_app,
    "socialaccount.SocialAccount.user": lambda person: _model("socialaccount", "SocialAccount").create(
        user=person, provider="telegram", uid="5"
    ),
    "admin.LogEntry.user": lambda person: _model("admin", "LogEntry").create(
        user=person, action_flag=1, object_repr="x"
    ),
    "audit.AuditEntry.actor": lambda person: record(action="person.signed_in", actor=person, now=NOW),
    "api.Token.person": lambda person: Token.objects.create(
        person=person,
        name="t",
        scopes=[],
        key="abcdefgh",
        secret_digest=b"d",
        ending="1234",
        created_at=NOW,
        expires_at=NOW,
    ),
    "api.IdempotencyKey.person": lambda person: IdempotencyKey.objects.create(
        person=person, key="k", fingerprint=b"f", status=201, body=b"", created_at=NOW, expires_at=NOW
    ),
    "webhooks.Webhook.person": _webhook,
    "telegram.KeyPair.added_by": _pair,
    "telegram.Account.owner": _account,
    "telegram.SignIn.person": _sign_in,
    "bots.Bot.added_by": _bot,
    "bots.Outgoing.person": lambda person: Outgoing.objects.create(
        bot=_bot(), chat_id=1, method="sendMessage", created_at=NOW, person=person
    ),
    "privacy.RetentionPolicy.changed_by": lambda person: RetentionPolicy.objects.create(changed_by=person),
    "privacy.Inquiry.asked_by": lambda person: ask_about(actor=person, subject=491510000001, now=NOW),
    "checks.Check.owner": lambda person: scenes.check(person, numbers=1),
    "checks.Canary.added_by": lambda person: Canary.objects.create(phone=1, added_by=person, created_at=NOW),
    "checks.Allowance.person": lambda person: Allowance.objects.create(
        scope="person", person=person, numbers_per_day=5
    ),
    "checks.Usage.person": lambda person: Usage.objects.create(person=person, day=NOW.date(), asked=3),
    "checks.Hold.person": lambda person: Hold.objects.create(person=person, laid_at=NOW),
    "checks.Hold.laid_by": lambda person: Hold.objects.create(laid_by=person, laid_at=NOW),
}
# These let the merged record in and end with it.
ENDED = {"people.BrowserSession.person", "people.SignInCode.person", "account.EmailAddress.user"}
COLUMNS = sorted(f"{relation.related_model._meta.label}.{relation.field.name}" for relation in relations())


@pytest.mark.parametrize("column", COLUMNS)
def test_whatever_names_the_merged_person_names_the_kept_one_afterwards(
    column: str, operator: Person, make_person: PersonMaker
) -> None:
    kept = make_person(Role.OPERATOR)
    assert column in MAKERS, (
        f"{column} is new: say here how such a row is made, and hand it over when people merge"
    )
    MAKERS[column](operator)
    before = rows_of(operator)
    assert before.pop(column, 0) == 1
    merge_people(actor=None, kept=kept, merged=operator, now=NOW)
    assert not Person.objects.filter(pk=operator.pk).exists()
    assert rows_of(kept).get(column, 0) == (0 if column in ENDED else 1)


def test_a_room_that_forgets_something_stops_the_merging_before_anything_is_lost(
    operator: Person, make_person: PersonMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, check = make_person(Role.OPERATOR), scenes.check(operator, numbers=2)
    monkeypatch.setattr(people_merge, "send", lambda *_, **__: [])
    with pytest.raises(LeftBehind, match=r"checks\.Check\.owner"), transaction.atomic():
        merge_people(actor=None, kept=kept, merged=operator, now=NOW)
    check.refresh_from_db()
    assert check.owner == operator


def test_the_record_of_the_bot_becomes_one_with_that_of_the_web(
    owner: Person, make_person: PersonMaker, browser_of: Browser
) -> None:
    web = make_person(Role.ADMINISTRATOR, name="Vera")
    bot = make_person(Role.OPERATOR, name="verochka", email="", password=None)
    telegram(bot)
    scenes.check(bot, numbers=2)
    record(action="check.started", actor=bot, now=NOW)
    Usage.objects.create(person=bot, day=NOW.date(), asked=3)
    Usage.objects.create(person=web, day=NOW.date(), asked=4)
    theirs, theirs_on_web = browser_of(bot), browser_of(web)

    merged = merge_people(actor=owner, kept=web, merged=bot, now=NOW)
    assert (merged.name, merged.role, merged.email) == ("Vera", "administrator", web.email)
    assert person_of_telegram(77) == web
    assert Check.objects.get().owner == web and Usage.objects.get().asked == 7
    assert theirs.get("/people/profile/").status_code == 302
    assert theirs_on_web.get("/people/profile/").status_code == 200
    trail = AuditEntry.objects.get(action="check.started")
    assert (trail.actor, trail.actor_label) == (web, "verochka"), "what was written stays as it was written"
    entry = AuditEntry.objects.get(action="person.merged")
    assert (entry.actor, entry.object_id) == (owner, str(web.pk))
    assert entry.details == {"person": "verochka", "former": bot.pk}


def test_e_mail_password_and_second_factor_come_along_where_there_was_none(make_person: PersonMaker) -> None:
    web, bot = make_person(Role.OPERATOR), make_person(Role.OPERATOR, email="", password=None)
    with_app(web)
    secret = open_factor(Authenticator.objects.get(user_id=web.pk, type="totp").data["secret"])
    demand_second_factor(actor=None, roles=[Role.OPERATOR], now=NOW)
    merge_people(actor=None, kept=bot, merged=web, now=NOW)
    bot.refresh_from_db()
    assert bot.email == web.email and bot.check_password(PASSWORD) and not bot.held_back()
    assert open_factor(Authenticator.objects.get(user_id=bot.pk, type="totp").data["secret"]) == secret
    answer = Client().post("/sign-in/", {"login": bot.email, "password": PASSWORD})
    assert answer["Location"] == "/sign-in/second-step/"


def test_own_factors_stay_and_a_hold_is_never_merged_away(make_person: PersonMaker) -> None:
    kept, merged = make_person(Role.OPERATOR), make_person(Role.OPERATOR)
    with_app(kept)
    with_app(merged)
    mine = Authenticator.objects.get(user_id=kept.pk, type="totp").data
    Hold.objects.create(person=merged, laid_at=NOW)
    Allowance.objects.create(scope="person", person=merged, numbers_per_day=5)
    Allowance.objects.create(scope="person", person=kept, numbers_per_day=9)
    former = kept.email
    merge_people(actor=None, kept=kept, merged=merged, now=NOW)
    kept.refresh_from_db()
    assert kept.email == former
    assert Authenticator.objects.get(user_id=kept.pk, type="totp").data == mine
    assert Hold.objects.get().person == kept
    assert Allowance.objects.get().numbers_per_day == 9


def test_a_token_of_the_merged_record_goes_on_working_and_ways_in_do_not(make_person: PersonMaker) -> None:
    kept, merged = make_person(Role.OPERATOR), make_person(Role.OPERATOR)
    now = timezone.now()
    issued = create_token(
        actor=merged, person=merged, name="t", scopes=["checks:read"], expires_at=now + timedelta(9), now=now
    )
    link = create_sign_in_link(actor=None, person=merged, now=NOW)
    create_telegram_link(person=merged, now=NOW)
    for person in (kept, merged):
        IdempotencyKey.objects.create(
            person=person, key="k", fingerprint=b"f", status=201, body=b"", created_at=NOW, expires_at=NOW
        )
    merge_people(actor=None, kept=kept, merged=merged, now=NOW)
    use = use_token(text=issued.text, limit=10)
    assert use is not None and use.person == kept
    assert IdempotencyKey.objects.get().person == kept
    assert EntryLink.objects.filter(revoked_at=None).count() == 0
    assert Client().get(link.path()).status_code == 410


def test_who_may_merge_whom(
    owner: Person, administrator: Person, operator: Person, make_person: PersonMaker
) -> None:
    other = make_person(Role.OPERATOR)
    for actor, kept, merged in (
        (operator, operator, other),
        (administrator, owner, operator),
        (administrator, operator, owner),
        (administrator, operator, administrator),
        (administrator, operator, operator),
        (None, operator, owner),
    ):
        with pytest.raises(UnableToMerge):
            merge_people(actor=actor, kept=kept, merged=merged, now=NOW)
    # Once more with an owner who remains: the role of the kept record counts, nobody rises by it.
    make_person(Role.OWNER)
    assert merge_people(actor=None, kept=operator, merged=owner, now=NOW).role == "operator"
    assert merge_people(actor=administrator, kept=administrator, merged=other, now=NOW) == administrator


def test_two_telegrams_are_never_thrown_together(make_person: PersonMaker) -> None:
    kept, merged = make_person(Role.OPERATOR), make_person(Role.OPERATOR)
    telegram(kept, 1)
    telegram(merged, 2)
    with pytest.raises(UnableToMerge, match="Telegram of their own"), transaction.atomic():
        merge_people(actor=None, kept=kept, merged=merged, now=NOW)
    assert TelegramIdentity.objects.count() == 2
    # One of the real and one of the simulated Telegram stand side by side.
    TelegramIdentity.objects.filter(user_id=2).update(simulated=not settings.TELEGRAM.simulated)
    merge_people(actor=None, kept=kept, merged=merged, now=NOW)
    assert kept.telegram_identities.count() == 2


def test_an_account_of_the_merged_record_stays_connected(make_person: PersonMaker) -> None:
    kept, merged = make_person(Role.OPERATOR), make_person(Role.OPERATOR)
    _account(merged)
    before = Account.objects.values_list("session", "state").get()
    merge_people(actor=None, kept=kept, merged=merged, now=NOW)
    after = Account.objects.get()
    assert after.owner == kept and (after.session, after.state) == before
