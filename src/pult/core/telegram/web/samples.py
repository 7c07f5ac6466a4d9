"""Which accounts the simulated Telegram offers, so that a newcomer knows what to type."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass

import structlog
from django.conf import settings

WITHIN_SECONDS = 1.5

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SampleAccount:
    """An account of the simulated Telegram; its data are made up, so they may be shown."""

    phone: str
    name: str
    password: str


def sample_accounts() -> list[SampleAccount]:
    """What the simulator's control door lists; nothing with the real Telegram or while the simulator is away."""
    if not settings.TELEGRAM.simulated:
        return []
    # The address comes from the settings and leads to this machine; proxies of the environment must not be asked.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{settings.TELEGRAM.control_url}/api/accounts", timeout=WITHIN_SECONDS) as answer:
            listed = json.load(answer)["accounts"]
        return [
            SampleAccount(
                phone=f"+{account['phone']}",
                name=f"{account['first_name']} {account['last_name'] or ''}".strip(),
                password=account["password"] or "",
            )
            for account in listed
        ]
    except (OSError, ValueError, KeyError, TypeError, urllib.error.URLError) as error:
        log.info("simulator.unreachable", error=type(error).__name__)
        return []
