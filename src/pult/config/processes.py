"""The processes that production runs one by one, and `pult up` all together."""

import asyncio
import json
import sys

from pult.config.environment import Environment


def run_web(environment: Environment) -> None:
    """Serve pages until SIGTERM or SIGINT."""
    import os

    import uvicorn

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pult.config.settings")
    from pult.config.asgi import application
    from pult.config.logs import log_to_file
    from pult.config.reporting import report_errors
    from pult.core.watch.pulse import Pulse

    log_to_file(environment, "web")
    report_errors(environment, "web")
    Pulse("web").start()
    uvicorn.run(
        application,
        host=environment.bind_host,
        port=environment.bind_port,
        log_config=None,
        access_log=False,
        # Django and allauth read what a trusted proxy says; uvicorn would believe whoever writes the first address.
        proxy_headers=False,
        timeout_graceful_shutdown=3,
        lifespan="off",
        ws="none",
    )


def run_worker_process(environment: Environment) -> None:
    """Run jobs and alarms until SIGTERM or SIGINT."""
    from pult.config.logs import log_to_file
    from pult.config.reporting import report_errors
    from pult.core.jobs.worker import run_worker
    from pult.core.watch.pulse import Pulse

    log_to_file(environment, "worker")
    report_errors(environment, "worker")
    pulse = Pulse("worker").start()
    asyncio.run(run_worker())
    pulse.stop()


def run_bots_process(environment: Environment) -> None:
    """Receive updates of all bots, answer and send, until SIGTERM or SIGINT. The only process that loads aiogram."""
    from pult.config.logs import log_to_file
    from pult.config.reporting import report_errors
    from pult.core.bots.engine.process import run_bots
    from pult.core.watch.pulse import Pulse

    log_to_file(environment, "bots")
    report_errors(environment, "bots")
    pulse = Pulse("bots").start()
    asyncio.run(run_bots())
    pulse.stop()


def migrate_database() -> None:
    """Apply migrations, quietly; two machines doing it at once wait for each other on a database lock."""
    from django.core.management import call_command
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('pult.migrate'))")
        try:
            call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('pult.migrate'))")


def prepare_installation(*, fresh_link: bool) -> None:
    """Migrate; print {"link": "/enter/…/"} while the owner has no password yet, or when one is asked for."""
    from django.utils import timezone

    from pult.core.bots.operations.bots import provide_sample_bot
    from pult.core.people.operations import create_owner_link

    migrate_database()
    # The first page already knows the bot that the process of bots, which starts last, will answer for.
    provide_sample_bot(now=timezone.now())
    issued = create_owner_link(now=timezone.now(), even_with_password=fresh_link)
    sys.stdout.write(json.dumps({"link": issued.path() if issued else None}) + "\n")
