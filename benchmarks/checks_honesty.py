"""Wrong misses under random trouble: flood waits, unanswered numbers, cut connections, errors, killed workers.

The troubles are drawn from a generator with a fixed seed and ordered at the simulated Telegram one by one; again and
again, five seconds after their first call, all workers are killed with SIGKILL and started anew. Afterwards each
stored verdict is compared with what the simulated world knows. A number may stay unanswered; it may never be called
not found when Telegram would have named somebody, nor found when it would not.
"""

import random
import time
from pathlib import Path
from typing import Any

from benchmarks.fresh_database import installation

SECONDS = 30
NUMBERS = 8_000
ACCOUNTS = 8
KILL_AFTER_SECONDS = 5
IMPORT = "contacts.importContacts"


def _trouble(random_: random.Random) -> dict[str, Any]:
    """One order for the simulator, for one account."""
    kind = random_.choice(
        ["flood_wait", "retry_contacts", "retry_contacts", "drop_before", "drop_after", "latency", "error"]
    )
    order: dict[str, Any] = {"kind": kind, "count": 1, "phone": f"7911000000{random_.randrange(ACCOUNTS)}"}
    if kind != "retry_contacts":
        # Half of the cuts and errors hit the removal of contacts after an import.
        order["method"] = IMPORT if random_.random() < 0.7 else "contacts.deleteContacts"
    if kind == "flood_wait":
        order |= {"seconds": random_.randint(1, 4), "method": IMPORT}
    elif kind == "retry_contacts":
        order["share"] = random_.choice([0.05, 0.2, 0.5])
    elif kind == "latency":
        order["milliseconds"] = random_.randint(200, 2000)
    elif kind == "error":
        order |= {"code": 500, "message": random_.choice(["INTERNAL", "RPC_CALL_FAIL"])}
    return order


def checks_honesty() -> dict[str, Any]:
    """How many verdicts are wrong; none may be."""
    with installation() as folder:
        return _figure(folder)


def _figure(folder: Path) -> dict[str, Any]:
    from pult.modules.checks.models import Call
    from pult.modules.checks.tests import scenes
    from pult.modules.checks.tests.world import check_of, connect_account, list_of, verdicts, violations
    from tests.workers import workers

    random_ = random.Random(20_261_121)
    with workers(folder, people=20_000) as crew:
        owner = scenes.person("bench")
        limits = {"contacts": {"capacity": 400, "per_second": 60}}
        for place in range(ACCOUNTS):
            connect_account(crew.simulator, owner, f"7911000000{place}", limits=limits)
        truth = list_of(crew.simulator, NUMBERS, "honesty")
        check = check_of(owner, truth)
        ordered: dict[str, int] = {}
        kills = 0
        crew.start(2)
        began, calls, working_since = time.monotonic(), 0, None
        while time.monotonic() - began < SECONDS:
            time.sleep(random_.uniform(0.6, 1.8))
            order = _trouble(random_)
            crew.simulator.post("/api/faults", order)
            ordered[order["kind"]] = ordered.get(order["kind"], 0) + 1
            if working_since is None and Call.objects.count() > calls:
                working_since = time.monotonic()
            if working_since is not None and time.monotonic() - working_since > KILL_AFTER_SECONDS:
                crew.kill()
                calls, working_since, kills = Call.objects.count(), None, kills + 1
                crew.start(2)
        crew.stop()
        harm = violations(crew.simulator)
    got = verdicts(check)
    wrong_misses = sum(got[phone] == "n" for phone, findable in truth.items() if findable)
    wrong_hits = sum(got[phone] == "f" for phone, findable in truth.items() if not findable)
    decided = sum(state in "fn" for state in got.values())
    # Without enough verdicts nothing is shown: silence is honest, too.
    enough = decided >= NUMBERS // 4
    return {
        "name": "checks-honesty",
        "value": wrong_misses,
        "unit": "wrong misses",
        "goal": 0,
        "ok": not wrong_misses and not wrong_hits and not harm and enough and kills >= 2,
        "context": {
            "numbers": NUMBERS,
            "verdicts": decided,
            "unanswered": sum(state == "u" for state in got.values()),
            "wrong_hits": wrong_hits,
            "violations": harm,
            "troubles": ordered,
            "kills_of_all_workers": kills,
            "accounts": ACCOUNTS,
            "seconds": SECONDS,
        },
    }
