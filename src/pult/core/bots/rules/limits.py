"""How much a bot may send and when: over all, to one chat, to one group. Pure: time comes in as seconds.

Telegram publishes no exact limits (TELEGRAM.md): about 30 messages a second over all, one a second to one chat with
short bursts, 20 a minute to one group; whoever sends more is told to wait (429 with `retry_after`).

A call counts as "under way" from its beginning until its answer, and is charged when the answer is there. Telegram
counts it at some moment in between: however long calls take, our count never lies below Telegram's.
"""

import math
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

# Met again within so many seconds a limit was cut too little; met after a long peace it was only touched.
SOON_SECONDS = 60.0
CUT_SOON, CUT_LATER = 0.8, 0.97
LEAST_PER_SECOND = 0.5
# A rate that was cut is tried again, ever so slowly: half a percent a minute.
GROWTH_PER_MINUTE = 1.005
# Two chats refused within this time: it is not the chats.
SAME_TROUBLE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What Telegram grants: messages a second over all and how many at once, to one chat, in a minute to one group."""

    per_second: float = 30.0
    burst: float = 20.0
    chat_per_second: float = 1.0
    chat_burst: float = 3.0
    group_most: int = 20
    group_seconds: float = 60.0


class Met(StrEnum):
    """Whose limit a refusal was about."""

    CHAT = "chat"
    BOT = "bot"


@dataclass(slots=True)
class Bucket:
    """Fills at `rate` a second up to `capacity`; may be in debt, where more was charged than it held."""

    capacity: float
    rate: float
    level: float
    at: float

    def advance(self, now: float) -> None:
        """Fill it up to this moment."""
        if now > self.at:
            self.level = min(self.capacity, self.level + (now - self.at) * self.rate)
            self.at = now

    def free_at(self, amount: float, now: float) -> float:
        """When it holds so much (or is full, where it can never hold so much)."""
        self.advance(now)
        missing = min(amount, self.capacity) - self.level
        return now if missing <= 1e-9 else now + missing / self.rate

    def used(self) -> float:
        """Which share of it is gone: 0 when full."""
        return 1 - self.level / self.capacity


@dataclass(slots=True)
class _Chat:
    bucket: Bucket
    group: bool
    under_way: int = 0
    resting_until: float = -math.inf
    # When calls to a group were charged, as often as they count; the oldest first.
    charged: deque[float] = field(default_factory=deque)


class Limiter:
    """The one limiter of a bot. `may_begin_at` asks, `begin` and `end` tell it about each limited call.

    One call at a time to one chat, so that the order within a chat is kept whatever the network does.
    """

    def __init__(self, limits: Limits | None = None, *, now: float, per_second: float | None = None) -> None:
        self.limits = limits = limits or Limits()
        rate = min(limits.per_second, per_second or limits.per_second)
        self._all = Bucket(limits.burst, rate, limits.burst, now)
        self._rate, self._rate_at = rate, now
        self._under_way = 0
        self._resting_until = -math.inf
        self._cut_at = -math.inf
        self._chats: dict[int, _Chat] = {}
        self._refused: deque[tuple[float, int]] = deque(maxlen=8)

    # Asking ----------------------------------------------------------------------------------------------------

    def per_second(self, now: float) -> float:
        """Messages a second over all that this bot has learned it may send."""
        grown = self._rate * math.pow(GROWTH_PER_MINUTE, max(0.0, now - self._rate_at) / 60)
        return min(self.limits.per_second, grown)

    def free_at(self, now: float, amount: int = 1) -> float:
        """When the limit over all lets the next call begin."""
        self._learned(now)
        wanted = min(amount, self._all.capacity) + self._under_way
        if wanted > self._all.capacity:
            # As much is under way as fits into the bucket: nothing but an answer makes room.
            return math.inf
        return max(self._all.free_at(wanted, now), self._resting_until)

    def chat_free_at(self, chat_id: int, now: float, amount: int = 1) -> float:
        """When a chat's own limits let the next call begin; infinity while one is under way to it."""
        chat = self._chats.get(chat_id)
        if chat is None:
            return now
        if chat.under_way:
            return math.inf
        at = max(now, chat.resting_until, chat.bucket.free_at(amount, now))
        if chat.group:
            at = max(at, self._group_free_at(chat, now, amount))
        return at

    def may_begin_at(self, chat_id: int, now: float, amount: int = 1) -> float:
        """When such a call may begin; `now` where it may at once."""
        return max(self.free_at(now, amount), self.chat_free_at(chat_id, now, amount))

    def closed_chats(self, now: float) -> dict[int, float]:
        """Chats to which nothing may be sent now, and until when."""
        closed = {}
        for chat_id, chat in list(self._chats.items()):
            at = self.chat_free_at(chat_id, now)
            if at > now:
                closed[chat_id] = at
            elif not chat.charged and chat.bucket.level >= chat.bucket.capacity:
                # Nothing is left of what was sent to it.
                del self._chats[chat_id]
        return closed

    # Telling ---------------------------------------------------------------------------------------------------

    def begin(self, chat_id: int, now: float, amount: int = 1) -> None:
        """A call begins."""
        self._under_way += amount
        self._chat(chat_id, now).under_way += amount

    def end(self, chat_id: int, now: float, amount: int = 1, *, charged: bool = True) -> None:
        """A call has its answer, or never will have; `charged`: Telegram may have counted it."""
        chat = self._chat(chat_id, now)
        self._under_way -= amount
        chat.under_way -= amount
        if charged:
            self._charge(chat, now, amount)

    def replay(self, chat_id: int, sent_at: float, amount: int = 1) -> None:
        """A message that was sent before this limiter was made; to be told in the order of time."""
        self._charge(self._chat(chat_id, sent_at), sent_at, amount)

    def rest_chat(self, chat_id: int, until: float, now: float) -> None:
        """Leave a chat alone until then."""
        chat = self._chat(chat_id, now)
        chat.resting_until = max(chat.resting_until, until)

    def rest(self, until: float) -> None:
        """Send nothing at all until then."""
        self._resting_until = max(self._resting_until, until)

    def refused(self, chat_id: int, now: float, retry_after: float) -> Met:
        """Telegram says 429: rest for as long as it says, learn from it, and return whose limit it was.

        It does not say whose. The one that was used up more is to blame; two chats refused at the same time are not.
        """
        chat = self._chat(chat_id, now)
        self._refused.append((now, chat_id))
        self._all.advance(now)
        chat.bucket.advance(now)
        used = chat.bucket.used()
        if chat.group:
            self._drop_old(chat, now)
            used = max(used, len(chat.charged) / self.limits.group_most)
        several = len({each for at, each in self._refused if at > now - SAME_TROUBLE_SECONDS}) > 1
        self.rest_chat(chat_id, now + retry_after, now)
        if not several and used >= self._all.used():
            chat.bucket.level = min(chat.bucket.level, 0.0)
            return Met.CHAT
        self._cut(now)
        self.rest(now + retry_after)
        return Met.BOT

    # Within ----------------------------------------------------------------------------------------------------

    def _learned(self, now: float) -> None:
        """The rate that is known now; who may send less may send less at once."""
        self._all.advance(now)
        self._all.rate = self.per_second(now)
        self._all.capacity = max(1.0, self.limits.burst * self._all.rate / self.limits.per_second)

    def _chat(self, chat_id: int, now: float) -> _Chat:
        chat = self._chats.get(chat_id)
        if chat is None:
            bucket = Bucket(self.limits.chat_burst, self.limits.chat_per_second, self.limits.chat_burst, now)
            # Groups and channels have negative ids.
            chat = self._chats[chat_id] = _Chat(bucket, group=chat_id < 0)
        return chat

    def _charge(self, chat: _Chat, now: float, amount: int) -> None:
        self._learned(now)
        for bucket in (self._all, chat.bucket):
            bucket.advance(now)
            bucket.level -= amount
        if chat.group:
            chat.charged.extend([now] * amount)

    def _cut(self, now: float) -> None:
        if now < self._resting_until:
            # Calls that were under way when the limit was met tell nothing new.
            return
        soon = now - self._cut_at < SOON_SECONDS
        rate = self.per_second(now) * (CUT_SOON if soon else CUT_LATER)
        self._rate, self._rate_at, self._cut_at = max(LEAST_PER_SECOND, rate), now, now
        self._all.level = min(self._all.level, 0.0)

    def _drop_old(self, chat: _Chat, now: float) -> None:
        while chat.charged and chat.charged[0] <= now - self.limits.group_seconds:
            chat.charged.popleft()

    def _group_free_at(self, chat: _Chat, now: float, amount: int) -> float:
        self._drop_old(chat, now)
        too_many = len(chat.charged) + min(amount, self.limits.group_most) - self.limits.group_most
        return now if too_many <= 0 else chat.charged[too_many - 1] + self.limits.group_seconds
