"""Pult beside the public `telegram-phone-number-checker` (PyPI), on the same simulated Telegram with the same budget.

Both get an account with equal limits, the same numbers in the same order (registered, unregistered, hidden) and the
same time, counted from the start of the process. For one number in fifty both accounts hear `retry_contacts` instead
of an answer, as Telegram does to who asks much. The other tool is installed from its own lock file
(requirements/comparison.txt) into an environment of its own and runs unmodified (`benchmarks/rival_runner.py` says
how). Counted are verdicts that agree with what the simulated world shows to who asks; a wrong miss is "nobody" for a
number behind which somebody can be found.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.fresh_database import installation

SECONDS = 25
NUMBERS = 4_000
LIMITS = {"contacts": {"capacity": 200, "per_second": 10}, "requests": {"capacity": 300, "per_second": 60}}
RETRY_SHARE = 0.02
# Who has the same budget can only be as fast; the difference lies in what is wrong.
GOAL = 0.95
PROJECT = Path(__file__).resolve().parents[1]
PULT, RIVAL = "79110000001", "79110000002"


def checks_rivals() -> dict[str, Any]:
    """Correct verdicts an hour, Pult's as a share of the other's; wrong misses of each in the context."""
    try:
        python = _environment_of_rival()
    except subprocess.CalledProcessError as error:
        return _not_done(f"could not be installed: {(error.stderr or '').strip().splitlines()[-1:]}")
    with installation() as folder:
        return _figure(folder, python)


def _environment_of_rival() -> Path:
    """The Python of an environment with the other tool; made once for each state of its lock file."""
    lock = PROJECT / "requirements" / "comparison.txt"
    name = f"pult-bench-rival-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    folder = Path(tempfile.gettempdir()) / name
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(folder)],
            [*pip, "--require-hashes", "-r", str(lock)],
        ):
            subprocess.run(command, check=True, capture_output=True, text=True)
        (folder / "complete").touch()
    return python


def _figure(folder: Path, python: Path) -> dict[str, Any]:
    from pult.modules.checks.tests.world import list_of
    from tests.workers import workers

    with workers(folder, people=20_000) as crew:
        truth = list_of(crew.simulator, NUMBERS, "rivals")
        ours = _pult(crew, truth)
        theirs = _rival(crew.simulator, python, folder, truth)
    share = ours["correct_per_hour"] / max(1, theirs["correct_per_hour"])
    return {
        "name": "checks-rivals",
        "value": round(share, 3),
        "unit": "correct verdicts an hour as a share of the other tool's",
        "goal": GOAL,
        "ok": share >= GOAL and not ours["wrong_misses"] and not ours["violations"],
        "context": {
            "pult": ours,
            "telegram-phone-number-checker": theirs,
            "seconds_each": SECONDS,
            "limits_of_each_account": LIMITS,
            "what_was_done": "same numbers, one account each, one after the other; one number in fifty"
            " is answered with retry_contacts; the other tool's get_names() is called for number"
            " after number as its own loop does, and where it gives up with a flood wait it is started again after"
            " that wait; its session file carries address and key of the simulator, nothing in it is changed",
        },
    }


def _pult(crew: Any, truth: dict[int, bool]) -> dict[str, Any]:
    from pult.modules.checks.tests import scenes
    from pult.modules.checks.tests.world import check_of, connect_account, verdicts

    owner = scenes.person("bench")
    connect_account(crew.simulator, owner, PULT, limits=LIMITS)
    check = check_of(owner, truth)
    crew.simulator.post("/api/counters/reset")
    _leave_some_unanswered(crew.simulator, PULT)
    crew.start()
    time.sleep(SECONDS)
    got = verdicts(check)
    crew.stop()
    said = {phone: state == "f" for phone, state in got.items() if state in "fn"}
    return _score(said, truth, crew.simulator, PULT)


def _rival(simulator: Any, python: Path, folder: Path, truth: dict[int, bool]) -> dict[str, Any]:
    simulator.post("/api/accounts", {"phone": RIVAL, "first_name": "Tester", "limits": LIMITS})
    api_id, api_hash = simulator.key_pair()
    wishes = {
        "session": simulator.session_for(RIVAL),
        "phone": f"+{RIVAL}",
        "api_id": str(api_id),
        "api_hash": api_hash,
        "numbers": list(truth),
        "until": time.time() + SECONDS,
    }
    (folder / "rival.json").write_text(json.dumps(wishes))
    _leave_some_unanswered(simulator, RIVAL)
    done = subprocess.run(
        [str(python), str(PROJECT / "benchmarks" / "rival_runner.py"), str(folder / "rival.json")],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
        timeout=SECONDS * 3,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    said = {int(phone): found for phone, found in told["said"].items()}
    return {**_score(said, truth, simulator, RIVAL), "gave_up": told["gave_up"]}


def _score(said: dict[int, bool], truth: dict[int, bool], simulator: Any, phone: str) -> dict[str, Any]:
    known = simulator.get("/api/counters")["accounts"][phone]
    correct = sum(truth[number] == found for number, found in said.items())
    return {
        "correct_per_hour": round(correct * 3600 / SECONDS),
        "verdicts": len(said),
        "wrong_misses": sum(truth[number] and not found for number, found in said.items()),
        "wrong_hits": sum(found and not truth[number] for number, found in said.items()),
        "flood_waits": known["waits_answered"],
        "violations": known["violations_total"],
    }


def _leave_some_unanswered(simulator: Any, phone: str) -> None:
    """From now on this account hears for some numbers "ask again" instead of an answer."""
    order = {"kind": "retry_contacts", "share": RETRY_SHARE, "phone": phone}
    simulator.post("/api/faults", order)


def _not_done(reason: str) -> dict[str, Any]:
    return {
        "name": "checks-rivals",
        "value": 0,
        "unit": "correct verdicts an hour as a share of the other tool's",
        "goal": GOAL,
        "ok": False,
        "context": {"not_done": reason},
    }
