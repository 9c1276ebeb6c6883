"""A challenge with people around it, for tests of proposals and awards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from tests.challenges.support import make_reviewer
from tests.factories import make_need, make_organisation, make_user, publish
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.models import User
from yunlang.accounts.roles import Role
from yunlang.challenges import award_services, milestone_services, proposal_services
from yunlang.challenges.models import (
    Award,
    Call,
    Challenge,
    Nomination,
    Proposal,
    ReviewAssignment,
    Reviewer,
    ReviewRound,
)
from yunlang.challenges.proposal_review_services import REVIEW_DEFAULTS, proposals_review_begin
from yunlang.challenges.review_services import reviews_assign, round_close, scores_submit
from yunlang.deals.ledger_services import deal_open_directly
from yunlang.registry.models import Expert, Organisation

PUBLISHED = datetime(2026, 11, 1, 1, tzinfo=UTC)
DEADLINE = datetime(2026, 12, 1, 9, tzinfo=UTC)
BEFORE, AFTER = DEADLINE - timedelta(seconds=1), DEADLINE + timedelta(minutes=1)
LATER = DEADLINE + timedelta(days=20)
PDF = b"%PDF-1.7 SECRET-CONTENT-OF-THE-FILE"
RUBRIC = [
    {"code": "novelty", "zh": "创新性", "en": "novelty", "weight": "40"},
    {"code": "fitness", "zh": "符合度", "en": "fitness", "weight": "60"},
]
STAGES: list[dict[str, str]] = [
    {"title": "小试", "criteria": "首批样品检测合格", "due": "2027-06-30", "share": "30", "keeps": "1"},
    {"title": "中试", "criteria": "连续 3 批稳定", "due": "2027-12-31", "share": "70", "keeps": ""},
]
_numbers = count(1)


def proposal_raw(**values: str) -> dict[str, str]:
    return {
        "title": "SECRET-TITLE 低成本路线", "approach": "SECRET-APPROACH 原位聚合", "basis": "已有百吨级装置",
        "schedule": "小试 6 个月，中试 6 个月", "asked": "300 万元",
    } | values  # fmt: skip


@dataclass
class Proposer:
    """An organisation that proposes, and its member."""

    user: User
    organisation: Organisation


@dataclass
class Contest:
    """A published challenge, the office, whose need it is, and two who propose."""

    challenge: Challenge
    office: User
    needing: User
    proposers: list[Proposer]
    proposals: list[Proposal] = field(default_factory=list)

    def submit(
        self,
        who: int = 0,
        at: datetime = BEFORE,
        files: Sequence[tuple[str, bytes]] = (("SECRET-NAME.pdf", PDF),),
        **values: str,
    ) -> Proposal:
        proposer = self.proposers[who]
        return proposal_services.proposal_submit(
            actor=proposer.user, challenge_id=self.challenge.pk, organisation_id=proposer.organisation.pk,
            raw=proposal_raw(**values), files=files, at=at,
        )  # fmt: skip

    def close_and_open(self) -> list[Proposal]:
        assert proposal_services.proposals_close(at=AFTER) == 1
        self.proposals = proposal_services.proposals_open(actor=self.office, challenge_id=self.challenge.pk, at=AFTER)
        return self.proposals

    def review(self, *points: int) -> None:
        """Have two reviewers give every criterion of each proposal the same points, in the order of the numbers."""
        raw = REVIEW_DEFAULTS | {"due_on": "2026-12-15", "reviewers_per_item": "2"}
        begun = proposals_review_begin(actor=self.office, challenge_id=self.challenge.pk, raw=raw, at=AFTER)
        for _ in range(2):
            make_reviewer()
        given = dict(zip([one.pk for one in self.proposals], points, strict=True))
        for one in reviews_assign(actor=self.office, round_id=begun.pk, at=AFTER):
            scores = {f"points_{row['code']}": str(given[one.subject_id]) for row in begun.rubric}
            scores_submit(actor=one.reviewer.user, assignment_id=one.pk, raw=scores, at=AFTER)
        round_close(actor=self.office, round_id=begun.pk, at=LATER)

    def plan(self, stages: Sequence[dict[str, str]] = STAGES) -> None:
        award_services.stages_plan(actor=self.office, challenge_id=self.challenge.pk, stages=stages, at=AFTER)

    def decide(self, *amounts: str, threshold: str = "60", reason: str = "综合得分较低") -> list[Award]:
        keys = [one.pk for one in self.proposals]
        return award_services.award_decide(
            actor=self.office, challenge_id=self.challenge.pk, threshold=threshold,
            amounts=dict(zip(keys, amounts, strict=False)), reasons=dict.fromkeys(keys, reason), at=LATER,
        )  # fmt: skip

    def awarded(self, *amounts: str) -> list[Award]:
        """Return the awards of both proposals, from the sealed ones on."""
        for who in range(2):
            self.submit(who)
        self.close_and_open()
        self.review(90, 80)
        self.plan()
        return self.decide(*(amounts or ("300 万元", "250 万元")))

    def sign(self, award: Award) -> Award:
        raw = {"number": f"JB-{next(_numbers)}", "signed_on": "2026-12-25"}
        return award_services.award_sign(actor=self.office, award_id=award.pk, raw=raw, at=LATER)

    def member_of(self, award: Award) -> User:
        return next(one.user for one in self.proposers if one.organisation.pk == award.proposal.organisation_id)

    def deliver(self, award: Award, stage: int, **values: Any) -> Any:
        usual = {"raw": {"note": "三批样品均合格，见附件"}, "files": [("检测报告.pdf", b"%PDF-1.7 ok")], "at": LATER}
        return milestone_services.milestone_deliver(
            **({"actor": self.member_of(award), "award_id": award.pk, "stage": stage} | usual | values)
        )

    def accept(self, award: Award, stage: int, **raw: str) -> Award:
        values = {"finding": "符合验收标准", "pay_by": "2027-07-31"} | raw
        return milestone_services.challenge_milestone_accept(
            actor=self.office, award_id=award.pk, stage=stage, raw=values, at=LATER
        )

    def reject(self, award: Award, stage: int, finding: str = "缺第三批数据") -> Award:
        return milestone_services.challenge_milestone_reject(
            actor=self.office, award_id=award.pk, stage=stage, raw={"finding": finding}, at=LATER
        )

    def pay(self, award: Award, stage: int) -> Award:
        raw = {"paid_on": "2027-07-15", "reference": f"回单 {next(_numbers)}"}
        return milestone_services.award_pay(actor=self.office, award_id=award.pk, stage=stage, raw=raw, at=LATER)

    def eliminate(self, stage: int, *kept: Award, reason: str = "指标较低") -> list[Award]:
        return milestone_services.awards_eliminate(
            actor=self.office, challenge_id=self.challenge.pk, stage=stage, kept=[one.pk for one in kept],
            raw={"reason": reason}, at=LATER,
        )  # fmt: skip


def make_challenge(organisation: Organisation | None = None, **values: Any) -> Challenge:
    """Return a challenge of a published list."""
    need = publish(make_need(organisation or make_organisation()))
    call = Call.objects.create(
        title="2026 年度联合攻关需求征集", areas=["new_materials"], opens_at=PUBLISHED - timedelta(days=60),
        closes_at=PUBLISHED - timedelta(days=30), screening_until=PUBLISHED - timedelta(days=10), status="listed",
        rubric=RUBRIC, reviewers_per_item=2, listed_at=PUBLISHED,
    )  # fmt: skip
    shared = {
        "area": "new_materials", "budget": Decimal(6_000_000), "acceptance_criteria": "循环 500 次容量保持率 85% 以上",
        "horizon_months": 24,
    }  # fmt: skip
    nomination = Nomination.objects.create(
        call=call, number=1, need=need, status="screened_in",
        submitted_at=PUBLISHED - timedelta(days=40), decided_at=PUBLISHED - timedelta(days=5), **shared,
    )  # fmt: skip
    usual = {
        "call": call, "nomination": nomination, "number": 1, "title": need.title, "description": need.description,
        "published_at": PUBLISHED, "proposals_close_at": DEADLINE, "winners_at_most": 2,
    }  # fmt: skip
    return Challenge.objects.create(**(shared | usual | values))


def make_contest(proposers: int = 2, **values: Any) -> Contest:
    """Return a challenge that takes proposals."""
    needing = make_user()
    challenge = make_challenge(make_organisation(owner=needing), **values)
    those = [Proposer(user, make_organisation(owner=user)) for user in (make_user() for _ in range(proposers))]
    return Contest(challenge, make_user(Role.OFFICE), needing, those)


def proposal_row(challenge: Challenge, organisation: Organisation, *, opened: bool = False) -> Proposal:
    """Return a proposal written past every service, which no key opens."""
    state = {"status": "opened", "number": 1, "title": "方案", "asked": Decimal(3_000_000)} if opened else {}
    return Proposal.objects.create(
        challenge=challenge, organisation=organisation, receipt=f"{next(_numbers):064x}", sealed=b"sealed",
        closes_at=DEADLINE, submitted_at=BEFORE, **state,
    )  # fmt: skip


def review_of(proposal: Proposal, user: User) -> ReviewAssignment:
    """Return the review that a person is to give of a proposal."""
    reviewer = Reviewer.objects.filter(user=user).first() or Reviewer.objects.create(
        expert=Expert.objects.create(organisation=make_organisation(), name=f"专家{next(_numbers)}"),
        user=user, status="accepted", invited_at=AFTER, answered_at=AFTER,
    )  # fmt: skip
    made = ReviewRound.objects.create(
        kind="proposals",
        challenge=proposal.challenge,
        rubric=RUBRIC,
        reviewers_per_item=1,
        began_at=AFTER,
        due_at=LATER,
    )
    return ReviewAssignment.objects.create(
        round=made, reviewer=reviewer, subject_kind="proposal", subject_id=proposal.pk, assigned_at=AFTER
    )


def award_row(challenge: Challenge, organisation: Organisation) -> Award:
    """Return an award with its draft of a deal."""
    raw = {
        "kind": "award", "title": challenge.title, "amount": "3000000", "source": "challenge",
        "source_id": str(challenge.pk), "need_side": str(challenge.nomination.organisation_id),
        "offer_side": str(organisation.pk),
    }  # fmt: skip
    deal = deal_open_directly(actor=SYSTEM, raw=raw, at=LATER)
    return Award.objects.create(
        challenge=challenge, proposal=proposal_row(challenge, organisation, opened=True), deal=deal,
        amount=Decimal(3_000_000), score=Decimal(90), decided_at=LATER,
    )  # fmt: skip
