"""What can go wrong between Pult and Telegram, as types. Nothing of Telethon's own errors leaves the gateway."""


class GatewayError(Exception):
    """Anything that the gateway reports."""


class AccountBusy(GatewayError):
    """Somebody else in the installation is connected with this session right now."""


class AccountUnusable(GatewayError):
    """The account cannot be leased in its present state; `state` is one of Account.State or "removed"."""

    def __init__(self, state: str, reason: str = "") -> None:
        super().__init__(f"{state} {reason}".strip())
        self.state = state
        self.reason = reason


class FloodWait(GatewayError):
    """Telegram asks for a pause of `seconds` before the next request of this kind."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"{seconds} s")
        self.seconds = seconds


class AccountLost(GatewayError):
    """The session is worth nothing any more: `state` is "needs_sign_in" or "banned"."""

    def __init__(self, state: str, reason: str) -> None:
        super().__init__(f"{state} {reason}")
        self.state = state
        self.reason = reason


class AccountRestricted(GatewayError):
    """Telegram restricts the whole account without naming an end ("peer_flood", "frozen"): do not repeat."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoAnswer(GatewayError):
    """Nobody knows whether the request was carried out: `reason` is "timeout", "network", "server" or "proxy"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LeaseLost(NoAnswer):
    """The database lock of the session broke, so the connection to Telegram was dropped at once."""

    def __init__(self) -> None:
        super().__init__("network")


class RequestRefused(GatewayError):
    """Telegram answered "no" to this request, with its own word for it in `error` ("CONTACT_ID_INVALID")."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error
