"""The API of another Pult: asked with patience where that is safe, and its refusals as sentences."""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import typer
from django.utils.translation import gettext as _

from pult import __version__
from pult.config.remote.login import Login
from pult.config.remote.speaking import give_up

PATIENCE_SECONDS = 10.0
LONGEST_PAUSE = 60.0
BUSY = {429, 502, 503, 504}
Answer = dict[str, Any]


class RemotePult:
    """One Pult. Every method ends the command with a sentence when it cannot be done."""

    def __init__(self, login: Login, *, language: str) -> None:
        self.server = login.server
        self._client = httpx.Client(
            base_url=f"{login.server}/api/v1",
            headers={
                "Authorization": f"Bearer {login.token}",
                "Accept-Language": language,
                "User-Agent": f"pult-remote/{__version__}",
            },
            timeout=httpx.Timeout(30, connect=10),
            follow_redirects=False,
        )

    def get(self, path: str, *, patience: float = PATIENCE_SECONDS, **query: Any) -> Answer:
        """GET; cut connections are tried again for so many seconds."""
        return self._json(lambda: self._client.get(path, params=query), patience=patience, safe=True)

    def post(self, path: str, content: Any = None) -> Answer:
        """POST of something that must not happen twice: tried again only while nothing arrived."""
        return self._json(
            lambda: self._client.post(path, json=content) if content is not None else self._client.post(path),
            patience=PATIENCE_SECONDS,
            safe=False,
        )

    def upload(self, path: str, *, file: Path, fields: dict[str, str], key: str) -> Answer:
        """POST of a file; the idempotency key makes it safe to try again."""

        def send() -> httpx.Response:
            with file.open("rb") as content:
                return self._client.post(
                    path,
                    data=fields,
                    files={"file": (file.name, content)},
                    headers={"Idempotency-Key": key},
                )

        return self._json(send, patience=PATIENCE_SECONDS, safe=True)

    def download(self, path: str, *, target: Path, **query: Any) -> None:
        """Fetch a file, whole or not at all: what was there before stays until the new one is complete."""
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        os.close(handle)
        unfinished = Path(name)

        def fetch() -> httpx.Response:
            with self._client.stream("GET", path, params=query) as answer:
                if answer.status_code != 200:
                    answer.read()
                    return answer
                with unfinished.open("wb") as file:
                    file.writelines(answer.iter_bytes())
                return answer

        try:
            self._asked(fetch, patience=PATIENCE_SECONDS, safe=True)
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)

    def _json(self, send: Callable[[], httpx.Response], *, patience: float, safe: bool) -> Answer:
        answer = self._asked(send, patience=patience, safe=safe)
        try:
            found: Answer = answer.json()
        except ValueError as error:
            raise give_up(self._no_pult()) from error
        return found

    def _asked(self, send: Callable[[], httpx.Response], *, patience: float, safe: bool) -> httpx.Response:
        """A successful answer."""
        # Once more in any case: a single time-out may last longer than the patience.
        deadline, pause, failures = time.monotonic() + patience, 0.5, 0
        while True:
            try:
                answer = send()
            except httpx.TransportError as error:
                arrived = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                failures += 1
                impatient = failures > 1 and time.monotonic() + pause > deadline
                if (arrived and not safe) or impatient:
                    raise self._unreachable(error, maybe_done=arrived and not safe) from error
                wait = pause
            else:
                if answer.is_success:
                    return answer
                # A limit says itself how long; it is obeyed however long the patience is.
                limited = answer.status_code == 429
                busy = answer.status_code in BUSY or _kind(answer) == "key-in-use"
                if not busy or (not limited and time.monotonic() + pause > deadline):
                    raise self._refused(answer)
                wait = _retry_after(answer) or pause
            time.sleep(min(wait, LONGEST_PAUSE))
            pause = min(pause * 2, 10)

    def _unreachable(self, error: Exception, *, maybe_done: bool) -> typer.Exit:
        words = {"server": self.server, "error": str(error) or type(error).__name__}
        if maybe_done:
            return give_up(
                _("The connection to %(server)s was cut; look with `pult remote list` what was done.") % words
            )
        return give_up(_("%(server)s cannot be reached: %(error)s") % words)

    def _refused(self, answer: httpx.Response) -> typer.Exit:
        try:
            problem = answer.json()
            lines = [problem.get("detail") or problem["title"]]
        except (ValueError, KeyError, TypeError, AttributeError):
            return give_up(self._no_pult())
        for fault in problem.get("errors") or []:
            place = str(fault.get("pointer") or fault.get("parameter") or "").strip("/")
            text = str(fault.get("detail", ""))
            if text not in lines:
                lines.append(f"  {place}: {text}" if place else f"  {text}")
        return give_up("\n".join(lines))

    def _no_pult(self) -> str:
        return _("At %(server)s something else than a Pult answers.") % {"server": self.server}


def _kind(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["type"]).rpartition("#")[2]
    except (ValueError, KeyError, TypeError):
        return ""


def _retry_after(answer: httpx.Response) -> float:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else 0.0
