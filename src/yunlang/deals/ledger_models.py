"""The ledger's tables: journals that are only added to, their heads as published, and where each deal stands now.

A deal is its journal; the rows of deals, contracts, milestones and payments are what the journal leads to, written in
the same transaction as each entry and rebuilt from it by `ledger_check`.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yunlang.deals.core.ledger.entries import GENESIS
from yunlang.deals.core.ledger.vocabulary import (
    DEAL_STATUSES,
    KINDS,
    MILESTONE_STATUSES,
    PAYMENT_STATUSES,
    SOURCES,
    DealStatus,
    MilestoneStatus,
    PaymentStatus,
)
from yunlang.kit.language import Bilingual
from yunlang.registry.models import Need, Organisation, Resource
from yunlang.registry.models.base import Record, choices, known

_HASH = "^[0-9a-f]{64}$"
_MONEY = {"max_digits": 18, "decimal_places": 2}


def deal_is_sample(prefix: str = "") -> Q:
    """Return what tells deals made up for demonstration: that one side, the need or the resource is."""
    found = Q()
    for name in ("need_side", "offer_side", "need", "resource"):
        found |= Q(**{f"{prefix}{name}__illustrative": True})
    return found


class JournalHead(models.Model):
    """Where a subject's journal ends; its row is the lock that puts writers in order."""

    subject_kind = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    sequence = models.PositiveIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)
    published = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id"], name="journal_head_unique"),
            models.CheckConstraint(condition=Q(hash__regex=_HASH), name="journal_head_hash"),
            models.CheckConstraint(condition=Q(published__lte=F("sequence")), name="journal_head_published"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(published__lt=F("sequence")), name="journal_head_moved"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind}/{self.subject_id} {self.sequence}"


class JournalEntry(models.Model):
    """One entry. Rows are never changed or removed, and each follows on the one before: triggers see to both."""

    subject_kind = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    payload = models.JSONField()
    actor = models.CharField(max_length=200)
    at = models.DateTimeField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id", "sequence"], name="journal_sequence_unique"),
            models.UniqueConstraint(fields=["hash"], name="journal_hash_unique"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="journal_sequence_from_one"),
            models.CheckConstraint(condition=Q(hash__regex=_HASH, previous__regex=_HASH), name="journal_hash_shape"),
            models.CheckConstraint(
                condition=Q(sequence=1, previous=GENESIS) | (~Q(sequence=1) & ~Q(previous=GENESIS)),
                name="journal_first_follows_nothing",
            ),
            models.CheckConstraint(condition=~Q(kind="") & ~Q(subject_kind=""), name="journal_named"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind}/{self.subject_id} {self.sequence} {self.kind}"


class DayHead(models.Model):
    """The heads of a day as they were published. Rows are never changed or removed."""

    day = models.DateField(unique=True)
    heads = ArrayField(models.CharField(max_length=64))
    previous = models.CharField(max_length=64, unique=True)
    root = models.CharField(max_length=64, unique=True)
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["-day"]
        constraints = [
            models.CheckConstraint(condition=Q(root__regex=_HASH, previous__regex=_HASH), name="day_head_hash_shape"),
        ]
        indexes = [GinIndex(fields=["heads"], name="day_head_by_hash")]

    def __str__(self) -> str:
        return f"{self.day} {self.root}"


class Deal(Record):
    """What two parties have agreed to do for each other, and where it stands."""

    kind = models.CharField(max_length=20, choices=choices(KINDS))
    title = models.CharField(max_length=200)
    amount = models.DecimalField(**_MONEY)
    status = models.CharField(max_length=10, choices=choices(DEAL_STATUSES))
    need_side = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="deals_taken")
    offer_side = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="deals_given")
    # Names and cities as they were when the deal was opened: what moves later changes no past deal.
    need_name = models.CharField(max_length=200)
    offer_name = models.CharField(max_length=200)
    need_city = models.ForeignKey("registry.City", null=True, on_delete=models.PROTECT, related_name="deals_taken")
    offer_city = models.ForeignKey("registry.City", null=True, on_delete=models.PROTECT, related_name="deals_given")
    source = models.CharField(max_length=10, choices=choices(SOURCES))
    source_id = models.UUIDField()
    introduction = models.OneToOneField("deals.Introduction", null=True, on_delete=models.PROTECT, related_name="deal")
    need = models.ForeignKey(Need, null=True, on_delete=models.PROTECT, related_name="deals")
    resource = models.ForeignKey(Resource, null=True, on_delete=models.PROTECT, related_name="deals")
    manager = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="deals")
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=1_000, blank=True, default="")

    class Meta:
        constraints = [
            known("kind", KINDS, name="deal_kind_known"),
            known("status", DEAL_STATUSES, name="deal_status_known"),
            known("source", SOURCES, name="deal_source_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="deal_amount_positive"),
            models.CheckConstraint(condition=~Q(title=""), name="deal_titled"),
            models.CheckConstraint(condition=~Q(need_side=F("offer_side")), name="deal_between_two"),
            models.CheckConstraint(
                condition=(~Q(source="need") | Q(need__isnull=False, need=F("source_id")))
                & (~Q(source="resource") | Q(resource__isnull=False, resource=F("source_id"))),
                name="deal_source_is_there",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[DealStatus.COMPLETED, DealStatus.TERMINATED]) ^ Q(ended_at__isnull=True),
                name="deal_ended_has_time",
            ),
            models.CheckConstraint(
                condition=Q(status=DealStatus.TERMINATED) ^ Q(end_reason=""), name="deal_terminated_with_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-opened_at", "id"], name="deal_by_status"),
            models.Index(fields=["need_side", "-opened_at"], name="deal_by_need_side"),
            models.Index(fields=["offer_side", "-opened_at"], name="deal_by_offer_side"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def status_label(self) -> Bilingual:
        """Where it stands, in words."""
        return DEAL_STATUSES[self.status]

    @property
    def kind_label(self) -> Bilingual:
        """What kind of deal it is, in words."""
        return KINDS[self.kind]

    @property
    def illustrative(self) -> bool:
        """Whether it was made up for demonstration (`deal_is_sample` asks the database the same)."""
        told = (self.need_side, self.offer_side, self.need, self.resource)
        return any(one is not None and one.illustrative for one in told)

    @property
    def parties(self) -> tuple[Organisation, Organisation]:
        """Both sides' organisations; one that became part of another is that other one."""
        return (self.need_side.merged_into or self.need_side, self.offer_side.merged_into or self.offer_side)


class Contract(models.Model):
    """The signed contract of a deal, with what is due or paid under it."""

    deal = models.OneToOneField(Deal, on_delete=models.PROTECT, related_name="contract", primary_key=True)
    number = models.CharField(max_length=100)
    amount = models.DecimalField(**_MONEY)
    committed = models.DecimalField(**_MONEY, default=0)
    paid = models.DecimalField(**_MONEY, default=0)
    signed_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="contract_amount_positive"),
            models.CheckConstraint(
                condition=Q(paid__gte=0, paid__lte=F("committed"), committed__lte=F("amount")),
                name="contract_not_exceeded",
            ),
            models.CheckConstraint(condition=~Q(number=""), name="contract_numbered"),
        ]

    def __str__(self) -> str:
        return self.number


class Milestone(models.Model):
    """Something to be delivered under a contract."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="milestones")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    due = models.DateField()
    status = models.CharField(max_length=10, choices=choices(MILESTONE_STATUSES), default=MilestoneStatus.DUE)
    evidence = models.CharField(max_length=2_000, blank=True, default="")

    class Meta:
        ordering = ["number"]
        constraints = [
            known("status", MILESTONE_STATUSES, name="milestone_status_known"),
            models.UniqueConstraint(fields=["contract", "number"], name="milestone_number_unique"),
            models.CheckConstraint(condition=~Q(title="") & Q(number__gte=1), name="milestone_named"),
            models.CheckConstraint(
                condition=Q(status=MilestoneStatus.DUE) ^ ~Q(evidence=""), name="milestone_judged_with_evidence"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def status_label(self) -> Bilingual:
        """Where it stands, in words."""
        return MILESTONE_STATUSES[self.status]


class Payment(models.Model):
    """An amount due, paid or refunded under a contract."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="payments")
    number = models.PositiveIntegerField()
    amount = models.DecimalField(**_MONEY)
    due = models.DateField()
    status = models.CharField(max_length=10, choices=choices(PAYMENT_STATUSES), default=PaymentStatus.DUE)
    paid_on = models.DateField(null=True)
    reference = models.CharField(max_length=200, blank=True, default="")
    refunded_on = models.DateField(null=True)
    reason = models.CharField(max_length=1_000, blank=True, default="")

    class Meta:
        ordering = ["number"]
        constraints = [
            known("status", PAYMENT_STATUSES, name="payment_status_known"),
            models.UniqueConstraint(fields=["contract", "number"], name="payment_number_unique"),
            models.CheckConstraint(condition=Q(amount__gt=0, number__gte=1), name="payment_amount_positive"),
            models.CheckConstraint(
                condition=Q(status=PaymentStatus.DUE) ^ Q(paid_on__isnull=False), name="payment_paid_has_day"
            ),
            models.CheckConstraint(
                condition=(Q(status=PaymentStatus.REFUNDED) & Q(refunded_on__isnull=False) & ~Q(reason=""))
                | (~Q(status=PaymentStatus.REFUNDED) & Q(refunded_on__isnull=True, reason="")),
                name="payment_refunded_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.amount}"

    @property
    def status_label(self) -> Bilingual:
        """Where it stands, in words."""
        return PAYMENT_STATUSES[self.status]
