"""Rows of proposals and awards, each breaking one constraint of the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from tests.challenges.proposal_support import AFTER, BEFORE, DEADLINE, LATER, award_row, make_challenge
from tests.factories import make_cities
from tests.rows import organisation, resource
from yunlang.challenges.models import (
    Award,
    Challenge,
    ChallengeMilestone,
    EvidenceFile,
    Proposal,
    ProposalClosing,
    ProposalFile,
    Stage,
)

_HASH = "a" * 64
_OPENED = {"status": "opened", "number": 1, "title": "方案", "asked": Decimal(1)}


def challenge() -> Challenge:
    make_cities()
    return make_challenge()


def proposal(**values: Any) -> Proposal:
    whose = {} if "challenge" in values else {"challenge": challenge()}
    usual = {"receipt": _HASH, "sealed": b"x", "closes_at": DEADLINE, "submitted_at": BEFORE}
    return Proposal.objects.create(**({"organisation": organisation()} | whose | usual | values))


def proposed_twice() -> None:
    first = proposal()
    proposal(challenge=first.challenge, organisation=first.organisation)


def numbered_twice() -> None:
    first = proposal(**_OPENED)
    proposal(challenge=first.challenge, **_OPENED)


def file(**values: Any) -> ProposalFile:
    whose = {} if "proposal" in values else {"proposal": proposal()}
    return ProposalFile.objects.create(**({"number": 1, "sealed": b"x"} | whose | values))


def file_twice() -> None:
    first = file()
    file(proposal=first.proposal)


def opened_before_closed() -> None:
    ProposalClosing.objects.create(challenge=challenge(), closed_at=AFTER, opened_at=BEFORE, proposals=0)


def stage(**values: Any) -> Stage:
    whose = {} if "challenge" in values else {"challenge": challenge()}
    usual = {"number": 1, "title": "小试", "criteria": "合格", "due": date(2027, 6, 30), "share": 100}
    return Stage.objects.create(**(usual | whose | values))


def stage_twice() -> None:
    first = stage()
    stage(challenge=first.challenge)


def award(**values: Any) -> None:
    made = award_row(challenge(), published())
    Award.objects.filter(pk=made.pk).update(**values)


def eliminated_with_an_outcome() -> None:
    award(eliminated_at=LATER, eliminated_stage=1, elimination_reason="落后", outcome=resource())


def published() -> Any:
    return organisation(status="published", placement="unknown")


def milestone(**values: Any) -> ChallengeMilestone:
    made = award_row(challenge(), published())
    usual = {"award": made, "stage": stage(challenge=made.challenge), "note": "交付", "delivered_at": LATER}
    return ChallengeMilestone.objects.create(**(usual | values))


def milestone_twice() -> None:
    first = milestone()
    milestone(award=first.award, stage=first.stage)


def evidence() -> None:
    values = {"name": "报告.pdf", "media_type": "application/pdf", "size": 0, "sha256": _HASH, "content": b""}
    EvidenceFile.objects.create(milestone=milestone(), delivery=1, uploaded_at=LATER, **values)


PROPOSALS_BROKEN: dict[str, Callable[[], object]] = {
    "proposal_status_known": partial(proposal, status="lost"),
    "proposal_once": proposed_twice,
    "proposal_number_unique": numbered_twice,
    "proposal_has_receipt": partial(proposal, receipt="x"),
    "proposal_in_time": partial(proposal, submitted_at=DEADLINE),
    "proposal_withdrawn_is_gone": partial(proposal, status="withdrawn", withdrawn_at=BEFORE),
    "proposal_numbered_when_opened": partial(proposal, number=1),
    "proposal_told_when_opened": partial(proposal, title="早知道"),
    "proposal_file_number_unique": file_twice,
    "proposal_file_numbered": partial(file, number=0),
    "proposal_file_told_when_opened": partial(file, name="方案.pdf"),
    "proposals_opened_later": opened_before_closed,
    "stage_number_unique": stage_twice,
    "stage_named": partial(stage, title=""),
    "stage_share_in_range": partial(stage, share=Decimal("100.01")),
    "stage_keeps_someone": partial(stage, keeps=0),
    "award_amount_positive": partial(award, amount=0),
    "award_score_in_range": partial(award, score=101),
    "award_eliminated_with_reason": partial(award, eliminated_at=LATER, eliminated_stage=1),
    "award_eliminated_has_no_outcome": eliminated_with_an_outcome,
    "challenge_milestone_once": milestone_twice,
    "challenge_milestone_told": partial(milestone, note=""),
    "challenge_milestone_judged_has_time": partial(milestone, awaits=False),
    "challenge_milestone_paid_when_judged": partial(milestone, payment=1),
    "evidence_file_told": evidence,
}
