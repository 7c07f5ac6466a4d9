"""Rows of people: who they are, what role they have, how they came in."""

import uuid
from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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
        """Everybody, each with the answer of `held_back()`, in one question to the database."""
        from allauth.mfa.models import Authenticator

        factors = Authenticator.objects.filter(
            user=OuterRef("pk"), type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
        )
        demanded = SecondFactorDemand.objects.filter(role=OuterRef("role"))
        return self.annotate(_held_back=Exists(demanded) & ~Exists(factors))

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
    email = models.EmailField(pgettext_lazy("The password is too similar to the …", "e-mail"), unique=True)
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
        constraints = [
            models.UniqueConstraint(Lower("email"), name="people_person_email_any_case"),
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in Role]), name="people_person_role_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def may(self, permission: str) -> bool:
        """Whether this person holds a permission of the registry; KeyError for an unknown one."""
        return self.is_active and Role(self.role) in registry.permission(permission).roles

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
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                condition=Q(purpose="invitation", used_at=None, revoked_at=None),
                name="people_one_open_invitation",
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(purpose="sign_in", used_at=None, revoked_at=None),
                name="people_one_open_sign_in_link",
            ),
            models.CheckConstraint(
                condition=Q(purpose="sign_in", person__isnull=False)
                | (Q(purpose="invitation") & ~Q(email="")),
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

    def __str__(self) -> str:
        return f"browser session {self.id}"
