"""`pult privacy …`: what is stored about a number, and its erasure, from the terminal of the server."""

import json
import time
from typing import Annotated

import typer
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.translation import gettext as _

from pult.core.privacy.models import Inquiry
from pult.core.privacy.operations import (
    ask_about,
    erase_everywhere,
    forget_inquiry,
    read_report,
    work_off,
)
from pult.core.privacy.reports import counted
from pult.core.privacy.rules import shown, subject_of
from pult.core.registry import Subject

AGAIN_AFTER_SECONDS = 3.0

commands = typer.Typer(
    name="privacy", help="What is stored about a phone number, and its erasure.", no_args_is_help=True
)
NumberArgument = Annotated[
    str, typer.Argument(metavar="NUMBER", help="With its country code: +79123456789; or a username: @vera.")
]


@commands.command()
def show(number: NumberArgument) -> None:
    """Print as JSON what is stored about a number; the look stands in the audit trail."""
    inquiry = ask_about(actor=None, subject=_subject(number), now=timezone.now())
    work_off(inquiry_id=inquiry.pk)
    report = read_report(actor=None, inquiry_id=inquiry.pk, now=timezone.now(), saved=True)
    forget_inquiry(actor=None, inquiry_id=inquiry.pk)
    typer.echo(json.dumps(report, ensure_ascii=False, indent=2, cls=DjangoJSONEncoder))


@commands.command()
def erase(
    number: NumberArgument,
    refuse: Annotated[bool, typer.Option("--refuse", help="Never let a list bring it in again.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Erase a number wherever it is stored; waits for a request to Telegram that is under way with it."""
    subject = _subject(number)
    question = _("Erase %(subject)s from every check of every person? This cannot be undone.")
    if not yes and not typer.confirm(question % {"subject": shown(subject)}, err=True):
        raise typer.Exit(1)
    inquiry = ask_about(actor=None, subject=subject, now=timezone.now())
    erase_everywhere(actor=None, inquiry_id=inquiry.pk, refuse_later=refuse, now=timezone.now())
    while True:
        work_off(inquiry_id=inquiry.pk)
        inquiry.refresh_from_db()
        if inquiry.state == Inquiry.State.ERASED:
            break
        typer.echo(_("Waits for a request to Telegram with this number…"), err=True)
        time.sleep(AGAIN_AFTER_SECONDS)
    for line in counted(inquiry.counts):
        typer.echo(f"{line['label']}: {line['count']}")
    typer.echo(_("Nothing is stored about this number any more."))


def _subject(number: str) -> Subject:
    subject = subject_of(number)
    if subject is None:
        typer.secho(_("Write the whole number with its country code, or a username."), fg="red", err=True)
        raise typer.Exit(1)
    return subject
