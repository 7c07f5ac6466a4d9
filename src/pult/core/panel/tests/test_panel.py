"""The panel: owners see every row and no secret; what changes something is proved, done by operations, recorded."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, models
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from pult.core.audit.models import AuditEntry
from pult.core.audit.operations import record
from pult.core.bots.models import Bot, Outgoing, Update
from pult.core.panel.looking import NEVER_SHOWN, panel, shown_fields
from pult.core.panel.words import COLUMNS
from pult.core.people.models import Person, TelegramIdentity
from pult.core.registry import Role
from pult.core.secrets import SecretField, seal

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PASSWORD = "a long enough password"

pytestmark = pytest.mark.django_db


def somebody(role: Role, name: str) -> Person:
    return Person.objects.create_user(
        email=f"{name}@example.org", name=name, role=role.value, password=PASSWORD
    )


@pytest.fixture
def owner() -> Person:
    return somebody(Role.OWNER, "Olga")


@pytest.fixture
def client(owner: Person) -> Client:
    """Signed in, and proved by password a moment ago."""
    browser = Client()
    browser.force_login(owner)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return browser


@pytest.fixture
def bot() -> Bot:
    made = Bot(telegram_id=7, simulated=True, name="Desk", username="desk_bot", added_at=NOW)
    seal(made, "token", "7:secret-token-of-the-desk")
    made.save()
    Update.objects.create(
        bot=made,
        update_id=1,
        kind="message",
        chat_id=5,
        payload={"message": {"text": "<b>hello</b>"}},
        received_at=NOW,
    )
    Outgoing.objects.create(bot=made, chat_id=5, method="sendMessage", payload={"text": "hi"}, created_at=NOW)
    return made


def every_list() -> list[type[models.Model]]:
    reverse("admin:index")
    return sorted(panel._registry, key=lambda model: model._meta.label)


def address(model: type[models.Model], page: str, *arguments: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


def test_every_list_and_every_row_opens_for_an_owner(client: Client, bot: Bot) -> None:
    record(
        action="person.role_changed",
        actor=None,
        now=NOW,
        object_type="person",
        before="operator",
        after="owner",
    )
    assert len(every_list()) >= 20
    for model in every_list():
        assert client.get(address(model, "changelist")).status_code == 200, model
        assert client.get(address(model, "changelist"), {"q": "1"}).status_code in {200, 302}, model
        for row in model._default_manager.all()[:1]:
            assert client.get(address(model, "change", row.pk)).status_code == 200, model


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMINISTRATOR])
def test_nobody_but_owners_comes_in(role: Role) -> None:
    stranger = Client()
    stranger.force_login(somebody(role, "Stranger"))
    assert stranger.get(reverse("admin:index")).status_code == 403
    for model in every_list():
        assert stranger.get(address(model, "changelist")).status_code == 403
    assert Client().get(reverse("admin:index")).status_code == 302


def test_no_secret_is_a_column_of_any_list(bot: Bot, client: Client) -> None:
    for model in every_list():
        sealed = {field.name for field in model._meta.concrete_fields if isinstance(field, SecretField)}
        shown = set(shown_fields(model)) | {str(name) for name in panel._registry[model].list_display}
        assert not shown & (sealed | NEVER_SHOWN), model
    page = client.get(address(Bot, "change", bot.pk)).content.decode()
    assert "secret-token" not in page
    assert "token" not in {field.lower() for field in shown_fields(Bot)}


def test_rows_cannot_be_added_changed_or_deleted_here(client: Client, bot: Bot, owner: Person) -> None:
    for model in every_list():
        for page in ("add", "delete", "history"):
            with pytest.raises(NoReverseMatch):
                address(model, page)
        assert client.get(f"{address(model, 'changelist')}add/").status_code in {302, 404}, model
    assert client.post(address(Person, "change", owner.pk), {"role": "operator"}).status_code == 403
    owner.refresh_from_db()
    assert owner.role == Role.OWNER.value


def test_an_action_is_an_operation_and_is_recorded(client: Client, owner: Person) -> None:
    target = somebody(Role.OPERATOR, "Petr")
    done = client.post(
        address(Person, "changelist"),
        {"action": "close_access", "_selected_action": [target.pk, owner.pk]},
        follow=True,
    )
    target.refresh_from_db()
    owner.refresh_from_db()
    assert not target.is_active
    assert owner.is_active, "nobody closes their own access, and the page says why"
    assert "You cannot do this to yourself" in done.content.decode()
    entry = AuditEntry.objects.get(action="person.switched_off")
    assert entry.actor == owner


def test_what_changes_something_is_proved_again(owner: Person) -> None:
    """A session that was left open long ago looks, and does nothing."""
    stale = Client()
    stale.force_login(owner)
    target = somebody(Role.OPERATOR, "Petr")
    answer = stale.post(
        address(Person, "changelist"), {"action": "close_access", "_selected_action": [target.pk]}
    )
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
    target.refresh_from_db()
    assert target.is_active


def test_what_people_wrote_is_text_and_nothing_else(client: Client, bot: Bot) -> None:
    page = client.get(address(Update, "change", Update.objects.get().pk)).content.decode()
    assert "<b>hello</b>" not in page
    assert "hello" in page


def test_the_panel_has_no_sign_in_of_its_own() -> None:
    for name in ("login", "logout"):
        answer = Client().get(reverse(f"admin:{name}"))
        assert answer.status_code == 302
        assert "/panel/" not in answer.headers["Location"].partition("?")[0]


def test_its_looser_policy_holds_nowhere_else(client: Client) -> None:
    assert "unsafe-eval" in client.get(reverse("admin:index")).headers["Content-Security-Policy"]
    assert "unsafe" not in client.get(reverse("people:list")).headers["Content-Security-Policy"]


def test_each_column_has_a_word_in_both_languages(client: Client) -> None:
    for model in every_list():
        fields = {field.name for field in model._meta.concrete_fields}
        shown = {
            getattr(one, "__name__", one)
            for one in panel._registry[model].get_fields(RequestFactory().get("/"))
        }
        for name in shown & fields:
            assert name in COLUMNS, f"{model.__name__}.{name}"
            with translation.override("ru"):
                assert str(COLUMNS[name]) != name or name == "api_id"
        with translation.override("ru"):
            assert not str(model._meta.verbose_name_plural).isascii(), model


def test_in_russian_nothing_is_left_in_english(client: Client, owner: Person, bot: Bot) -> None:
    owner.language = "ru"
    owner.save()
    english = re.compile(r">\s*([A-Z][a-z]+(?: [a-z]+)*)\s*<")
    allowed = {"Pult", "Desk", "Olga", "Owner", "Telegram"}
    for model in every_list():
        page = client.get(address(model, "changelist")).content.decode()
        assert (
            not set(english.findall(re.sub(r"<(script|style|title).*?</\1>", "", page, flags=re.S))) - allowed
        )
    page = client.get(address(Bot, "change", bot.pk)).content.decode()
    assert "Состояние" in page
    assert "Работает" in page


@pytest.mark.parametrize("model", [Update, AuditEntry, TelegramIdentity])
def test_a_list_asks_the_database_as_often_for_three_rows_as_for_one(
    model: type[models.Model], client: Client, owner: Person, bot: Bot
) -> None:
    def one_more(number: int) -> None:
        Update.objects.create(bot=bot, update_id=number, kind="message", payload={}, received_at=NOW)
        record(action="person.signed_in", actor=owner, now=NOW, object_type="person")
        person = somebody(Role.OPERATOR, f"Person {number}".replace(" ", ""))
        TelegramIdentity.objects.create(person=person, user_id=number, simulated=True, linked_at=NOW)

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address(model, "changelist")).status_code == 200
        return len(asked)

    one_more(10)
    questions()
    first = questions()
    one_more(11)
    one_more(12)
    assert questions() == first


def test_the_trail_is_narrowed_by_day_action_and_person(client: Client, owner: Person) -> None:
    """A day begins at midnight of whoever asks, not of the machine."""
    owner.time_zone = "Asia/Vladivostok"
    owner.save()
    late = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    record(action="person.signed_in", actor=owner, now=late, object_type="person")
    record(action="person.signed_out", actor=None, now=late - timedelta(hours=2), object_type="person")

    def shown(**asked: str) -> set[str]:
        answer = client.get(address(AuditEntry, "changelist"), asked)
        assert answer.status_code == 200
        return {entry.action for entry in answer.context["cl"].result_list if entry.at <= late}

    assert shown(day="2026-11-21") == {"person.signed_in"}
    assert shown(day="2026-11-20") == {"person.signed_out"}
    assert shown(did="person.signed_out") == {"person.signed_out"}
    assert shown(by=str(owner.pk)) == {"person.signed_in"}
    assert shown(day="9999-12-31") == shown(by="nobody") == shown(day="someday") == shown()


def test_before_and_after_are_told_apart(client: Client, owner: Person) -> None:
    record(
        action="person.role_changed",
        actor=owner,
        now=NOW,
        object_type="person",
        before="operator",
        after="owner",
    )
    page = client.get(address(AuditEntry, "changelist")).content.decode()
    assert re.search(r"<del>.+</del>.*<ins>.+</ins>", page)


def test_the_page_one_is_on_is_marked_and_pult_is_one_link_away(client: Client) -> None:
    page = client.get(address(Person, "changelist")).content.decode()
    marked = re.findall(r'<a href="([^"]+)" class="active" aria-current="page"', page)
    assert marked == [address(Person, "changelist")]
    assert '<a href="/"' in page
