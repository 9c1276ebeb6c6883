"""Tables with no opinion: the audit log, the feed of changes, the counters of rate limits."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class CurrentTransactionId(models.Func):
    """The running transaction's 64-bit id, which orders changes without gaps (see `yunlang.kit.changes`)."""

    template = "((pg_current_xact_id())::text)::bigint"
    output_field = models.BigIntegerField()


class AuditEntry(models.Model):
    """One business action. Rows are never changed or removed: a trigger refuses it.

    The actor is named by value, not by foreign key, so that the record outlives the account.
    """

    at = models.DateTimeField(db_default=Now())
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=200)
    action = models.CharField(max_length=80)
    object_kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=64)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["object_kind", "object_id", "id"], name="audit_by_object"),
            models.Index(fields=["actor_id", "id"], name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor_name} {self.action} {self.object_kind} {self.object_id}"


class Change(models.Model):
    """Something that derived data (the search index) must follow. Written in the transaction that changes it."""

    transaction_id = models.BigIntegerField(db_default=CurrentTransactionId())
    at = models.DateTimeField(db_default=Now())
    object_kind = models.CharField(max_length=40)
    object_id = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["transaction_id"], name="change_by_transaction")]

    def __str__(self) -> str:
        return f"{self.transaction_id} {self.object_kind} {self.object_id}"


class RateWindow(models.Model):
    """How often one caller did one thing in one window of time. An unlogged table: a crash may empty it."""

    key = models.CharField(max_length=120, primary_key=True)
    window_start = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["window_start"], name="rate_by_window")]

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"


class GivenAnswer(models.Model):
    """What the API answered to a change under a key of the caller's; the same call gets it again."""

    caller = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    request = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["caller", "key"], name="given_answer_unique"),
            models.CheckConstraint(
                condition=models.Q(request__regex="^[0-9a-f]{64}$") & ~models.Q(caller="") & ~models.Q(key=""),
                name="given_answer_named",
            ),
            models.CheckConstraint(condition=models.Q(status__range=(200, 299)), name="given_answer_is_success"),
        ]
        indexes = [models.Index(fields=["at"], name="given_answer_by_time")]

    def __str__(self) -> str:
        return f"{self.caller} {self.key}: {self.status}"
