"""People, their API tokens and what they are told. Membership of organisations stands in the registry, one floor up."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower, Now

from yunlang.accounts.roles import ROLES, Role
from yunlang.kit.ids import new_id


class UserManager(BaseUserManager["User"]):
    """Finds people by e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the account that signs in with this address."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who can sign in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=100)
    phone = models.CharField(max_length=40, blank=True, default="")
    role = models.CharField(
        max_length=20, choices=[(key, label.zh) for key, label in ROLES.items()], default=Role.MEMBER
    )
    language = models.CharField(max_length=10, blank=True, default="")
    digest = models.BooleanField(default=True)
    urgent_letters = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
            models.CheckConstraint(condition=models.Q(role__in=list(ROLES)), name="user_role_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def actor_id(self) -> UUID:
        """The id that the audit log keeps."""
        return self.id

    @property
    def actor_name(self) -> str:
        """The name that the audit log keeps."""
        return f"{self.name} <{self.email}>"


class ApiToken(models.Model):
    """A key for programs. Only its digest is kept; the token itself is shown once."""

    class Scope(models.TextChoices):
        """What a token may do on its owner's behalf."""

        READ = "read", "read"
        WRITE = "write", "write"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    scope = models.CharField(max_length=10, choices=Scope.choices, default=Scope.READ)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(scope__in=["read", "write"]), name="token_scope_known"),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="token_expires_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class Notice(models.Model):
    """Something a person is told once: on the site until read, and in one letter, of the day or of its own.

    `payload` fills the phrase that the room declared for the kind (`yunlang.accounts.notices`).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    payload = models.JSONField()
    address = models.CharField(max_length=500)
    created_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recipient", "kind", "key"], name="notice_unique"),
            models.CheckConstraint(
                condition=models.Q(address__startswith="/") & ~models.Q(address__startswith="//"),
                name="notice_address_on_this_site",
            ),
            models.CheckConstraint(condition=~models.Q(kind="") & ~models.Q(key=""), name="notice_named"),
        ]
        indexes = [
            models.Index(fields=["recipient", "-created_at", "id"], name="notice_by_time"),
            models.Index(fields=["recipient"], name="notice_unread", condition=models.Q(read_at=None)),
            models.Index(fields=["recipient"], name="notice_to_mail", condition=models.Q(read_at=None, mailed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
