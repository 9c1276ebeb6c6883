"""Awards of challenges and what they add to their deals: the plan of stages, deliveries and their evidence.

Whether a milestone is accepted and a payment made stands in the ledger of deals alone.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from yunlang.challenges.call_models import Challenge
from yunlang.challenges.proposal_models import HASH, MONEY, Proposal
from yunlang.deals.models import Deal
from yunlang.registry.models import Resource
from yunlang.registry.models.base import Record

_PERSON = {"to": settings.AUTH_USER_MODEL, "null": True, "on_delete": models.SET_NULL, "related_name": "+"}


class Stage(models.Model):
    """One stage of a challenge, the same for all winners."""

    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="stages")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    criteria = models.TextField(max_length=5_000)
    due = models.DateField()
    share = models.DecimalField(max_digits=5, decimal_places=2)
    keeps = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["challenge", "number"], name="stage_number_unique"),
            models.CheckConstraint(condition=Q(number__gte=1) & ~Q(title="") & ~Q(criteria=""), name="stage_named"),
            models.CheckConstraint(condition=Q(share__range=(0, 100)), name="stage_share_in_range"),
            models.CheckConstraint(condition=Q(keeps__isnull=True) | Q(keeps__gte=1), name="stage_keeps_someone"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"


class Award(Record):
    """One winner of a challenge, with the deal that it opened in the ledger."""

    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="awards")
    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="award")
    deal = models.OneToOneField(Deal, on_delete=models.PROTECT, related_name="award")
    amount = models.DecimalField(**MONEY)
    score = models.DecimalField(max_digits=5, decimal_places=2)
    decided_by = models.ForeignKey(**_PERSON)
    decided_at = models.DateTimeField()
    eliminated_at = models.DateTimeField(null=True)
    eliminated_stage = models.PositiveSmallIntegerField(null=True)
    elimination_reason = models.CharField(max_length=1_000, blank=True, default="")
    outcome = models.OneToOneField(Resource, null=True, on_delete=models.PROTECT, related_name="award")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="award_amount_positive"),
            models.CheckConstraint(condition=Q(score__range=(0, 100)), name="award_score_in_range"),
            models.CheckConstraint(
                condition=Q(eliminated_at__isnull=True, eliminated_stage__isnull=True, elimination_reason="")
                | (Q(eliminated_at__isnull=False, eliminated_stage__gte=1) & ~Q(elimination_reason="")),
                name="award_eliminated_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(eliminated_at__isnull=True) | Q(outcome__isnull=True),
                name="award_eliminated_has_no_outcome",
            ),
        ]

    def __str__(self) -> str:
        return str(self.proposal)


class ChallengeMilestone(models.Model):
    """What a winner handed in for a stage, and what the office said of it last.

    Attributes
    ----------
    awaits
        Whether something was handed in that nobody has judged yet.
    payment
        The number of the payment in the ledger that acceptance made due.
    """

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="milestones")
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="milestones")
    deliveries = models.PositiveSmallIntegerField(default=1)
    note = models.TextField(max_length=5_000)
    delivered_at = models.DateTimeField()
    delivered_by = models.ForeignKey(**_PERSON)
    awaits = models.BooleanField(default=True)
    judged_at = models.DateTimeField(null=True)
    judged_by = models.ForeignKey(**_PERSON)
    reason = models.CharField(max_length=1_000, blank=True, default="")
    payment = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["award", "stage"], name="challenge_milestone_once"),
            models.CheckConstraint(condition=~Q(note="") & Q(deliveries__gte=1), name="challenge_milestone_told"),
            models.CheckConstraint(
                condition=Q(awaits=True) | Q(judged_at__isnull=False), name="challenge_milestone_judged_has_time"
            ),
            models.CheckConstraint(
                condition=Q(payment__isnull=True) | Q(awaits=False), name="challenge_milestone_paid_when_judged"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.award} {self.stage}"


class EvidenceFile(models.Model):
    """A file that shows what was achieved; what an earlier delivery brought stays."""

    milestone = models.ForeignKey(ChallengeMilestone, on_delete=models.PROTECT, related_name="files")
    delivery = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=150)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ["-delivery", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(media_type="") & Q(size__gt=0, sha256__regex=HASH, delivery__gte=1),
                name="evidence_file_told",
            ),
        ]

    def __str__(self) -> str:
        return self.name
