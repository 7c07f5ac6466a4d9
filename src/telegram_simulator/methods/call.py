"""One request on its way through the methods, and the register in which each method enters itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from telegram_simulator.mtproto.seam import Caller, RpcError, TLObject, TLRequest
from telegram_simulator.world.accounts import Account
from telegram_simulator.world.faults import Fault
from telegram_simulator.world.keys import Key
from telegram_simulator.world.passwords import PasswordChallenge
from telegram_simulator.world.world import World


@dataclass(slots=True)
class Call:
    """Everything a method needs. `pushes` are (auth_key_id, updates) that go out after the answer was made."""

    world: World
    caller: Caller
    key: Key
    request: TLRequest
    method: str
    now: float
    signed_in: Account | None
    address: tuple[str, int]
    challenges: dict[int, PasswordChallenge]
    faults: list[Fault] = field(default_factory=list)
    pushes: list[tuple[int, TLObject]] = field(default_factory=list)

    @property
    def account(self) -> Account:
        """The account that asks; only methods that need a sign-in may use it."""
        if self.signed_in is None:
            raise RpcError(401, "AUTH_KEY_UNREGISTERED")
        return self.signed_in

    def push_to_account(self, account_id: int, updates: TLObject) -> None:
        """To every session of the account but the one that asks."""
        for key in self.world.keys.of_account(account_id):
            if key.id != self.key.id:
                self.pushes.append((key.id, updates))

    def violate(self, kind: str) -> None:
        """The client did what a well-behaved one never does; a test can demand that this stays zero."""
        self.world.counters.add(self.signed_in.phone if self.signed_in else None, f"violations:{kind}")


@dataclass(frozen=True, slots=True)
class Method:
    name: str
    answer: Callable[[Call], Any]
    needs_sign_in: bool
    refused_when_frozen: bool


REGISTER: dict[int, Method] = {}


def method(
    request_class: Any, *, needs_sign_in: bool = True, refused_when_frozen: bool = False
) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
    """Enter a function as the answer to a TL request, by its constructor id."""

    def enter(answer: Callable[[Call], Any]) -> Callable[[Call], Any]:
        name = method_name(request_class)
        REGISTER[request_class.CONSTRUCTOR_ID] = Method(name, answer, needs_sign_in, refused_when_frozen)
        return answer

    return enter


def method_name(request_class: Any) -> str:
    """contacts.ImportContactsRequest → contacts.importContacts, as Telegram's documentation writes it."""
    namespace = str(request_class.__module__).rpartition(".")[2]
    bare = str(request_class.__name__).removesuffix("Request")
    bare = bare[:1].lower() + bare[1:]
    return bare if namespace == "functions" else f"{namespace}.{bare}"


def flood_wait(seconds: int) -> RpcError:
    return RpcError(420, f"FLOOD_WAIT_{max(1, seconds)}")
