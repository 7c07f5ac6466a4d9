"""Entry points of the queue: load, delegate."""

from uuid import UUID

from pult.core.jobs import job
from pult.core.telegram.gateway import lease
from pult.modules.checks.operations.bot_results import RESULTS_JOB, send_results
from pult.modules.checks.operations.dispatch import ERASE_JOB, READ_JOB, REUSE_JOB, WORK_JOB
from pult.modules.checks.operations.lists import read_check
from pult.modules.checks.operations.removal import erase_check
from pult.modules.checks.operations.reuse import reuse_verdicts
from pult.modules.checks.operations.shift import serve


@job(name=WORK_JOB)
async def work_account(account_id: str) -> None:
    """One shift of an account."""
    await serve(UUID(account_id), lease=lease)


@job(name=READ_JOB)
def read(check_id: int) -> None:
    """Read a list into blocks."""
    read_check(check_id=check_id)


@job(name=ERASE_JOB)
def erase(check_id: int) -> None:
    """Erase the rows of a removed check."""
    erase_check(check_id=check_id)


@job(name=REUSE_JOB)
def reuse(check_id: int) -> None:
    """Take over a person's own earlier verdicts."""
    reuse_verdicts(check_id=check_id)


@job(name=RESULTS_JOB)
def send_results_file(
    *, check_id: int, bot_id: str, chat_id: int, file_format: str, language: str, key: str
) -> None:
    """Make a file of results and send it into a chat."""
    send_results(
        check_id=check_id,
        bot_id=UUID(bot_id),
        chat_id=chat_id,
        file_format=file_format,
        language=language,
        key=key,
    )
