"""The limiter: whatever the network does, Telegram is not asked for more than it grants; nothing is given away."""

import heapq
import math
import random
from collections import deque
from dataclasses import dataclass, field

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pult.core.bots.rules.limits import Bucket, Limiter, Limits, Met


@dataclass
class Telegram:
    """Counts what arrives, as the simulator does: buckets over all and for each chat, and a window for each group."""

    per_second: float = 30.0
    all: Bucket = field(init=False)
    chats: dict[int, Bucket] = field(default_factory=dict)
    groups: dict[int, "deque[float]"] = field(default_factory=dict)
    granted: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        self.all = Bucket(30, self.per_second, 30, 0)

    def ask(self, chat_id: int, now: float) -> int | None:
        """None when granted, else the seconds to wait."""
        waits = [self.all.free_at(1, now)]
        bucket = self.chats.setdefault(chat_id, Bucket(3, 1, 3, now))
        window = self.groups.setdefault(chat_id, deque())
        if chat_id < 0:
            while window and window[0] <= now - 60:
                window.popleft()
            waits.append(window[0] + 60 if len(window) >= 20 else now)
        else:
            waits.append(bucket.free_at(1, now))
        if max(waits) > now:
            self.refused += 1
            return max(1, math.ceil(max(waits) - now))
        self.all.level -= 1
        bucket.level -= 1
        window.append(now)
        self.granted += 1
        return None


def send(
    waiting: dict[int, int],
    telegram: Telegram,
    limiter: Limiter,
    *,
    seconds: float,
    latency: float,
    seed: int,
) -> None:
    """Send so many messages to each chat, each call taking up to `latency` seconds, arriving somewhere in between."""
    dice = random.Random(seed)
    now, tie = 0.0, 0
    events: list[tuple[float, int, str, int, int | None]] = []
    line = deque(waiting)
    while now < seconds:
        next_free = next_call(line, limiter, now)
        while line and next_free <= now:
            chat_id = line.pop()
            limiter.begin(chat_id, now)
            waiting[chat_id] -= 1
            if waiting[chat_id]:
                line.append(chat_id)
                line.rotate(1)
            tie += 1
            heapq.heappush(events, (now + dice.random() * latency, tie, "arrives", chat_id, None))
            next_free = next_call(line, limiter, now)
        if not events and math.isinf(next_free):
            return
        if not events or events[0][0] > next_free:
            now = next_free
            continue
        now, _, what, chat_id, answer = heapq.heappop(events)
        if what == "arrives":
            tie += 1
            answer = telegram.ask(chat_id, now)
            heapq.heappush(events, (now + dice.random() * latency, tie, "answered", chat_id, answer))
            continue
        limiter.end(chat_id, now, charged=answer is None)
        if answer is not None:
            if not waiting[chat_id]:
                line.append(chat_id)
            waiting[chat_id] += 1
            limiter.refused(chat_id, now, answer)


def next_call(line: "deque[int]", limiter: Limiter, now: float) -> float:
    """When the next call may begin; where that is now, its chat stands last in the line."""
    at = limiter.free_at(now)
    if at > now:
        return at if line else math.inf
    soonest = math.inf
    for _ in range(len(line)):
        line.rotate(-1)
        at = limiter.chat_free_at(line[-1], now)
        if at <= now:
            return now
        soonest = min(soonest, at)
    return soonest


chat_ids = st.one_of(st.integers(1, 40), st.integers(-6, -1))


@settings(deadline=None, max_examples=60)
@given(
    waiting=st.dictionaries(chat_ids, st.integers(1, 60), min_size=1, max_size=30),
    latency=st.sampled_from([0.0, 0.005, 0.1, 0.4, 2.0, 15.0]),
    seed=st.integers(0, 1000),
)
@example(waiting=dict.fromkeys(range(1, 200), 3), latency=0.4, seed=1)
@example(waiting={-1: 70}, latency=2.0, seed=1)
def test_nothing_is_ever_refused_however_slow_and_uneven_the_network_is(
    waiting: dict[int, int], latency: float, seed: int
) -> None:
    telegram, limiter = Telegram(), Limiter(now=0.0)
    send(waiting, telegram, limiter, seconds=400, latency=latency, seed=seed)
    assert telegram.refused == 0


def test_the_whole_rate_is_used_when_there_is_enough_to_send() -> None:
    telegram, limiter = Telegram(), Limiter(now=0.0)
    send(dict.fromkeys(range(1, 3000), 2), telegram, limiter, seconds=120, latency=0.2, seed=3)
    assert telegram.refused == 0
    assert telegram.granted >= 0.99 * 30 * 120


def test_a_chat_gets_a_message_a_second_after_a_short_burst() -> None:
    telegram, limiter = Telegram(), Limiter(now=0.0)
    send({7: 100}, telegram, limiter, seconds=60, latency=0.02, seed=3)
    assert telegram.refused == 0
    assert 61 <= telegram.granted <= 63


def test_a_group_gets_twenty_messages_a_minute() -> None:
    telegram, limiter = Telegram(), Limiter(now=0.0)
    send({-7: 1000}, telegram, limiter, seconds=600, latency=0.02, seed=3)
    assert telegram.refused == 0
    assert telegram.granted >= 0.98 * 200


@settings(deadline=None, max_examples=12)
@given(rate=st.floats(4, 29), latency=st.sampled_from([0.01, 0.2]), seed=st.integers(0, 100))
def test_a_lower_limit_than_thought_is_learned(rate: float, latency: float, seed: int) -> None:
    telegram, limiter = Telegram(per_second=rate), Limiter(now=0.0)
    send(dict.fromkeys(range(1, 3000), 10), telegram, limiter, seconds=300, latency=latency, seed=seed)
    learned = limiter.per_second(300)
    assert rate * 0.6 < learned < rate * 1.15
    assert telegram.granted > 0.7 * rate * 300
    assert telegram.refused < 60, "met, obeyed, learned: not met all the time"


def test_a_pause_of_one_chat_holds_that_chat_only_and_to_the_letter() -> None:
    limiter = Limiter(now=0.0)
    for at in (0.0, 0.1, 0.2):
        limiter.begin(5, at)
        limiter.end(5, at)
    limiter.begin(5, 1.5)
    limiter.end(5, 1.6, charged=False)
    assert limiter.refused(5, 1.6, 30) is Met.CHAT
    assert limiter.may_begin_at(5, 31.5) == 31.6
    assert limiter.may_begin_at(5, 31.6) == 31.6
    assert limiter.may_begin_at(6, 1.6) == 1.6
    assert limiter.per_second(1.6) == 30


def test_two_chats_refused_at_once_mean_the_whole_bot() -> None:
    limiter = Limiter(now=0.0)
    assert limiter.refused(5, 1.0, 4) is Met.CHAT
    assert limiter.refused(6, 1.2, 4) is Met.BOT
    assert limiter.may_begin_at(7, 2.0) == 5.2
    cut = limiter.per_second(2.0)
    assert cut < 30
    limiter.refused(8, 1.3, 4)
    assert limiter.per_second(2.0) == cut, "what was under way teaches nothing new"


def test_a_cut_rate_grows_slowly_and_not_beyond_what_is_granted() -> None:
    limiter = Limiter(now=0.0, per_second=20)
    assert limiter.per_second(0) == 20
    assert 20 < limiter.per_second(600) < 21.1
    assert limiter.per_second(100_000) == 30
    assert Limiter(now=0.0, per_second=500).per_second(0) == 30


def test_after_a_restart_the_last_minute_counts() -> None:
    limiter = Limiter(now=100.0)
    for place in range(20):
        limiter.replay(-5, 50.0 + place)
    assert limiter.chat_free_at(-5, 100.0) == 110.0
    for _ in range(3):
        limiter.replay(5, 99.9)
    assert 100.8 < limiter.chat_free_at(5, 100.0) <= 101.0


def test_calls_to_one_chat_go_one_after_another() -> None:
    limiter = Limiter(now=0.0)
    limiter.begin(5, 0.0)
    assert math.isinf(limiter.may_begin_at(5, 0.1))
    assert limiter.closed_chats(0.1) == {5: math.inf}
    limiter.end(5, 0.2)
    assert limiter.may_begin_at(5, 0.2) == 0.2


def test_an_album_counts_as_its_parts() -> None:
    limiter = Limiter(Limits(chat_burst=3), now=0.0)
    limiter.begin(5, 0.0, 10)
    limiter.end(5, 0.0, 10)
    assert limiter.chat_free_at(5, 0.0) == 8.0


def test_idle_chats_take_no_memory() -> None:
    limiter = Limiter(now=0.0)
    for chat_id in range(1, 200):
        limiter.begin(chat_id, 0.0)
        limiter.end(chat_id, 0.0)
    limiter.closed_chats(10.0)
    assert not limiter._chats
