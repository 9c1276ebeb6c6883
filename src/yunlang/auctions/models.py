"""Sales, their lots, who bids, and where each lot stands.

A lot's journal in the ledger (subject kind ``lot``) is the truth about its bidding; `Standing` is what the journal
leads to, written in the same transaction, so that lists and the clock need not replay it.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Now

from yunlang.auctions.clock_models import ClockIncident
from yunlang.auctions.core.commission import commission_of
from yunlang.auctions.core.commission_text import scale_text
from yunlang.auctions.core.formats.known import FORM_LABELS
from yunlang.auctions.core.state import ENDED, PHASES, Phase
from yunlang.auctions.deposit_models import Deposit, DepositEntry
from yunlang.auctions.result_models import HandOver, HandOverFile, Objection, Result
from yunlang.auctions.vocabulary import BIDDER_STATUSES, SALE_STATUSES, BidderStatus, SaleStatus
from yunlang.kit.language import Bilingual
from yunlang.registry.models import City, Organisation, Resource
from yunlang.registry.models.base import Record, choices, known

__all__ = [
    "Bidder", "ClockIncident", "Deposit", "DepositEntry", "HandOver", "HandOverFile", "Lot", "Objection", "Result",
    "Sale", "Standing",
]  # fmt: skip
_MONEY = {"max_digits": 18, "decimal_places": 2}
# Sorted, for a set has another order in each process, and a migration would follow each.
_ENDED = sorted(str(one) for one in ENDED)
_WITHOUT_PADDLE = (BidderStatus.APPLIED, BidderStatus.REJECTED, BidderStatus.WITHDRAWN)


class Sale(Record):
    """One session of the auction (一场拍卖会) with its catalogue.

    `edition` names it among its like, such as «2026» or «第八届»: tallies add up by it, in the order of `opens_at`.
    `commission` holds the schedule that `core.commission` reads.
    """

    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=300, blank=True, default="")
    edition = models.CharField(max_length=40)
    host = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="sales_hosted")
    city = models.ForeignKey(City, null=True, blank=True, on_delete=models.PROTECT, related_name="sales")
    place = models.CharField(max_length=200, blank=True, default="")
    auctioneer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="sales_led"
    )
    status = models.CharField(max_length=10, choices=choices(SALE_STATUSES), default=SaleStatus.DRAFT)
    announced_at = models.DateTimeField(null=True, blank=True)
    applications_close_at = models.DateTimeField()
    opens_at = models.DateTimeField()
    notice_days = models.PositiveSmallIntegerField(default=7)
    objection_days = models.PositiveSmallIntegerField(default=5)
    commission = models.JSONField(default=dict, blank=True)
    notes = models.TextField(max_length=10_000, blank=True, default="")
    illustrative = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="sales_made"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=1_000, blank=True, default="")

    class Meta:
        constraints = [
            known("status", SALE_STATUSES, name="sale_status_known"),
            models.CheckConstraint(condition=~Q(title="") & ~Q(edition=""), name="sale_named"),
            models.CheckConstraint(
                condition=Q(applications_close_at__lte=F("opens_at")), name="sale_applications_close_first"
            ),
            models.CheckConstraint(
                condition=Q(status=SaleStatus.DRAFT) | Q(status=SaleStatus.WITHDRAWN) | Q(announced_at__isnull=False),
                name="sale_announced_has_time",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[SaleStatus.CLOSED, SaleStatus.WITHDRAWN]) ^ Q(closed_at__isnull=True),
                name="sale_ended_has_time",
            ),
            models.CheckConstraint(
                condition=Q(status=SaleStatus.WITHDRAWN) ^ Q(end_reason=""), name="sale_withdrawn_with_reason"
            ),
        ]
        indexes = [models.Index(fields=["status", "-opens_at", "id"], name="sale_by_status")]

    def __str__(self) -> str:
        return self.title

    @property
    def buyer_commission(self) -> str:
        """What the buyer pays the house, as people write it."""
        return scale_text(commission_of(self.commission).buyer)

    @property
    def seller_commission(self) -> str:
        """What the seller pays the house, as people write it."""
        return scale_text(commission_of(self.commission).seller)

    @property
    def status_label(self) -> Bilingual:
        """How far it is, in words."""
        return SALE_STATUSES[self.status]  # type: ignore[index]


class Lot(Record):
    """Something that a sale puts up.

    `terms` are the engine's, as `core.terms_text` writes them: from the listing on the journal's first entry is what
    counts, and these are its copy.
    """

    sale = models.ForeignKey(Sale, on_delete=models.PROTECT, related_name="lots")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=300, blank=True, default="")
    summary = models.TextField(max_length=10_000, blank=True, default="")
    resource = models.ForeignKey(Resource, null=True, blank=True, on_delete=models.PROTECT, related_name="lots")
    seller = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="lots_sold")
    seller_name = models.CharField(max_length=200)
    seller_city = models.ForeignKey(City, null=True, blank=True, on_delete=models.PROTECT, related_name="lots_sold")
    form = models.CharField(max_length=20, choices=choices(FORM_LABELS))
    terms = models.JSONField()
    deposit = models.DecimalField(**_MONEY)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sale", "number"], name="lot_number_unique"),
            known("form", FORM_LABELS, name="lot_form_known"),
            models.CheckConstraint(condition=~Q(title="") & ~Q(seller_name=""), name="lot_named"),
            models.CheckConstraint(condition=Q(number__gte=1), name="lot_number_from_one"),
            models.CheckConstraint(condition=Q(deposit__gte=0), name="lot_deposit_not_negative"),
            models.CheckConstraint(condition=Q(form=KT("terms__format")), name="lot_form_is_of_terms"),
        ]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def form_label(self) -> Bilingual:
        """The form of sale, in words."""
        return FORM_LABELS[self.form]

    @property
    def phase(self) -> str | None:
        """Where it stands; None before it is listed."""
        standing = getattr(self, "standing", None)
        return standing.phase if standing is not None else None


class Standing(models.Model):
    """Where a listed lot stands after its last event.

    `due_at` is when the clock has something to do: open, close, or end an opening. `leader` and `price` are those that
    everybody may see; `bids` counts bids and proposals, `last_bid` the journal's number of the last.
    """

    lot = models.OneToOneField(Lot, primary_key=True, on_delete=models.PROTECT, related_name="standing")
    sequence = models.PositiveIntegerField()
    phase = models.CharField(max_length=10, choices=choices(PHASES))
    due_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    leader = models.CharField(max_length=10, blank=True, default="")
    price = models.DecimalField(**_MONEY, null=True)
    bids = models.PositiveIntegerField(default=0)
    bidders = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    value = models.DecimalField(**_MONEY, null=True)

    class Meta:
        constraints = [
            known("phase", PHASES, name="standing_phase_known"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="standing_from_the_listing"),
            models.CheckConstraint(
                condition=Q(phase__in=_ENDED) ^ Q(ended_at__isnull=True),
                name="standing_ended_has_time",
            ),
            models.CheckConstraint(
                condition=Q(phase=Phase.SOLD) ^ Q(value__isnull=True), name="standing_sold_has_value"
            ),
            models.CheckConstraint(
                condition=Q(due_at__isnull=True) | ~Q(phase__in=_ENDED),
                name="standing_ended_is_not_due",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="standing_due")]

    def __str__(self) -> str:
        return f"{self.lot_id} {self.sequence} {self.phase}"

    @property
    def phase_label(self) -> Bilingual:
        """Where it stands, in words."""
        return PHASES[Phase(self.phase)]


class Bidder(Record):
    """An organisation's application to bid for a lot, and the paddle (号牌) under which everybody sees its bids."""

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="bidders")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="bidding")
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="bidding"
    )
    status = models.CharField(max_length=10, choices=choices(BIDDER_STATUSES), default=BidderStatus.APPLIED)
    paddle = models.CharField(max_length=4, blank=True, default="")
    statement = models.TextField(max_length=2_000, blank=True, default="")
    applied_at = models.DateTimeField(db_default=Now())
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            known("status", BIDDER_STATUSES, name="bidder_status_known"),
            models.UniqueConstraint(fields=["lot", "organisation"], name="bidder_once_a_lot"),
            models.UniqueConstraint(fields=["lot", "paddle"], condition=~Q(paddle=""), name="bidder_paddle_unique"),
            models.CheckConstraint(
                condition=Q(paddle="") | Q(paddle__regex="^[0-9]{2,4}$"), name="bidder_paddle_digits"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[str(one) for one in _WITHOUT_PADDLE]) | ~Q(paddle=""),
                name="bidder_approved_has_paddle",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[BidderStatus.REJECTED, BidderStatus.BARRED]) | ~Q(reason=""),
                name="bidder_refused_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-created_at"], name="bidder_by_organisation")]

    def __str__(self) -> str:
        return f"{self.paddle} {self.organisation_id}"

    @property
    def status_label(self) -> Bilingual:
        """How far the application is, in words."""
        return BIDDER_STATUSES[self.status]  # type: ignore[index]
