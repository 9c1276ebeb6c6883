"""Reads of reviews: what the office sees of a round, and what each reviewer sees of their own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from yunlang.accounts.permissions import is_signed_in, may, require
from yunlang.challenges.core.assignment import Conflict
from yunlang.challenges.core.rubric import Rubric
from yunlang.challenges.core.scoring import (
    Summary,
    normalised,
    ranked,
    rounded,
    summarised,
    weighted_total,
)
from yunlang.challenges.core.vocabulary import AssignmentStatus, ReviewerStatus
from yunlang.challenges.models import ReviewAssignment, Reviewer, ReviewRound
from yunlang.challenges.review_rounds import rubric_of_round, standing_of
from yunlang.challenges.review_subjects import Subject, subjects_of
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual


@dataclass(frozen=True, slots=True)
class Cell:
    """One reviewer's part in one subject: what stands against it, what was given, and the total once submitted."""

    reviewer: Reviewer
    assignment: ReviewAssignment | None
    conflicts: tuple[Conflict, ...]
    total: Decimal | None
    is_outlier: bool


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """One subject of a round, with what its reviewers say together.

    Attributes
    ----------
    rank, normalised_rank
        By mean; the second with each reviewer's severity taken out. None before there is a score.
    lacking
        How many reviews are still to be given out.
    """

    subject: Subject
    cells: tuple[Cell, ...]
    summary: Summary[UUID] | None
    rank: int | None
    normalised: Decimal | None
    normalised_rank: int | None
    lacking: int


@dataclass(frozen=True, slots=True)
class RoundTable:
    """A round as the office sees it: subjects against reviewers."""

    review_round: ReviewRound
    rubric: Rubric
    reviewers: tuple[Reviewer, ...]
    rows: tuple[SubjectRow, ...]
    counts: Mapping[str, int]

    @property
    def by_rank(self) -> list[SubjectRow]:
        """The rows, the best first; those without scores last."""
        return sorted(self.rows, key=lambda row: (row.rank is None, row.rank or 0, row.subject.number))

    @property
    def lacking(self) -> int:
        """How many reviews are still to be given out."""
        return sum(row.lacking for row in self.rows)


def round_of(actor: Any, round_id: UUID) -> ReviewRound:
    """Return one round for the office.

    Raises
    ------
    NotFoundError, NotAllowedError
    """
    require(actor, "challenges.view_reviews")
    found = ReviewRound.objects.select_related("call", "challenge").filter(pk=round_id).first()
    if found is None:
        raise NotFoundError(what=Bilingual("这轮评审", "this round of reviews"))
    return found


def round_table(actor: Any, review_round: ReviewRound) -> RoundTable:
    """Return a round's subjects with their conflicts, assignments, totals, spread, outliers and ranks.

    Raises
    ------
    NotAllowedError
    """
    require(actor, "challenges.view_reviews")
    rubric = rubric_of_round(review_round)
    standing = standing_of(review_round, subjects_of(review_round))
    totals = totals_of(review_round, rubric)
    scored = {subject.id: totals[subject.id] for subject in standing.subjects if totals.get(subject.id)}
    summaries = {key: summarised(given) for key, given in scored.items()}
    even = {key: summarised(given) for key, given in normalised(scored).items()}
    ranks = ranked({key: one.exact_mean for key, one in summaries.items()})
    even_ranks = ranked({key: one.exact_mean for key, one in even.items()})
    rows = []
    for subject in standing.subjects:
        summary, given = summaries.get(subject.id), standing.assigned.get(subject.id, {})
        cells = tuple(
            Cell(
                reviewer=one,
                assignment=given.get(one.pk),
                conflicts=standing.conflicts(subject, one),
                total=scored.get(subject.id, {}).get(one.pk),
                is_outlier=summary is not None and one.pk in summary.outliers,
            )
            for one in standing.reviewers
        )
        rows.append(
            SubjectRow(
                subject=subject, cells=cells, summary=summary, rank=ranks.get(subject.id),
                normalised=rounded(even[subject.id].exact_mean) if subject.id in even else None,
                normalised_rank=even_ranks.get(subject.id), lacking=standing.item(subject).wanted,
            )
        )  # fmt: skip
    counts = Counter(one.status for given in standing.assigned.values() for one in given.values())
    return RoundTable(review_round, rubric, standing.reviewers, tuple(rows), counts)


def totals_of(review_round: ReviewRound, rubric: Rubric) -> dict[UUID, dict[UUID, Decimal]]:
    """Return the submitted totals of a round, by subject and then by reviewer."""
    found: dict[UUID, dict[UUID, Decimal]] = defaultdict(dict)
    rows = ReviewAssignment.objects.filter(round=review_round, status=AssignmentStatus.SUBMITTED)
    for one in rows.prefetch_related("scores").order_by("pk"):
        given = {score.criterion: score.points for score in one.scores.all() if score.points is not None}
        found[one.subject_id][one.reviewer_id] = weighted_total(rubric, given)
    return found


def reviewers_all(actor: Any) -> QuerySet[Reviewer]:
    """Return everybody ever invited to review, for the office.

    Raises
    ------
    NotAllowedError
    """
    require(actor, "challenges.view_reviews")
    rows = Reviewer.objects.select_related("expert__organisation", "user")
    return rows.order_by("-invited_at", "pk")


def invitations_of(actor: Any) -> QuerySet[Reviewer]:
    """Return the actor's own invitations that wait for an answer."""
    rows = Reviewer.objects.select_related("expert__organisation").order_by("-invited_at")
    return rows.filter(user_id=actor.actor_id, status=ReviewerStatus.INVITED) if is_signed_in(actor) else rows.none()


def reviews_of(actor: Any) -> QuerySet[ReviewAssignment]:
    """Return the actor's own reviews, those that wait for scores first, the first due on top."""
    rows = ReviewAssignment.objects.select_related("round__call", "round__challenge", "reviewer__expert")
    if not is_signed_in(actor):
        return rows.none()
    mine = rows.filter(reviewer__user_id=actor.actor_id, reviewer__status=ReviewerStatus.ACCEPTED)
    return mine.order_by("round__closed_at", "round__due_at", "assigned_at", "pk")


def review_get(actor: Any, assignment_id: UUID) -> ReviewAssignment:
    """Return one of the actor's own reviews.

    Raises
    ------
    NotFoundError
        When there is none, or it is somebody else's; the two look the same.
    """
    rows = ReviewAssignment.objects.select_related("round__call", "round__challenge", "reviewer__expert")
    found = rows.prefetch_related("scores").filter(pk=assignment_id).first()
    if found is None or not may(actor, "challenges.review", found):
        raise NotFoundError(what=Bilingual("这项评审", "this review"))
    return found


def subject_of(assignment: ReviewAssignment) -> Subject:
    """Return what a review judges.

    Raises
    ------
    NotFoundError
        When it was withdrawn meanwhile.
    """
    found = subjects_of(assignment.round, [assignment.subject_id])
    if not found:
        raise NotFoundError(what=Bilingual("评审的对象（可能已撤回）", "what was to be reviewed; it may be withdrawn"))
    return found[0]


def subjects_reviewed(assignments: list[ReviewAssignment]) -> dict[UUID, Subject]:
    """Return what some reviews judge, by its id; one question per round."""
    wanted: dict[UUID, set[UUID]] = defaultdict(set)
    rounds = {one.round_id: one.round for one in assignments}
    for one in assignments:
        wanted[one.round_id].add(one.subject_id)
    return {subject.id: subject for key, ids in wanted.items() for subject in subjects_of(rounds[key], ids)}


@dataclass(frozen=True, slots=True)
class OthersReview:
    """What a colleague thought, without a name: shown to reviewers of the same item once the round is closed."""

    total: Decimal
    comment: str


def others_reviews(assignment: ReviewAssignment) -> list[OthersReview]:
    """Return the other reviews of the same item: none before the own one is submitted and the round is closed."""
    if assignment.status != AssignmentStatus.SUBMITTED or not assignment.round.is_closed:
        return []
    rubric = rubric_of_round(assignment.round)
    rows = ReviewAssignment.objects.filter(
        round=assignment.round_id, subject_id=assignment.subject_id, status=AssignmentStatus.SUBMITTED
    ).exclude(pk=assignment.pk)
    found = []
    for one in rows.prefetch_related("scores"):
        given = {score.criterion: score.points for score in one.scores.all() if score.points is not None}
        found.append(OthersReview(weighted_total(rubric, given), one.comment))
    return sorted(found, key=lambda one: (-one.total, one.comment))
