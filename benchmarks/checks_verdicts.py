"""Verdicts of running checks as a share of the numbers that the simulated Telegram grants, with real workers.

Each account has a bucket of numbers that fills at a steady rate (the simulator's limits); whoever asks for more is told
to wait (FLOOD_WAIT, in whole seconds). The accounts know nothing of their limits at the start and learn them. The share
is taken between the first and the last answer after the limit was met for the third time, so neither the full bucket of
the start nor the edges of the window count.
"""

import time
from pathlib import Path
from typing import Any

from benchmarks.fresh_database import installation

GOAL = 0.95
# Nobody gets more than is granted: a share above this comes from a window too short to show anything.
MOST_SHARE = 1.03
# How long each installation works; all together stay within four minutes.
SECONDS = {1: 30, 3: 30, 10: 40}
# So often the limit is met before an account counts as having learned.
LEARNING_WAITS = 3
# Numbers a second of each account; the capacity is what an account may ask at once after a long rest.
RATES = {1: [20], 3: [50, 20, 10], 10: [50, 40, 30, 30, 20, 20, 20, 15, 15, 10]}
CAPACITY = 200
ENGINE_NUMBERS = 20_000


def checks_verdicts() -> list[dict[str, Any]]:
    """One, three and ten accounts of one person on one list; then ten of which one has a flood wait all the time.

    Last, what the engine does without any limit.
    """
    with installation() as folder:
        figures = [_share(folder / str(count), rates) for count, rates in RATES.items()]
        figures.append(_share(folder / "flooded", RATES[10], flooded=True))
        unlimited = _unlimited(folder / "unlimited")
    for figure in figures:
        figure["context"]["without_limits_numbers_per_second"] = unlimited
    return figures


def _share(folder: Path, rates: list[int], *, flooded: bool = False) -> dict[str, Any]:
    """Verdicts as a share of what is granted; `flooded`: the fastest account is told to wait from its first call on.

    The share is then that of the others, and nothing at all may be asked of the waiting one.
    """
    from pult.modules.checks.tests.world import check_of, list_of, violations
    from tests.workers import workers

    folder.mkdir()
    seconds = SECONDS[len(rates)]
    wanted = sum(rate * seconds + CAPACITY for rate in rates) + 2000
    with workers(folder, people=20_000) as crew:
        owner = _people_with_accounts(crew.simulator, rates)
        truth = list_of(crew.simulator, wanted, "bench")
        check = check_of(owner, truth)
        crew.simulator.post("/api/counters/reset")
        if flooded:
            _flood(crew.simulator, seconds + 60)
        crew.start(2 if len(rates) > 1 else 1)
        time.sleep(seconds)
        crew.stop()
        accounts = _accounts(owner, rates)[1 if flooded else 0 :]
        parts = [_steady(account.pk, rate) for account, rate in accounts]
        harm = violations(crew.simulator)
    wrong = _wrong(check, truth)
    _leave(owner, check)
    share = sum(part["verdicts"] for part in parts) / sum(part["granted"] for part in parts)
    return {
        "name": f"checks-verdicts-{len(rates)}{'-one-waiting' if flooded else ''}",
        "value": round(share, 4),
        "unit": "share of the granted budget",
        "goal": GOAL,
        "ok": GOAL <= share <= MOST_SHARE and not any(wrong.values()) and not harm,
        "context": {**wrong, "violations": harm, "seconds": seconds, "accounts": parts},
    }


def _unlimited(folder: Path) -> int:
    """Numbers a second of one account that grows to calls of 500, where Telegram sets no limit."""
    from pult.modules.checks.models import Check
    from pult.modules.checks.tests.world import check_of, list_of
    from tests.installation import wait_for
    from tests.workers import workers

    folder.mkdir()
    with workers(folder, people=20_000) as crew:
        owner = _people_with_accounts(crew.simulator, [1_000_000], capacity=1_000_000)
        check = check_of(owner, list_of(crew.simulator, ENGINE_NUMBERS, "unlimited"))
        crew.start()
        running = Check.objects.filter(pk=check.pk, state=Check.State.RUNNING)
        wait_for(lambda: not running.exists(), seconds=120, what="the check is finished")
        crew.stop()
    from django.db.models import Max, Min

    from pult.modules.checks.models import Call

    spent = Call.objects.filter(block__check_ref=check).aggregate(
        first=Min("sent_at"), last=Max("answered_at")
    )
    _leave(owner, check)
    seconds: float = (spent["last"] - spent["first"]).total_seconds()
    return round(ENGINE_NUMBERS / seconds)


def _people_with_accounts(simulator: Any, rates: list[int], *, capacity: int = CAPACITY) -> Any:
    from pult.modules.checks.tests import scenes
    from pult.modules.checks.tests.world import connect_account

    owner = scenes.person("bench")
    for place, rate in enumerate(rates):
        limits = {
            "contacts": {"capacity": capacity, "per_second": rate},
            "requests": {"capacity": 1000, "per_second": 200},
        }
        connect_account(
            simulator,
            owner,
            f"7911000000{place}",
            limits=limits,
            name=f"{place}: rate {rate}",
        )
    return owner


def _accounts(owner: Any, rates: list[int]) -> list[tuple[Any, int]]:
    accounts = {account.name: account for account in owner.telegram_accounts.all()}
    return [(accounts[f"{place}: rate {rate}"], rate) for place, rate in enumerate(rates)]


def _flood(simulator: Any, seconds: int) -> None:
    """The first account's first import is answered with so long a flood wait."""
    simulator.post(
        "/api/faults",
        {
            "kind": "flood_wait",
            "phone": "79110000000",
            "method": "contacts.importContacts",
            "seconds": seconds,
            "count": 1,
        },
    )


def _leave(owner: Any, check: Any) -> None:
    """The next figure begins with a simulator of its own: nothing of this one goes on."""
    type(check).objects.filter(pk=check.pk).update(state="cancelled")
    owner.telegram_accounts.all().delete()


def _steady(account_id: Any, rate: int) -> dict[str, Any]:
    """Answers of one account once it has learned, against what its bucket gained meanwhile."""
    from pult.core.telegram.models import Budget
    from pult.modules.checks.models import Call

    calls = Call.objects.filter(account_id=account_id).order_by("pk")
    refused = calls.filter(state=Call.State.REFUSED)
    learned = list(refused.values_list("pk", flat=True)[:LEARNING_WAITS])
    answered = calls.filter(
        outcome="answered", answered_at__isnull=False, pk__gt=learned[-1] if learned else 0
    )
    budget = Budget.objects.get(account=account_id, request="phones")
    times = [(call.answered_at.timestamp(), call.size) for call in answered if call.answered_at]
    # What the bucket may still have held when the window began: less than the refused call wanted, a second's worth
    # more since waits are whole seconds, less what the first call took. It was no grant of the window.
    last_refused = refused.filter(pk=learned[-1]).first() if learned else None
    spare = max(0, last_refused.size + rate - times[0][1]) if last_refused and times else 0
    # Without a second answer nothing can be said: a share of zero, not of one.
    seconds = times[-1][0] - times[0][0] if len(times) > 1 else 1.0
    return {
        "rate": rate,
        "verdicts": max(0, sum(size for _, size in times[1:]) - spare),
        "granted": round(rate * seconds, 1),
        "flood_waits": refused.count(),
        "calls": calls.count(),
        "call_size": budget.call_size,
        "learned_per_second": round((budget.per_hour or 0) / 3600, 2),
    }


def _wrong(check: Any, truth: dict[int, bool]) -> dict[str, int]:
    from pult.modules.checks.tests.world import verdicts

    got = verdicts(check)
    return {
        "wrong_not_found": sum(got[phone] == "n" for phone, findable in truth.items() if findable),
        "wrong_found": sum(got[phone] == "f" for phone, findable in truth.items() if not findable),
    }
