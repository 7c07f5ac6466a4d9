"""What happens to people, told to whoever listens."""

from django.dispatch import Signal

# Sent with `person` (Person), `actor` (Person, or None for the terminal) and `now` inside the transaction that removes
# the person, before the row goes. Receivers end and erase what belongs to the person (checks with their numbers,
# accounts, tokens); what is left goes with the row.
person_leaves = Signal()
