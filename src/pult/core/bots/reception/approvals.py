"""Those who decide let people in: the request with its buttons, the list of whoever waits, and how it ended."""

from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from pult.core.bots.keyboards import back_button, menu_button, paged, shortened, titled
from pult.core.bots.reception.desk import room
from pult.core.bots.rules.incoming import shown_name
from pult.core.bots.screens import Answer, Button, Refused, Screen, Toast, Visit, below
from pult.core.people.models import Application, Person, RoleChoice
from pult.core.people.operations import Unable
from pult.core.people.operations.applications import UnableToDecide, decide_application
from pult.core.people.queries import applications_waiting, roles_to_give
from pult.core.registry import Role

MANAGE = "people.manage"


def request_screen(application: Application) -> Screen:
    """Who asks to be let in, with the two answers."""
    key = str(application.pk)
    return below(
        titled(_("Somebody asks to be let in"), *_who(application)),
        (Button(_("✅ Let in"), "home.approve", (key,)), Button(_("✖️ Decline"), "home.decline", (key,))),
        (Button(_("Let in with another role"), "home.roles", (key,)),),
    )


def decided_screen(application: Application) -> Screen:
    """How it ended, and by whom; nothing is left to tap but the way to the others."""
    approved = application.state == Application.State.APPROVED
    title = _("✅ %(name)s is let in") if approved else _("✖️ %(name)s was declined")
    by = application.decided_by
    words = _("%(person)s decided, %(moment)s.") if by else _("Decided at the server's terminal, %(moment)s.")
    moment = _moment(application.decided_at)
    role = RoleChoice(application.person.role).label if approved and application.person else ""
    return below(
        titled(
            title % {"name": application.nickname},
            format_html("{}: {}", _("Role"), role) if role else "",
            words % {"person": by, "moment": moment},
        ),
        (menu_button(),),
    )


def _who(application: Application) -> list[SafeString]:
    name = shown_name(application.telegram_name) or "–"
    username = f"@{application.username}" if application.username else ""
    return [
        format_html("{}: <b>{}</b>", _("Nickname"), application.nickname),
        format_html("{}: {} {}", _("In Telegram"), name, username),
        format_html("{}: {}", pgettext("an application", "Asked"), _moment(application.created_at)),
    ]


def _moment(moment: object) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT") if moment else ""  # type: ignore[arg-type]


@room.action("waiting", permission=MANAGE)
def list_waiting(_visit: Visit, page: str = "0") -> Answer:
    """Whoever waits, the longest first."""
    return paged(
        applications_waiting(),
        page,
        title=_("Who waits to be let in"),
        empty=_("Nobody waits."),
        button=lambda one: Button(shortened(one.nickname, 40), "home.request", (str(one.pk),)),
        turn=("home.waiting",),
        last_rows=((menu_button(),),),
    )


@room.action("request", permission=MANAGE)
def show_request(_visit: Visit, application_id: str) -> Answer:
    """One request as it stands now."""
    return _as_it_stands(_found(application_id))


def _as_it_stands(application: Application) -> Screen:
    if application.state != Application.State.WAITING:
        return decided_screen(application)
    screen = request_screen(application)
    return Screen(screen.text, (*screen.rows, (back_button("home.waiting"), menu_button())))


@room.action("roles", permission=MANAGE)
def ask_role(visit: Visit, application_id: str) -> Answer:
    """The roles that this person may give."""
    application = _found(application_id)
    if application.state != Application.State.WAITING:
        return decided_screen(application)
    key = str(application.pk)
    rows = [
        (Button(str(RoleChoice(role.value).label), "home.approve", (key, role.value)),)
        for role in roles_to_give(visit.person)
    ]
    return below(
        titled(_("With which role?"), *_who(application)),
        *rows,
        (back_button("home.request", key), menu_button()),
    )


@room.action("approve", permission=MANAGE)
def approve(visit: Visit, application_id: str, role: str = Role.OPERATOR) -> Answer:
    """Let them in; they hear of it at once."""
    if role not in set(Role):
        raise Refused(_("This role is not known."))
    return _decided(visit.person, visit, application_id, approve=True, role=Role(role))


@room.action("decline", permission=MANAGE)
def decline(visit: Visit, application_id: str) -> Answer:
    """Keep them out; they hear of it at once and may ask again after a day."""
    return _decided(visit.person, visit, application_id, approve=False, role=Role.OPERATOR)


def _decided(actor: Person, visit: Visit, application_id: str, *, approve: bool, role: Role) -> Answer:
    application = _found(application_id)
    try:
        decided = decide_application(
            actor=actor, application_id=application.pk, approve=approve, role=role, now=visit.now
        )
    except UnableToDecide as unable:
        if unable.application is None:
            raise Refused(unable.reason) from unable
        # A colleague was faster: the message says who, and its buttons go.
        return Toast(unable.reason), decided_screen(unable.application)
    except Unable as unable:
        raise Refused(unable.reason) from unable
    word = _("%(name)s is let in.") if approve else _("%(name)s is declined.")
    return Toast(word % {"name": decided.nickname}), decided_screen(decided)


def _found(application_id: str) -> Application:
    try:
        found = Application.objects.filter(pk=UUID(application_id)).first()
    except ValueError:
        found = None
    if found is None:
        raise Refused(_("This request is not there any more."))
    return found
