"""Language and time zone of a person."""

from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from pult.core.bots.keyboards import columns, titled, way_back
from pult.core.bots.operations.grounds import person_ground
from pult.core.bots.reception.desk import room
from pult.core.bots.screens import Answer, Button, Screen, Visit, below
from pult.core.people.models import Person
from pult.core.people.operations import change_language, change_profile
from pult.core.people.zones import zone_choices, zone_name

MOST_FOUND = 10
# Around the world, for whoever does not want to type.
COMMON_ZONES = (
    "Europe/London", "Europe/Berlin", "Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara",
    "Asia/Yekaterinburg", "Asia/Omsk", "Asia/Novosibirsk", "Asia/Irkutsk", "Asia/Vladivostok",
    "Asia/Almaty", "Asia/Dubai",
)  # fmt: skip


@room.action("settings")
def show_settings(visit: Visit, *_words: str) -> Answer:
    """What a person can decide about the bot, with what it is now."""
    return settings_screen(visit.person, visit)


def settings_screen(person: Person, visit: Visit) -> Screen:
    """The settings of this person, in the language that is active."""
    language = dict(settings.LANGUAGES).get(person.language, _("as the installation"))
    zone = _zone_in_words(person, visit)
    here = format_html("{}: <b>{}</b>", _("Language"), language)
    return below(
        titled(
            _("Settings"),
            here,
            format_html("{}: <b>{}</b>", _("Time zone"), zone),
            format_html("{}: <b>{}</b>", _("Your time now"), f"{timezone.localtime(visit.now):%H:%M}"),
        ),
        (Button(_("🌐 Language"), "home.language"), Button(_("🕒 Time zone"), "home.zones")),
        (Button(_("🔑 Sign in on the web"), "home.sign_in"),),
        (Button(_("👤 My account"), "home.account"),),
        way_back(),
    )


def _zone_in_words(person: Person, visit: Visit) -> str:
    today = timezone.localtime(visit.now).date()
    name = person.time_zone or settings.TIME_ZONE
    return zone_name(name, get_language() or settings.LANGUAGE_CODE, today)


@room.action("language")
def ask_language(visit: Visit, *_words: str) -> Answer:
    """Each language under its own name, the present one marked."""
    now = get_language()
    buttons = [
        Button(f"✓ {name}" if code == now else name, "home.set_language", (code,))
        for code, name in settings.LANGUAGES
    ]
    return below(titled(_("In which language shall I speak?")), *columns(buttons), way_back("home.settings"))


@room.action("set_language")
def set_language(visit: Visit, code: str) -> Answer:
    """Speaks it at once."""
    if code in dict(settings.LANGUAGES):
        change_language(person=visit.person, language=code)
        visit.person.language = code
    with person_ground(visit.person):
        return settings_screen(visit.person, visit)


@room.action("zones")
def ask_zone(visit: Visit, *_words: str) -> Answer:
    """Common zones as buttons; any other by the name of its city."""
    names = _choices(visit)
    buttons = [_zone_button(name, names[name]) for name in COMMON_ZONES if name in names]
    return below(
        titled(
            _("Which time shall I tell?"),
            _("Choose a city with your time, or write the name of a big city near you."),
        ),
        *columns(buttons),
        way_back("home.settings"),
        expects="home.zone",
    )


@room.text("zone")
def zone_written(visit: Visit, text: str) -> Answer:
    """Cities whose name holds what was written, in the person's language or in English; also "UTC+3"."""
    wanted = text.strip().casefold().replace("-", "−")[:60]
    names = _choices(visit)
    found = [
        (name, label)
        for name, label in names.items()
        if wanted
        and (wanted in label.casefold() or wanted.replace("−", "-") in name.casefold().replace("_", " "))
    ]
    if not found:
        return below(
            titled(
                _("I do not know a city of that name."),
                _("Write another big city with the same time, or “UTC+3”, for example."),
            ),
            way_back("home.zones"),
            expects="home.zone",
        )
    # Names that begin with it come before those that only hold it.
    found.sort(key=lambda one: not one[1].casefold().startswith(wanted))
    more = _("There are more; write a little more of the name.") if len(found) > MOST_FOUND else ""
    return below(
        titled(_("Which of these?"), more),
        *columns([_zone_button(name, label) for name, label in found[:MOST_FOUND]]),
        way_back("home.zones"),
        expects="home.zone",
    )


@room.action("set_zone")
def set_zone(visit: Visit, name: str) -> Answer:
    """All times in this zone from now on."""
    if name in _choices(visit):
        person = visit.person
        change_profile(
            person=person, name=person.name, language=person.language, time_zone=name, now=visit.now
        )
    with person_ground(visit.person):
        return settings_screen(visit.person, visit)


def _choices(visit: Visit) -> dict[str, str]:
    today = timezone.localtime(visit.now).date()
    return dict(zone_choices(get_language() or settings.LANGUAGE_CODE, today))


def _zone_button(name: str, label: str) -> Button:
    return Button(label, "home.set_zone", (name,))
