"""A poll as the Bot API writes it."""

from typing import Any


def poll_shape(poll: dict[str, Any]) -> dict[str, Any]:
    """A `Poll` from what a message keeps of it; see world/acts/polling.py."""
    counts = [
        sum(place in chosen for chosen in poll["votes"].values()) for place in range(len(poll["options"]))
    ]
    shape: dict[str, Any] = {
        "id": poll["id"],
        "question": poll["question"],
        "options": [
            {"persistent_id": str(place), "text": text, "voter_count": count}
            for place, (text, count) in enumerate(zip(poll["options"], counts, strict=True))
        ],
        "total_voter_count": len(poll["votes"]),
        "is_closed": poll["closed"],
        "is_anonymous": poll["anonymous"],
        "type": "quiz" if poll["quiz"] else "regular",
        "allows_multiple_answers": poll["multiple"],
        "allows_revoting": not poll["quiz"],
        "members_only": False,
    }
    if poll["quiz"]:
        shape |= {"correct_option_id": poll["correct"], "correct_option_ids": [poll["correct"]]}
        shape |= {"explanation": poll["explanation"]} if poll.get("explanation") else {}
    return shape
