"""The router on which the operations of checks stand."""

from ninja import Router

router = Router(tags=["Checks"])
