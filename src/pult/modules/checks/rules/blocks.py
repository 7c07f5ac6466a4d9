"""How a list is cut into blocks (MISSION A2)."""

# Telegram's ceiling for one contacts.importContacts request; a block never needs more than one full request.
BLOCK_SIZE = 500


def block_sizes(count: int) -> list[int]:
    """Sizes of the blocks for `count` numbers: all full but perhaps the last. 1,201 → [500, 500, 201]."""
    full, rest = divmod(count, BLOCK_SIZE)
    return [BLOCK_SIZE] * full + ([rest] if rest else [])
