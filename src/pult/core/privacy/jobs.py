"""Entry points of the queue: load, delegate."""

from uuid import UUID

from pult.core.jobs import job
from pult.core.privacy.operations.inquiries import WORK_JOB
from pult.core.privacy.operations.searching import work_off


@job(name=WORK_JOB)
def inquire(inquiry_id: str) -> None:
    """Look a number up, or erase it."""
    work_off(inquiry_id=UUID(inquiry_id))
