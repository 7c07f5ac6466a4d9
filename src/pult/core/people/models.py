"""Rows of people: who they are, what role they have, how they came in."""

import uuid
from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pult.core.people.rules import role_holds
from pult.core.registry import Role, registry

PLACEHOLDER_EMAIL = "owner@pult.invalid"
"""E-mail of the owner made at the first start, until the person behind it gives a real one (.invalid: RFC 2606)."""


class RoleChoice(models.TextChoices):
    """The roles of the registry, with their names for people."""

    OPERATOR = Role.OPERATOR.value, _("Operator")
    ADMINISTRATOR = Role.ADMINISTRATOR.value, _("Administrator")
    OWNER = Role.OWNER.value, _("Owner")


class PersonManager(BaseUserManager["Person"]):
    """Creates people; e-mail addresses are kept in lower case and compared without regard to case."""

    def with_standing(self) -> "models.QuerySet[Person]":
        """Everybody, each with the answers of `held_back()` and `may()`, in one question to the database."""
        from allauth.mfa.models import Authenticator

        factors = Authenticator.objects.filter(
            user=OuterRef("pk"), type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
        )
        demanded = SecondFactorDemand.objects.filter(role=OuterRef("role"))
        choices = PermissionChoice.objects.filter(role=OuterRef("role")).values("permission")
        return self.annotate(
            _held_back=Exists(demanded) & ~Exists(factors),
            _role_read=F("role"),
            _given=ArraySubquery(choices.filter(allowed=True)),
            _taken=ArraySubquery(choices.filter(allowed=False)),
        )

    def get_by_natural_key(self, username: str | None) -> "Person":
        """Find by e-mail whatever its case."""
        return self.get(email__iexact=username)

    def create_user(self, *, email: str, password: str | None = None, **fields: Any) -> "Person":
        """Store a new person; without a password only a one-time link signs in."""
        person = self.model(email=email.strip().lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """A human who uses this installation."""

    # Django says "too similar to the …" with these names, so a translation must fit into that sentence.
    # Empty for people whom only Telegram names.
    email = models.EmailField(pgettext_lazy("The password is too similar to the …", "e-mail"), blank=True)
    name = models.CharField(_("name"), max_length=100, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=RoleChoice, default=RoleChoice.OPERATOR)
    language = models.CharField(_("language"), max_length=8, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    session_generation = models.PositiveIntegerField(default=0)
    # A manager took the second factor away, and no new one has been set up since: the person's pages say so.
    second_factor_reset_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "people_person"
        verbose_name = pgettext_lazy("rows", "person")
        verbose_name_plural = pgettext_lazy("rows", "people")
        constraints = [
            models.UniqueConstraint(
                Lower("email"), condition=~Q(email=""), name="people_person_email_any_case"
            ),
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in Role]), name="people_person_role_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email or f"#{self.pk}"

    def may(self, permission: str) -> bool:
        """Whether this person holds a permission of the registry; KeyError for an unknown one.

        What the installation chose for the role is as fresh as the rest of this object: people of a session or a
        token bring it along (`with_standing`), for others it is looked up at the first question.
        """
        known = registry.permission(permission)
        return self.is_active and role_holds(Role(self.role), known, self._choice(permission))

    def _choice(self, permission: str) -> bool | None:
        read = self.__dict__
        if self.role == Role.OWNER:
            return None
        if read.get("_role_read") != self.role:
            choices = dict(
                PermissionChoice.objects.filter(role=self.role).values_list("permission", "allowed")
            )
            read["_role_read"] = self.role
            read["_given"] = [name for name, allowed in choices.items() if allowed]
            read["_taken"] = [name for name, allowed in choices.items() if not allowed]
        if permission in read["_given"]:
            return True
        return False if permission in read["_taken"] else None

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Everything anew, also what `with_standing` brought along."""
        for name in ("_held_back", "_role_read", "_given", "_taken"):
            self.__dict__.pop(name, None)
        super().refresh_from_db(*args, **kwargs)

    def held_back(self) -> bool:
        """Whether the role demands a second factor that this person has not set up: then nothing else opens.

        People of a session carry the answer (see `PersonQuerySet.with_standing`); others are looked up.
        """
        known = self.__dict__.get("_held_back")
        if known is None:
            known = vars(Person.objects.with_standing().get(pk=self.pk))["_held_back"]
        return bool(known)

    def get_session_auth_hash(self) -> str:
        """Sessions carry this value and end when it changes: with a new password or a new generation."""
        return f"{super().get_session_auth_hash()}.{self.session_generation}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same under former secret keys."""
        for former in super().get_session_auth_fallback_hash():
            yield f"{former}.{self.session_generation}"


class EntryLink(models.Model):
    """A link that lets somebody in once: a sign-in without a password, or a colleague's invitation.

    Only the SHA-256 of the link's secret is stored, so that a copy of the database lets nobody in.
    """

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in", _("One-time sign-in")
        INVITATION = "invitation", _("Invitation")
        # Opened in a bot by somebody who is signed in on the web: their Telegram becomes theirs here, too.
        TELEGRAM = "telegram", _("Link with Telegram")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=20, choices=Purpose)
    secret_digest = models.BinaryField(max_length=32, unique=True)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="entry_links")
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=20, choices=RoleChoice, default=RoleChoice.OPERATOR)
    invited_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="invitations")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "people_entry_link"
        verbose_name = pgettext_lazy("rows", "entry link")
        verbose_name_plural = pgettext_lazy("rows", "entry links")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                condition=Q(purpose="invitation", used_at=None, revoked_at=None) & ~Q(email=""),
                name="people_one_open_invitation",
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(purpose="sign_in", used_at=None, revoked_at=None),
                name="people_one_open_sign_in_link",
            ),
            models.CheckConstraint(
                condition=Q(purpose="invitation") | Q(person__isnull=False),
                name="people_entry_link_for_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.id}"


class SecondFactorDemand(models.Model):
    """A role whose people must have a second factor; no row, no demand."""

    role = models.CharField(primary_key=True, max_length=20, choices=RoleChoice)
    since = models.DateTimeField()

    class Meta:
        db_table = "people_second_factor_demand"
        verbose_name = pgettext_lazy("rows", "demand of a second factor")
        verbose_name_plural = pgettext_lazy("rows", "demands of a second factor")

    def __str__(self) -> str:
        return f"second factor of {self.role}"


class BrowserSession(models.Model):
    """A browser in which a person is signed in; ends with Django's session of that key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="browser_sessions")
    session_key = models.CharField(max_length=40, unique=True)
    agent = models.CharField(max_length=300, blank=True)
    address = models.GenericIPAddressField(null=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "people_browser_session"
        verbose_name = pgettext_lazy("rows", "browser session")
        verbose_name_plural = pgettext_lazy("rows", "browser sessions")

    def __str__(self) -> str:
        return f"browser session {self.id}"


class TelegramIdentity(models.Model):
    """The Telegram user that a person is; one of the real Telegram, and one of the simulated one."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="telegram_identities")
    user_id = models.BigIntegerField()
    simulated = models.BooleanField()
    name = models.CharField(max_length=130, blank=True)
    username = models.CharField(max_length=64, blank=True)
    linked_at = models.DateTimeField()

    class Meta:
        db_table = "people_telegram_identity"
        verbose_name = pgettext_lazy("rows", "Telegram user")
        verbose_name_plural = pgettext_lazy("rows", "Telegram users")
        constraints = [
            models.UniqueConstraint(fields=["user_id", "simulated"], name="people_telegram_user_once"),
            models.UniqueConstraint(fields=["person", "simulated"], name="people_one_telegram_each"),
        ]

    def __str__(self) -> str:
        return f"@{self.username}" if self.username else self.name or str(self.user_id)


class Application(models.Model):
    """Somebody asks to be let in: /start in the bot, a nickname for work, and a colleague who decides."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for a decision")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user_id = models.BigIntegerField()
    simulated = models.BooleanField()
    nickname = models.CharField(max_length=100)
    telegram_name = models.CharField(max_length=130, blank=True)
    username = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        Person, null=True, on_delete=models.SET_NULL, related_name="decided_applications"
    )
    # Whom the approval made.
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="applications")

    class Meta:
        db_table = "people_application"
        verbose_name = pgettext_lazy("rows", "application")
        verbose_name_plural = pgettext_lazy("rows", "applications")
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "simulated"],
                condition=Q(state="waiting"),
                name="people_one_waiting_application",
            ),
        ]
        indexes = [models.Index(fields=["state", "-created_at"], name="people_application_state")]

    def __str__(self) -> str:
        return self.nickname


class PermissionChoice(models.Model):
    """An installation's own answer to "may this role do that?", where it differs from what Pult comes with."""

    role = models.CharField(max_length=20, choices=RoleChoice)
    permission = models.CharField(max_length=60)
    allowed = models.BooleanField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        db_table = "people_permission_choice"
        verbose_name = pgettext_lazy("rows", "right of a role")
        verbose_name_plural = pgettext_lazy("rows", "rights of roles")
        constraints = [
            models.UniqueConstraint(fields=["role", "permission"], name="people_permission_choice_once"),
            # Owners may always do everything: nobody can lock the last one out of the page that opens it again.
            models.CheckConstraint(condition=~Q(role="owner"), name="people_permission_choice_not_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.permission}: {self.allowed}"


class SignInCode(models.Model):
    """A short code that the bot gives to a person and that signs in once on the web. Only its digest is stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sign_in_codes")
    code_digest = models.BinaryField(max_length=32)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "people_sign_in_code"
        verbose_name = pgettext_lazy("rows", "sign-in code")
        verbose_name_plural = pgettext_lazy("rows", "sign-in codes")
        constraints = [
            models.UniqueConstraint(
                fields=["code_digest"], condition=Q(used_at=None), name="people_sign_in_code_once"
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(used_at=None), name="people_one_open_sign_in_code"
            ),
        ]

    def __str__(self) -> str:
        return f"sign-in code {self.id}"
