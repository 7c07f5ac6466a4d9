"""Which column of a sent file holds the numbers, on which sheet, and how national spellings are read."""

from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from pult.core.bots.screens import Answer, Button, Refused, Screen, Visit, below
from pult.core.ui.numbers import share
from pult.modules.checks.bot import words
from pult.modules.checks.bot.drawing import draw
from pult.modules.checks.bot.routing import as_refusals, own_check, room
from pult.modules.checks.formats import Column, Sample, UnreadableFile
from pult.modules.checks.kinds import kind_named
from pult.modules.checks.models import Check
from pult.modules.checks.operations.uploads import confirm_column
from pult.modules.checks.queries.regions import region_choices, region_name
from pult.modules.checks.queries.uploaded_list import readings_of, sample_of, unreadable_text

MOST_COLUMNS = 20
SHOWN_CELLS = 4
AWAITING = {Check.State.UPLOADED, Check.State.UNREADABLE}
# Nothing chosen: the suggested column, the first sheet, no country.
NONE = "-"


@dataclass(frozen=True, slots=True)
class _Choice:
    """A sample with what is chosen of it."""

    check: Check
    sample: Sample
    column: Column | None
    region: str

    def arguments(self, *, column: str = "", sheet: str = "", region: str | None = None) -> tuple[str, ...]:
        """The choice as a button carries it, with one thing changed."""
        here = NONE if self.column is None else str(self.column.index)
        place = NONE
        if self.sample.sheet in self.sample.sheets:
            place = str(self.sample.sheets.index(self.sample.sheet or ""))
        country = self.region if region is None else region
        return (str(self.check.pk), column or here, sheet or place, country or NONE)


@room.action("column")
def show_column(
    visit: Visit, check_id: str, column: str = NONE, sheet: str = NONE, region: str = ""
) -> Answer:
    """The column that is suggested or chosen, with its first cells as they would be understood."""
    check = own_check(visit, check_id)
    if check.state not in AWAITING or not check.source_path:
        return draw(visit, check)
    return _screen(_choice(check, column, sheet, region))


def column_screen(visit: Visit, check: Check) -> Screen:
    """The question for a file that was just taken in."""
    return _screen(_choice(check, NONE, NONE, check.region or NONE))


@room.action("columns")
def choose_column(visit: Visit, check_id: str, column: str, sheet: str, region: str) -> Answer:
    """All columns, by their titles."""
    choice = _choice(own_check(visit, check_id), column, sheet, region)
    rows = (
        (Button(_title(one), "checks.column", choice.arguments(column=str(one.index))),)
        for one in choice.sample.columns[:MOST_COLUMNS]
    )
    return below(
        format_html("<b>{}</b>", kind_named(choice.check.kind).words.column_missing),
        *rows,
        (Button(_("‹ Back"), "checks.column", choice.arguments()),),
    )


@room.action("sheets")
def choose_sheet(visit: Visit, check_id: str, column: str, sheet: str, region: str) -> Answer:
    """All sheets of a workbook."""
    choice = _choice(own_check(visit, check_id), column, sheet, region)
    rows = (
        (Button(words.short(name, 40), "checks.column", choice.arguments(column=NONE, sheet=str(place))),)
        for place, name in enumerate(choice.sample.sheets[:MOST_COLUMNS])
    )
    return below(
        format_html("<b>{}</b>", _("On which sheet?")),
        *rows,
        (Button(_("‹ Back"), "checks.column", choice.arguments()),),
    )


@room.action("country")
def ask_country(visit: Visit, check_id: str, column: str, sheet: str, region: str) -> Answer:
    """How numbers without a country code are read."""
    choice = _choice(own_check(visit, check_id), column, sheet, region)
    return below(
        words.paragraphs(
            format_html("<b>{}</b>", _("Numbers without a country code")),
            _("Of which country are they? Write its name or its two letters, such as RU."),
        ),
        (Button(_("They all have one"), "checks.column", choice.arguments(region=NONE)),),
        (Button(_("‹ Back"), "checks.column", choice.arguments()),),
        expects="checks.country",
        notes={"choice": list(choice.arguments())},
    )


@room.text("country")
def country_given(visit: Visit, text: str) -> Answer:
    """A country by name or code."""
    wanted = text.strip().casefold()
    region = next(
        (code for code, name in region_choices() if wanted in {code.casefold(), name.casefold()}), None
    )
    if region is None:
        near = [name for _code, name in region_choices() if wanted and name.casefold().startswith(wanted)][:5]
        hint = _("Do you mean %(names)s?") % {"names": ", ".join(near)} if near else ""
        raise Refused(f"{_('I do not know this country.')} {hint}".strip())
    given = visit.notes.get("choice")
    check_id, column, sheet, _former = given if isinstance(given, list) and len(given) == 4 else (NONE,) * 4
    return show_column(visit, check_id, column, sheet, region)


@room.action("read")
def read_column(visit: Visit, check_id: str, column: str, sheet: str, region: str) -> Answer:
    """The column is confirmed; reading begins."""
    check = own_check(visit, check_id)
    if check.state not in AWAITING:
        return draw(visit, check)
    choice = _choice(check, column, sheet, region)
    if choice.column is None:
        raise Refused(str(kind_named(check.kind).words.column_missing))
    with as_refusals():
        check = confirm_column(
            actor=visit.person,
            check_id=check.pk,
            column=choice.column.index,
            sheet=choice.sample.sheet or "",
            region=choice.region,
            now=visit.now,
        )
    return draw(visit, check)


def _choice(check: Check, column: str, sheet: str, region: str) -> _Choice:
    """What a button carries, looked up in the file as it is. Raises Refused."""
    try:
        sample = sample_of(check)
        if sheet.isdecimal() and int(sheet) < len(sample.sheets):
            sample = sample_of(check, sheet=sample.sheets[int(sheet)])
    except UnreadableFile as error:
        raise Refused(unreadable_text(error.code, kind=check.kind)) from error
    index = int(column) if column.isdecimal() else sample.suggested
    if index is None and len(sample.columns) == 1:
        index = sample.columns[0].index
    chosen = next((one for one in sample.columns if one.index == index), None)
    country = region or check.region
    return _Choice(check, sample, chosen, "" if country == NONE else country)


def _title(column: Column) -> str:
    title = column.title or _("Column %(number)s") % {"number": column.index + 1}
    return f"{words.short(title, 30)} · {share(column.share_of_numbers)}"


def _screen(choice: _Choice) -> Screen:
    check, sample, kind = choice.check, choice.sample, kind_named(choice.check.kind)
    rows: list[tuple[Button, ...]] = []
    parts = [words.heading(check)]
    if choice.column is None:
        parts.append(format_html("{}", kind.words.column_missing))
    else:
        parts += [format_html("{}", kind.words.column_question), _cells(choice, choice.column)]
        rows.append((Button(_("✅ Yes, read it"), "checks.read", choice.arguments()),))
    if len(sample.columns) > 1:
        rows.append((Button(_("Another column"), "checks.columns", choice.arguments()),))
    if len(sample.sheets) > 1:
        parts.append(format_html("{}: <b>{}</b>", _("Sheet"), words.short(sample.sheet or "", 40)))
        rows.append((Button(_("Another sheet"), "checks.sheets", choice.arguments()),))
    if kind.national:
        country = region_name(choice.region) or _("all have a country code")
        parts.append(format_html("{}: <b>{}</b>", _("Numbers without a country code"), country))
        rows.append((Button(_("Another country"), "checks.country", choice.arguments()),))
    rows.append((Button(_("🗑 Remove"), "checks.removing", (str(check.pk),)),))
    return below(words.paragraphs(*parts), *rows)


def _cells(choice: _Choice, column: Column) -> SafeString:
    """The first cells, each with the number that it is taken for, or why it is none."""
    readings = readings_of(column.examples[:SHOWN_CELLS], region=choice.region, kind=choice.check.kind)
    return words.lines(
        format_html("<b>{}</b>", _title(column)),
        *(
            format_html("<code>{}</code> → {}", words.short(one.text, 30), one.number or f"⚠️ {one.problem}")
            for one in readings
        ),
    )
