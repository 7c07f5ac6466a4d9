"""What the worker does for sign-ins and for sessions that are to be ended."""

from datetime import timedelta
from uuid import UUID

import structlog
from django.utils import timezone

from pult.core.jobs import enqueue, in_database, job
from pult.core.telegram.errors import AccountBusy, FloodWait, NoAnswer

AGAIN_AFTER_BUSY = timedelta(seconds=5)
AGAIN_AFTER_FAILURE = timedelta(minutes=5)
TRIES = 50

log = structlog.get_logger(__name__)


@job(name="telegram.advance_sign_in")
async def advance_sign_in(sign_in_id: str) -> None:
    """Do what a sign-in waits for: send a code, check it, check a password, show a QR code."""
    # Telethon is imported by the process that needs it, when it needs it.
    from pult.core.telegram.gateway.signing_in import advance_sign_in as advance
    from pult.core.telegram.queries import is_waiting_for_scan

    sign_in = UUID(sign_in_id)
    try:
        await advance(sign_in)
    except AccountBusy:
        if not await in_database(is_waiting_for_scan, sign_in_id=sign_in):
            await in_database(
                enqueue,
                "telegram.advance_sign_in",
                queueing_lock=f"sign-in:{sign_in_id}",
                at=timezone.now() + AGAIN_AFTER_BUSY,
                sign_in_id=sign_in_id,
            )


@job(name="telegram.probe_account")
async def probe_account(account_id: str) -> None:
    """Look whether Telegram still restricts an account."""
    from pult.core.telegram.gateway.probing import probe_account as probe

    try:
        await probe(UUID(account_id))
    except AccountBusy:
        # Somebody is connected with it right now; its time comes again by itself.
        log.info("probe.busy", account=account_id)


@job(name="telegram.end_session")
async def end_session(retired_session_id: str, tries: int = 1) -> None:
    """Log out a session that nobody needs any more; tried for about four hours."""
    from pult.core.telegram.gateway.ending import end_session as end

    try:
        await end(UUID(retired_session_id))
    except (AccountBusy, NoAnswer, FloodWait) as error:
        if tries >= TRIES:
            log.warning("session.never_logged_out", retired=retired_session_id, error=type(error).__name__)
            return
        pause = timedelta(seconds=error.seconds) if isinstance(error, FloodWait) else AGAIN_AFTER_FAILURE
        if isinstance(error, AccountBusy):
            pause = AGAIN_AFTER_BUSY
        await in_database(
            enqueue,
            "telegram.end_session",
            at=timezone.now() + pause,
            retired_session_id=retired_session_id,
            tries=tries + 1,
        )
