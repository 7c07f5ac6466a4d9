"""What a former process left unfinished, one after the other, before anything new is received.

One of these updates may be what ended that process. Each is counted before it is tried, so that the guilty one is given
up after `MOST_ATTEMPTS` and the others are not.
"""

from collections.abc import Callable
from uuid import UUID

import structlog
from django.utils import timezone

from pult.core.bots.engine.client import Client
from pult.core.bots.engine.files import fetched
from pult.core.bots.engine.lanes import clear_away
from pult.core.bots.operations.handling import Outcome, give_up, handle
from pult.core.bots.operations.updates import MOST_ATTEMPTS, hand_out, left_behind
from pult.core.jobs.database import in_database

log = structlog.get_logger(__name__)


async def recover(bot_id: UUID, client: Client, *, sent: "Callable[[], None]") -> None:
    """Handle or give up what was handed out before. Raises OperationalError and InterfaceError."""
    for update_pk in await in_database(left_behind, bot_id):
        attempts = await in_database(hand_out, update_pk=update_pk)
        if attempts is None:
            continue
        if attempts > MOST_ATTEMPTS:
            log.error("bots.update_given_up", report=update_pk)
            await in_database(give_up, update_pk=update_pk, now=timezone.now())
        else:
            handled = await in_database(handle, update_pk=update_pk, now=timezone.now())
            if handled.outcome is Outcome.NEEDS_FILE and handled.file is not None:
                file = await fetched(client, handled.file, handled.largest)
                await in_database(handle, update_pk=update_pk, now=timezone.now(), file=file)
                clear_away(file)
        sent()
