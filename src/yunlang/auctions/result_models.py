"""What follows a hammer: results, objections to them, and the documents of the hand-over."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from yunlang.auctions.core.aftersale import RESULT_STATUSES, Course, ResultStatus
from yunlang.auctions.vocabulary import OBJECTION_STATUSES, TRADE_SIDES, ObjectionStatus
from yunlang.deals.ledger_models import Deal
from yunlang.kit.language import Bilingual
from yunlang.registry.models import Organisation
from yunlang.registry.models.base import Record, choices, known

_MONEY = {"max_digits": 18, "decimal_places": 2}
_SHA256 = "^[0-9a-f]{64}$"
_NOT_YET_PUBLIC = [ResultStatus.HAMMERED, ResultStatus.ANNULLED]
_WITH_DEAL = [ResultStatus.CONFIRMED, ResultStatus.SETTLED, ResultStatus.COMPLETED]
_WITHOUT_DEAL = [ResultStatus.HAMMERED, ResultStatus.PUBLISHED]
_FAILED = [ResultStatus.ANNULLED, ResultStatus.DEFAULTED]


class Result(Record):
    """What one winner got of a lot, and how far it has come since.

    A lot has one result for each award: several only where like units were sold at one price. `base` is what the
    premium is counted from, for all units together; `objections_until` is excluded.
    """

    lot = models.ForeignKey("auctions.Lot", on_delete=models.PROTECT, related_name="results")
    bidder = models.ForeignKey("auctions.Bidder", on_delete=models.PROTECT, related_name="results")
    quantity = models.PositiveIntegerField(default=1)
    price = models.DecimalField(**_MONEY)
    value = models.DecimalField(**_MONEY)
    base = models.DecimalField(**_MONEY)
    buyer_commission = models.DecimalField(**_MONEY)
    seller_commission = models.DecimalField(**_MONEY)
    status = models.CharField(max_length=10, choices=choices(RESULT_STATUSES), default=ResultStatus.HAMMERED)
    hammered_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    objections_until = models.DateTimeField(null=True, blank=True)
    deal = models.OneToOneField(Deal, null=True, blank=True, on_delete=models.PROTECT, related_name="auction_result")
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=1_000, blank=True, default="")

    class Meta:
        ordering = ["hammered_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["lot", "bidder"], name="result_once_a_bidder"),
            known("status", RESULT_STATUSES, name="result_status_known"),
            models.CheckConstraint(
                condition=Q(price__gt=0, quantity__gte=1, base__gt=0, value=F("price") * F("quantity")),
                name="result_value_is_price_times_quantity",
            ),
            models.CheckConstraint(
                condition=Q(buyer_commission__gte=0, buyer_commission__lte=F("value"))
                & Q(seller_commission__gte=0, seller_commission__lte=F("value")),
                name="result_commission_within_value",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, objections_until__isnull=True)
                | Q(published_at__gte=F("hammered_at"), objections_until__gt=F("published_at")),
                name="result_notice_has_period",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=False) | Q(status__in=_NOT_YET_PUBLIC), name="result_published_first"
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | ~Q(status=ResultStatus.HAMMERED),
                name="result_hammered_is_not_public",
            ),
            models.CheckConstraint(
                condition=(Q(deal__isnull=False) | ~Q(status__in=_WITH_DEAL))
                & (Q(deal__isnull=True) | ~Q(status__in=_WITHOUT_DEAL)),
                name="result_confirmed_has_deal",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[*_FAILED, ResultStatus.COMPLETED]) ^ Q(ended_at__isnull=True),
                name="result_ended_has_time",
            ),
            models.CheckConstraint(
                condition=Q(status__in=_FAILED) ^ Q(end_reason=""), name="result_failed_with_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-hammered_at", "id"], name="result_by_status"),
            models.Index(
                fields=["objections_until"], condition=Q(objections_until__isnull=False), name="result_by_objections"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lot_id} {self.bidder_id} {self.value}"

    @property
    def course(self) -> Course:
        """Where it stands, for the core."""
        return Course(ResultStatus(self.status), self.objections_until)

    @property
    def status_label(self) -> Bilingual:
        """Where it stands, in words."""
        return RESULT_STATUSES[ResultStatus(self.status)]


class Objection(Record):
    """An objection (异议) to the result of a lot, raised by a bidder or the seller within the period."""

    lot = models.ForeignKey("auctions.Lot", on_delete=models.PROTECT, related_name="objections")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="auction_objections")
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="auction_objections"
    )
    raised_at = models.DateTimeField()
    grounds = models.TextField(max_length=5_000)
    status = models.CharField(max_length=10, choices=choices(OBJECTION_STATUSES), default=ObjectionStatus.OPEN)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=1_000, blank=True, default="")

    class Meta:
        ordering = ["raised_at", "id"]
        constraints = [
            known("status", OBJECTION_STATUSES, name="objection_status_known"),
            models.CheckConstraint(condition=~Q(grounds=""), name="objection_has_grounds"),
            models.CheckConstraint(
                condition=Q(status=ObjectionStatus.OPEN, decided_at__isnull=True, decision="")
                | (~Q(status=ObjectionStatus.OPEN) & Q(decided_at__isnull=False) & ~Q(decision="")),
                name="objection_decided_with_reason",
            ),
            models.UniqueConstraint(
                fields=["lot", "organisation"], condition=Q(status=ObjectionStatus.OPEN), name="objection_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lot_id} {self.organisation_id}"

    @property
    def status_label(self) -> Bilingual:
        """Where it stands, in words."""
        return OBJECTION_STATUSES[self.status]  # type: ignore[index]


class HandOver(Record):
    """A document of the hand-over, from one side to the other.

    The file lies in `HandOverFile`, in the database, so that it is backed up with what it proves and every server
    has it.
    """

    result = models.ForeignKey(Result, on_delete=models.PROTECT, related_name="hand_overs")
    side = models.CharField(max_length=6, choices=choices(TRADE_SIDES))
    title = models.CharField(max_length=200)
    filename = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="hand_overs_added"
    )
    added_at = models.DateTimeField()
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="hand_overs_accepted"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["added_at", "id"]
        constraints = [
            known("side", TRADE_SIDES, name="hand_over_side_known"),
            models.CheckConstraint(condition=~Q(title="") & ~Q(filename=""), name="hand_over_named"),
            models.CheckConstraint(condition=Q(size__gte=1), name="hand_over_not_empty"),
            models.CheckConstraint(condition=Q(sha256__regex=_SHA256), name="hand_over_hash_shape"),
            models.UniqueConstraint(fields=["result", "sha256"], name="hand_over_file_once"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def side_label(self) -> Bilingual:
        """Which side gave it, in words."""
        return TRADE_SIDES[self.side]  # type: ignore[index]


class HandOverFile(models.Model):
    """The bytes of a document; read only when somebody downloads it."""

    hand_over = models.OneToOneField(HandOver, primary_key=True, on_delete=models.PROTECT, related_name="file")
    content = models.BinaryField()

    def __str__(self) -> str:
        return str(self.hand_over_id)
