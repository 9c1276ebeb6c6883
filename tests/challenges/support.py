"""A call with people of every role around it, moved on through the product's own services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tests.challenges.core.test_rubric import USUAL
from tests.factories import make_member, make_need, make_organisation, make_user, publish
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.models import User
from yunlang.accounts.roles import Role
from yunlang.challenges.call_services import call_create, call_open
from yunlang.challenges.models import Call, Challenge, Nomination, ReviewAssignment, Reviewer, ReviewRound
from yunlang.challenges.nomination_services import (
    list_publish,
    nomination_submit,
    screening_begin,
    screening_decide,
)
from yunlang.challenges.review_services import (
    reviewer_accept,
    reviewer_invite,
    reviews_assign,
    round_close,
    scores_submit,
)
from yunlang.registry.models import Expert, Membership, Need, Organisation

OPENED = datetime(2026, 11, 2, 1, tzinfo=UTC)
DURING = OPENED + timedelta(days=3)
SCREENED = datetime(2026, 12, 1, 1, tzinfo=UTC)
DECIDED = datetime(2026, 12, 11, 1, tzinfo=UTC)
CALL = {
    "title": "2026 年第四季度榜单征集", "title_en": "Call for challenges, autumn 2026", "areas": ["new_materials", "new_energy"],
    "opens_on": "2026-11-01", "closes_on": "2026-11-30", "screening_until_on": "2026-12-10", "reviewers_per_item": "2",
}  # fmt: skip
NOMINATION = {
    "area": "new_materials", "budget": "300 万元", "horizon_months": "18",
    "acceptance_criteria": "4.4 V 下循环 500 次容量保持率 ≥ 85%，由第三方检测。",
}  # fmt: skip
_numbers = count(1)


def make_call(**values: Any) -> Call:
    """Return a draft."""
    return call_create(actor=SYSTEM, raw=CALL | values, rubric=USUAL)


def make_open_call(**values: Any) -> Call:
    """Return a call that takes nominations."""
    return call_open(actor=SYSTEM, call_id=make_call(**values).pk, at=OPENED)


def make_nomination(call: Call, need: Need | None = None, actor: Any = SYSTEM, **values: Any) -> Nomination:
    """Return a published need put forward."""
    need = need or publish(make_need())
    return nomination_submit(actor=actor, call_id=call.pk, need_id=need.pk, raw=NOMINATION | values, at=DURING)


def make_reviewer(organisation: Organisation | None = None, user: User | None = None, **values: Any) -> Reviewer:
    """Return an expert who has accepted to review."""
    number = next(_numbers)
    expert = Expert.objects.create(
        organisation=organisation or make_organisation(type="university"), name=f"评审专家{number}", **values
    )
    user = user or make_user()
    invited = reviewer_invite(actor=SYSTEM, expert_id=expert.pk, raw={"email": user.email}, at=DURING)
    return reviewer_accept(actor=user, reviewer_id=invited.pk, at=DURING)


def points(*values: object) -> dict[str, object]:
    """Return a filled-in form of a review by the usual rubric."""
    codes = [str(row["code"]) for row in USUAL]
    return {f"points_{code}": str(value) for code, value in zip(codes, values, strict=True)} | {"comment": "可行"}


def submit(assignment: ReviewAssignment, *values: object) -> ReviewAssignment:
    """Have the reviewer submit points."""
    user = assignment.reviewer.user
    return scores_submit(actor=user, assignment_id=assignment.pk, raw=points(*values), at=SCREENED)


@dataclass
class Screening:
    """A call in screening: two nominations of two organisations, three reviewers, everything assigned."""

    owner: User
    office: User
    organisation: Organisation
    call: Call
    nominations: list[Nomination]
    reviewers: list[Reviewer]
    round: ReviewRound
    assignments: list[ReviewAssignment] = field(default_factory=list)

    def close(self) -> ReviewRound:
        """Have every review submitted, and the round closed."""
        for number, one in enumerate(self.assignments):
            submit(one, 80 + number, "70.5", 60)
        return round_close(actor=self.office, round_id=self.round.pk, at=SCREENED)

    def decide(self, chosen: Iterable[bool] = (True, False)) -> None:
        """Have the office decide each nomination."""
        for nomination, is_chosen in zip(self.nominations, chosen, strict=True):
            screening_decide(
                actor=self.office, nomination_id=nomination.pk, chosen=is_chosen,
                raw={"note": "指标清楚" if is_chosen else "指标无法检验"}, at=DECIDED,
            )  # fmt: skip

    def publish(self, items: Mapping[Any, Any] | None = None) -> list[Challenge]:
        """Have the list published."""
        raw = {"proposals_close_on": "2027-01-31"}
        return list_publish(actor=self.office, call_id=self.call.pk, raw=raw, items=items, at=DECIDED)


def make_screening(*, assigned: bool = True) -> Screening:
    """Return a call whose nominations are under review."""
    owner, office = make_user(), make_user(Role.OFFICE)
    organisation = make_organisation(owner=owner)
    call = make_open_call()
    nominations = [
        make_nomination(call, publish(make_need(organisation)), actor=owner),
        make_nomination(call),
    ]
    reviewers = [make_reviewer() for _ in range(3)]
    made = screening_begin(actor=office, call_id=call.pk, at=SCREENED)
    found = Screening(owner, office, organisation, call, nominations, reviewers, made)
    if assigned:
        found.assignments = reviews_assign(actor=office, round_id=made.pk, at=SCREENED)
    return found


def make_challenge() -> Challenge:
    """Return a published challenge."""
    screening = make_screening()
    screening.close()
    screening.decide()
    return screening.publish()[0]


def member_of(organisation: Organisation) -> User:
    """Return a new member of an organisation."""
    user = make_user()
    make_member(user, organisation, Membership.Role.EDITOR)
    return user
