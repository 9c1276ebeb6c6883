"""From the reviewed proposals to signed contracts. One function is one business action in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from yunlang.accounts.permissions import require
from yunlang.challenges.award_state import planned
from yunlang.challenges.challenge_steps import (
    CHALLENGE,
    award_held,
    challenge_held,
    challenge_record,
    challenge_status_set,
)
from yunlang.challenges.core.award import Candidate, Terms, award_checked
from yunlang.challenges.core.milestones import Stage as PlannedStage
from yunlang.challenges.core.milestones import plan_checked
from yunlang.challenges.core.proposal import ProposalStatus
from yunlang.challenges.core.vocabulary import ChallengeStatus
from yunlang.challenges.fields import REASON_FIELDS, Raw, parsed
from yunlang.challenges.models import Award, Challenge, Proposal, ProposalClosing, Stage
from yunlang.challenges.proposal_fields import (
    AWARD_AMOUNT,
    REFUSAL_REASON,
    SIGNING_FIELDS,
    STAGE_FIELDS,
    THRESHOLD,
)
from yunlang.challenges.proposal_notices import members_tell
from yunlang.challenges.proposal_scores import proposal_scores
from yunlang.deals import ledger_services as ledger
from yunlang.kit.audit import Actor, audit_record
from yunlang.kit.errors import ConflictError, InvalidError
from yunlang.kit.fields import parse_record
from yunlang.kit.language import Bilingual

_DEAL_TITLE = 200


class NotEvaluatingError(ConflictError):
    """The challenge is not at the point where this is decided."""

    code = "challenge_not_evaluating"
    message = Bilingual(
        "该榜题现在不能执行这一步：须已截止、已开启方案，且尚未定榜。",
        "Not possible now: proposals must be closed and opened, and nothing decided yet.",
    )


@transaction.atomic
def stages_plan(*, actor: Actor, challenge_id: UUID, stages: Sequence[Raw], at: datetime) -> list[Stage]:
    """Write down the stages of a challenge, in the place of those there were; until it is awarded.

    Raises
    ------
    InvalidError
        With the reasons by field, each named ``<place>-<field>`` from place 1 on.
    PlanRefusedError, NotEvaluatingError
    """
    challenge = challenge_held(challenge_id)
    require(actor, "challenges.plan_stages", challenge)
    if challenge.status not in (ChallengeStatus.PUBLISHED, ChallengeStatus.EVALUATING):
        raise NotEvaluatingError
    reasons: dict[str, list[Bilingual]] = {}
    plan = []
    for number, raw in enumerate(stages, start=1):
        values, wrong = parse_record(STAGE_FIELDS, raw)
        reasons |= {f"{number}-{name}": [reason] for name, reason in wrong.items()}
        if not wrong:
            plan.append(PlannedStage(number, **values))
    if reasons:
        raise InvalidError(reasons)
    plan_checked(plan, challenge.winners_at_most)
    Stage.objects.filter(challenge=challenge).delete()
    made = Stage.objects.bulk_create(
        Stage(
            challenge=challenge, number=one.number, title=one.title, criteria=one.criteria, due=one.due,
            share=one.share, keeps=one.keeps,
        )
        for one in plan
    )  # fmt: skip
    told = [{"number": one.number, "title": one.title, "due": one.due, "share": one.share, "keeps": one.keeps}
            for one in plan]  # fmt: skip
    audit_record(
        actor=actor, action="stages_plan", object_kind=CHALLENGE, object_id=challenge.pk, after={"stages": told}
    )
    return made


@transaction.atomic
def award_decide(
    *, actor: Actor, challenge_id: UUID, threshold: object, amounts: Mapping[UUID, object],
    reasons: Mapping[UUID, object], at: datetime,
) -> list[Award]:  # fmt: skip
    """Award a challenge to one or several in parallel; each award opens a deal in the ledger, as a draft.

    Parameters
    ----------
    threshold
        The least score, as typed.
    amounts
        By proposal, what each winner is awarded, as typed; blank where it is not awarded.
    reasons
        By proposal, why it is not awarded: everybody who is not is told.

    Raises
    ------
    InvalidError
        With the reasons by field, each named ``<field>-<id of the proposal>``.
    AwardRefusedError, NotEvaluatingError, PlanRefusedError
    """
    challenge = challenge_held(challenge_id)
    require(actor, "challenges.decide_award", challenge)
    proposals = _opened(challenge)
    least, wanted, why = _typed(threshold, amounts, reasons, proposals)
    scores = proposal_scores(challenge)
    candidates = [
        Candidate(str(one.pk), scores.get(one.pk), one.asked) for one in proposals.values() if one.asked is not None
    ]
    terms = Terms(challenge.budget, challenge.winners_at_most, least)
    chosen = award_checked(candidates, {str(key): amount for key, amount in wanted.items()}, terms)
    plan_checked(planned(Stage.objects.filter(challenge=challenge)), challenge.winners_at_most)
    made = [
        _award(actor, challenge, proposals[UUID(one.proposal)], amount, one.score or Decimal(0), at)
        for one, amount in chosen
    ]
    lost = [one for key, one in proposals.items() if key not in wanted]
    _refuse(lost, why, at)
    challenge_status_set(challenge, ChallengeStatus.AWARDED, at)
    told = [
        {"receipt": one.proposal.receipt, "winner": one.proposal.organisation.name, "amount": f"{one.amount:f}",
         "score": f"{one.score:f}", "deal": str(one.deal_id)}
        for one in made
    ]  # fmt: skip
    challenge_record(actor, challenge, "awarded", {"awards": told, "threshold": f"{least:f}"}, "award_decide", at)
    winners = {one.proposal_id: {"amount": f"{one.amount:,.2f}"} for one in made}
    members_tell("challenge_won", [one.proposal for one in made], "won", winners)
    members_tell("challenge_lost", lost, "lost", {one.pk: {"reason": one.refusal_reason} for one in lost})
    return made


def _typed(
    threshold: object,
    amounts: Mapping[UUID, object],
    reasons: Mapping[UUID, object],
    proposals: Mapping[UUID, Proposal],
) -> tuple[Decimal, dict[UUID, Decimal], dict[UUID, str]]:
    """Return the least score, the awards and the reasons against the others, or say what is wrong with which."""
    wrong: dict[str, list[Bilingual]] = {}
    values, bad = parse_record([THRESHOLD], {"threshold": threshold})
    wrong |= {name: [reason] for name, reason in bad.items()}
    wanted: dict[UUID, Decimal] = {}
    why: dict[UUID, str] = {}
    for key, proposal in proposals.items():
        raw = {"amount": amounts.get(key), "reason": reasons.get(key)}
        found, bad = parse_record([AWARD_AMOUNT, REFUSAL_REASON], raw)
        wrong |= {f"{name}-{key}": [reason] for name, reason in bad.items()}
        if found.get("amount") is not None:
            wanted[key] = found["amount"]
            if not proposal.is_open:
                wrong[f"amount-{key}"] = [Bilingual("该方案无法读出", "this proposal cannot be read")]
        elif "reason" not in bad and "amount" not in bad:
            if found.get("reason"):
                why[key] = found["reason"]
            else:
                wrong[f"reason-{key}"] = [Bilingual("未中榜的须写明理由", "say why it is not awarded")]
    if wrong:
        raise InvalidError(wrong)
    return values["threshold"], wanted, why


def _award(
    actor: Actor, challenge: Challenge, proposal: Proposal, amount: Decimal, score: Decimal, at: datetime
) -> Award:
    needing = challenge.nomination.need.organisation
    raw = {
        "kind": "award", "title": challenge.title[:_DEAL_TITLE], "amount": f"{amount:f}",
        "need_side": str(needing.merged_into_id or needing.pk), "offer_side": str(proposal.holder_id),
        "source": CHALLENGE, "source_id": str(challenge.pk),
    }  # fmt: skip
    deal = ledger.deal_open_directly(actor=actor, raw=raw, at=at)
    return Award.objects.create(
        challenge=challenge, proposal=proposal, deal=deal, amount=amount, score=score, decided_by_id=actor.actor_id,
        decided_at=at,
    )  # fmt: skip


@transaction.atomic
def challenge_leave_unawarded(*, actor: Actor, challenge_id: UUID, raw: Raw, at: datetime) -> Challenge:
    """End a challenge for which nobody was found, with the reason that every proposer is told.

    Raises
    ------
    InvalidError, NotEvaluatingError
    """
    challenge = challenge_held(challenge_id)
    require(actor, "challenges.decide_award", challenge)
    proposals = list(_opened(challenge).values())
    reason = parsed(REASON_FIELDS, raw)["reason"]
    _refuse(proposals, {one.pk: reason for one in proposals}, at)
    challenge.ended_at, challenge.end_reason = at, reason
    challenge_status_set(challenge, ChallengeStatus.UNAWARDED, at)
    challenge_record(actor, challenge, "unawarded", {"reason": reason}, "challenge_leave_unawarded", at)
    members_tell("challenge_lost", proposals, "lost", {one.pk: {"reason": reason} for one in proposals})
    return challenge


@transaction.atomic
def award_sign(*, actor: Actor, award_id: UUID, raw: Raw, at: datetime) -> Award:
    """Record the signed contract of an award in the ledger, with a milestone for each stage.

    Raises
    ------
    InvalidError, NotFoundError, DealStepImpossibleError
    """
    award = award_held(award_id)
    require(actor, "challenges.keep_award", award)
    values = parsed(SIGNING_FIELDS, raw)
    contract = {"number": values["number"], "signed_on": values["signed_on"], "amount": f"{award.amount:f}"}
    ledger.deal_agree(actor=actor, deal_id=award.deal_id, at=at)
    ledger.contract_sign(actor=actor, deal_id=award.deal_id, raw=contract, at=at)
    for stage in Stage.objects.filter(challenge_id=award.challenge_id):
        ledger.milestone_add(
            actor=actor, deal_id=award.deal_id, raw={"title": stage.title, "due": stage.due.isoformat()}, at=at
        )
    challenge = award.challenge
    if challenge.status == ChallengeStatus.AWARDED:
        challenge_status_set(challenge, ChallengeStatus.PERFORMING, at)
    audit_record(
        actor=actor, action="award_sign", object_kind="award", object_id=award.pk,
        after={"contract": values["number"], "challenge": challenge.status},
    )  # fmt: skip
    return award


def _opened(challenge: Challenge) -> dict[UUID, Proposal]:
    """Return every proposal that was opened, if it may be decided upon now."""
    closing = ProposalClosing.objects.filter(challenge=challenge).first()
    is_ready = closing is not None and (closing.opened_at is not None or not closing.proposals)
    if challenge.status != ChallengeStatus.EVALUATING or not is_ready:
        raise NotEvaluatingError
    states = (ProposalStatus.OPENED, ProposalStatus.UNREADABLE)
    rows = Proposal.objects.filter(challenge=challenge, status__in=states).order_by("number")
    found = {one.pk: one for one in rows.select_related("organisation").defer("sealed")}
    for one in found.values():
        one.challenge = challenge
    return found


def _refuse(proposals: Sequence[Proposal], reasons: Mapping[UUID, str], at: datetime) -> None:
    for one in proposals:
        one.refusal_reason, one.updated_at = reasons[one.pk], at
        one.save(update_fields=["refusal_reason", "updated_at"])
