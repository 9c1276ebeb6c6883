"""Accounts, roles and API tokens, against PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction

from tests.factories import PASSWORD, make_user
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.models import ApiToken, User
from yunlang.accounts.roles import Role
from yunlang.accounts.services import (
    TOKEN_LIFE_DAYS_MAXIMUM,
    EmailTakenError,
    token_authenticate,
    token_create,
    token_revoke,
    user_language_set,
    user_password_change,
    user_profile_change,
    user_register,
    user_role_set,
)
from yunlang.kit.errors import InvalidError, NotFoundError
from yunlang.kit.ids import new_id
from yunlang.kit.models import AuditEntry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_an_account_is_opened_with_a_tidy_address_and_an_audit_row() -> None:
    user = user_register(email="  Wang.Li@Example.ORG ", name=" 王　丽 ", password=PASSWORD, phone="021 5766 0000")
    assert (user.email, user.name, user.role) == ("wang.li@example.org", "王丽", Role.MEMBER)
    assert user.check_password(PASSWORD)
    assert user.password != PASSWORD
    entry = AuditEntry.objects.get(action="user_register")
    assert (entry.actor_id, entry.object_id, entry.after) == (user.id, str(user.id), {"role": "member"})


def test_an_address_has_one_account_whatever_its_case() -> None:
    make_user(email="one@example.org")
    with pytest.raises(EmailTakenError):
        user_register(email="ONE@example.org", name="另一人", password=PASSWORD)
    assert User.objects.count() == 1
    assert AuditEntry.objects.filter(action="user_register").count() == 1


def test_a_role_that_does_not_exist_is_not_reported_as_a_taken_address() -> None:
    with pytest.raises(IntegrityError, match="user_role_known"), transaction.atomic():
        user_register(email="new@example.org", name="新人", password=PASSWORD, role="emperor")


@pytest.mark.parametrize("email", ["", "wang", "wang@", "王@example", "a\x00b@example.org", "a" * 250 + "@example.org"])
def test_an_address_that_is_none_or_too_long_for_the_column_is_refused(email: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        user_register(email=email, name="王丽", password=PASSWORD)
    assert set(refusal.value.fields) == {"email"}


@pytest.mark.parametrize("password", ["short-9", "1234567890", "password123", "wang.li@example.org"])
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        user_register(email="wang.li@example.org", name="王丽", password=password)
    assert set(refusal.value.fields) == {"password"}


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(InvalidError) as refusal:
        user_register(email="none", name="名" * 101, password="1", phone="1" * 41)
    assert set(refusal.value.fields) == {"email", "name", "password", "phone"}
    assert refusal.value.text.zh == "有 4 处填写有误，请按提示修改。"


def test_the_longest_name_and_address_together_still_fit_the_audit_log() -> None:
    address = "a" * 64 + "@" + ".".join(["b" * 60] * 3) + ".org"
    user = user_register(email=address, name="名" * 100, password=PASSWORD)
    assert AuditEntry.objects.get(action="user_register").actor_name == f"{user.name} <{address}>"[:200]


def test_people_sign_in_with_their_address_in_any_case_and_only_while_active() -> None:
    user = make_user(email="li@example.org")
    assert authenticate(username="LI@Example.org", password=PASSWORD) == user
    assert authenticate(username="li@example.org", password="wrong-horse-9") is None
    assert authenticate(username="nobody@example.org", password=PASSWORD) is None
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert authenticate(username="li@example.org", password=PASSWORD) is None


def test_the_office_grants_a_role_and_the_audit_row_tells_what_it_was() -> None:
    user = make_user()
    User.objects.filter(pk=user.pk).update(role=Role.AUDITOR)  # somebody else was first; `user` is stale
    user_role_set(actor=SYSTEM, user=user, role=Role.MANAGER)
    assert User.objects.get(pk=user.pk).role == Role.MANAGER
    entry = AuditEntry.objects.get(action="user_role_set")
    assert (entry.before, entry.after) == ({"role": "auditor"}, {"role": "manager"})


def test_a_role_that_does_not_exist_is_not_granted() -> None:
    with pytest.raises(InvalidError):
        user_role_set(actor=SYSTEM, user=make_user(), role="emperor")  # type: ignore[arg-type]


def test_a_person_reads_on_in_the_language_last_chosen() -> None:
    user = make_user()
    user_language_set(user=user, language="en")
    assert User.objects.get(pk=user.pk).language == "en"
    user_language_set(user=user, language="klingon-of-the-house")
    assert User.objects.get(pk=user.pk).language == "en"


def test_a_profile_change_is_audited_with_what_changed_alone() -> None:
    user = make_user(name="王丽")
    user_profile_change(actor=user, name="王丽", phone="13800000000")
    entry = AuditEntry.objects.get(action="user_profile_change")
    assert (entry.before, entry.after) == ({"phone": ""}, {"phone": "13800000000"})
    user_profile_change(actor=user, name="王丽", phone="13800000000")
    assert AuditEntry.objects.filter(action="user_profile_change").count() == 1
    with pytest.raises(InvalidError):
        user_profile_change(actor=user, name=" ", phone="")


def test_a_password_changes_only_with_the_old_one_and_never_stands_in_the_audit_log() -> None:
    user = make_user()
    with pytest.raises(InvalidError) as refusal:
        user_password_change(actor=user, old_password="wrong-horse-9", new_password="another-horse-7")
    assert set(refusal.value.fields) == {"old_password"}
    with pytest.raises(InvalidError) as refusal:
        user_password_change(actor=user, old_password=PASSWORD, new_password="1234567890")
    assert set(refusal.value.fields) == {"new_password"}
    user_password_change(actor=user, old_password=PASSWORD, new_password="another-horse-7")
    assert User.objects.get(pk=user.pk).check_password("another-horse-7")
    entry = AuditEntry.objects.get(action="user_password_change")
    assert (entry.before, entry.after) == (None, None)


def test_a_token_is_kept_as_a_digest_and_known_again_by_its_secret() -> None:
    user = make_user()
    made = token_create(actor=user, name="夜间脚本", scope="read", days=30, at=NOW)
    row = ApiToken.objects.get()
    assert made.secret.startswith("yl_")
    assert made.secret not in {row.digest, row.prefix, row.name}
    assert made.secret.startswith(row.prefix)
    found = token_authenticate(secret=made.secret, at=NOW)
    assert found is not None
    assert found.user == user
    assert token_authenticate(secret=made.secret + "x", at=NOW) is None


def test_a_token_ends_at_its_hour_when_revoked_and_with_its_owner() -> None:
    user = make_user()
    made = token_create(actor=user, name="脚本", scope="write", days=1, at=NOW)
    end = NOW + timedelta(days=1)
    assert token_authenticate(secret=made.secret, at=end - timedelta(microseconds=1)) is not None
    assert token_authenticate(secret=made.secret, at=end) is None
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert token_authenticate(secret=made.secret, at=NOW) is None
    User.objects.filter(pk=user.pk).update(is_active=True)
    token_revoke(actor=user, token_id=made.token.id, at=NOW)
    assert token_authenticate(secret=made.secret, at=NOW) is None


def test_revoking_twice_changes_nothing_and_a_strange_id_is_not_found() -> None:
    user = make_user()
    made = token_create(actor=user, name="脚本", scope="read", days=1, at=NOW)
    for minutes in (1, 2):
        token_revoke(actor=user, token_id=made.token.id, at=NOW + timedelta(minutes=minutes))
    assert ApiToken.objects.get().revoked_at == NOW + timedelta(minutes=1)
    assert AuditEntry.objects.filter(action="token_revoke").count() == 1
    with pytest.raises(NotFoundError):
        token_revoke(actor=user, token_id=new_id(), at=NOW)


def test_the_last_use_of_a_token_is_noted_at_most_once_a_minute() -> None:
    made = token_create(actor=make_user(), name="脚本", scope="read", days=1, at=NOW)
    for seconds, noted in ((0, 0), (59, 0), (61, 61), (100, 61), (200, 200)):
        token_authenticate(secret=made.secret, at=NOW + timedelta(seconds=seconds))
        assert ApiToken.objects.get().last_used_at == NOW + timedelta(seconds=noted)


def test_a_token_says_what_it_is_for_what_it_may_and_how_long() -> None:
    with pytest.raises(InvalidError) as refusal:
        token_create(actor=make_user(), name=" \n ", scope="everything", days=TOKEN_LIFE_DAYS_MAXIMUM + 1, at=NOW)
    assert set(refusal.value.fields) == {"name", "scope", "days"}
    assert not ApiToken.objects.exists()
