"""`pult account …`: accounts from the server's terminal. It writes rows and follows them; the worker does the work."""

import time
from datetime import datetime
from typing import Annotated

import typer
from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from rich.console import Console
from rich.prompt import Confirm, Prompt
from rich.table import Table

from pult.core.jobs import alive_workers
from pult.core.people.models import Person, RoleChoice
from pult.core.people.queries import person_named
from pult.core.secrets import reveal
from pult.core.telegram.models import Account, KeyPair, SignIn
from pult.core.telegram.operations import sign_ins
from pult.core.telegram.operations.accounts import UnableToChangeAccount, remove_account
from pult.core.telegram.operations.key_pairs import provide_sample_key_pair
from pult.core.telegram.operations.proxies import UnableToSetProxy, set_proxy
from pult.core.telegram.operations.sign_ins import UnableToSignIn
from pult.core.telegram.queries import accounts_shown_to, key_pairs, sign_ins_of

commands = typer.Typer(name="account", help="Telegram accounts that checks work with.", no_args_is_help=True)
console = Console()
State = SignIn.State
LOOK_EVERY_SECONDS = 0.3

PersonOption = Annotated[
    str | None,
    typer.Option("--person", metavar="EMAIL", help="Whose account it is; the first owner if left out."),
]


@commands.command()
def add(
    phone: Annotated[
        str | None, typer.Option(help="Phone number of the account; asked for if left out.")
    ] = None,
    qr: Annotated[
        bool, typer.Option("--qr", help="Sign in by scanning a QR code instead of typing one.")
    ] = False,
    shared: Annotated[bool, typer.Option("--shared", help="Let colleagues' checks use the account.")] = False,
    person: PersonOption = None,
    api_id: Annotated[int | None, typer.Option(help="Which key pair; asked for if several are kept.")] = None,
    *,
    proxy: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Proxy of the account; “-” asks for it, unseen.")
    ] = "",
) -> None:
    """Connect an account by code, password or QR code."""
    owner = _person(person)
    with translation.override(owner.language or translation.get_language()):
        pair = _key_pair(api_id)
        _need_worker()
        if not qr and phone is None:
            phone = Prompt.ask(_("Phone number"), console=console)
        started = _start(owner, pair, phone=None if qr else phone, shared=shared, proxy=_proxy_typed(proxy))
        try:
            finished = SignInDialog(owner, started).run()
        except (KeyboardInterrupt, EOFError):
            sign_ins.cancel_sign_in(sign_in_id=started.pk, actor=owner, now=timezone.now())
            console.print(_("Cancelled. Everything typed was erased."))
            raise typer.Exit(130) from None
        if not finished:
            raise typer.Exit(1)


@commands.command("list")
def list_accounts(person: PersonOption = None) -> None:
    """List the accounts that somebody sees: their own and the shared ones; an owner sees all."""
    viewer = _person(person)
    table = Table("Account", "Owner", "Shared", "State", "Resting until", "Last used")
    for account in accounts_shown_to(viewer):
        words = [str(Account.State(account.state).label), account.state_in_words]
        table.add_row(
            account.label,
            str(account.owner),
            "yes" if account.shared else "no",
            ": ".join(word for word in words if word),
            _moment(account.resting_until) if _still(account.resting_until) else "",
            _moment(account.last_used_at) or "never",
        )
    console.print(table)


@commands.command()
def remove(
    name: Annotated[str, typer.Argument(help="Username, last four digits, or the name as in the list.")],
    person: PersonOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove an account here and end its session at Telegram."""
    actor = _person(person)
    found = _account(name, actor)
    if not yes and not Confirm.ask(f"Remove {found.label}?", console=console):
        raise typer.Exit(1)
    try:
        label = remove_account(account_id=found.pk, actor=actor, now=timezone.now())
    except UnableToChangeAccount as unable:
        raise _give_up(unable) from unable
    console.print(f"{label} is removed. The worker ends its session at Telegram.")


@commands.command("proxy")
def change_proxy(
    name: Annotated[str, typer.Argument(help="Username, last four digits, or the name as in the list.")],
    address: Annotated[
        str | None,
        typer.Argument(
            help="socks5://…, http://…, mtproto://… or a t.me link; asked for, unseen, if left out."
        ),
    ] = None,
    person: PersonOption = None,
    remove: Annotated[bool, typer.Option("--remove", help="Connect directly from now on.")] = False,
) -> None:
    """Set, change or remove the proxy through which an account reaches Telegram."""
    actor = _person(person)
    found = _account(name, actor)
    typed = "" if remove else _proxy_typed(address or "-")
    if not remove and not typed.strip():
        raise _give_up("No address was given; --remove takes the proxy away.")
    try:
        account = set_proxy(account_id=found.pk, address=typed, actor=actor, now=timezone.now())
    except (UnableToSetProxy, UnableToChangeAccount) as unable:
        raise _give_up(unable) from unable
    console.print(f"{account.label}: {account.proxy_hint or 'no proxy'}", markup=False)


class SignInDialog:
    """Follows a sign-in and asks, in the terminal, what it waits for."""

    def __init__(self, person: Person, sign_in: SignIn) -> None:
        self._person = person
        self._id = sign_in.pk
        self._drawn = b""

    def run(self) -> bool:
        """Until it is over; True when an account was connected."""
        while True:
            found = self._next()
            if found.over:
                return self._farewell(found)
            if found.problem:
                console.print(f"[yellow]{found.problem_in_words}[/yellow]")
            try:
                self._ask(found)
            except UnableToSignIn as refusal:
                console.print(f"[yellow]{refusal}[/yellow]")

    def _next(self) -> SignIn:
        """The sign-in once it waits for its person or is over; a QR code is drawn meanwhile."""
        with console.status(_("Talking to Telegram …")) as status:
            while True:
                close_old_connections()
                found = sign_ins_of(self._person).get(pk=self._id)
                if found.state == State.SCAN_WANTED:
                    self._draw(found)
                    status.update(_("Waiting for the scan …"))
                elif found.state not in SignIn.WITH_WORKER:
                    return found
                time.sleep(LOOK_EVERY_SECONDS)

    def _draw(self, found: SignIn) -> None:
        import segno

        sealed = bytes(found.qr_link or b"")
        if not sealed or sealed == self._drawn:
            return
        self._drawn = sealed
        console.print(_("Telegram on the phone: Settings → Devices → Link desktop device."))
        link = reveal(found, "qr_link")
        segno.make(link, error="l").terminal(compact=True)
        if settings.TELEGRAM.simulated:
            # Made-up people scan by pasting the link into the simulator's page.
            console.print(f"{link}\n{settings.TELEGRAM.control_url}", markup=False, soft_wrap=True)

    def _ask(self, found: SignIn) -> None:
        if found.state == State.PHONE_WANTED:
            phone = Prompt.ask(_("Phone number"), console=console)
            sign_ins.give_phone(phone=phone, sign_in_id=self._id, actor=self._person, now=timezone.now())
        elif found.state == State.CODE_WANTED:
            self._ask_code()
        elif found.state == State.PASSWORD_WANTED:
            self._ask_password(found)
        else:
            if _still(found.wait_until):
                self._wait(found.wait_until)
            elif not Confirm.ask(_("Try again?"), default=True, console=console):
                raise KeyboardInterrupt
            self._try_again()

    def _ask_code(self) -> None:
        question = _("Code from Telegram (empty: send a new one)")
        code = Prompt.ask(question, default="", show_default=False, console=console)
        if not code:
            self._try_again()
            return
        sign_ins.give_code(code=code, sign_in_id=self._id, actor=self._person, now=timezone.now())

    def _ask_password(self, found: SignIn) -> None:
        if found.password_hint:
            console.print(_("Hint: %(hint)s") % {"hint": found.password_hint}, markup=False)
        password = Prompt.ask(_("Password of two-step verification"), password=True, console=console)
        sign_ins.give_password(password=password, sign_in_id=self._id, actor=self._person, now=timezone.now())

    def _try_again(self) -> None:
        sign_ins.try_again(sign_in_id=self._id, actor=self._person, now=timezone.now())

    def _wait(self, until: datetime | None) -> None:
        if until is None:
            return
        with console.status("") as status:
            while (left := (until - timezone.now()).total_seconds()) > 0:
                status.update(_("Telegram's pause: %(seconds)d s left") % {"seconds": left})
                time.sleep(min(1.0, left))

    def _farewell(self, found: SignIn) -> bool:
        if found.state == State.FINISHED and found.account is not None:
            console.print(
                "[green]" + _("Connected: %(account)s") % {"account": found.account.label} + "[/green]"
            )
            return True
        words = found.problem_in_words or str(State(found.state).label)
        console.print(f"[red]{words}[/red]")
        return False


def _proxy_typed(given: str) -> str:
    """What was given on the command line, or typed unseen: it may hold a password."""
    return Prompt.ask(_("Address of the proxy"), password=True, console=console) if given == "-" else given


def _start(owner: Person, pair: KeyPair, *, phone: str | None, shared: bool, proxy: str) -> SignIn:
    while True:
        try:
            return sign_ins.start_sign_in(
                key_pair_id=pair.pk,
                method="qr" if phone is None else "code",
                phone=phone or "",
                shared=shared,
                proxy=proxy,
                actor=owner,
                now=timezone.now(),
            )
        except UnableToSignIn as refusal:
            if refusal.field != "phone" or not console.is_terminal:
                raise _give_up(refusal) from refusal
            console.print(f"[yellow]{refusal}[/yellow]")
            phone = Prompt.ask(_("Phone number"), console=console)


def _person(email: str | None) -> Person:
    people = Person.objects.filter(is_active=True)
    if email is None:
        owner = people.filter(role=RoleChoice.OWNER).order_by("pk").first()
        if owner is None:
            raise _give_up("There is no owner yet: start Pult once with `pult up`.")
        return owner
    person = person_named(email)
    if person is None or not person.is_active:
        raise _give_up(f"Nobody here has the e-mail {email}; `pult person list` shows everybody.")
    return person


def _account(name: str, viewer: Person) -> Account:
    wanted = name.removeprefix("@").casefold()
    fitting = [
        account
        for account in accounts_shown_to(viewer)
        if wanted
        in {
            account.username.casefold(),
            account.phone_hint,
            account.name.casefold(),
            account.label.casefold(),
        }
    ]
    if len(fitting) != 1:
        found = f"{len(fitting)} accounts fit" if fitting else "No account fits"
        raise _give_up(f"{found} “{name}”; `pult account list` shows all.")
    return fitting[0]


def _key_pair(api_id: int | None) -> KeyPair:
    provide_sample_key_pair(now=timezone.now())
    kept = list(key_pairs())
    if api_id is not None:
        kept = [pair for pair in kept if pair.api_id == api_id]
    if not kept:
        raise _give_up(_("No such key pair is kept. Add one on the web page: Accounts → Key pairs."))
    if len(kept) == 1:
        return kept[0]
    for place, pair in enumerate(kept, start=1):
        console.print(f"{place}. {pair} ({pair.api_id})")
    chosen = Prompt.ask(
        _("Which key pair"),
        choices=[str(place) for place in range(1, len(kept) + 1)],
        default="1",
        console=console,
    )
    return kept[int(chosen) - 1]


def _need_worker() -> None:
    if alive_workers() == 0:
        raise _give_up(
            _("No worker is running, and only a worker talks to Telegram. Start `pult up` or `pult worker`.")
        )


def _still(moment: datetime | None) -> bool:
    return moment is not None and moment > timezone.now()


def _moment(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


def _give_up(reason: object) -> typer.Exit:
    typer.secho(str(reason), fg="red", err=True)
    return typer.Exit(1)
