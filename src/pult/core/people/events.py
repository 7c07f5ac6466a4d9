"""What happens to people, told to whoever listens."""

from django.dispatch import Signal

# Sent with `person` (Person), `actor` (Person, or None for the terminal) and `now` inside the transaction that removes
# the person, before the row goes. Receivers end and erase what belongs to the person (checks with their numbers,
# accounts, tokens); what is left goes with the row.
person_leaves = Signal()

# Sent with `kept`, `merged` (Person), `actor` and `now` inside the transaction that makes one person of two records,
# before the row of `merged` goes. Each room gives what belongs to `merged` to `kept`; whatever still points to
# `merged` afterwards ends the merging with an error, so that nothing is ever lost with the row.
people_merge = Signal()

# Asked with `merged`: each room answers with [(words, how many), …], what it would hand over.
merge_asked = Signal()

# Sent with `person`, `actor` and `now` inside the transaction that closes somebody's access: whatever they have under
# way and could still use is ended.
person_shut_out = Signal()

# Sent with `application` inside the transaction that stores it: somebody waits to be let in.
application_made = Signal()

# Sent with `application`, `actor` (None for the terminal) and `now` inside the transaction of the decision.
application_decided = Signal()
