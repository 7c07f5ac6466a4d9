"""Drives `telegram-phone-number-checker` in its own environment, unmodified, for so many seconds.

Its `login` opens a Telethon session file named after the phone. That file is written beforehand from a session of the
simulated Telegram: it carries the server's address and the key, so that nothing in the tool has to be changed. Then its
`get_names` is awaited for one number after the other, as its own `validate_users` does; what it returned is its word.
Prints {"said": {number: found}, "gave_up": how often it ended with a flood wait} as JSON.
"""

import asyncio
import json
import logging
import sys
import time
from pathlib import Path
from typing import Any

from telethon import errors  # type: ignore[import-untyped,unused-ignore]
from telethon.crypto import AuthKey  # type: ignore[import-untyped,unused-ignore]
from telethon.sessions import SQLiteSession, StringSession  # type: ignore[import-untyped,unused-ignore]


def write_session(text: str, phone: str) -> None:
    """The session file that the tool will find."""
    known = StringSession(text)
    session = SQLiteSession(phone)
    session.set_dc(known.dc_id, known.server_address, known.port)
    session.auth_key = AuthKey(known.auth_key.key)
    session.save()
    session.close()


async def run(wishes: dict[str, Any]) -> dict[str, Any]:
    """Until the time is over; who is told to wait waits, as a person would who starts the tool again."""
    from telegram_phone_number_checker import main as tool  # type: ignore[import-not-found,unused-ignore]

    logging.disable(logging.CRITICAL)
    deadline = time.monotonic() + wishes["until"] - time.time()
    client = await tool.login(wishes["api_id"], wishes["api_hash"], wishes["phone"])
    said: dict[str, bool] = {}
    gave_up = 0
    for number in wishes["numbers"]:
        while time.monotonic() < deadline:
            try:
                found = await asyncio.wait_for(
                    tool.get_names(client, f"+{number}"), max(0.1, deadline - time.monotonic())
                )
            except TimeoutError:
                break
            except errors.FloodWaitError as wait:
                gave_up += 1
                await asyncio.sleep(min(wait.seconds, max(0.0, deadline - time.monotonic())))
                continue
            said[str(number)] = "id" in found
            break
    client.disconnect()
    return {"said": said, "gave_up": gave_up}


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text())
    write_session(given["session"], given["phone"])
    print(json.dumps(asyncio.run(run(given))))
