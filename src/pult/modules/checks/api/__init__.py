"""Checks over the API: each operation translates, calls one operation or query, and shows."""

# Each of them puts its operations on the router, in the order of the reference.
from pult.modules.checks.api import creating, listing, acting, results, exporting, queue  # noqa: F401, I001
from pult.modules.checks.api.routing import router

__all__ = ["router"]
