"""Who may do what with proposals and awards. The app loads this module when it is ready."""

from __future__ import annotations

from typing import Any

import rules

from yunlang.accounts.permissions import is_auditor, is_office, is_signed_in
from yunlang.challenges.core.proposal import ProposalStatus
from yunlang.challenges.core.vocabulary import AssignmentStatus, SubjectKind
from yunlang.challenges.models import Award, Proposal, ReviewAssignment
from yunlang.registry.permissions import is_member, memberships_of

_ENTRUSTED = (AssignmentStatus.ASSIGNED, AssignmentStatus.SUBMITTED)


@rules.predicate
def is_opened(actor: Any, proposal: Proposal) -> bool:
    """Tell whether the proposal was opened: until then nobody reads what it says."""
    return proposal.status == ProposalStatus.OPENED


@rules.predicate
def is_proposal_reviewer(actor: Any, proposal: Proposal) -> bool:
    """Tell whether the actor was given this proposal to review."""
    if not is_signed_in(actor) or actor.actor_id is None:
        return False
    given = ReviewAssignment.objects.filter(
        subject_kind=SubjectKind.PROPOSAL,
        subject_id=proposal.pk,
        status__in=_ENTRUSTED,
        reviewer__user_id=actor.actor_id,
    )
    return given.exists()


@rules.predicate
def is_proposer(actor: Any, proposal: Proposal) -> bool:
    """Tell whether the actor is a member of the organisation whose proposal it is."""
    return proposal.holder_id in memberships_of(actor)


@rules.predicate
def is_winner(actor: Any, award: Award) -> bool:
    """Tell whether the actor is a member of the organisation that won."""
    return award.proposal.holder_id in memberships_of(actor)


@rules.predicate
def is_challenger(actor: Any, award: Award) -> bool:
    """Tell whether the actor is a member of the organisation whose need it is."""
    return award.challenge.nomination.organisation_id in memberships_of(actor)


_acts = is_signed_in & ~is_auditor
rules.add_perm("challenges.submit_proposal", _acts & is_member)
rules.add_perm("challenges.keep_proposal", _acts & is_proposer)
# That it exists, when it came and its receipt; not what it says.
rules.add_perm("challenges.view_proposal", is_signed_in & (is_proposer | is_office | is_auditor))
rules.add_perm(
    "challenges.read_proposal",
    is_signed_in & is_opened & (is_proposer | is_office | is_auditor | is_proposal_reviewer),
)
rules.add_perm("challenges.open_proposals", is_office)
rules.add_perm("challenges.view_proposals", is_office | is_auditor)
rules.add_perm("challenges.plan_stages", is_office)
rules.add_perm("challenges.decide_award", is_office)
rules.add_perm("challenges.keep_award", is_office)
rules.add_perm("challenges.deliver_milestone", _acts & is_winner)
rules.add_perm("challenges.view_award", is_signed_in & (is_winner | is_challenger | is_office | is_auditor))
