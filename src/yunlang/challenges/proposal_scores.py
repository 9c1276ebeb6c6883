"""What the reviews of proposals came to, by proposal: mean, spread, and whose total stands apart."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from yunlang.challenges.core.proposal import ProposalStatus
from yunlang.challenges.core.scoring import Summary, ranked, summarised
from yunlang.challenges.core.vocabulary import RoundKind
from yunlang.challenges.models import Challenge, Proposal, ReviewRound
from yunlang.challenges.review_rounds import rubric_of_round
from yunlang.challenges.review_selectors import totals_of


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
    summary: Summary[UUID] | None
    totals: tuple[tuple[Decimal, bool], ...]


def proposals_round(challenge: Challenge) -> ReviewRound | None:
    """Return the round in which the proposals of a challenge are reviewed; None where none began."""
    return ReviewRound.objects.filter(challenge=challenge, kind=RoundKind.PROPOSALS).first()


def _totals(challenge: Challenge) -> dict[UUID, dict[UUID, Decimal]]:
    """Return the weighted totals by proposal and reviewer, once the round is closed; nothing before."""
    found = proposals_round(challenge)
    return totals_of(found, rubric_of_round(found)) if found is not None and found.is_closed else {}


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
