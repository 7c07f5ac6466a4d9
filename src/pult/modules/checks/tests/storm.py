"""The storm of `test_storm`: accounts that answer, fail and die, people who steer, erasures, each in its thread."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from pult.core.people.models import Person
from pult.core.telegram.models import Account
from pult.modules.checks.models import Allowance, Block, Call, Canary, Check, Number
from pult.modules.checks.operations import allowances
from pult.modules.checks.operations.answers import close_call, record_answers
from pult.modules.checks.operations.blocks import lock_check
from pult.modules.checks.operations.claim import PlannedCall, claim_call
from pult.modules.checks.operations.control import (
    UnableToChangeCheck,
    ask_again,
    cancel_check,
    pause_check,
    resume_check,
)
from pult.modules.checks.operations.erasing_numbers import erase_number
from pult.modules.checks.operations.queue import Place, hold_back, move_check, release
from pult.modules.checks.operations.reuse import reuse_verdicts
from pult.modules.checks.operations.setbacks import (
    give_up_account,
    leave_unanswered,
    pause_account,
    pause_distrusted,
    planned_calls,
    recover_calls,
    set_block_aside,
)
from pult.modules.checks.queries.work import open_calls
from pult.modules.checks.tests import scenes

# Over after so many calls; on a crowded machine after so many seconds.
CALLS, SECONDS = 100, 6.0
NUMBERS, IN_A_BLOCK = 150, 15
MOMENT = timedelta(milliseconds=20)
State = Check.State


@dataclass
class Storm:
    """What the threads share: who is in which call, what was asked and given back, and what went wrong."""

    seed: int
    people: list[Person]
    administrator: Person
    accounts: list[Account]
    checks: list[Check]
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    in_calls: dict[int, int] = field(default_factory=dict)
    asked: Counter[int] = field(default_factory=Counter)
    failures: list[BaseException] = field(default_factory=list)
    calls: int = 0

    @property
    def owners(self) -> dict[int, int]:
        return {check.pk: check.owner_id for check in self.checks}

    def begins(self, call: PlannedCall) -> None:
        with self.lock:
            self.calls += 1
            if self.calls >= CALLS:
                self.over.set()
            if call.numbers:
                self.asked[self.owners[call.check_id]] += len(call.numbers)
            for number_id, _ in call.numbers:
                assert number_id not in self.in_calls, "a number is in two calls"
                self.in_calls[number_id] = call.id

    def ends(self, call: PlannedCall) -> None:
        """Told before the database learns of it: from then on others may ask."""
        with self.lock:
            for number_id, _ in call.numbers:
                del self.in_calls[number_id]

    def thread(self, name: str, step: Callable[[random.Random], None]) -> threading.Thread:
        def run() -> None:
            chance = random.Random(f"{self.seed} {name}")
            try:
                while not self.over.is_set():
                    step(chance)
            except BaseException as error:  # noqa: BLE001 - raised again by the test
                self.failures.append(error)
                self.over.set()
            finally:
                connection.close()

        return threading.Thread(target=run, name=name)


def works(storm: Storm, account_id: UUID) -> Callable[[random.Random], None]:
    """One turn of an account, as its shift makes it."""

    def step(chance: random.Random) -> None:
        recover_calls(account_id=account_id, seen=planned_calls(account_id))
        tidy(account_id)
        Account.objects.filter(pk=account_id).exclude(state="connected").update(state="connected")
        call = claim_call(account_id=account_id)
        if call is None:
            time.sleep(0.01)
            return
        storm.begins(call)
        time.sleep(chance.random() * 0.005)
        storm.ends(call)
        OUTCOMES[chance.choices(range(len(OUTCOMES)), WEIGHTS)[0]](account_id, call, chance)
        if chance.random() < 0.8:
            tidy(account_id)

    return step


def tidy(account_id: UUID) -> None:
    for call in open_calls(account_id):
        if call.state != Call.State.PLANNED:
            close_call(call_id=call.id)


def is_answered(account_id: UUID, call: PlannedCall, chance: random.Random) -> None:
    hits = {number: scenes.somebody(value) for number, value in call.numbers if value % 3 == 0}
    retry = {number for number, _ in call.numbers if number not in hits and chance.random() < 0.1}
    seen = None if call.canary is None else chance.random() < 0.8
    recorded = record_answers(call_id=call.id, hits=hits, retry=retry, added=[], canary_seen=seen)
    if recorded is not None and recorded.rest is not None and recorded.distrusted:
        pause_distrusted(account_id=account_id, rest=MOMENT)


def is_refused(account_id: UUID, call: PlannedCall, chance: random.Random) -> None:
    pause_account(account_id=account_id, rest=MOMENT, reason="flood_wait", call_id=call.id)


def gets_lost(account_id: UUID, call: PlannedCall, chance: random.Random) -> None:
    leave_unanswered(call_id=call.id, reason="timeout")


def fails(account_id: UUID, call: PlannedCall, chance: random.Random) -> None:
    set_block_aside(call_id=call.id, error="Trouble")


def is_signed_out(account_id: UUID, call: PlannedCall, chance: random.Random) -> None:
    give_up_account(account_id=account_id, state="needs_sign_in", reason="signed_out", call_id=call.id)


def dies(account_id: UUID, call: PlannedCall, chance: random.Random) -> None:
    """kill -9: nothing is said; the next turn takes the call back."""


OUTCOMES = (is_answered, is_refused, gets_lost, fails, is_signed_out, dies)
WEIGHTS = (16, 2, 1, 1, 1, 1)


def steers(storm: Storm) -> Callable[[random.Random], None]:
    """The owners of the checks; sooner or later the first check is cancelled."""

    def step(chance: random.Random) -> None:
        check = chance.choice(storm.checks)
        verb = chance.choice([pause_check, resume_check, resume_check, ask_again])
        with suppress(UnableToChangeCheck):
            verb(actor=check.owner, check_id=check.pk, now=timezone.now())
        if chance.random() < 0.01:
            with suppress(UnableToChangeCheck):
                first = storm.checks[0]
                cancel_check(actor=first.owner, check_id=first.pk, now=timezone.now())
        time.sleep(0.005)

    return step


def administers(storm: Storm) -> Callable[[random.Random], None]:
    def step(chance: random.Random) -> None:
        now, admin = timezone.now(), storm.administrator
        person = chance.choice([*storm.people, None])
        what = chance.randrange(4)
        if what == 0:
            hold_back(actor=admin, person=person, now=now)
            time.sleep(0.005)
            release(actor=admin, person=person, now=now)
        elif what == 1:
            scope = Allowance.Scope.PERSON if person else Allowance.Scope.ALL
            most = chance.choice([None, storm.asked.total() + 300])
            allowances.set_allowance(actor=admin, scope=scope, person=person, numbers_per_day=most, now=now)
        elif what == 2:
            with suppress(UnableToChangeCheck):
                place = chance.choice(list(Place))
                move_check(actor=admin, check_id=chance.choice(storm.checks).pk, place=place, now=now)
        else:
            Canary.objects.update(suspended_at=None)
        time.sleep(0.01)

    return step


def erases(storm: Storm) -> Callable[[random.Random], None]:
    def step(chance: random.Random) -> None:
        erase_number(
            79_000_000_000 + chance.randrange(NUMBERS), lambda done, total: None, chance.random() < 0.5
        )
        time.sleep(0.05)

    return step


def time_passes(storm: Storm) -> Callable[[random.Random], None]:
    def step(chance: random.Random) -> None:
        make_due(chance.choice(storm.checks))
        time.sleep(0.02)

    return step


def make_due(check: Check) -> None:
    """Whatever of the check waits for a time comes now."""
    with transaction.atomic():
        lock_check(check.pk)
        Block.objects.filter(check_ref=check, wait_until__isnull=False).update(wait_until=Now())
        Number.objects.filter(block__check_ref=check, state="u", ask_after__isnull=False).update(
            ask_after=Now()
        )


def begin(seed: int) -> Storm:
    people = [scenes.person("anna"), scenes.person("boris")]
    accounts = [scenes.account(people[0], shared=True, numbers_per_call=most) for most in (20, 35, 60, 7)]
    for phone in (79_990_000_001, 79_990_000_002, 79_990_000_003):
        Canary.objects.create(phone=phone, created_at=scenes.NOW)
    earlier = many_blocks(people[0], State.FINISHED)
    Number.objects.update(state="n", answered_at=Now())
    Block.objects.update(state="done", not_found_count=F("size"))
    Check.objects.filter(pk=earlier.pk).update(finished_at=Now())
    checks = [many_blocks(person, State.RUNNING) for person in people for _ in range(2)]
    Check.objects.filter(pk=checks[1].pk).update(reuse_days=7, reuse_pending=True)
    return Storm(seed, people, scenes.person("eva", role="owner"), accounts, checks)


def many_blocks(owner: Person, state: Check.State) -> Check:
    """Small blocks, so that accounts meet in the same check."""
    check = scenes.check(owner, numbers=0, state=state)
    for ordinal, first in enumerate(range(0, NUMBERS, IN_A_BLOCK)):
        block = Block.objects.create(check_ref=check, ordinal=ordinal, size=IN_A_BLOCK)
        lines = range(first, first + IN_A_BLOCK)
        Number.objects.bulk_create(
            Number(block=block, phone=79_000_000_000 + line, line=line) for line in lines
        )
    Check.objects.filter(pk=check.pk).update(valid_count=NUMBERS)
    return check


def take_over(storm: Storm) -> None:
    reuse_verdicts(check_id=storm.checks[1].pk)
    time.sleep(0.05)
