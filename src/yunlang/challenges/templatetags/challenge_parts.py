"""What the public page of a challenge shows of its proposals and winners."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import template
from django.utils import timezone

from yunlang.accounts.permissions import may
from yunlang.challenges.award_state import MilestoneRow, awards_of, milestone_rows
from yunlang.challenges.core.milestones import MilestoneState
from yunlang.challenges.core.vocabulary import ChallengeStatus
from yunlang.challenges.models import Award, Challenge
from yunlang.challenges.proposal_selectors import closing_of, own_proposal_for, proposal_files_blind, takes_proposals
from yunlang.deals.core.ledger.vocabulary import PaymentStatus

register = template.Library()
_WITH_WINNERS = (ChallengeStatus.AWARDED, ChallengeStatus.PERFORMING, ChallengeStatus.CONCLUDED)


@register.simple_tag(takes_context=True)
def challenge_parts(context: template.Context, challenge: Challenge) -> dict[str, Any]:
    """Return the state of a challenge's proposals and winners, as the reader may know it."""
    reader = context["request"].user
    awards = awards_of(challenge.pk) if challenge.status in _WITH_WINNERS else []
    return {
        "takes": takes_proposals(challenge, timezone.now()),
        "closing": closing_of(challenge),
        "mine": own_proposal_for(reader, challenge),
        "winners": [_winner(reader, one) for one in awards],
        "stages": list(challenge.stages.all()),
        "is_office": may(reader, "challenges.view_proposals", challenge),
    }


@register.simple_tag
def proposal_files(proposal_id: UUID) -> list[tuple[int, str, int | None]]:
    """Return the files of a proposal under neutral names, for its reviewers."""
    return proposal_files_blind(proposal_id)


def _winner(reader: Any, award: Award) -> dict[str, Any]:
    rows: list[MilestoneRow] = milestone_rows(award)
    paid = sum(row.payment.amount for row in rows if row.payment and row.payment.status == PaymentStatus.PAID)
    return {
        "award": award,
        "accepted": sum(1 for row in rows if row.state == MilestoneState.ACCEPTED),
        "stages": len(rows),
        "paid": paid,
        "may_view": may(reader, "challenges.view_award", award),
    }
