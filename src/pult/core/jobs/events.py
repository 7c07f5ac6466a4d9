"""What others may want to know about jobs."""

from django.dispatch import Signal

# A job ended with an error and will not run again by itself. Arguments: job_id, name, error (the exception). Sent in
# a thread with a database connection; `sender` is None.
job_failed = Signal()
