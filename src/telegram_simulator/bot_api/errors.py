"""The answer "no", exactly as Telegram words it."""

from typing import Any


class BotApiError(Exception):
    """`description` begins with Telegram's name of the code: "Bad Request: chat not found"."""

    def __init__(self, code: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.parameters = parameters or {}

    def as_json(self) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "ok": False, "error_code": self.code, "description": self.description,
        }  # fmt: skip
        return answer | ({"parameters": self.parameters} if self.parameters else {})


def bad_request(sentence: str, **parameters: Any) -> BotApiError:
    """Telegram writes its own sentences with a small first letter: "Can't parse" → "Bad Request: can't parse"."""
    if sentence[:2] != sentence[:2].upper():
        sentence = sentence[:1].lower() + sentence[1:]
    return BotApiError(400, f"Bad Request: {sentence}", parameters)


def forbidden(sentence: str) -> BotApiError:
    return BotApiError(403, f"Forbidden: {sentence}")


def unauthorized() -> BotApiError:
    return BotApiError(401, "Unauthorized")


def not_found(sentence: str) -> BotApiError:
    return BotApiError(404, f"Not Found: {sentence}")


def conflict(sentence: str) -> BotApiError:
    return BotApiError(409, f"Conflict: {sentence}")


def too_many_requests(seconds: int) -> BotApiError:
    return BotApiError(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})
