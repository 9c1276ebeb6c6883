"""What the reviews of proposals came to, by proposal: mean, spread, and whose total stands apart."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from yunlang.challenges.core.proposal import ProposalStatus
from yunlang.challenges.core.rubric import rubric_of
from yunlang.challenges.core.scoring import Summary, ranked, summarised, weighted_total
from yunlang.challenges.core.vocabulary import AssignmentStatus, RoundKind, SubjectKind
from yunlang.challenges.models import Challenge, Proposal, ReviewAssignment, ReviewRound


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """A proposal with what its reviewers say together; nothing of that before the round is closed.

    Attributes
    ----------
    totals
        Each reviewer's total and whether it stands apart, the highest first.
    """

    proposal: Proposal
    rank: int | None
    summary: Summary | None
    totals: tuple[tuple[Decimal | Fraction, bool], ...]


def proposals_round(challenge: Challenge) -> ReviewRound | None:
    """Return the round in which the proposals of a challenge are reviewed; None where none began."""
    return ReviewRound.objects.filter(challenge=challenge, kind=RoundKind.PROPOSALS).first()


def _totals(challenge: Challenge) -> dict[UUID, dict[Any, Decimal | Fraction]]:
    """Return the weighted totals by proposal and review, once the round is closed; nothing before."""
    found = proposals_round(challenge)
    if found is None or not found.is_closed:
        return {}
    rubric = rubric_of(found.rubric)
    rows = ReviewAssignment.objects.filter(
        round=found, subject_kind=SubjectKind.PROPOSAL, status=AssignmentStatus.SUBMITTED
    ).prefetch_related("scores")
    totals: dict[UUID, dict[Any, Decimal | Fraction]] = {}
    for row in rows:
        points = {one.criterion: one.points for one in row.scores.all() if one.points is not None}
        totals.setdefault(row.subject_id, {})[row.pk] = weighted_total(rubric, points)
    return totals


def proposal_scores(challenge: Challenge) -> dict[UUID, Decimal]:
    """Return the mean of the reviewers' totals by proposal, from 0 to 100; nothing before the round is closed."""
    return {key: summarised(given).mean for key, given in _totals(challenge).items()}


def score_rows(challenge: Challenge) -> list[ScoreRow]:
    """Return every opened proposal of a challenge, the best first, those nobody judged last."""
    totals = _totals(challenge)
    summaries = {key: summarised(given) for key, given in totals.items()}
    ranks = ranked({key: one.exact_mean for key, one in summaries.items()})
    states = (ProposalStatus.OPENED, ProposalStatus.UNREADABLE)
    proposals = Proposal.objects.filter(challenge=challenge, status__in=states).select_related(
        "organisation__city", "award"
    )
    rows = []
    for one in proposals.defer("sealed"):
        summary = summaries.get(one.pk)
        apart = summary.outliers if summary else ()
        given = sorted(((total, key in apart) for key, total in totals.get(one.pk, {}).items()), reverse=True)
        rows.append(ScoreRow(one, ranks.get(one.pk), summary, tuple(given)))
    return sorted(rows, key=lambda row: (row.rank is None, row.rank or 0, row.proposal.number or 0))
