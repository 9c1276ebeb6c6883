"""What the reviews of proposals came to."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from yunlang.challenges.core.vocabulary import AssignmentStatus, RoundKind, SubjectKind
from yunlang.challenges.models import Challenge, ReviewAssignment, ReviewRound

_PLACES = Decimal("0.01")


def proposals_round(challenge: Challenge) -> ReviewRound | None:
    """Return the round in which the proposals of a challenge are reviewed; None where none began."""
    return ReviewRound.objects.filter(challenge=challenge, kind=RoundKind.PROPOSALS).first()


def proposal_scores(challenge: Challenge) -> dict[UUID, Decimal]:
    """Return the mean of the reviewers' weighted points by proposal, once the round is closed; nothing before."""
    found = proposals_round(challenge)
    if found is None or not found.is_closed:
        return {}
    weights = {one["code"]: Decimal(str(one["weight"])) for one in found.rubric}
    rows = ReviewAssignment.objects.filter(
        round=found, subject_kind=SubjectKind.PROPOSAL, status=AssignmentStatus.SUBMITTED
    ).prefetch_related("scores")
    by_proposal: dict[UUID, list[Decimal]] = {}
    for row in rows:
        points = {one.criterion: one.points for one in row.scores.all() if one.points is not None}
        total = sum((weights[code] * points[code] for code in weights), Decimal(0)) / sum(weights.values())
        by_proposal.setdefault(row.subject_id, []).append(total)
    return {key: (sum(all_of, Decimal(0)) / len(all_of)).quantize(_PLACES) for key, all_of in by_proposal.items()}
