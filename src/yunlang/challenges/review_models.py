"""Reviews of nominations and of proposals alike: rounds, who reviews, what each was given, and the scores."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from yunlang.challenges.call_models import MOST_REVIEWERS, Call, Challenge
from yunlang.challenges.core.vocabulary import (
    ASSIGNMENT_STATUSES,
    REVIEWER_STATUSES,
    ROUND_KINDS,
    SUBJECT_KINDS,
    AssignmentStatus,
    ReviewerStatus,
    RoundKind,
    SubjectKind,
)
from yunlang.kit.language import Bilingual
from yunlang.registry.models import Expert
from yunlang.registry.models.base import Record, choices, known


class ReviewRound(Record):
    """One round of blind reviews: of the nominations to a call, or of the proposals for a challenge.

    The rubric is the round's own copy: scores stay readable by what they were given for.
    """

    kind = models.CharField(max_length=10, choices=choices(ROUND_KINDS))
    call = models.OneToOneField(Call, null=True, on_delete=models.PROTECT, related_name="screening_round")
    challenge = models.OneToOneField(Challenge, null=True, on_delete=models.PROTECT, related_name="proposals_round")
    rubric = models.JSONField()
    reviewers_per_item = models.PositiveSmallIntegerField()
    avoid_same_city = models.BooleanField(default=False)
    seed = models.PositiveIntegerField(default=0)
    began_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="review_rounds"
    )
    began_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known("kind", ROUND_KINDS, name="review_round_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=RoundKind.SCREENING, call__isnull=False, challenge__isnull=True)
                | Q(kind=RoundKind.PROPOSALS, call__isnull=True, challenge__isnull=False),
                name="review_round_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(reviewers_per_item__range=(1, MOST_REVIEWERS)), name="review_round_reviewers_in_range"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=models.F("began_at")),
                name="review_round_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.call or self.challenge}"

    @property
    def is_closed(self) -> bool:
        """Whether no more scores are taken, and reviewers see each other's."""
        return self.closed_at is not None

    @property
    def kind_label(self) -> Bilingual:
        """What it judges, in words."""
        return ROUND_KINDS[self.kind]


class Reviewer(Record):
    """An expert of the registry and the account with which that person reviews."""

    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="reviewers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviewers")
    status = models.CharField(max_length=10, choices=choices(REVIEWER_STATUSES), default=ReviewerStatus.INVITED)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="reviewers_invited"
    )
    invited_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known("status", REVIEWER_STATUSES, name="reviewer_status_known"),
            models.UniqueConstraint(
                fields=["expert"], condition=~Q(status=ReviewerStatus.DECLINED), name="reviewer_expert_once"
            ),
            models.UniqueConstraint(
                fields=["user"], condition=~Q(status=ReviewerStatus.DECLINED), name="reviewer_account_once"
            ),
            models.CheckConstraint(
                condition=Q(status=ReviewerStatus.INVITED) ^ Q(answered_at__isnull=False),
                name="reviewer_answered_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.expert.name

    @property
    def status_label(self) -> Bilingual:
        """Whether the expert reviews, in words."""
        return REVIEWER_STATUSES[self.status]


class ReviewAssignment(Record):
    """One thing that one reviewer is to judge in a round. Once submitted it is final: a trigger sees to that."""

    round = models.ForeignKey(ReviewRound, on_delete=models.PROTECT, related_name="assignments")
    reviewer = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="assignments")
    subject_kind = models.CharField(max_length=10, choices=choices(SUBJECT_KINDS))
    subject_id = models.UUIDField()
    status = models.CharField(max_length=10, choices=choices(ASSIGNMENT_STATUSES), default=AssignmentStatus.ASSIGNED)
    conflict_reason = models.CharField(max_length=1_000, blank=True, default="")
    comment = models.TextField(max_length=5_000, blank=True, default="")
    assigned_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known("status", ASSIGNMENT_STATUSES, name="review_assignment_status_known"),
            known("subject_kind", SUBJECT_KINDS, name="review_assignment_subject_known"),
            models.UniqueConstraint(
                fields=["round", "reviewer", "subject_kind", "subject_id"], name="review_assignment_once"
            ),
            models.CheckConstraint(
                condition=Q(status=AssignmentStatus.CONFLICT) ^ Q(conflict_reason=""),
                name="review_conflict_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(status=AssignmentStatus.SUBMITTED) ^ Q(submitted_at__isnull=True),
                name="review_submitted_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["reviewer", "status", "assigned_at"], name="review_assignment_by_reviewer"),
            models.Index(fields=["subject_kind", "subject_id"], name="review_assignment_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer} {self.subject_kind}/{self.subject_id}"

    @property
    def status_label(self) -> Bilingual:
        """Where it stands, in words."""
        return ASSIGNMENT_STATUSES[self.status]

    @property
    def is_nomination(self) -> bool:
        """Whether a nomination is judged, rather than a proposal."""
        return self.subject_kind == SubjectKind.NOMINATION


class ReviewScore(models.Model):
    """The points of one criterion, from 0 to 100; empty while the reviewer is still thinking.

    Rows change only while their assignment is open: a trigger sees to that.
    """

    assignment = models.ForeignKey(ReviewAssignment, on_delete=models.PROTECT, related_name="scores")
    criterion = models.CharField(max_length=40)
    points = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    comment = models.CharField(max_length=2_000, blank=True, default="")
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assignment", "criterion"], name="review_score_once"),
            models.CheckConstraint(condition=~Q(criterion=""), name="review_score_named"),
            models.CheckConstraint(
                condition=Q(points__isnull=True) | Q(points__range=(0, 100)), name="review_score_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.points}"
