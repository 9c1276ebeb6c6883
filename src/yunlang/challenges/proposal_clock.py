"""What the clock tells people about proposals."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from yunlang.challenges.core.proposal import ProposalStatus
from yunlang.challenges.core.vocabulary import ChallengeStatus
from yunlang.challenges.models import Proposal
from yunlang.challenges.proposal_notices import members_tell

# So long before the deadline.
_AHEAD = timedelta(days=2)


@transaction.atomic
def deadlines_tell(*, at: datetime) -> int:
    """Tell the members of each organisation with a sealed proposal that the time is nearly over, once for a deadline.

    Returns
    -------
    int
        How many proposals are concerned.
    """
    near = Proposal.objects.filter(
        status=ProposalStatus.SUBMITTED,
        challenge__status=ChallengeStatus.PUBLISHED,
        challenge__proposals_close_at__gt=at,
        challenge__proposals_close_at__lte=at + _AHEAD,
    )
    rows = list(near.select_related("challenge", "organisation").defer("sealed"))
    ends = {row.pk: timezone.localtime(row.challenge.proposals_close_at).strftime("%Y-%m-%d %H:%M") for row in rows}
    for row in rows:
        members_tell("proposals_due", [row], ends[row.pk], {row.pk: {"when": ends[row.pk]}})
    return len(rows)
