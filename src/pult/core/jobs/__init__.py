"""Work that happens later, in the worker: jobs on procrastinate, and alarms for deadlines kept in the database.

A job is enqueued on Django's connection, so it commits or rolls back together with the data it is about.
"""

from pult.core.jobs.alarms import database_now, ring_soon
from pult.core.jobs.database import in_database
from pult.core.jobs.queue import alive_workers, enqueue, job

__all__ = ["alive_workers", "database_now", "enqueue", "in_database", "job", "ring_soon"]
