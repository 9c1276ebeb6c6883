"""What winners deliver, what is accepted and paid, who goes on, and how a challenge ends.

Acceptance and payments are the ledger's; each function here is one transaction with what it writes there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction

from yunlang.accounts.models import User
from yunlang.accounts.permissions import require
from yunlang.accounts.roles import Role
from yunlang.challenges.award_state import MilestoneRow, awards_of, contract_of, milestone_rows, planned, runner_of
from yunlang.challenges.challenge_steps import award_held, challenge_held, challenge_record
from yunlang.challenges.core.milestones import (
    MilestoneStepError,
    delivered,
    judged,
    race_undecided,
    survivors,
)
from yunlang.challenges.core.uploads import CheckedFile
from yunlang.challenges.fields import REASON_FIELDS, Raw, parsed
from yunlang.challenges.models import Award, ChallengeMilestone, EvidenceFile
from yunlang.challenges.proposal_fields import (
    ACCEPT_FIELDS,
    DELIVERY_FIELDS,
    PAYING_FIELDS,
    REJECT_FIELDS,
)
from yunlang.challenges.proposal_notices import office_tell, winner_tell
from yunlang.challenges.proposal_services import Upload, files_taken
from yunlang.deals import ledger_services as ledger
from yunlang.deals.core.ledger.canonical import digest
from yunlang.kit.audit import Actor, audit_record
from yunlang.kit.errors import InvalidError
from yunlang.kit.fields import parse_record
from yunlang.kit.language import Bilingual


@dataclass(frozen=True, slots=True)
class Standing:
    """A winner among the others, while its challenge's row is held."""

    award: Award
    others: list[Award]
    rows: list[MilestoneRow]

    def row(self, stage: int) -> MilestoneRow:
        """Return one stage of the winner; the core has said that there is one."""
        return self.rows[stage - 1]


def _standing(award_id: UUID) -> Standing:
    challenge = award_held(award_id).challenge
    others = awards_of(challenge.pk)
    award = next(one for one in others if one.pk == award_id)
    return Standing(award, others, milestone_rows(award))


@transaction.atomic
def milestone_deliver(
    *, actor: Actor, award_id: UUID, stage: int, raw: Raw, files: Sequence[Upload], at: datetime
) -> ChallengeMilestone:
    """Hand in what a stage asks for, with the evidence; it may be handed in anew until it is accepted.

    Raises
    ------
    InvalidError, NotFoundError, MilestoneStepError
    """
    standing = _standing(award_id)
    award = standing.award
    require(actor, "challenges.deliver_milestone", award)
    values, wrong = parse_record(DELIVERY_FIELDS, raw)
    reasons = {name: [reason] for name, reason in wrong.items()}
    taken = files_taken(files, reasons)
    if reasons:
        raise InvalidError(reasons)
    if contract_of(award) is None:
        raise MilestoneStepError(Bilingual("合同尚未签订", "the contract is not signed yet"))
    delivered(runner_of(award), stage)
    _race_check(standing, stage)
    row = standing.row(stage)
    milestone = row.delivery or ChallengeMilestone(award=award, stage=row.stage, deliveries=0)
    milestone.deliveries += 1
    milestone.note, milestone.awaits, milestone.reason = values["note"], True, ""
    milestone.delivered_at, milestone.delivered_by_id = at, actor.actor_id
    milestone.save()
    _keep_files(milestone, taken, at)
    told = [{"name": one.name, "sha256": sha256(one.content).hexdigest()} for one in taken]
    _audit(actor, "milestone_deliver", award, stage, {"delivery": milestone.deliveries, "files": told})
    office = User.objects.filter(role=Role.OFFICE, is_active=True).values_list("pk", flat=True)
    key = f"{stage}:delivered:{milestone.deliveries}"
    winner = award.proposal.organisation.name
    office_tell("milestone_delivered", award, office, key, stage=row.stage.title, winner=winner)
    return milestone


def _race_check(standing: Standing, stage: int) -> None:
    plan = planned(standing.award.challenge.stages.all())
    open_race = race_undecided([runner_of(one) for one in standing.others], plan, stage)
    if open_race is not None:
        title = open_race.title
        raise MilestoneStepError(
            Bilingual(f"“{title}”后谁继续，尚未决定", f"who goes on after “{title}” is not decided yet")
        )


def _keep_files(milestone: ChallengeMilestone, taken: Sequence[CheckedFile], at: datetime) -> None:
    EvidenceFile.objects.bulk_create(
        EvidenceFile(
            milestone=milestone, delivery=milestone.deliveries, name=one.name, media_type=one.media_type,
            size=len(one.content), sha256=sha256(one.content).hexdigest(), content=one.content, uploaded_at=at,
        )
        for one in taken
    )  # fmt: skip


@transaction.atomic
def challenge_milestone_accept(*, actor: Actor, award_id: UUID, stage: int, raw: Raw, at: datetime) -> Award:
    """Accept what was delivered for a stage: in the ledger the milestone is accepted and its share falls due.

    Raises
    ------
    InvalidError, NotFoundError, MilestoneStepError, AmountExceededError
    """
    standing = _standing(award_id)
    award = standing.award
    require(actor, "challenges.keep_award", award)
    values = parsed(ACCEPT_FIELDS, raw)
    judged(runner_of(award), stage, accepted=True)
    row = standing.row(stage)
    milestone = _judged(actor, row, "", at)
    evidence = {"evidence": _evidence(milestone, values["finding"])}
    ledger.milestone_accept(actor=actor, deal_id=award.deal_id, milestone=stage, raw=evidence, at=at)
    if row.amount > 0:
        contract = contract_of(award)
        milestone.payment = (contract.payments.count() if contract else 0) + 1
        due = {"amount": f"{row.amount:f}", "due": values["pay_by"].isoformat()}
        ledger.payment_schedule(actor=actor, deal_id=award.deal_id, raw=due, at=at)
    milestone.save()
    _audit(actor, "milestone_accept", award, stage, {"finding": values["finding"]})
    winner_tell("milestone_accepted", award, f"{stage}:accepted", stage=row.stage.title)
    return award


@transaction.atomic
def challenge_milestone_reject(*, actor: Actor, award_id: UUID, stage: int, raw: Raw, at: datetime) -> Award:
    """Reject what was delivered for a stage, with the reason; it may be delivered again.

    Raises
    ------
    InvalidError, NotFoundError, MilestoneStepError
    """
    standing = _standing(award_id)
    award = standing.award
    require(actor, "challenges.keep_award", award)
    finding = parsed(REJECT_FIELDS, raw)["finding"]
    judged(runner_of(award), stage, accepted=False)
    row = standing.row(stage)
    milestone = _judged(actor, row, finding, at)
    evidence = {"evidence": _evidence(milestone, finding)}
    ledger.milestone_reject(actor=actor, deal_id=award.deal_id, milestone=stage, raw=evidence, at=at)
    milestone.save()
    _audit(actor, "milestone_reject", award, stage, {"finding": finding})
    key = f"{stage}:rejected:{milestone.deliveries}"
    winner_tell("milestone_rejected", award, key, stage=row.stage.title, reason=finding)
    return award


def _judged(actor: Actor, row: MilestoneRow, reason: str, at: datetime) -> ChallengeMilestone:
    milestone = row.delivery
    if milestone is None:
        raise MilestoneStepError(Bilingual("还没有收到这一阶段的交付", "nothing was delivered for this stage"))
    milestone.awaits, milestone.reason = False, reason
    milestone.judged_at, milestone.judged_by_id = at, actor.actor_id
    return milestone


def _evidence(milestone: ChallengeMilestone, finding: str) -> str:
    """Return what the ledger keeps of a delivery: the finding, and one digest over its note and files.

    The digest is SHA-256 over the canonical JSON of ``{"files": [{"name", "sha256"}, …], "note"}`` in upload order.
    """
    files = [
        {"name": one.name, "sha256": one.sha256}
        for one in sorted(milestone.files.all(), key=lambda one: one.pk)
        if one.delivery == milestone.deliveries
    ]
    whole = digest({"files": files, "note": milestone.note})
    return f"{finding}\n第 {milestone.deliveries} 次交付，附件 {len(files)} 个，SHA-256 {whole}"


@transaction.atomic
def award_pay(*, actor: Actor, award_id: UUID, stage: int, raw: Raw, at: datetime) -> Award:
    """Record in the ledger that a stage's share was paid.

    Raises
    ------
    InvalidError, NotFoundError, MilestoneStepError
    """
    standing = _standing(award_id)
    award = standing.award
    require(actor, "challenges.keep_award", award)
    values = parsed(PAYING_FIELDS, raw)
    row = standing.row(stage) if 1 <= stage <= len(standing.rows) else None
    if row is None or row.payment is None:
        raise MilestoneStepError(Bilingual("这一阶段没有应付款", "nothing is due for this stage"))
    paid = {"paid_on": values["paid_on"].isoformat(), "reference": values["reference"]}
    ledger.payment_record(actor=actor, deal_id=award.deal_id, payment=row.payment.number, raw=paid, at=at)
    _audit(actor, "award_pay", award, stage, {"amount": f"{row.amount:f}", **paid})
    winner_tell("award_paid", award, f"{stage}:paid", amount=f"{row.amount:,.2f}")
    return award


@transaction.atomic
def awards_eliminate(
    *, actor: Actor, challenge_id: UUID, stage: int, kept: Sequence[UUID], raw: Raw, at: datetime
) -> list[Award]:
    """Decide who goes on after a stage; the deals of the others end, with nothing more to deliver or to pay.

    Raises
    ------
    InvalidError, NotFoundError, MilestoneStepError
    """
    challenge = challenge_held(challenge_id)
    require(actor, "challenges.keep_award", challenge)
    reason = parsed(REASON_FIELDS, raw)["reason"]
    awards = {str(one.pk): one for one in awards_of(challenge_id)}
    plan = {one.number: one for one in planned(challenge.stages.all())}
    if stage not in plan:
        raise MilestoneStepError(Bilingual("没有这一阶段", "there is no such stage"))
    before = [runner_of(one) for one in awards.values()]
    after = survivors(before, plan[stage], [str(key) for key in kept])
    out = [awards[one.award] for one, was in zip(after, before, strict=True) if one != was]
    for award in out:
        award.eliminated_at, award.eliminated_stage, award.elimination_reason = at, stage, reason
        award.updated_at = at
        award.save()
        ledger.deal_terminate(actor=actor, deal_id=award.deal_id, raw={"reason": reason}, at=at)
        winner_tell("challenge_eliminated", award, f"{stage}:eliminated", stage=plan[stage].title, reason=reason)
    told = {
        "stage": stage, "reason": reason,
        "kept": [one.proposal.organisation.name for key, one in awards.items() if UUID(key) in set(kept)],
        "eliminated": [one.proposal.organisation.name for one in out],
    }  # fmt: skip
    challenge_record(actor, challenge, "eliminated", told, "awards_eliminate", at)
    return out


def _audit(actor: Actor, action: str, award: Award, stage: int, after: Mapping[str, Any]) -> None:
    audit_record(actor=actor, action=action, object_kind="award", object_id=award.pk, after={"stage": stage, **after})
