"""A newcomer, an owner and a check, played through the real parts: `pult bots`, aiogram, the simulated Telegram."""

import re
from pathlib import Path

import pytest
from django.utils import timezone

from pult.core.bots.models import LiveScreen
from pult.core.live import publish
from pult.core.people.models import Application, Person, SignInCode
from pult.core.people.operations.telegram_identities import create_telegram_link
from pult.modules.checks.models import Check
from pult.modules.checks.tests.scenes import check as stored_check
from telegram_simulator.testing import Player, SeenMessage
from tests.bots import bots as bots_processes

BOT = "pult_sample_bot"
START_WITHIN_SECONDS = 60


class Phone:
    """Somebody's phone with the chat of the bot open: what they tap and what stands there then."""

    def __init__(self, player: Player) -> None:
        self.player = player

    def sees(self, words: str, *, seconds: float = 30) -> SeenMessage:
        return self.player.wait_for(BOT, lambda message: words in message.text, seconds=seconds)

    def tap(self, button: str) -> "Phone":
        self.player.tap(BOT, button).answer()
        return self

    def write(self, text: str) -> "Phone":
        self.player.write(BOT, text)
        return self


@pytest.mark.django_db(transaction=True)
def test_from_start_to_a_check_that_is_followed_with_an_owner_who_decides_in_the_chat(tmp_path: Path) -> None:
    olga = Person.objects.create_user(email="olga@example.org", name="Olga", role="owner", language="en")
    with bots_processes(tmp_path, people=300) as bots:
        of_olga = Phone(bots.simulator.player("Ольга", language="en"))
        link = create_telegram_link(person=olga, now=timezone.now())
        bots.start()
        of_olga.player.start(BOT, f"link-{link.secret}")
        of_olga.sees("now one person", seconds=START_WITHIN_SECONDS)

        anna = Phone(bots.simulator.player("Анна Новая"))
        anna.player.start(BOT)
        anna.sees("Напишите рабочий никнейм")
        anna.write("Анна")
        anna.sees("Спасибо, Анна!")
        of_olga.sees("Somebody asks to be let in")
        of_olga.tap("✅ Let in").sees("Анна is let in")
        menu = anna.sees("Добро пожаловать, Анна!")
        assert "⚙️ Настройки" in menu.buttons
        assert Application.objects.get().decided_by == olga

        before = len(anna.player.chat(BOT))
        anna.tap("⚙️ Настройки").sees("Часовой пояс")
        anna.tap("🌐 Язык").sees("На каком языке")
        anna.tap("English").sees("Settings")
        anna.tap("🔑 Sign in on the web")
        assert re.search(r"\d{4} \d{4}", anna.sees("Type this code").text)
        assert SignInCode.objects.get().person.name == "Анна"

        check = stored_check(Person.objects.get(name="Анна"), numbers=40)
        Check.objects.filter(pk=check.pk).update(purpose="newsletter")
        anna.tap("‹ Menu").sees("What shall we do?")
        anna.tap("📱 Checks").sees("You have 1 check.")
        anna.tap("list").sees("Not asked: 40")
        Check.objects.filter(pk=check.pk).update(state=Check.State.CANCELLED, finished_at=timezone.now())
        publish(f"check:{check.pk}")
        anna.sees("Cancelled")
        assert not LiveScreen.objects.exists(), "it is over: nobody looks at it any more"
        assert len(anna.player.chat(BOT)) == before, "one message is edited; none is sent"
