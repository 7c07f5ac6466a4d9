"""How rows of checks look on pages: words, tone and icon of a state. Decides nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pult.modules.checks.kinds import kind_named
from pult.modules.checks.models import Block, Check, Number

Text = str | Promise

CHECK_TONES = {
    Check.State.UPLOADED: "warn",
    Check.State.READING: "accent",
    Check.State.UNREADABLE: "bad",
    Check.State.READY: "warn",
    Check.State.RUNNING: "accent",
    Check.State.PAUSED: "rest",
    Check.State.FINISHED: "good",
    Check.State.CANCELLED: "neutral",
}
MOVING = frozenset({Check.State.READING, Check.State.RUNNING})

BLOCK_TONES = {
    Block.State.WAITING: "neutral",
    Block.State.WORKING: "accent",
    Block.State.DONE: "good",
    Block.State.CANCELLED: "bad",
}
# A page stays light however many blocks there are.
MOST_CELLS = 1000
TONES_BY_UNREST = {"bad": 0, "accent": 1, "rest": 2, "neutral": 3, "good": 4}

NUMBER_LOOKS: dict[Number.State, tuple[Text, str]] = {
    Number.State.WAITING: (gettext_lazy("Waiting"), "neutral"),
    Number.State.ASKED: (gettext_lazy("Being asked"), "accent"),
    Number.State.FOUND: (gettext_lazy("Found"), "good"),
    Number.State.NOT_FOUND: (gettext_lazy("Not found"), "neutral"),
    Number.State.UNANSWERED: (gettext_lazy("Unanswered"), "warn"),
}


@dataclass(frozen=True, slots=True)
class Badge:
    """A state in words."""

    label: Text
    tone: str
    live: bool = False


def check_badge(check: Check) -> Badge:
    """The state of a check."""
    state = Check.State(check.state)
    return Badge(state.label, CHECK_TONES[state], live=state in MOVING)


def number_badge(number: Number) -> Badge:
    """The verdict of a number, or how far it is."""
    label, tone = NUMBER_LOOKS[Number.State(number.state)]
    return Badge(label, tone)


def subject(number: Number, kind: str) -> str:
    """What was asked about, as people write it."""
    asked = kind_named(kind)
    return asked.shown(getattr(number, asked.column))


def block_badge(block: Block, *, now: datetime) -> Badge:
    """The state of a block; one that rests has a colour of its own."""
    state = Block.State(block.state)
    if state is Block.State.WAITING and block.wait_until is not None and block.wait_until > now:
        return Badge(_("Resting"), "rest")
    return Badge(state.label, BLOCK_TONES[state], live=state is Block.State.WORKING)


def block_cells(blocks: Sequence[Block], *, now: datetime) -> list[dict[str, object]]:
    """Cells for the grid; one stands for several blocks when there are very many, and shows the least calm of them."""
    together = -(-len(blocks) // MOST_CELLS)
    badges: dict[tuple[str, bool], Badge] = {}
    title = _("Block %(ordinal)s: %(state)s")
    cells: list[dict[str, object]] = []
    for start in range(0, len(blocks), together or 1):
        group = blocks[start : start + together]
        badge = min((_known_badge(block, now, badges) for block in group), key=_unrest)
        first, last = group[0].ordinal + 1, group[-1].ordinal + 1
        words = title % {"ordinal": first if first == last else f"{first}–{last}", "state": badge.label}
        cells.append({"tone": badge.tone, "label": badge.label, "title": words, "live": badge.live})
    return cells


def _known_badge(block: Block, now: datetime, badges: dict[tuple[str, bool], Badge]) -> Badge:
    """The badge of a block; its words are looked up once for each state."""
    kind = (block.state, block.wait_until is not None and block.wait_until > now)
    if kind not in badges:
        badge = block_badge(block, now=now)
        badges[kind] = Badge(str(badge.label), badge.tone, badge.live)
    return badges[kind]


def _unrest(badge: Badge) -> int:
    return TONES_BY_UNREST[badge.tone]


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A line in the table of blocks."""

    block: Block
    badge: Badge
    wait_reason: Text
    wait_until: datetime | None

    @property
    def number(self) -> int:
        """People count from one."""
        return self.block.ordinal + 1


def block_rows(blocks: Iterable[Block], *, now: datetime) -> list[BlockRow]:
    """Lines of the table of blocks; a wait that has passed is not shown any more."""
    rows = []
    for block in blocks:
        waits = block.wait_until is not None and block.wait_until > now
        reason = Block.WaitReason(block.wait_reason).label if waits and block.wait_reason else ""
        rows.append(BlockRow(block, block_badge(block, now=now), reason, block.wait_until if waits else None))
    return rows


def block_states(counts: dict[str, int]) -> list[tuple[str, Text, int]]:
    """Choices for filtering blocks by state; states without blocks are left out."""
    return [(state.value, state.label, counts[state]) for state in Block.State if counts.get(state)]
