"""Calls for needs, the needs put forward to them, and the challenges of the published list."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from yunlang.challenges.core.vocabulary import (
    CALL_STATUSES,
    CHALLENGE_ENDED,
    CHALLENGE_STATUSES,
    NOMINATION_STATUSES,
    CallStatus,
    ChallengeStatus,
    NominationStatus,
)
from yunlang.kit.language import Bilingual
from yunlang.registry.core.kinds import INDUSTRIES
from yunlang.registry.models import Need
from yunlang.registry.models.base import Record, choices, known

_MONEY = {"max_digits": 18, "decimal_places": 2}
LONGEST_HORIZON = 120
MOST_REVIEWERS = 15
MOST_WINNERS = 20


class Call(Record):
    """The office's call for needs of some areas, and how they are to be judged."""

    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=300, blank=True, default="")
    summary = models.TextField(max_length=5_000, blank=True, default="")
    areas = ArrayField(models.CharField(max_length=40, choices=choices(INDUSTRIES)))
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    screening_until = models.DateTimeField()
    status = models.CharField(max_length=10, choices=choices(CALL_STATUSES), default=CallStatus.DRAFT)
    # [{"code", "zh", "en", "weight"}]; weights are texts of exact decimals (`core.rubric`).
    rubric = models.JSONField()
    reviewers_per_item = models.PositiveSmallIntegerField(default=3)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="calls")
    listed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=1_000, blank=True, default="")
    illustrative = models.BooleanField(default=False)

    class Meta:
        constraints = [
            known("status", CALL_STATUSES, name="call_status_known"),
            models.CheckConstraint(condition=~Q(title=""), name="call_titled"),
            models.CheckConstraint(
                condition=Q(areas__contained_by=[*INDUSTRIES], areas__len__gte=1), name="call_areas_known"
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at"), screening_until__gte=F("closes_at")), name="call_in_order"
            ),
            models.CheckConstraint(
                condition=Q(reviewers_per_item__range=(1, MOST_REVIEWERS)), name="call_reviewers_in_range"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[CallStatus.LISTED, CallStatus.CLOSED]) ^ Q(listed_at__isnull=True),
                name="call_listed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[CallStatus.CLOSED, CallStatus.WITHDRAWN]) ^ Q(ended_at__isnull=True),
                name="call_ended_has_time",
            ),
            models.CheckConstraint(
                condition=Q(status=CallStatus.WITHDRAWN) ^ Q(end_reason=""), name="call_withdrawn_with_reason"
            ),
        ]
        indexes = [models.Index(fields=["status", "-opens_at", "id"], name="call_by_status")]

    def __str__(self) -> str:
        return self.title

    @property
    def status_label(self) -> Bilingual:
        """Where it stands, in words."""
        return CALL_STATUSES[self.status]

    @property
    def label(self) -> Bilingual:
        """The title in both languages, the Chinese where there is no English one."""
        return Bilingual(self.title, self.title_en or self.title)


class Nomination(Record):
    """A need that its organisation puts forward to a call, with what solving it is worth and how that is judged."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="nominations")
    number = models.PositiveIntegerField()
    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="nominations")
    area = models.CharField(max_length=40, choices=choices(INDUSTRIES))
    budget = models.DecimalField(**_MONEY)
    acceptance_criteria = models.TextField(max_length=10_000)
    horizon_months = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=12, choices=choices(NOMINATION_STATUSES), default=NominationStatus.SUBMITTED)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="nominations"
    )
    submitted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decision_note = models.CharField(max_length=1_000, blank=True, default="")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known("status", NOMINATION_STATUSES, name="nomination_status_known"),
            known("area", INDUSTRIES, name="nomination_area_known"),
            models.UniqueConstraint(fields=["call", "number"], name="nomination_number_unique"),
            models.UniqueConstraint(
                fields=["call", "need"], condition=~Q(status=NominationStatus.WITHDRAWN), name="nomination_once"
            ),
            models.CheckConstraint(condition=Q(budget__gt=0, number__gte=1), name="nomination_budget_positive"),
            models.CheckConstraint(condition=~Q(acceptance_criteria=""), name="nomination_has_criteria"),
            models.CheckConstraint(
                condition=Q(horizon_months__range=(1, LONGEST_HORIZON)), name="nomination_horizon_in_range"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[NominationStatus.SCREENED_IN, NominationStatus.SCREENED_OUT])
                ^ Q(decided_at__isnull=True),
                name="nomination_decided_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(status=NominationStatus.SCREENED_OUT) | ~Q(decision_note=""),
                name="nomination_refused_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(status=NominationStatus.WITHDRAWN) ^ Q(withdrawn_at__isnull=True),
                name="nomination_withdrawn_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call} {self.number}"

    @property
    def status_label(self) -> Bilingual:
        """Where it stands, in words."""
        return NOMINATION_STATUSES[self.status]

    @property
    def organisation_id(self) -> UUID:
        """Whose need it is; the organisation's members act for the nomination."""
        return self.need.organisation_id


class Challenge(Record):
    """One item of the published list; its words are those it was published with, whatever becomes of the need."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="challenges")
    nomination = models.OneToOneField(Nomination, on_delete=models.PROTECT, related_name="challenge")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    title_en = models.CharField(max_length=300, blank=True, default="")
    area = models.CharField(max_length=40, choices=choices(INDUSTRIES))
    description = models.TextField(max_length=20_000)
    budget = models.DecimalField(**_MONEY)
    acceptance_criteria = models.TextField(max_length=10_000)
    horizon_months = models.PositiveSmallIntegerField()
    published_at = models.DateTimeField()
    proposals_close_at = models.DateTimeField()
    winners_at_most = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=10, choices=choices(CHALLENGE_STATUSES), default=ChallengeStatus.PUBLISHED)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=1_000, blank=True, default="")
    illustrative = models.BooleanField(default=False)

    class Meta:
        constraints = [
            known("status", CHALLENGE_STATUSES, name="challenge_status_known"),
            known("area", INDUSTRIES, name="challenge_area_known"),
            models.UniqueConstraint(fields=["call", "number"], name="challenge_number_unique"),
            models.CheckConstraint(condition=~Q(title="") & ~Q(acceptance_criteria=""), name="challenge_titled"),
            models.CheckConstraint(condition=Q(budget__gt=0, number__gte=1), name="challenge_budget_positive"),
            models.CheckConstraint(
                condition=Q(horizon_months__range=(1, LONGEST_HORIZON)), name="challenge_horizon_in_range"
            ),
            models.CheckConstraint(
                condition=Q(proposals_close_at__gt=F("published_at")), name="challenge_closes_after_publication"
            ),
            models.CheckConstraint(
                condition=Q(winners_at_most__range=(1, MOST_WINNERS)), name="challenge_winners_in_range"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[*CHALLENGE_ENDED]) ^ Q(ended_at__isnull=True), name="challenge_ended_has_time"
            ),
            models.CheckConstraint(
                condition=(~Q(status=ChallengeStatus.WITHDRAWN) | ~Q(end_reason=""))
                & (Q(status__in=[*CHALLENGE_ENDED]) | Q(end_reason="")),
                name="challenge_withdrawn_with_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["-published_at", "number", "id"], name="challenge_by_published"),
            models.Index(fields=["status", "area"], name="challenge_by_facet"),
            models.Index(fields=["proposals_close_at"], condition=Q(status="published"), name="challenge_by_deadline"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def status_label(self) -> Bilingual:
        """Where it stands, in words."""
        return CHALLENGE_STATUSES[self.status]

    @property
    def label(self) -> Bilingual:
        """The title in both languages, the Chinese where there is no English one."""
        return Bilingual(self.title, self.title_en or self.title)
