"""What happened to accounts, told after the commit to whoever listens."""

from django.dispatch import Signal

# Sent with `account_id` (UUID): connected, healed, rested, shared or switched on, so waiting work may go on.
account_became_usable = Signal()
