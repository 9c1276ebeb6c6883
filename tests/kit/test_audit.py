"""The audit log: in the action's own transaction, and final."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories import make_user
from yunlang.accounts.actors import SYSTEM
from yunlang.kit.audit import audit_record, changed_values
from yunlang.kit.ids import new_id
from yunlang.kit.models import AuditEntry

pytestmark = pytest.mark.django_db


def _record(**values: object) -> AuditEntry:
    audit_record(actor=SYSTEM, action="test", object_kind="thing", object_id=1, **values)  # type: ignore[arg-type]
    return AuditEntry.objects.latest("id")


def test_a_row_tells_who_did_what_to_which() -> None:
    user, subject = make_user(name="王丽"), new_id()
    audit_record(actor=user, action="need_close", object_kind="need", object_id=subject, after={"status": "closed"})
    entry = AuditEntry.objects.latest("id")
    assert (entry.actor_id, entry.actor_name) == (user.id, f"王丽 <{user.email}>")
    assert (entry.object_id, entry.before, entry.after) == (str(subject), None, {"status": "closed"})


def test_an_action_that_fails_leaves_no_audit_row() -> None:
    with transaction.atomic():
        _record(after={"a": 1})
        transaction.set_rollback(True)
    assert not AuditEntry.objects.filter(action="test").exists()


@pytest.mark.parametrize("change", ["UPDATE kit_auditentry SET action = 'none'", "DELETE FROM kit_auditentry"])
def test_a_row_is_never_changed_or_removed(change: str) -> None:
    _record()
    with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
        connection.cursor().execute(change)
    assert AuditEntry.objects.filter(action="test").count() == 1


def test_the_orm_cannot_change_or_remove_a_row_either() -> None:
    entry = _record()
    entry.action = "other"
    with pytest.raises(DatabaseError), transaction.atomic():
        entry.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.all().delete()


def test_values_of_the_domain_are_kept_as_plain_json_however_deep() -> None:
    subject = new_id()
    entry = _record(
        before={"price": Decimal("1500000.00"), "day": date(2026, 11, 22)},
        after={"rows": [{"price": Decimal("0.10")}], "at": datetime(2026, 1, 2, tzinfo=UTC), "ids": (subject,)},
    )
    entry.refresh_from_db()
    assert entry.before == {"price": "1500000.00", "day": "2026-11-22"}
    assert entry.after == {"rows": [{"price": "0.10"}], "at": "2026-01-02T00:00:00Z", "ids": [str(subject)]}


def test_only_what_differs_is_kept_of_a_change() -> None:
    before, after = {"a": 1, "b": 2, "c": None}, {"a": 1, "b": 3, "c": "x"}
    assert changed_values(before, after) == ({"b": 2, "c": None}, {"b": 3, "c": "x"})
    assert changed_values(before, after, names=["b"]) == ({"b": 2}, {"b": 3})
    assert changed_values({}, {"new": 1}) == ({"new": None}, {"new": 1})
    assert changed_values(before, before) == ({}, {})
