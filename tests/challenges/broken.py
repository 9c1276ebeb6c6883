"""Rows of calls, nominations, challenges and reviews, each breaking one constraint of the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from tests.challenges.support import DECIDED, OPENED
from tests.rows import need, organisation, user
from yunlang.challenges.models import (
    Call,
    Challenge,
    Nomination,
    ReviewAssignment,
    Reviewer,
    ReviewRound,
    ReviewScore,
)
from yunlang.kit.ids import new_id
from yunlang.registry.models import Expert

LATER = DECIDED + timedelta(days=30)


def call(**values: Any) -> Call:
    usual = {
        "title": "征集", "areas": ["new_energy"], "opens_at": OPENED, "closes_at": DECIDED, "screening_until": DECIDED,
        "rubric": [],
    }  # fmt: skip
    return Call.objects.create(**usual | values)


def nomination(**values: Any) -> Nomination:
    usual: dict[str, Any] = {
        "number": 1, "area": "new_energy", "budget": 1, "acceptance_criteria": "达标", "horizon_months": 12,
        "submitted_at": OPENED,
    }  # fmt: skip
    usual |= {name: make() for name, make in (("call", call), ("need", need)) if name not in values}
    return Nomination.objects.create(**usual | values)


def challenge(**values: Any) -> Challenge:
    usual: dict[str, Any] = {
        "number": 1, "title": "榜题", "area": "new_energy", "description": "说明", "budget": 1,
        "acceptance_criteria": "达标", "horizon_months": 12, "published_at": DECIDED, "proposals_close_at": LATER,
    }  # fmt: skip
    if "nomination" not in values:
        usual["nomination"] = nomination()
    usual["call"] = (usual | values)["nomination"].call
    return Challenge.objects.create(**usual | values)


def review_round(**values: Any) -> ReviewRound:
    usual: dict[str, Any] = {
        "kind": "screening", "rubric": [], "reviewers_per_item": 3, "began_at": DECIDED, "due_at": LATER,
    }  # fmt: skip
    if "call" not in values:
        usual["call"] = call()
    return ReviewRound.objects.create(**usual | values)


def expert() -> Expert:
    return Expert.objects.create(organisation=organisation(), name="张三")


def reviewer(**values: Any) -> Reviewer:
    usual: dict[str, Any] = {"invited_at": OPENED}
    usual |= {name: make() for name, make in (("expert", expert), ("user", user)) if name not in values}
    return Reviewer.objects.create(**usual | values)


def assignment(**values: Any) -> ReviewAssignment:
    usual: dict[str, Any] = {"subject_kind": "nomination", "subject_id": new_id(), "assigned_at": DECIDED}
    usual |= {name: make() for name, make in (("round", review_round), ("reviewer", reviewer)) if name not in values}
    return ReviewAssignment.objects.create(**usual | values)


def score(**values: Any) -> ReviewScore:
    whose = {} if "assignment" in values else {"assignment": assignment()}
    return ReviewScore.objects.create(**{"criterion": "demand", "points": 50} | whose | values)


def twice(make: Callable[..., Any], **values: Any) -> None:
    for _ in "12":
        make(**values)


def challenge_numbered_twice() -> None:
    one = call()
    for number in (1, 2):
        challenge(nomination=nomination(call=one, number=number))


def assigned_twice() -> None:
    twice(assignment, round=review_round(), reviewer=reviewer(), subject_id=new_id())


BROKEN: dict[str, Callable[[], Any]] = {
    "call_status_known": partial(call, status="unheard"),
    "call_titled": partial(call, title=""),
    "call_areas_known": partial(call, areas=["alchemy"]),
    "call_in_order": partial(call, closes_at=OPENED),
    "call_reviewers_in_range": partial(call, reviewers_per_item=16),
    "call_listed_has_time": partial(call, status="listed"),
    "call_ended_has_time": partial(call, status="closed", listed_at=DECIDED),
    "call_withdrawn_with_reason": partial(call, status="withdrawn", ended_at=DECIDED),
    "nomination_status_known": partial(nomination, status="unheard"),
    "nomination_area_known": partial(nomination, area="alchemy"),
    "nomination_number_unique": lambda: twice(nomination, call=call()),
    "nomination_once": lambda: [nomination(call=c, need=n, number=k) for c, n in [(call(), need())] for k in (1, 2)],
    "nomination_budget_positive": partial(nomination, budget=0),
    "nomination_has_criteria": partial(nomination, acceptance_criteria=""),
    "nomination_horizon_in_range": partial(nomination, horizon_months=121),
    "nomination_decided_has_time": partial(nomination, status="screened_in"),
    "nomination_refused_with_reason": partial(nomination, status="screened_out", decided_at=DECIDED),
    "nomination_withdrawn_has_time": partial(nomination, status="withdrawn"),
    "challenge_status_known": partial(challenge, status="unheard"),
    "challenge_area_known": partial(challenge, area="alchemy"),
    "challenge_number_unique": challenge_numbered_twice,
    "challenge_titled": partial(challenge, title=""),
    "challenge_budget_positive": partial(challenge, budget=0),
    "challenge_horizon_in_range": partial(challenge, horizon_months=0),
    "challenge_closes_after_publication": partial(challenge, proposals_close_at=DECIDED),
    "challenge_winners_in_range": partial(challenge, winners_at_most=0),
    "challenge_ended_has_time": partial(challenge, status="concluded"),
    "challenge_withdrawn_with_reason": partial(challenge, status="withdrawn", ended_at=LATER),
    "review_round_kind_known": partial(review_round, kind="dream"),
    "review_round_of_one_thing": partial(review_round, call=None),
    "review_round_reviewers_in_range": partial(review_round, reviewers_per_item=0),
    "review_round_in_order": partial(review_round, closed_at=OPENED),
    "reviewer_status_known": partial(reviewer, status="unheard", answered_at=OPENED),
    "reviewer_expert_once": lambda: twice(reviewer, expert=expert()),
    "reviewer_account_once": lambda: twice(reviewer, user=user()),
    "reviewer_answered_has_time": partial(reviewer, status="accepted"),
    "review_assignment_status_known": partial(assignment, status="unheard"),
    "review_assignment_subject_known": partial(assignment, subject_kind="dream"),
    "review_assignment_once": assigned_twice,
    "review_conflict_with_reason": partial(assignment, status="conflict"),
    "review_submitted_has_time": partial(assignment, status="submitted"),
    "review_score_once": lambda: twice(score, assignment=assignment()),
    "review_score_named": partial(score, criterion=""),
    "review_score_in_range": partial(score, points="100.01"),
}
