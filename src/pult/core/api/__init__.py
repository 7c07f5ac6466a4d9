"""The API: tokens, scopes, limits, idempotency and problems, the same for every module's router.

A module writes a ninja `Router` in its `api` room, guards each operation with `access.scoped("checks:read")`, raises
`errors.Problem`, pages with `values.Page`, creates with `operations.idempotency.once`, and names the router in its
`Module`. The composition root mounts them all at /api/v1/.
"""
