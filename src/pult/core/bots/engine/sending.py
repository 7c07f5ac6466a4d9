"""Sends what waits for one bot: through its limiter, each row at most once, until cancelled.

A row is marked as on its way before its call is made, and settled by the answer. After a kill in between it is unknown.
"""

import asyncio
import contextlib
import math
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import psycopg
import structlog
from django.db import DatabaseError, InterfaceError

from pult.core.bots.engine.client import Client
from pult.core.bots.engine.polling import TokenDead
from pult.core.bots.engine.results import make
from pult.core.bots.operations import claims, retention, settling
from pult.core.bots.rules.limits import Limiter, Limits, Met
from pult.core.bots.rules.pauses import pause_of_bot
from pult.core.bots.values import Call, Fault, Result
from pult.core.jobs import in_database

# Found at once; more are looked for as soon as these are on their way.
AT_ONCE = 100
MOST_UNDER_WAY, MOST_UPLOADS = 64, 4
# Rows that nobody announced (a notice got lost) are found by looking.
LOOK_EVERY_SECONDS = 5.0
# While the limit is used up it is not worth asking the database for each single message.
CALM_SECONDS = 0.04
PAUSE_SECONDS = 0.5
# A working call within this time: a failure is then one of the call, not of the way to Telegram.
LATELY_SECONDS = 60.0
FINISH_WITHIN_SECONDS = 10.0
KEEP_RATE_EVERY_SECONDS = 60.0

log = structlog.get_logger(__name__)

# Results that could not be written down because the database was away; the next sender of this process does it.
_unsettled: dict[UUID, list[Result]] = {}


class Sender:
    """`run()` until cancelled; `wake()` when rows were written. Raises TokenDead, and Bot.DoesNotExist at its start."""

    def __init__(self, bot_id: UUID, client: Client, *, limits: Limits | None = None) -> None:
        self._bot_id, self._client, self._limits = bot_id, client, limits
        self._began, self._began_at = time.time(), time.monotonic()
        self._woken, self._answered, self._finished = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._calls: dict[int, asyncio.Task[None]] = {}
        self._uploads = 0
        self._results: list[Result] = _unsettled.pop(bot_id, [])
        self._failures, self._quiet_until, self._worked_at = 0, -math.inf, -math.inf
        self._claiming: asyncio.Future[set[int]] | None = None
        self._doubtful, self._token_dead = False, False
        # Chats with a call that is not settled yet: what comes back must not be overtaken by what stands behind it.
        self._held: Counter[int] = Counter()
        self._limiter = Limiter(limits, now=self._now())
        self._kept_rate = (0.0, -math.inf)
        self._background: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Something new waits."""
        self._woken.set()

    async def run(self) -> None:
        """Send until cancelled; then what is on its way may finish and is written down."""
        await self._begin()
        settler = asyncio.create_task(self._settle_always(), name=f"settle {self._bot_id}")
        try:
            while not self._token_dead:
                self._woken.clear()
                self._answered.clear()
                until = await self._turn()
                await self._rest_until(until)
            raise TokenDead
        finally:
            await self._finish(settler)

    # Beginning and ending ------------------------------------------------------------------------------------

    async def _begin(self) -> None:
        # What an earlier sender of this process knows goes first: it is better than "unknown".
        await self._write_results()
        await in_database(retention.sweep_fetched)
        found = await in_database(claims.begin, bot_id=self._bot_id, now=self._moment())
        if found.unknown:
            log.warning("bots.left_unknown", bot=str(self._bot_id), count=found.unknown)
        now = self._now()
        self._limiter = Limiter(self._limits, now=found.sent[0][1].timestamp() if found.sent else now,
                                per_second=found.per_second)  # fmt: skip
        for chat_id, at, amount in found.sent:
            self._limiter.replay(chat_id, min(at.timestamp(), now), amount)
        for chat_id, until in found.resting_chats:
            self._limiter.rest_chat(chat_id, until.timestamp(), now)
        if found.resting_until is not None:
            self._limiter.rest(found.resting_until.timestamp())
        self._kept_rate = (found.per_second, now)

    async def _finish(self, settler: "asyncio.Task[None]") -> None:
        calls = list(self._calls.values())
        if calls:
            await asyncio.wait(calls, timeout=FINISH_WITHIN_SECONDS)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
        settler.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await settler
        await asyncio.gather(*self._background)
        try:
            await self._write_results()
            if self._claiming is not None:
                # Taken when we were told to stop, and never sent.
                await self._claiming
                await in_database(claims.release, bot_id=self._bot_id, besides=[])
        except (DatabaseError, psycopg.Error, OSError):
            _unsettled.setdefault(self._bot_id, []).extend(self._results)

    # Sending -------------------------------------------------------------------------------------------------

    async def _turn(self) -> float:
        """Send what may be sent now; returns when to look again."""
        now = self._now()
        if now < self._quiet_until:
            return self._quiet_until
        room = (1 if self._failures else MOST_UNDER_WAY) - len(self._calls)
        if room <= 0:
            return now + LOOK_EVERY_SECONDS
        free_at = self._limiter.free_at(now)
        closed = {**self._limiter.closed_chats(now), **dict.fromkeys(+self._held, math.inf)}
        try:
            if self._doubtful:
                await in_database(claims.release, bot_id=self._bot_id, besides=self._in_hand())
                self._doubtful = False
            found = await in_database(
                claims.waiting_calls,
                bot_id=self._bot_id,
                now=self._moment(),
                open_at_all=free_at <= now,
                closed=list(closed),
                limit=AT_ONCE,
            )
            begun = await self._begin_calls(found, room)
            if begun:
                return now
            if free_at > now:
                # No message can go before that, whenever it may.
                return min(now + LOOK_EVERY_SECONDS, max(free_at, now + CALM_SECONDS))
            later = await in_database(claims.next_not_before, bot_id=self._bot_id, now=self._moment())
        except (DatabaseError, InterfaceError, psycopg.Error, OSError) as error:
            log.warning("bots.database_unreachable", error=type(error).__name__)
            return self._now() + PAUSE_SECONDS
        moments = [now + LOOK_EVERY_SECONDS, *closed.values()]
        moments += [] if later is None else [later.timestamp()]
        return min(moments)

    async def _begin_calls(self, found: list[Call], room: int) -> int:
        """Take as many as may go now and send them; returns how many rows moved on."""
        chosen = self._chosen(found, room)
        outdated = [call.id for call in found if call.outdated]
        if outdated:
            await in_database(claims.drop, outdated)
        claimed: set[int] = set()
        try:
            claimed = await self._claimed([call.id for call in chosen])
        finally:
            for call in chosen:
                if call.id in claimed:
                    self._calls[call.id] = asyncio.create_task(self._send(call))
                else:
                    self._end(call, charged=False)
        return len(claimed) + len(outdated)

    async def _claimed(self, ids: list[int]) -> set[int]:
        if not ids:
            return set()
        # Whoever is told to stop at this very moment still has to know what was taken.
        self._claiming = asyncio.ensure_future(in_database(claims.claim, ids))
        try:
            claimed = await asyncio.shield(self._claiming)
        except Exception:
            # Perhaps they were taken all the same: whatever stands there and is not in our hands goes back.
            self._claiming, self._doubtful = None, True
            raise
        self._claiming = None
        return claimed

    def _chosen(self, found: list[Call], room: int) -> list[Call]:
        now = self._now()
        chosen: list[Call] = []
        for call in found:
            if call.outdated or call.id in self._calls or len(chosen) >= room:
                continue
            if call.file and self._uploads >= MOST_UPLOADS:
                continue
            if call.limited:
                if self._held[call.chat_id]:
                    continue
                if self._limiter.may_begin_at(call.chat_id, now, call.amount) > now:
                    continue
                self._limiter.begin(call.chat_id, now, call.amount)
            self._uploads += bool(call.file)
            chosen.append(call)
        return chosen

    def _end(self, call: Call, *, charged: bool) -> None:
        if call.limited:
            self._limiter.end(call.chat_id, self._now(), call.amount, charged=charged)
        self._uploads -= bool(call.file)

    async def _send(self, call: Call) -> None:
        result = Result(call, self._moment(), Fault.UNKNOWN, problem="stopped before the answer came")
        try:
            result = await make(self._client, call, now=self._moment)
        except Exception as error:
            log.exception("bots.call_failed", row=call.id, method=call.method)
            result = replace(result, at=self._moment(), problem=type(error).__name__)
        finally:
            del self._calls[call.id]
            self._learn(result)

    def _learn(self, result: Result) -> None:
        """What an answer says about the next calls; the row itself is settled by `_settle_always`."""
        call, now = result.call, self._now()
        charged = result.fault not in {Fault.WAIT, Fault.TOKEN}
        self._end(call, charged=charged)
        if result.fault in {Fault.AGAIN, Fault.UNKNOWN}:
            result = replace(result, counts=now - self._worked_at < LATELY_SECONDS)
            if now >= self._quiet_until:
                # Those that were under way together failed for one reason.
                self._failures += 1
                share = random.random()  # noqa: S311 - spreads load
                self._quiet_until = now + pause_of_bot(self._failures, share)
        else:
            self._failures, self._worked_at = 0, now
        if result.fault is Fault.WAIT:
            self._told_to_wait(result, now)
        elif result.fault is Fault.TOKEN:
            self._token_dead = True
        if result.fault is not None:
            self._held[call.chat_id] += 1
        self._results.append(result)
        self._answered.set()
        self._finished.set()

    def _told_to_wait(self, result: Result, now: float) -> None:
        call = result.call
        until = self._moment() + timedelta(seconds=result.retry_after)
        if not call.limited:
            met = Met.BOT
            self._limiter.rest(now + result.retry_after)
        else:
            met = self._limiter.refused(call.chat_id, now, result.retry_after)
        rate = self._limiter.per_second(now)
        log.warning(
            "bots.told_to_wait", bot=str(self._bot_id), whose=met, seconds=result.retry_after, rate=rate
        )
        chat_id = call.chat_id if met is Met.CHAT else None
        self._in_background(
            partial(settling.note_rest, bot_id=self._bot_id, chat_id=chat_id, until=until, per_second=rate)
        )

    # Waiting -------------------------------------------------------------------------------------------------

    async def _rest_until(self, until: float) -> None:
        """Until then, or until something new waits or was answered."""
        pause = until - self._now()
        if pause <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.ensure_future(self._woken.wait())
        answered = asyncio.ensure_future(self._answered.wait())
        try:
            await asyncio.wait({woken, answered}, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
            if not woken.done():
                # Many answers within a moment are one reason to look.
                await asyncio.wait({woken}, timeout=min(pause, CALM_SECONDS))
        finally:
            woken.cancel()
            answered.cancel()

    # Writing down --------------------------------------------------------------------------------------------

    async def _settle_always(self) -> None:
        while True:
            await self._finished.wait()
            self._finished.clear()
            try:
                await self._write_results()
                await self._keep_rate()
            except (DatabaseError, InterfaceError, psycopg.Error, OSError) as error:
                log.warning("bots.not_written_down", error=type(error).__name__, rows=len(self._results))
                self._finished.set()
                await asyncio.sleep(PAUSE_SECONDS)

    async def _write_results(self) -> None:
        while self._results:
            batch = self._results[:AT_ONCE]
            await in_database(settling.settle, bot_id=self._bot_id, results=batch, now=self._moment())
            del self._results[: len(batch)]
            self._held -= Counter(result.call.chat_id for result in batch if result.fault is not None)
            self._answered.set()

    async def _keep_rate(self) -> None:
        rate, at = self._kept_rate
        now = self._now()
        learned = self._limiter.per_second(now)
        if now - at > KEEP_RATE_EVERY_SECONDS and abs(learned - rate) > rate / 100:
            await in_database(settling.note_rate, bot_id=self._bot_id, per_second=learned)
            self._kept_rate = (learned, now)

    def _in_background(self, deed: "Callable[[], None]") -> None:
        async def done() -> None:
            try:
                await in_database(deed)
            except (DatabaseError, InterfaceError, psycopg.Error, OSError) as error:
                log.warning("bots.not_written_down", error=type(error).__name__)

        task = asyncio.create_task(done())
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def _in_hand(self) -> list[int]:
        return [*self._calls, *(result.call.id for result in self._results)]

    def _now(self) -> float:
        """Seconds since 1970 that never jump."""
        return self._began + time.monotonic() - self._began_at

    def _moment(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)
