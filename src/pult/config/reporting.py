"""Reports of errors to Sentry, when `SENTRY_DSN` is set: what went wrong and where, never about whom.

An event is built anew from the few parts that are known to be harmless, so that a part that a later version of the
library adds does not leave by itself. Texts are masked as in the logs (pult.core.watch.masking).
"""

from typing import Any, cast

from pult import __version__
from pult.config.environment import Environment
from pult.core.watch.masking import mask_secrets_in

# Everything else stays here: request (address, headers, cookies, body), user, breadcrumbs, local variables, extras.
_KEPT = (
    "event_id",
    "timestamp",
    "level",
    "platform",
    "release",
    "environment",
    "logger",
    "tags",
    "sdk",
    "modules",
)
_KEPT_OF_FRAME = (
    "filename", "function", "module", "lineno", "colno", "in_app", "context_line", "pre_context", "post_context",
)  # fmt: skip


def report_errors(environment: Environment, process: str) -> None:
    """Begin to report, in this process ("web", "worker"); without an address nothing is even loaded."""
    if environment.sentry_dsn is None:
        return
    import sentry_sdk

    sentry_sdk.init(
        dsn=environment.sentry_dsn,
        release=f"pult@{__version__}",
        environment="production" if environment.production else "local",
        server_name=process,
        before_send=cast("Any", harmless),
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        send_client_reports=False,
        traces_sample_rate=None,
    )
    sentry_sdk.set_tag("process", process)


def harmless(event: Any, _hint: Any) -> dict[str, Any]:
    """The event with nothing but what `_KEPT` names, the route's pattern and masked texts."""
    kept = {key: event[key] for key in _KEPT if key in event}
    if event.get("transaction_info", {}).get("source") in {"route", "component", "task"}:
        # The pattern "/checks/<int:check_id>/", not the address.
        kept["transaction"] = event.get("transaction", "")
    if "logentry" in event:
        entry = event["logentry"]
        kept["logentry"] = {
            "message": mask_secrets_in(str(entry.get("formatted") or entry.get("message") or ""))
        }
    if "exception" in event:
        kept["exception"] = {"values": [_exception(one) for one in event["exception"].get("values", ())]}
    return kept


def _exception(one: dict[str, Any]) -> dict[str, Any]:
    frames = (one.get("stacktrace") or {}).get("frames") or ()
    return {
        "type": one.get("type"),
        "module": one.get("module"),
        "value": mask_secrets_in(str(one.get("value") or "")),
        "mechanism": {"type": (one.get("mechanism") or {}).get("type", "generic"), "handled": True},
        "stacktrace": {"frames": [{key: f[key] for key in _KEPT_OF_FRAME if key in f} for f in frames]},
    }
