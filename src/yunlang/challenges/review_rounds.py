"""Rounds of reviews seen as the core sees them: items, judges, and what was given so far."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from yunlang.challenges.core.assignment import Conflict, Item, Judge, conflicts
from yunlang.challenges.core.rubric import Rubric, rubric_of
from yunlang.challenges.core.vocabulary import AssignmentStatus, ReviewerStatus, RoundKind
from yunlang.challenges.models import Call, Challenge, ReviewAssignment, Reviewer, ReviewRound
from yunlang.challenges.review_subjects import Subject
from yunlang.kit.audit import Actor
from yunlang.registry.models import Membership, Need, Resource

_COUNTED = (AssignmentStatus.ASSIGNED, AssignmentStatus.SUBMITTED)
_LARGEST_SEED = 2_147_483_647


def round_begin(
    *,
    actor: Actor,
    subject: Call | Challenge,
    rubric: list[dict[str, str]],
    reviewers_per_item: int,
    due_at: datetime,
    at: datetime,
    avoid_same_city: bool = False,
) -> ReviewRound:
    """Write the round of a call's nominations or of a challenge's proposals; inside a service's transaction."""
    is_call = isinstance(subject, Call)
    made = ReviewRound(
        kind=RoundKind.SCREENING if is_call else RoundKind.PROPOSALS,
        call=subject if isinstance(subject, Call) else None,
        challenge=None if isinstance(subject, Call) else subject,
        rubric=rubric,
        reviewers_per_item=reviewers_per_item,
        avoid_same_city=avoid_same_city,
        began_by_id=actor.actor_id,
        began_at=at,
        due_at=due_at,
    )
    # Known to nobody before the round is there, and to everybody after: nobody chooses who is drawn.
    made.seed = made.pk.int % _LARGEST_SEED
    made.save(force_insert=True)
    return made


def rubric_of_round(review_round: ReviewRound) -> Rubric:
    """Return the criteria that a round is judged by."""
    return rubric_of(review_round.rubric)


@dataclass(frozen=True, slots=True)
class Standing:
    """Who may review what in a round, and who does.

    Attributes
    ----------
    assigned
        By subject, then by reviewer.
    """

    review_round: ReviewRound
    subjects: tuple[Subject, ...]
    reviewers: tuple[Reviewer, ...]
    judges: Mapping[UUID, Judge]
    assigned: Mapping[UUID, Mapping[UUID, ReviewAssignment]]

    def item(self, subject: Subject) -> Item:
        """Return a subject as something that still lacks some reviews."""
        given = self.assigned.get(subject.id, {}).values()
        counted = sum(1 for one in given if one.status in _COUNTED)
        return Item(
            key=subject.id,
            organisations=frozenset(subject.organisations),
            people=frozenset(subject.people),
            cities=frozenset(subject.cities),
            area=subject.area,
            wanted=max(0, self.review_round.reviewers_per_item - counted),
        )

    def conflicts(self, subject: Subject, reviewer: Reviewer) -> tuple[Conflict, ...]:
        """Return why a reviewer may not judge a subject."""
        judge, avoid = self.judges[reviewer.pk], self.review_round.avoid_same_city
        return conflicts(self.item(subject), judge, avoid_same_city=avoid)


def standing_of(review_round: ReviewRound, subjects: Iterable[Subject]) -> Standing:
    """Return who may review what in a round, of everybody who has accepted to review."""
    reviewers = tuple(
        Reviewer.objects.filter(status=ReviewerStatus.ACCEPTED)
        .select_related("expert__organisation__city", "user")
        .defer("expert__organisation__city__boundary")
        .order_by("expert__name", "pk")
    )
    assigned: dict[UUID, dict[UUID, ReviewAssignment]] = defaultdict(dict)
    for one in ReviewAssignment.objects.filter(round=review_round).select_related("reviewer__expert"):
        assigned[one.subject_id][one.reviewer_id] = one
    judges = _judges(reviewers, assigned)
    return Standing(review_round, tuple(subjects), reviewers, judges, assigned)


def _judges(
    reviewers: tuple[Reviewer, ...], assigned: Mapping[UUID, Mapping[UUID, ReviewAssignment]]
) -> dict[UUID, Judge]:
    accounts = [one.user_id for one in reviewers]
    memberships = _by(
        Membership.objects.filter(user__in=accounts, state=Membership.State.ACTIVE), "user_id", "organisation_id"
    )
    wrote = [_by(model.objects.filter(created_by__in=accounts), "created_by_id", "organisation_id")
             for model in (Need, Resource)]  # fmt: skip
    experts = [one.expert_id for one in reviewers]
    named = _by(Resource.objects.filter(expert__in=experts), "expert_id", "organisation_id")
    declared = _by(
        ReviewAssignment.objects.filter(reviewer__in=reviewers, status=AssignmentStatus.CONFLICT),
        "reviewer_id", "subject_id",
    )  # fmt: skip
    engaged: dict[UUID, set[Any]] = defaultdict(set)
    load: Counter[UUID] = Counter()
    for subject_id, given in assigned.items():
        for reviewer_id, one in given.items():
            engaged[reviewer_id].add(subject_id)
            load[reviewer_id] += one.status in _COUNTED
    found = {}
    for reviewer in reviewers:
        organisation = reviewer.expert.organisation
        found[reviewer.pk] = Judge(
            key=reviewer.pk,
            organisation=organisation.merged_into_id or organisation.pk,
            memberships=frozenset(memberships[reviewer.user_id]),
            worked_for=frozenset().union(*(rows[reviewer.user_id] for rows in wrote), named[reviewer.expert_id]),
            people=frozenset({reviewer.user_id, reviewer.expert_id}),
            city=organisation.city_id,
            area=reviewer.expert.industry or organisation.industry,
            declared=frozenset(declared[reviewer.pk]),
            engaged=frozenset(engaged[reviewer.pk]),
            load=load[reviewer.pk],
        )
    return found


def _by(rows: Any, key: str, value: str) -> defaultdict[Any, set[Any]]:
    found: defaultdict[Any, set[Any]] = defaultdict(set)
    for one, other in rows.values_list(key, value).distinct():
        found[one].add(other)
    return found
