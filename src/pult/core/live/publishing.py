"""Saying that something changed."""

from django.db import connection

CHANNEL = "pult_live"


def publish(topic: str) -> None:
    """Tell listening pages, when the caller's transaction commits, that `topic` ("check:12") changed.

    Only the topic travels: what a person may see is decided when the page asks for it. PostgreSQL folds equal
    notices of one transaction into one.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, topic])


def shut_out_topic(person_id: int) -> str:
    """The topic on which every stream of a person asks at once whether they may still listen; no page follows it."""
    return f"shut-out:{person_id}"
