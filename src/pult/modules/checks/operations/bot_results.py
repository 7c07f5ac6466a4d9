"""Results as a file in a bot's chat: asked for with a button, or sent by itself when a check that began there ends."""

from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.translation import gettext as _

from pult.core.bots.operations.outbox import enqueue as enqueue_message
from pult.core.bots.queries import bots_here
from pult.core.jobs import enqueue
from pult.core.people.queries import telegram_of
from pult.core.ui.numbers import grouped
from pult.modules.checks.models import Check
from pult.modules.checks.queries.own_checks import numbers_of, own_checks
from pult.modules.checks.queries.result_files import result_file_name, write_results
from pult.modules.checks.queries.results import Wanted

RESULTS_JOB = "checks.send_results"
FINAL_FORMAT = "xlsx"
# Below the data folder; whoever sends removes them afterwards.
FOLDER = "outgoing"


def send_results_to(check: Check, *, bot_id: UUID, chat_id: int, file_format: str, language: str) -> bool:
    """Let the worker make the file and send it; False when that waits already."""
    return enqueue(
        RESULTS_JOB,
        queueing_lock=f"{RESULTS_JOB}:{check.pk}:{chat_id}:{file_format}",
        check_id=check.pk,
        bot_id=str(bot_id),
        chat_id=chat_id,
        file_format=file_format,
        language=language,
        # A job that runs twice sends once.
        key=f"{RESULTS_JOB}:{uuid4().hex}",
    )


def send_final_results(check: Check) -> bool:
    """In the transaction that ends a check: where it was begun in a bot, its results go there."""
    if check.bot_id is None:
        return False
    identity = telegram_of(check.owner)
    if identity is None:
        return False
    return send_results_to(
        check,
        bot_id=check.bot_id,
        # A private chat has the id of its person.
        chat_id=identity.user_id,
        file_format=FINAL_FORMAT,
        language=check.owner.language,
    )


def send_results(
    *, check_id: int, bot_id: UUID, chat_id: int, file_format: str, language: str, key: str
) -> bool:
    """The job: write the file, then the row that sends it. False when it was sent before or may not be sent any more.

    One that is too large for Telegram is replaced by words (`enqueue`).
    """
    check = Check.objects.select_related("owner").filter(pk=check_id).first()
    if check is None or not _may_have(check, bot_id=bot_id, chat_id=chat_id):
        return False
    with translation.override(language or settings.LANGUAGE_CODE):
        name = f"{FOLDER}/{uuid4().hex}.{file_format}"
        path = settings.PULT_DATA_DIR / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            write_results(check, path, Wanted(), file_format)
            sent = _send(check, bot_id=bot_id, chat_id=chat_id, file=name, file_format=file_format, key=key)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    if not sent:
        path.unlink(missing_ok=True)
    return sent


def _may_have(check: Check, *, bot_id: UUID, chat_id: int) -> bool:
    """Whether the chat is still that of the owner, who still works with checks: it was asked a while ago."""
    owner = check.owner
    identity = telegram_of(owner)
    return (
        own_checks(owner).filter(pk=check.pk).exists()
        and owner.may("checks.use")
        and not owner.held_back()
        and identity is not None
        and identity.user_id == chat_id
        and bots_here().filter(pk=bot_id).exists()
    )


@transaction.atomic
def _send(check: Check, *, bot_id: UUID, chat_id: int, file: str, file_format: str, key: str) -> bool:
    queued = enqueue_message(
        bot_id=bot_id,
        chat_id=chat_id,
        person=check.owner,
        key=key,
        now=timezone.now(),
        method="sendDocument",
        payload={"chat_id": chat_id, "caption": _caption(check), "parse_mode": "HTML"},
        file=file,
        file_name=result_file_name(check, file_format),
        file_parameter="document",
    )
    return queued is not None


def _caption(check: Check) -> str:
    sums = numbers_of(check)
    finished = "✅" if check.state == Check.State.FINISHED else "📎"
    found, missed, unanswered = (grouped(sums[name]) for name in ("found", "not_found", "unanswered"))
    counts = _("Found %(found)s, not found %(not_found)s, unanswered %(unanswered)s") % {
        "found": found,
        "not_found": missed,
        "unanswered": unanswered,
    }
    return format_html("{} <b>{}</b>\n{}", finished, check.name[:200], counts)
