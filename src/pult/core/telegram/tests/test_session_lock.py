"""One connection per session in the whole installation, whatever dies."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import connection

from pult.core.jobs import in_database
from pult.core.telegram.gateway import AccountBusy, LeaseLost, lease
from pult.core.telegram.tests.conftest import Connect
from telegram_simulator.testing import RunningSimulator

pytestmark = pytest.mark.django_db(transaction=True)


async def test_two_leases_exclude_each_other_also_across_processes(
    connected: Connect, simulator: RunningSimulator
) -> None:
    account = await in_database(connected)
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, str(account.pk)],
        env=os.environ | other_environment(simulator),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert other.stdout is not None
        line = await asyncio.wait_for(asyncio.to_thread(other.stdout.readline), 60)
        assert line == "leased\n"
        with pytest.raises(AccountBusy):
            async with lease(account.pk):
                pass
        other.kill()
        await asyncio.to_thread(other.wait)
        await eventually(lambda: lease_once(account.pk))
    finally:
        other.kill()
        other.communicate()


async def lease_once(account_id: Any) -> bool:
    try:
        async with lease(account_id):
            return True
    except AccountBusy:
        return False


async def eventually(attempt: Callable[[], Any], *, within: float = 15.0) -> None:
    async with asyncio.timeout(within):
        while not await attempt():
            await asyncio.sleep(0.1)


OTHER_PROCESS = """
import asyncio, sys, uuid
import django
django.setup()
from pult.core.telegram.gateway import lease

async def main():
    async with lease(uuid.UUID(sys.argv[1])):
        print("leased", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def other_environment(simulator: RunningSimulator) -> dict[str, str]:
    """What tells another process of Pult about the test's database and simulated Telegram."""
    from django.conf import settings

    parameters = connection.get_connection_params()
    url = f"postgresql://{parameters.get('user', 'root')}@/{parameters['dbname']}?host={parameters['host']}"
    url += f"&port={parameters['port']}" if parameters.get("port") else ""
    keys = settings.PULT_DATA_DIR / "simulator"
    keys.mkdir(parents=True, exist_ok=True)
    (keys / "public_key.pem").write_text(simulator.public_key)
    return {
        "DJANGO_SETTINGS_MODULE": "pult.config.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "DATABASE_URL": url,
        "PULT_DATA_DIR": str(settings.PULT_DATA_DIR),
        "PULT_KEYRING_FILE": str(settings.PULT_KEYRING_FILE),
        "PULT_SIMULATOR": f"{simulator.host}:{simulator.mtproto_port}",
        "PULT_TELEGRAM": "simulated",
    }


async def test_losing_the_lock_drops_the_connection_to_telegram_at_once(
    connected: Connect, simulator: RunningSimulator
) -> None:
    account = await in_database(connected)
    async with lease(account.pk) as leased:
        await leased.own_contacts()
        telegram = leased._connection
        assert telegram is not None and telegram.usable
        assert await in_database(end_lock_connections) == 1
        async with asyncio.timeout(5):
            while telegram.client.is_connected():
                await asyncio.sleep(0.02)
        # Somebody else may have the session by now: this lease must not come back.
        with pytest.raises(LeaseLost):
            await leased.own_contacts()
        assert await lease_once(account.pk)


def end_lock_connections() -> int:
    with psycopg.connect(
        **{
            k: v
            for k, v in connection.get_connection_params().items()
            if k in {"dbname", "user", "host", "port", "password"}
        },
        autocommit=True,
    ) as admin:
        ended = admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'pult session lock' AND datname = current_database()"
        ).fetchall()
    return len(ended)
