"""Rows of checks as the API shows them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, cast

from ninja import Schema
from pydantic import Field

from pult.core.api.values import Moment
from pult.modules.checks.kinds import KINDS, kind_named
from pult.modules.checks.models import Block, Check, LogEntry, Number, RejectedLine
from pult.modules.checks.queries.export_rows import VERDICT_CODES
from pult.modules.checks.queries.log_texts import sentence
from pult.modules.checks.queries.progress import Progress
from pult.modules.checks.queries.uploaded_list import unreadable_text

State = Literal["uploaded", "reading", "unreadable", "ready", "running", "paused", "finished", "cancelled"]
BlockState = Literal["waiting", "working", "done", "cancelled"]
Verdict = Literal["waiting", "found", "not_found", "unanswered"]


class ListOut(Schema):
    """What the list held."""

    valid: int = Field(description="Numbers, each counted once.")
    rejected: int = Field(description="Lines that are no numbers; their reasons are at /rejected.")
    repeated: int = Field(description="Numbers that stood earlier in the list.")
    read_lines: int = Field(description="Lines read so far.")


class TotalsOut(Schema):
    """How many numbers have which verdict."""

    found: int
    not_found: int
    unanswered: int
    waiting: int = Field(description="Not asked yet.")


class CheckOut(Schema):
    """A check."""

    id: int
    name: str
    kind: str = Field(examples=["phone"])
    state: State = Field(
        description="`uploaded`: waits for its column. `reading`: the list is being read. `unreadable`: see "
        "`unreadable_reason`. `ready`: waits for the start. `running`, `paused`, `finished`, `cancelled`."
    )
    unreadable_reason: str | None = Field(description="Why the list could not be read, in words.")
    purpose: str
    region: str
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    erase_at: Moment | None = Field(description="When everything of it is erased; null: not by itself.")
    list: ListOut
    totals: TotalsOut


class BlocksOut(Schema):
    """How many blocks are in which state."""

    waiting: int
    working: int
    done: int
    cancelled: int


class ProgressOut(Schema):
    """How far a check is."""

    final: int = Field(description="Numbers whose verdict stays.")
    per_second: float | None = Field(
        description="Numbers answered a second in the last minutes; null: unknown."
    )
    seconds_left: int | None = Field(description="How long the rest takes at that speed; null: unknown.")
    goes_on_at: Moment | None = Field(
        description="When work goes on while everything waits; null: it does not wait."
    )
    blocks: BlocksOut


class CheckDetails(CheckOut):
    """A check and how far it is."""

    progress: ProgressOut


class BlockOut(Schema):
    """At most 500 numbers, processed on their own."""

    number: int = Field(description="Its place in the list, from 1.")
    state: BlockState
    size: int
    found: int
    not_found: int
    unanswered: int
    attempt: int = Field(description="How often an account took it up.")
    account: str = Field(description="The account that worked on it last; empty before the first.")
    wait_until: Moment | None
    wait_reason: str | None
    started_at: Moment | None
    finished_at: Moment | None


class FoundOut(Schema):
    """Who stands behind a number, as Telegram showed it to the account that asked."""

    entity: str = Field(description="user, bot, channel or group; of a phone number always user.")
    telegram_id: int
    first_name: str
    last_name: str
    usernames: list[str] = Field(description="Without the @.")
    premium: bool
    verified: bool
    last_seen: Literal["online", "recently", "week", "month", "long_ago", "hidden"]
    last_seen_at: Moment | None = Field(description="Where Telegram tells the moment.")


class ResultOut(Schema):
    """One number and its verdict."""

    id: int
    subject: str = Field(
        description="What was asked about: a number in E.164 with plus.", examples=["+79123456789"]
    )
    line: int = Field(description="Line of the list in which it stood first.")
    verdict: Verdict
    reason: str | None = Field(description="Why it is unanswered: `limit`, `no_answer`, `failed`.")
    answered_at: Moment | None
    reused: bool = Field(description="Taken over from an earlier check of yours.")
    person: FoundOut | None = Field(description="Where the verdict is `found`.")


class RejectedOut(Schema):
    """A line that is no number."""

    line: int
    text: str = Field(description="What stood there, cut after 100 characters.")
    problem: str = Field(examples=["too_short"])
    reason: str = Field(description="The same in words.")


class LogOut(Schema):
    """What happened."""

    id: int
    at: Moment
    kind: str = Field(examples=["block_done"])
    text: str = Field(description="A sentence in the language of Accept-Language.")
    block: int | None = Field(description="Number of the block, from 1.")
    account: str


def check_shown(check: Check, *, totals: Mapping[str, int]) -> dict[str, Any]:
    """The values of CheckOut; `totals` has found, not_found and unanswered."""
    found, not_found, unanswered = totals["found"], totals["not_found"], totals["unanswered"]
    reason = check.unreadable_reason if check.state == Check.State.UNREADABLE else ""
    return {
        "id": check.pk,
        "name": check.name,
        "kind": check.kind,
        "state": check.state,
        "unreadable_reason": unreadable_text(reason, kind=check.kind) if reason else None,
        "purpose": check.purpose,
        "region": check.region,
        "created_at": check.created_at,
        "started_at": check.started_at,
        "finished_at": check.finished_at,
        "erase_at": check.erase_at,
        "list": ListOut(
            valid=check.valid_count,
            rejected=check.rejected_count,
            repeated=check.repeated_count,
            read_lines=check.read_lines,
        ),
        "totals": TotalsOut(
            found=found,
            not_found=not_found,
            unanswered=unanswered,
            waiting=max(0, check.valid_count - found - not_found - unanswered),
        ),
    }


def details_shown(check: Check, sums: Progress) -> CheckDetails:
    """A check with its progress."""
    totals = {"found": sums.found, "not_found": sums.not_found, "unanswered": sums.unanswered}
    states = {state.value: sums.blocks.get(state.value, 0) for state in Block.State}
    return CheckDetails(
        **check_shown(check, totals=totals),
        progress=ProgressOut(
            final=sums.final,
            per_second=None if sums.rate is None else round(sums.rate, 2),
            seconds_left=None if sums.left is None else round(sums.left.total_seconds()),
            goes_on_at=sums.next_at,
            blocks=BlocksOut(**states),
        ),
    )


def block_shown(block: Block, *, now: datetime) -> BlockOut:
    """A block; a wait that is over is not shown."""
    waits = block.wait_until is not None and block.wait_until > now
    return BlockOut(
        number=block.ordinal + 1,
        state=cast("BlockState", block.state),
        size=block.size,
        found=block.found_count,
        not_found=block.not_found_count,
        unanswered=block.unanswered_count,
        attempt=block.attempt,
        account=block.account_label,
        wait_until=block.wait_until if waits else None,
        wait_reason=block.wait_reason or None if waits else None,
        started_at=block.started_at,
        finished_at=block.finished_at,
    )


def subject_of(number: Number, kind: str) -> str:
    """What was asked about, as people write it."""
    known = KINDS.get(kind)
    if number.phone is not None:
        return f"+{number.phone}" if known is None else known.shown(number.phone)
    return number.subject if known is None else known.shown(number.subject)


def result_shown(number: Number, *, kind: str) -> ResultOut:
    """A number with its verdict and who was found."""
    found = getattr(number, "finding", None) if number.state == Number.State.FOUND else None
    unanswered = number.state == Number.State.UNANSWERED
    return ResultOut(
        id=number.pk,
        subject=subject_of(number, kind),
        line=number.line,
        verdict=cast("Verdict", VERDICT_CODES[Number.State(number.state)]),
        reason=number.unanswered_reason or None if unanswered else None,
        answered_at=number.answered_at,
        reused=number.reused,
        person=None
        if found is None
        else FoundOut(
            entity=found.entity,
            telegram_id=found.telegram_id,
            first_name=found.first_name,
            last_name=found.last_name,
            usernames=found.usernames,
            premium=found.premium,
            verified=found.verified,
            last_seen=found.last_seen,
            last_seen_at=found.last_seen_at,
        ),
    )


def rejected_shown(line: RejectedLine, *, kind: str) -> RejectedOut:
    """A rejected line with its reason in words."""
    return RejectedOut(
        line=line.line,
        text=line.text,
        problem=line.problem,
        reason=kind_named(kind).problem_text(line.problem),
    )


def entry_shown(entry: LogEntry) -> LogOut:
    """A log entry as a sentence."""
    return LogOut(
        id=entry.pk,
        at=entry.at,
        kind=entry.kind,
        text=sentence(entry),
        block=None if entry.block_ordinal is None else entry.block_ordinal + 1,
        account=entry.account_label,
    )
