from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from pult.core.audit.vocabulary import name_actions, name_words
from pult.core.registry import Alarm, Module, NavigationItem, Permission, Role, registry

if TYPE_CHECKING:
    import typer

MANAGERS = frozenset({Role.ADMINISTRATOR, Role.OWNER})


def _commands() -> "typer.Typer":
    from pult.core.people.cli import commands

    return commands


class PeopleConfig(AppConfig):
    """People, their roles and how they come in."""

    name = "pult.core.people"
    label = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        """Plug the pages, permissions and commands in."""
        from pult.core.people import receivers
        from pult.core.people.models import RoleChoice
        from pult.core.people.operations.applications import forget_declined, next_declined_to_forget
        from pult.core.people.personal_data import personal_data
        from pult.core.people.second_factor import count_by_key, reseal_factors
        from pult.core.secrets import SealedElsewhere, register_sealed_elsewhere

        receivers.connect()
        register_sealed_elsewhere(SealedElsewhere("second factors", count_by_key, reseal_factors))
        registry.add(
            Module(
                name="people",
                title=_("People"),
                prefix="people/",
                urls="pult.core.people.web.urls",
                navigation=(
                    NavigationItem(
                        title=_("People"),
                        url_name="people:list",
                        icon="people",
                        permission="people.see",
                        order=800,
                    ),
                ),
                permissions=(
                    Permission("people.see", _("See the people of this installation"), MANAGERS),
                    Permission(
                        "people.manage", _("Invite people, change their roles, close their access"), MANAGERS
                    ),
                    Permission(
                        "people.permissions", _("Choose what the roles below the own one may do"), MANAGERS
                    ),
                    Permission(
                        "people.demand",
                        _("Decide which roles need a second factor"),
                        frozenset({Role.OWNER}),
                    ),
                ),
                topics={"applications": lambda person, _which: person.may("people.manage")},
                commands=_commands,
                alarms=(Alarm("people.declined", next_due=next_declined_to_forget, ring=forget_declined),),
                personal_data=personal_data(),
            )
        )
        name_actions(
            {
                "person.invited": _("Invited a colleague"),
                "person.joined": _("Accepted an invitation"),
                "person.link_made": _("Made a one-time sign-in link"),
                "link.revoked": _("Took a link back"),
                "person.entered_by_link": _("Came in by a one-time link"),
                "person.signed_in": _("Signed in to Pult"),
                "person.role_changed": _("Changed a role"),
                "person.switched_off": _("Closed the access of a person"),
                "person.switched_on": _("Opened the access of a person"),
                "person.password_changed": _("Changed the password"),
                "person.profile_changed": _("Changed the own profile"),
                "person.email_changed": _("Changed the own e-mail"),
                "person.removed": _("Removed a person"),
                "person.session_ended": _("Signed one browser out"),
                "person.sessions_ended": _("Ended the sessions of a person"),
                "person.second_factor_added": _("Set up a second factor"),
                "person.second_factor_removed": _("Removed a second factor"),
                "person.second_factor_reset": _("Took the second factor of a person away"),
                "person.telegram_linked": _("Linked a Telegram"),
                "person.telegram_unlinked": _("Unlinked the Telegram of a person"),
                "person.merged": _("Made one person of two records"),
                "application.approved": _("Let somebody in who had asked"),
                "application.declined": _("Declined somebody who had asked to be let in"),
                "role.permission_given": _("Gave a role a right"),
                "role.permission_taken": _("Took a right from a role"),
                "role.second_factor_demanded": _("Demanded a second factor of a role"),
                "role.second_factor_waived": _("No longer demands a second factor of a role"),
            }
        )
        name_words(
            {
                "person": _("person"),
                "entry_link": _("link"),
                "role": _("role"),
                "factor": _("factor"),
                "way": _("by"),
                "way=password": _("password"),
                "way=one_time_link": _("one-time link"),
                "way=code": _("code from the bot"),
                "way=oidc": _("Telegram (OpenID Connect)"),
                "way=widget": _("Telegram (login widget)"),
                "totp": _("authenticator app"),
                "webauthn": _("security key"),
                "recovery_codes": _("recovery codes"),
                "link": _("link"),
                "application": _("application"),
                "permission": _("right"),
                "former": _("former number"),
                "allowed": _("allowed"),
                "not_allowed": _("not allowed"),
                "before": _("before"),
                "after": _("after"),
                **{role.value: role.label for role in RoleChoice},
            }
        )
