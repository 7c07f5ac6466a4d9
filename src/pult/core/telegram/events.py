"""What happens to accounts, told to whoever listens."""

from django.dispatch import Signal

# Sent after the commit with `account_id` (UUID): connected, healed, rested, shared or switched on, so waiting work may
# go on.
account_became_usable = Signal()

# Sent with `account_id` inside the transaction that removes the account. Receivers close what they began with it and
# return the phone numbers (integers) that its phone book at Telegram still has to forget, or None.
account_leaves = Signal()
