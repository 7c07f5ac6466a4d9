"""Updates by webhook: who may bring them, and what of them is kept."""

import json
from typing import Any

import pytest
from django.test import Client

from pult.core.bots.engine.setting_up import webhook_secret
from pult.core.bots.models import Bot, Update
from pult.core.bots.tests import scene

pytestmark = pytest.mark.django_db

HEADER = "X-Telegram-Bot-Api-Secret-Token"


def bring(bot: Bot, body: Any, secret: str | None) -> int:
    headers = {} if secret is None else {HEADER: secret}
    content = body if isinstance(body, bytes | str) else json.dumps(body)
    answer = Client(enforce_csrf_checks=True).post(
        f"/telegram/webhook/{bot.pk}/", data=content, content_type="application/json", headers=headers
    )
    return answer.status_code


def test_an_update_with_the_right_secret_is_stored_once(
    django_capture_on_commit_callbacks: Any,
) -> None:
    bot, update = scene.bot(), scene.message(5, "hello")
    secret = webhook_secret(bot.pk)
    assert webhook_secret(bot.pk) == secret
    assert bring(bot, update, secret) == 200
    assert bring(bot, update, secret) == 200, "Telegram brings it again where our thanks got lost"
    kept = Update.objects.get(bot=bot)
    assert (kept.payload, kept.state, kept.attempts) == (update, "waiting", 0)


@pytest.mark.parametrize("forged", [None, "", "guessed", "ключ"])
def test_a_forged_secret_brings_nothing(forged: str | None) -> None:
    bot = scene.bot()
    webhook_secret(bot.pk)
    given = None if forged is None else forged.encode().decode("latin-1")
    assert bring(bot, scene.message(5, "hello"), given) == 403
    assert not Update.objects.exists()


def test_a_bot_without_a_secret_takes_none_even_an_empty_one() -> None:
    bot = scene.bot()
    assert bring(bot, scene.message(5, "hello"), "") == 403
    assert bring(bot, scene.message(5, "hello"), None) == 403


def test_a_bot_that_is_not_here_or_switched_off_is_answered_like_a_wrong_secret() -> None:
    off, gone = scene.bot("off_bot"), scene.bot("gone_bot")
    secrets = [webhook_secret(off.pk), webhook_secret(gone.pk)]
    Bot.objects.filter(pk=off.pk).update(state="switched_off")
    Bot.objects.filter(pk=gone.pk).delete()
    assert [
        bring(bot, scene.message(5), secret) for bot, secret in zip((off, gone), secrets, strict=True)
    ] == [
        403,
        403,
    ]


def test_the_secret_of_one_bot_opens_no_other() -> None:
    mine, other = scene.bot("my_bot"), scene.bot("other_bot")
    webhook_secret(other.pk)
    assert bring(other, scene.message(5, "hello"), webhook_secret(mine.pk)) == 403


@pytest.mark.parametrize(
    "body", ["", "no json", "[]", "7", '{"message": {}}', '{"update_id": "7"}', "[" * 100_000]
)
def test_what_is_no_update_is_refused_and_harms_nothing(body: str) -> None:
    bot = scene.bot()
    assert bring(bot, body, webhook_secret(bot.pk)) == 400
    assert not Update.objects.exists()


def test_an_update_with_nul_and_half_a_pair_is_kept_mended() -> None:
    bot = scene.bot()
    body = '{"update_id": 1, "message": {"text": "a\\u0000b\\ud800", "date": NaN}}'
    assert bring(bot, body, webhook_secret(bot.pk)) == 200
    assert Update.objects.get(bot=bot).payload["message"] == {"text": "a\ufffdb\ufffd", "date": None}


@pytest.mark.parametrize(
    "body",
    [
        '{"update_id": 1, "mess\\u0000age": {"text": "a"}}',
        '{"update_id": 1, "mess\\ud800age": {"text": "a"}}',
        '{"update_id": 1, "message": ' + '["\\u0000",' * 700 + "1" + "]" * 700 + "}",
    ],
)
def test_an_update_out_of_a_nightmare_blocks_nothing(body: str) -> None:
    """What cannot be stored would be brought, or polled, for ever."""
    bot = scene.bot()
    secret = webhook_secret(bot.pk)
    assert bring(bot, body, secret) == 200
    assert bring(bot, scene.message(5, "hello"), secret) == 200
    assert Update.objects.filter(kind="message").exists()


def test_a_body_of_megabytes_is_not_read() -> None:
    bot = scene.bot()
    update = scene.message(5, "x" * 5_000_000)
    assert bring(bot, update, webhook_secret(bot.pk)) != 200
    assert not Update.objects.exists()
