"""Deposits of bidders, and every movement of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yunlang.auctions.core.deposits import DEPOSIT_STATUSES, ENDED, STEPS, DepositStatus, Step
from yunlang.kit.language import Bilingual
from yunlang.registry.models.base import Record, choices, known

_PAID = [str(one) for one in (DepositStatus.HELD, DepositStatus.REFUND_DUE, DepositStatus.REFUNDED,
                              DepositStatus.FORFEITED, DepositStatus.COUNTED)]  # fmt: skip

_OVER = [str(one) for one in ENDED]


class Deposit(Record):
    """What a bidder pays in before it may bid, as it stands after its last movement.

    `slip` is the number of the bank's slip for what came in on the day `received_on`, `refund_slip` for what went back.
    """

    bidder = models.OneToOneField("auctions.Bidder", on_delete=models.PROTECT, related_name="deposit")
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    provider = models.CharField(max_length=30)
    reference = models.CharField(max_length=20, unique=True)
    status = models.CharField(max_length=10, choices=choices(DEPOSIT_STATUSES), default=DepositStatus.DUE)
    asked_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True, blank=True)
    received_on = models.DateField(null=True, blank=True)
    slip = models.CharField(max_length=100, blank=True, default="")
    released_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    refund_slip = models.CharField(max_length=100, blank=True, default="")
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            known("status", DEPOSIT_STATUSES, name="deposit_status_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="deposit_amount_positive"),
            models.CheckConstraint(condition=Q(reference__regex="^BZ[0-9]{10}$"), name="deposit_reference_form"),
            models.CheckConstraint(
                condition=(
                    Q(status__in=_PAID, received_at__isnull=False, received_on__isnull=False) & ~Q(slip="")
                    | Q(received_at__isnull=True, received_on__isnull=True, slip="") & ~Q(status__in=_PAID)
                ),
                name="deposit_paid_with_slip",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[DepositStatus.REFUND_DUE, DepositStatus.REFUNDED])
                ^ Q(released_at__isnull=True),
                name="deposit_released_has_time",
            ),
            models.CheckConstraint(
                condition=Q(status__in=_OVER) ^ Q(ended_at__isnull=True),
                name="deposit_ended_has_time",
            ),
            models.CheckConstraint(
                condition=Q(status=DepositStatus.REFUNDED) ^ Q(refund_slip=""), name="deposit_refunded_with_slip"
            ),
            models.CheckConstraint(
                condition=~Q(status=DepositStatus.FORFEITED) | ~Q(reason=""), name="deposit_forfeited_with_reason"
            ),
            models.UniqueConstraint(
                fields=["provider", "slip"], condition=~Q(slip=""), name="deposit_slip_pays_one_deposit"
            ),
        ]
        indexes = [models.Index(fields=["status", "asked_at"], name="deposit_by_status")]

    def __str__(self) -> str:
        return f"{self.reference} {self.status}"

    @property
    def status_label(self) -> Bilingual:
        """How far it is, in words."""
        return DEPOSIT_STATUSES[DepositStatus(self.status)]


class DepositEntry(models.Model):
    """One movement of a deposit; never changed and never deleted, which a trigger sees to."""

    deposit = models.ForeignKey(Deposit, on_delete=models.PROTECT, related_name="entries")
    number = models.PositiveSmallIntegerField()
    step = models.CharField(max_length=10, choices=choices(STEPS))
    status = models.CharField(max_length=10, choices=choices(DEPOSIT_STATUSES))
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    slip = models.CharField(max_length=100, blank=True, default="")
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deposit", "number"], name="deposit_entry_number_unique"),
            # Each movement happens once: nothing is refunded or forfeited twice.
            models.UniqueConstraint(fields=["deposit", "step"], name="deposit_entry_step_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="deposit_entry_number_from_one"),
            known("step", STEPS, name="deposit_entry_step_known"),
            known("status", DEPOSIT_STATUSES, name="deposit_entry_status_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="deposit_entry_amount_positive"),
            models.CheckConstraint(condition=~Q(actor=""), name="deposit_entry_has_actor"),
            models.CheckConstraint(
                condition=~Q(step__in=[Step.RECEIVE, Step.REFUND]) | ~Q(slip=""), name="deposit_entry_money_has_slip"
            ),
        ]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.step}"

    @property
    def step_label(self) -> Bilingual:
        """What happened, in words."""
        return STEPS[Step(self.step)]
