"""Who may do what with calls, nominations, challenges and reviews. The app loads this module when it is ready."""

from __future__ import annotations

from typing import Any

import rules

from yunlang.accounts.permissions import is_auditor, is_manager, is_office, is_signed_in
from yunlang.challenges.core.vocabulary import CallStatus, ReviewerStatus
from yunlang.challenges.models import Call, Nomination, ReviewAssignment, Reviewer
from yunlang.registry.permissions import is_actor_id, is_creator, is_member


@rules.predicate
def is_announced(actor: Any, call: Call) -> bool:
    """Tell whether the call has been opened to the public, whatever became of it."""
    return getattr(call, "status", CallStatus.DRAFT) != CallStatus.DRAFT


@rules.predicate
def is_submitter(actor: Any, nomination: Nomination) -> bool:
    """Tell whether the actor put the need forward."""
    return is_actor_id(actor, nomination.submitted_by_id)


@rules.predicate
def is_invited(actor: Any, reviewer: Reviewer) -> bool:
    """Tell whether the actor is the one who was invited to review."""
    return is_actor_id(actor, reviewer.user_id)


@rules.predicate
def is_assigned(actor: Any, assignment: ReviewAssignment) -> bool:
    """Tell whether the actor is the reviewer, who has accepted to be one."""
    reviewer = assignment.reviewer
    return reviewer.status == ReviewerStatus.ACCEPTED and is_actor_id(actor, reviewer.user_id)


_acts = is_signed_in & ~is_auditor
_speaks_for = is_member | is_office | (is_manager & is_submitter)

rules.add_perm("challenges.keep_calls", is_office)
rules.add_perm("challenges.view_call", is_announced | is_office | is_auditor)
rules.add_perm("challenges.nominate", _acts & (is_member | is_office | (is_manager & is_creator)))
rules.add_perm("challenges.withdraw_nomination", _acts & _speaks_for)
rules.add_perm("challenges.view_nomination", _speaks_for | is_auditor)
rules.add_perm("challenges.view_reviews", is_office | is_auditor)
rules.add_perm("challenges.answer_invitation", _acts & is_invited)
rules.add_perm("challenges.review", _acts & is_assigned)
