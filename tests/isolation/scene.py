"""Anna's belongings, everything about them marked, and the people who come to look."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from pult.core.api.operations.tokens import create_token
from pult.core.bots.models import Bot, Update
from pult.core.people.models import Application, BrowserSession, Person
from pult.core.people.operations import create_sign_in_link
from pult.core.privacy.operations import ask_about
from pult.core.registry import Role, registry
from pult.core.telegram.models import Account, SignIn
from pult.core.webhooks.models import Delivery, Webhook
from pult.modules.checks.models import Block, Canary, Check, Finding, LogEntry, Number, RejectedLine
from pult.modules.checks.tests import scenes

PHONE = 79_161_234_567
# What must appear in no answer to anybody else. The keys are what the table's `shows` speaks of.
SECRETS: dict[str, list[str]] = {
    "check": ["Annas-secret-list", "Annas-secret-purpose", "annas-file.csv"],
    "number": [str(PHONE), "916 123-45-67", "annas-broken-line"],
    "found": ["Veronika-behind-the-number", "veronika_secret"],
    "account": ["Annas-own-account"],
    "token": ["Annas-token-name"],
    "webhook": ["annas-own-programme.example.org", "annas-answer"],
    "person": ["Anna-herself", "anna-secret@example.org"],
}


@dataclass(frozen=True)
class Address:
    """One address of the resolver: its name (or route), the arguments that it wants, and how it is spelled."""

    name: str
    arguments: tuple[str, ...]
    pattern: str

    def __str__(self) -> str:
        return self.name


def addresses() -> list[Address]:
    """Every address that Pult answers, each under the name by which the table knows it."""
    found: list[Address] = []

    def walk(
        patterns: list[URLPattern | URLResolver], prefix: str, space: str, inherited: tuple[str, ...]
    ) -> None:
        for entry in patterns:
            route = prefix + str(entry.pattern)
            arguments = inherited + tuple(
                entry.pattern.converters or getattr(entry.pattern.regex, "groupindex", {})
            )
            if isinstance(entry, URLResolver):
                inner = f"{space}{entry.namespace}:" if entry.namespace else space
                walk(entry.url_patterns, route, inner, arguments)
            else:
                name = f"{space}{entry.name}" if entry.name else route
                found.append(Address(name, tuple(dict.fromkeys(arguments)), route))

    walk(get_resolver().url_patterns, "", "", ())
    return found


@dataclass
class Scene:
    """What stands in the database, and the arguments that make each address one of Anna's."""

    anna: Person
    arguments: dict[str, Any]
    tokens: dict[str, str] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)


def set_scene() -> Scene:
    """Anna, an operator, owns one of everything; strangers of each role own nothing."""
    now = timezone.now()
    anna = Person.objects.create_user(
        email="anna-secret@example.org", name="Anna-herself", password="a calm river"
    )
    check = _check_of(anna)
    account = _account_of(anna)
    sign_in = SignIn.objects.create(
        person=anna, key_pair=account.key_pair, method="code", state="code_wanted", phone_hint="8642",
        created_at=now, expires_at=now + timedelta(minutes=10),
    )  # fmt: skip
    link = create_sign_in_link(actor=None, person=anna, now=now)
    inquiry = ask_about(actor=anna, subject=PHONE, now=now)
    session = BrowserSession.objects.create(person=anna, session_key="k" * 32, began_at=now, seen_at=now)
    key = Authenticator.objects.create(user=anna, type="webauthn", data={"name": "Annas-own-account key"})
    scene = Scene(anna, {})
    token = _token(anna, scene, "anna", name="Annas-token-name")
    delivery = _delivery_of(anna)
    bot = Bot.objects.create(
        telegram_id=77, simulated=True, name="Annas-bot", username="annas_bot", added_at=now
    )
    update = Update.objects.create(bot=bot, update_id=1, kind="message", payload={}, received_at=now)
    scene.arguments = {
        "webhook_id": delivery.webhook_id, "delivery_id": delivery.pk,
        "check_id": check.pk, "file_format": "csv", "account_id": account.pk, "sign_in_id": sign_in.pk,
        "key_pair_id": account.key_pair_id, "person_id": anna.pk, "link_id": link.link.pk,
        "inquiry_id": inquiry.pk, "token_id": token, "session_id": session.pk, "pk": key.pk, "job_id": _job(),
        "secret": "no-such-secret", "uidb36": "1", "key": "no-such-key",
        "canary_id": Canary.objects.create(phone=PHONE, label="Annas-own-account", created_at=now).pk,
        "other_id": Person.objects.create_user(email="other@example.org", name="Another").pk,
        "application_id": _application(now), "role": "operator",
        "bot_id": bot.pk, "update_pk": update.pk,
        # The panel: Anna's own row, whatever the list.
        "object_id": str(anna.pk), "app_label": "people",
        "verb": "cancel", "place": "first", "state": "off", "block": 1, "ordinal": 0,
    }  # fmt: skip
    for role in Role:
        stranger = Person.objects.create_user(
            email=f"{role.value}@example.org", role=role.value, name=f"A {role.value}"
        )
        scene.people[role.value] = stranger
        _token(stranger, scene, role.value)
    off = Person.objects.create_user(email="off@example.org", name="Gone", role=Role.OWNER.value)
    scene.people["switched off"] = off
    _token(off, scene, "switched off")
    Person.objects.filter(pk=off.pk).update(is_active=False)
    return scene


def _application(now: datetime) -> uuid.UUID:
    applied = Application.objects.create(user_id=5, simulated=True, nickname="newcomer", created_at=now)
    return applied.pk


def _check_of(anna: Person) -> Check:
    check = scenes.check(anna, numbers=3, first_phone=PHONE, state=Check.State.PAUSED)
    Check.objects.filter(pk=check.pk).update(
        name="Annas-secret-list", purpose="Annas-secret-purpose", source_name="annas-file.csv"
    )
    number = Number.objects.filter(block__check_ref=check).order_by("pk")[0]
    Number.objects.filter(pk=number.pk).update(state="f", answered_at=scenes.NOW)
    Finding.objects.create(
        number=number, telegram_id=555_000_111, first_name="Veronika-behind-the-number",
        usernames=["veronika_secret"], last_seen="recently",
    )  # fmt: skip
    Block.objects.filter(check_ref=check).update(found_count=1, account_label="Annas-own-account …8642")
    RejectedLine.objects.create(check_ref=check, line=9, text="annas-broken-line", problem="letters")
    LogEntry.objects.create(
        check_ref=check,
        at=scenes.NOW,
        kind="block_started",
        block_ordinal=0,
        account_label="Annas-own-account",
    )
    return check


def _account_of(anna: Person) -> Account:
    return scenes.account(anna, name="Annas-own-account", phone_hint="8642")


def _delivery_of(anna: Person) -> Delivery:
    webhook = Webhook.objects.create(
        person=anna, url="https://annas-own-programme.example.org/", events=["check.finished"],
        active=False, created_at=scenes.NOW,
    )  # fmt: skip
    return Delivery.objects.create(
        webhook=webhook, event="test", payload={}, state="given_up", at=scenes.NOW, excerpt="annas-answer"
    )


def _job() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status)"
            " VALUES ('default', 'checks.erase', '{}', 'failed') RETURNING id"
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _token(person: Person, scene: Scene, key: str, *, name: str = "token") -> uuid.UUID:
    scopes = [scope.name for scope in registry.scopes() if person.may(scope.permission)]
    issued = create_token(
        actor=person, person=person, name=name, scopes=scopes,
        expires_at=timezone.now() + timedelta(days=1), now=timezone.now(),
    )  # fmt: skip
    scene.tokens[key] = issued.text
    return issued.token.pk


def secrets_in(text: str, *, shown: frozenset[str] = frozenset()) -> list[str]:
    """Which of Anna's secrets stand in an answer, those left out that may be shown there."""
    return [word for kind, words in SECRETS.items() if kind not in shown for word in words if word in text]


# These change with every look, and say nothing about anybody's data.
FLEETING = {
    "django_session", "django_cache", "people_browser_session", "api_token", "api_idempotency_key",
    "procrastinate_events", "procrastinate_workers", "watch_running_process",
}  # fmt: skip


def fingerprint() -> dict[str, str]:
    """The content of every table."""
    with connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.table_names(cursor)) - FLEETING)
        found = {}
        for table in tables:
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) FROM {table} t"  # noqa: S608
            )
            row = cursor.fetchone()
            found[table] = row[0] if row else ""
    return found
