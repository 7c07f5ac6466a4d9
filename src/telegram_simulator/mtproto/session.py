"""One session of a client: what was asked and answered, so that nothing is done twice."""

import asyncio
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from telegram_simulator.mtproto.connection import ClientConnection

# How much is remembered for one session.
MAX_SEEN = 1024
MAX_KEPT_ANSWERS = 256
MAX_KEPT_BYTES = 1_048_576


def _random_long() -> int:
    return int.from_bytes(secrets.token_bytes(8), "little", signed=True)


@dataclass(slots=True, eq=False)
class Session:
    """Lives on when its connection is cut: the client may come back and ask again with the same msg_id."""

    auth_key_id: int
    session_id: int
    key: bytes
    connection: "ClientConnection | None" = None
    is_new: bool = True  # until new_session_created has been said
    unique_id: int = field(default_factory=_random_long)
    subscribed: bool = False  # to updates, by the first request that does not say otherwise
    running: dict[int, asyncio.Task[None]] = field(default_factory=dict)  # by the msg_id of the request
    last_used: float = field(default_factory=time.monotonic)
    _content_sent: int = 0
    _seen: OrderedDict[int, None] = field(default_factory=OrderedDict)
    _forgotten_up_to: int = 0
    _answers: OrderedDict[int, bytes] = field(default_factory=OrderedDict)
    _answer_bytes: int = 0
    _request_of_sent: dict[int, int] = field(default_factory=dict)

    def next_seqno(self, *, content_related: bool) -> int:
        """Twice the number of content-related messages so far, plus one for such a message itself."""
        seqno = self._content_sent * 2 + (1 if content_related else 0)
        self._content_sent += content_related
        return seqno

    def is_forgotten(self, msg_id: int) -> bool:
        """Too far back to say whether it was received (bad_msg_notification 20)."""
        return msg_id <= self._forgotten_up_to

    def first_sight(self, msg_id: int) -> bool:
        """Remember a msg_id; False when it was here before."""
        if msg_id in self._seen:
            return False
        self._seen[msg_id] = None
        if len(self._seen) > MAX_SEEN:
            # Ids rise, so what came first is the lowest, give or take the order inside a container.
            self._forgotten_up_to = max(self._forgotten_up_to, self._seen.popitem(last=False)[0])
        return True

    def keep_answer(self, msg_id: int, result: bytes) -> None:
        """Keep an rpc_result until the client has acknowledged it, or until there are too many."""
        self._answers[msg_id] = result
        self._answer_bytes += len(result)
        while self._answers and (
            len(self._answers) > MAX_KEPT_ANSWERS or self._answer_bytes > MAX_KEPT_BYTES
        ):
            self._answer_bytes -= len(self._answers.popitem(last=False)[1])

    def kept_answer(self, msg_id: int) -> bytes | None:
        """The rpc_result that was given to this request, while it is kept."""
        return self._answers.get(msg_id)

    def answer_sent_as(self, msg_id: int, sent_msg_id: int) -> None:
        """Remember under which id of ours an answer went out: the acknowledgement will name it."""
        if msg_id in self._answers:
            self._request_of_sent[sent_msg_id] = msg_id
            if len(self._request_of_sent) > 2 * MAX_KEPT_ANSWERS:
                del self._request_of_sent[next(iter(self._request_of_sent))]

    def acknowledged(self, sent_msg_id: int) -> None:
        """The client has this answer and will not ask for it again."""
        msg_id = self._request_of_sent.pop(sent_msg_id, None)
        if msg_id is not None and (result := self._answers.pop(msg_id, None)) is not None:
            self._answer_bytes -= len(result)

    def state_of(self, msg_id: int) -> int:
        """The byte of a msgs_state_info: 1 nothing known, 2 not received, 4 received."""
        if self.is_forgotten(msg_id):
            return 1
        return 4 if msg_id in self._seen else 2
