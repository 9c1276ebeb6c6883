"""What people do with their accounts and tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import IntegrityError, transaction
from psycopg.errors import UniqueViolation

from yunlang.accounts.models import ApiToken, Notice, User
from yunlang.accounts.permissions import require
from yunlang.accounts.roles import ROLES, Role
from yunlang.kit.audit import Actor, audit_record, changed_values
from yunlang.kit.errors import DomainError, InvalidError, NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.kit.text import line_form

TOKEN_PREFIX = "yl_"  # noqa: S105 - a public prefix, not a secret
TOKEN_LIFE_DAYS_MAXIMUM = 366
_EMAIL_LENGTH = MaxLengthValidator(254)

PASSWORD_RULE = Bilingual(
    "密码至少 10 个字符，不能全是数字，不能是常见密码，也不能与姓名、邮箱相近",
    "At least 10 characters; not only digits, not a common password, not close to your name or address",
)


class EmailTakenError(DomainError):
    """The address has an account already."""

    code = "email_taken"
    message = Bilingual("这个邮箱已经注册，请直接登录。", "This address already has an account. Sign in instead.")
    status = 409


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made; `secret` is shown once and never again."""

    token: ApiToken
    secret: str


def user_register(*, email: str, name: str, password: str, phone: str = "", role: str = Role.MEMBER) -> User:
    """Open an account. Sign-up gives the ordinary role; the other roles are granted with `user_role_set`.

    Raises
    ------
    InvalidError
        With the reasons by field.
    EmailTakenError
        When the address has an account.
    """
    user = User(email=email.strip().lower(), name=line_form(name), phone=line_form(phone), role=role)
    reasons = _account_problems(user, password)
    if reasons:
        raise InvalidError(reasons)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            audit_record(
                actor=user, action="user_register", object_kind="user", object_id=user.id, after={"role": role}
            )
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise EmailTakenError from error
        raise
    return user


def _account_problems(user: User, password: str) -> dict[str, list[Bilingual]]:
    reasons = _person_problems(name=user.name, phone=user.phone)
    try:
        validate_email(user.email)
        _EMAIL_LENGTH(user.email)
    except ValidationError:
        reasons["email"] = [Bilingual("请填写有效的邮箱地址", "Enter a valid e-mail address")]
    try:
        validate_password(password, user)
    except ValidationError:
        reasons["password"] = [PASSWORD_RULE]
    return reasons


def _person_problems(*, name: str, phone: str) -> dict[str, list[Bilingual]]:
    reasons: dict[str, list[Bilingual]] = {}
    if not name or len(name) > 100:
        reasons["name"] = [Bilingual("请填写姓名，不超过 100 字", "Enter your name, at most 100 characters")]
    if len(phone) > 40:
        reasons["phone"] = [Bilingual("电话不超过 40 个字符", "At most 40 characters")]
    return reasons


def user_language_set(*, user: User, language: str) -> None:
    """Remember the language a person reads in; one that the site does not speak changes nothing."""
    if language in dict(settings.LANGUAGES):
        User.objects.filter(pk=user.pk).update(language=language)


@transaction.atomic
def user_profile_change(*, actor: User, name: str, phone: str) -> None:
    """Change the actor's own name and phone.

    Raises
    ------
    InvalidError
        With the reasons by field.
    """
    require(actor, "accounts.edit_own_account", actor)
    after = {"name": line_form(name), "phone": line_form(phone)}
    reasons = _person_problems(**after)
    if reasons:
        raise InvalidError(reasons)
    before, after = changed_values({"name": actor.name, "phone": actor.phone}, after)
    if not after:
        return
    User.objects.filter(pk=actor.pk).update(**after)
    audit_record(
        actor=actor, action="user_profile_change", object_kind="user", object_id=actor.id, before=before, after=after
    )
    for column, value in after.items():
        setattr(actor, column, value)


@transaction.atomic
def user_password_change(*, actor: User, old_password: str, new_password: str) -> None:
    """Change the actor's own password; the sessions made with the old one end.

    Raises
    ------
    InvalidError
        When the old password is wrong, or the new one is weak.
    """
    require(actor, "accounts.edit_own_account", actor)
    if not actor.check_password(old_password):
        raise InvalidError({"old_password": [Bilingual("现在的密码不正确", "This is not your present password")]})
    try:
        validate_password(new_password, actor)
    except ValidationError as error:
        raise InvalidError({"new_password": [PASSWORD_RULE]}) from error
    actor.set_password(new_password)
    User.objects.filter(pk=actor.pk).update(password=actor.password)
    audit_record(actor=actor, action="user_password_change", object_kind="user", object_id=actor.id)


@transaction.atomic
def user_role_set(*, actor: Actor, user: User, role: Role) -> User:
    """Grant a platform role; only the corridor office may."""
    require(actor, "accounts.set_role", user)
    if role not in ROLES:
        raise InvalidError({"role": [Bilingual("请选择角色", "Choose a role")]})
    before = User.objects.select_for_update().get(pk=user.pk).role
    User.objects.filter(pk=user.pk).update(role=role)
    user.role = role
    audit_record(
        actor=actor, action="user_role_set", object_kind="user", object_id=user.id,
        before={"role": before}, after={"role": str(role)},
    )  # fmt: skip
    return user


def token_digest(secret: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def token_create(*, actor: User, name: str, scope: str, days: int, at: datetime) -> NewToken:
    """Make an API token for the actor; the answer is the only time its secret is seen."""
    require(actor, "accounts.create_token", None)
    reasons: dict[str, list[Bilingual]] = {}
    name = line_form(name)
    if not name or len(name) > 100:
        reasons["name"] = [Bilingual("请填写用途，不超过 100 字", "Say what it is for, at most 100 characters")]
    if scope not in ApiToken.Scope.values:
        reasons["scope"] = [Bilingual("请选择权限范围", "Choose a scope")]
    if not 1 <= days <= TOKEN_LIFE_DAYS_MAXIMUM:
        reasons["days"] = [Bilingual("有效期应为 1 至 366 天", "Valid for 1 to 366 days")]
    if reasons:
        raise InvalidError(reasons)
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=actor, name=name, scope=scope, prefix=secret[:10], digest=token_digest(secret),
        created_at=at, expires_at=at + timedelta(days=days),
    )  # fmt: skip
    audit_record(
        actor=actor,
        action="token_create",
        object_kind="token",
        object_id=token.id,
        after={"name": name, "scope": scope},
    )
    return NewToken(token=token, secret=secret)


@transaction.atomic
def token_revoke(*, actor: User, token_id: UUID, at: datetime) -> None:
    """Revoke one of the actor's tokens; doing it twice changes nothing."""
    token = ApiToken.objects.select_for_update().filter(pk=token_id).first()
    if token is None:
        raise NotFoundError(what=Bilingual("令牌", "token"))
    require(actor, "accounts.revoke_token", token)
    if token.revoked_at is None:
        ApiToken.objects.filter(pk=token.pk).update(revoked_at=at)
        audit_record(actor=actor, action="token_revoke", object_kind="token", object_id=token.id)


def token_authenticate(*, secret: str, at: datetime) -> ApiToken | None:
    """Return the live token with this secret, noting its use at most once a minute; None where there is none."""
    return tokens_authenticate(secrets=[secret], at=at).get(secret)


def tokens_authenticate(*, secrets: Collection[str], at: datetime) -> dict[str, ApiToken]:
    """Return the live tokens among these secrets, noting their use at most once a minute."""
    by_digest = {token_digest(secret): secret for secret in secrets}
    rows = ApiToken.objects.select_related("user").filter(
        digest__in=list(by_digest), revoked_at=None, expires_at__gt=at
    )
    live = [token for token in rows if token.user.is_active]
    stale = [token.pk for token in live if token.last_used_at is None or at - token.last_used_at > timedelta(minutes=1)]
    if stale:
        ApiToken.objects.filter(pk__in=stale).update(last_used_at=at)
    return {by_digest[token.digest]: token for token in live}


def notice_read(*, actor: User, notice_id: UUID, at: datetime) -> Notice:
    """Mark one of the actor's notices read and return it; doing it twice changes nothing."""
    notice = Notice.objects.filter(pk=notice_id).first()
    if notice is None:
        raise NotFoundError(what=Bilingual("该消息", "this message"))
    require(actor, "accounts.read_notice", notice)
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=at)
    return notice


@transaction.atomic
def notices_read(*, actor: User, at: datetime) -> int:
    """Mark read all that the actor had been told by then; return how many were not."""
    require(actor, "accounts.edit_own_account", actor)
    unread = Notice.objects.filter(recipient_id=actor.pk, read_at=None, created_at__lte=at)
    count = unread.update(read_at=at)
    if count:
        audit_record(actor=actor, action="notices_read", object_kind="user", object_id=actor.pk, after={"count": count})
    return count


@transaction.atomic
def digest_set(*, actor: User, wanted: bool) -> None:
    """Have the daily letter sent to the actor or not; saying the same again changes nothing."""
    require(actor, "accounts.edit_own_account", actor)
    if User.objects.filter(pk=actor.pk).exclude(digest=wanted).update(digest=wanted):
        audit_record(
            actor=actor, action="digest_set", object_kind="user", object_id=actor.pk,
            before={"digest": not wanted}, after={"digest": wanted},
        )  # fmt: skip
    actor.digest = wanted
