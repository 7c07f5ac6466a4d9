"""Webhooks: Pult tells a person's own programmes what happened, signed, again and again until they have heard it.

A module names its events in `Module.events` and calls `operations.outbox.write_deliveries` in the transaction that
makes the fact; the worker sends what stands there.
"""
