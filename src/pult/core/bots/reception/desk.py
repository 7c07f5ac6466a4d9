"""The room into which the functions of this folder enter themselves."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pult.core.bots.screens import BotRoom

room = BotRoom("home")
room.command("start", pgettext_lazy("a command", "Begin"), "start")
room.command("menu", _("Main menu"), "menu")
room.command("help", _("What this bot can do"), "help")
room.command("settings", _("Language, time zone, sign-in on the web"), "settings")
room.command("language", _("Change the language"), "language")
room.command("cancel", _("Stop what you are doing"), "cancel")
room.command("privacy", _("What is stored about you"), "privacy")
room.command("terms", _("What this bot is for"), "terms")
