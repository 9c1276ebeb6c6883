"""Where the winners of a challenge stand: their stages, with what the ledger says of milestones and payments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from yunlang.challenges.core.milestones import MILESTONE_STATES, MilestoneState, Runner, stage_amounts
from yunlang.challenges.core.milestones import Stage as PlannedStage
from yunlang.challenges.models import Award, ChallengeMilestone, EvidenceFile, Stage
from yunlang.deals.core.ledger.vocabulary import DealStatus, MilestoneStatus, PaymentStatus
from yunlang.deals.ledger_models import Contract, Milestone, Payment
from yunlang.kit.language import Bilingual


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """One stage of one winner.

    Attributes
    ----------
    delivery
        What was handed in last; None where nothing was.
    accepted
        Whether the ledger holds the milestone for accepted.
    payment
        The ledger's payment that acceptance made due.
    amount
        What acceptance releases, in CNY.
    """

    stage: Stage
    amount: Decimal
    state: MilestoneState
    delivery: ChallengeMilestone | None
    payment: Payment | None

    @property
    def state_label(self) -> Bilingual:
        """Where it stands, in words."""
        return MILESTONE_STATES[self.state]

    @property
    def is_payable(self) -> bool:
        """Whether a payment is due for it."""
        return self.payment is not None and self.payment.status == PaymentStatus.DUE


def awards_with_parts(rows: QuerySet[Award]) -> QuerySet[Award]:
    """Return awards with everything that `milestone_rows` asks for, in a fixed number of queries."""
    files = EvidenceFile.objects.defer("content")
    deliveries = ChallengeMilestone.objects.select_related("delivered_by", "judged_by", "stage").prefetch_related(
        Prefetch("files", files)
    )
    return rows.select_related(
        "challenge__nomination__need", "proposal__organisation__city", "deal__contract", "outcome"
    ).prefetch_related(
        "challenge__stages",
        Prefetch("milestones", deliveries),
        "deal__contract__milestones",
        "deal__contract__payments",
    )


def awards_of(challenge_id: UUID) -> list[Award]:
    """Return the winners of a challenge, the best score first."""
    rows = Award.objects.filter(challenge_id=challenge_id).order_by("-score", "amount", "id")
    return list(awards_with_parts(rows))


def contract_of(award: Award) -> Contract | None:
    """Return the contract of an award's deal, or None where none is signed."""
    return getattr(award.deal, "contract", None)


def milestone_rows(award: Award) -> list[MilestoneRow]:
    """Return a winner's stages in order."""
    stages = list(award.challenge.stages.all())
    contract = contract_of(award)
    ledger = {one.number: one for one in contract.milestones.all()} if contract else {}
    payments = {one.number: one for one in contract.payments.all()} if contract else {}
    deliveries = {one.stage_id: one for one in award.milestones.all()}
    amounts = stage_amounts(award.amount, [one.share for one in stages]) if stages else []
    found = []
    for stage, amount in zip(stages, amounts, strict=True):
        delivery = deliveries.get(stage.pk)
        payment = payments.get(delivery.payment) if delivery and delivery.payment else None
        found.append(MilestoneRow(stage, amount, _state(ledger.get(stage.number), delivery), delivery, payment))
    return found


def _state(milestone: Milestone | None, delivery: ChallengeMilestone | None) -> MilestoneState:
    """Return where a stage stands: accepted and rejected by the ledger alone, delivered by what was handed in since."""
    if milestone is not None and milestone.status == MilestoneStatus.ACCEPTED:
        return MilestoneState.ACCEPTED
    if delivery is not None and delivery.awaits:
        return MilestoneState.DELIVERED
    if milestone is not None and milestone.status == MilestoneStatus.REJECTED:
        return MilestoneState.REJECTED
    return MilestoneState.DUE


def runner_of(award: Award) -> Runner:
    """Return a winner as the core's value; one whose deal ended before its time runs no more."""
    states = tuple(row.state for row in milestone_rows(award))
    runner = Runner(str(award.pk), states, award.eliminated_stage)
    if award.eliminated_stage is None and award.deal.status == DealStatus.TERMINATED:
        return Runner(runner.award, states, max(1, runner.passed))
    return runner


def planned(stages: Iterable[Stage]) -> list[PlannedStage]:
    """Return rows as the core's plan."""
    return [PlannedStage(one.number, one.title, one.criteria, one.due, one.share, one.keeps) for one in stages]


def is_completed(award: Award) -> bool:
    """Tell whether a winner delivered everything and was paid."""
    return award.deal.status == DealStatus.COMPLETED


def has_ended(award: Award) -> bool:
    """Tell whether nothing more happens to an award."""
    return award.deal.status in (DealStatus.COMPLETED, DealStatus.TERMINATED)
