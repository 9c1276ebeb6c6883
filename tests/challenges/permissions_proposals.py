"""The part of the permission matrix that speaks of proposals and awards; `tests/test_permissions.py` asks it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from tests.challenges.permissions import CHALLENGES_CALLS, CHALLENGES_MATRIX, challenges_subject
from tests.challenges.proposal_support import (
    AFTER,
    BEFORE,
    award_row,
    make_challenge,
    proposal_raw,
    proposal_row,
    review_of,
)
from tests.factories import make_organisation
from yunlang.accounts.models import User
from yunlang.challenges.models import Award, Proposal
from yunlang.registry.models import Organisation

_STAFF = {"office", "auditor"}
_MEMBERS = {"editor", "owner"}
_SIGNED_IN = {"stranger", "pending", "former", "manager"} | _MEMBERS | _STAFF
_NOBODY: set[str] = set()
_OFFICE = {"": {"office"}}

PROPOSALS_MATRIX: dict[str, dict[str, set[str]]] = {
    "challenges.submit_proposal": {"own organisation": _MEMBERS, "other organisation": _NOBODY},
    "challenges.keep_proposal": {"own proposal": _MEMBERS, "other proposal": _NOBODY},
    "challenges.view_proposal": {"own proposal": _MEMBERS | _STAFF, "other proposal": _STAFF},
    "challenges.read_proposal": {
        "own proposal": _NOBODY,
        "other proposal": _NOBODY,
        "other proposal, reviewed by the actor": _NOBODY,
        "own proposal, opened": _MEMBERS | _STAFF,
        "other proposal, opened": _STAFF,
        "other proposal, opened, reviewed by the actor": _SIGNED_IN,
    },
    "challenges.open_proposals": _OFFICE,
    "challenges.view_proposals": {"": _STAFF},
    "challenges.plan_stages": _OFFICE,
    "challenges.decide_award": _OFFICE,
    "challenges.keep_award": _OFFICE,
    "challenges.deliver_milestone": {"own award": _MEMBERS, "other award": _NOBODY},
    "challenges.view_award": {
        "own award": _MEMBERS | _STAFF,
        "own award, whose need it is": _MEMBERS | _STAFF,
        "other award": _STAFF,
    },
}


def proposal_of(side: Organisation, kind: str, actor: Any) -> Proposal:
    """Return a proposal of an organisation's, as a row of the matrix names it."""
    made = proposal_row(make_challenge(), side, opened=", opened" in kind)
    if "reviewed by the actor" in kind and isinstance(actor, User) and actor.is_active:
        review_of(made, actor)
    return made


def award_of(side: Organisation, kind: str, actor: Any) -> Award:
    """Return an award of an organisation's, or of somebody else's for its need."""
    if kind.endswith("whose need it is"):
        return award_row(make_challenge(side), make_organisation())
    return award_row(make_challenge(), side)


def _challenge(**values: Any) -> dict[str, Any]:
    return {"challenge_id": make_challenge().pk, "at": AFTER} | values


def _award(world: SimpleNamespace, **values: Any) -> dict[str, Any]:
    made = award_row(make_challenge(), world.other)
    return {"award_id": made.pk, "raw": {}, "at": timezone.now()} | values


def _proposal(world: SimpleNamespace, **values: Any) -> dict[str, Any]:
    return {"proposal_id": proposal_row(make_challenge(), world.other).pk, "at": BEFORE} | values


# Every service by name: how to call it so that nothing but the permission stands in the way.
PROPOSALS_CALLS: dict[str, Callable[[SimpleNamespace, Any], dict[str, Any]]] = {
    "challenges.proposal_services.proposal_submit": lambda world, actor: _challenge(
        organisation_id=world.other.pk, raw=proposal_raw(), files=[], at=BEFORE
    ),
    "challenges.proposal_services.proposal_replace": lambda world, actor: _proposal(
        world, raw=proposal_raw(), files=[]
    ),
    "challenges.proposal_services.proposal_withdraw": lambda world, actor: _proposal(world),
    "challenges.proposal_services.proposals_open": lambda world, actor: _challenge(),
    "challenges.proposal_review_services.proposals_review_begin": lambda world, actor: _challenge(raw={}),
    "challenges.award_services.stages_plan": lambda world, actor: _challenge(stages=[]),
    "challenges.award_services.award_decide": lambda world, actor: _challenge(threshold="60", amounts={}, reasons={}),
    "challenges.award_services.challenge_leave_unawarded": lambda world, actor: _challenge(raw={"reason": "无人"}),
    "challenges.award_services.award_sign": lambda world, actor: _award(world),
    "challenges.milestone_services.milestone_deliver": lambda world, actor: _award(world, stage=1, files=[]),
    "challenges.milestone_services.challenge_milestone_accept": lambda world, actor: _award(world, stage=1),
    "challenges.milestone_services.challenge_milestone_reject": lambda world, actor: _award(world, stage=1),
    "challenges.milestone_services.award_pay": lambda world, actor: _award(world, stage=1),
    "challenges.milestone_services.awards_eliminate": lambda world, actor: _challenge(stage=1, kept=[], raw={}),
    "challenges.conclusion_services.award_conclude": lambda world, actor: _award(world),
    "challenges.conclusion_services.challenge_give_up": lambda world, actor: _challenge(raw={}),
}

# The whole room.
ROOM_MATRIX = CHALLENGES_MATRIX | PROPOSALS_MATRIX
ROOM_CALLS = CHALLENGES_CALLS | PROPOSALS_CALLS
ROOM_SUBJECTS = ("call", "nomination", "review", "proposal", "award")


def room_subject(side: Organisation, kind: str, actor: Any, *, own: bool) -> Any:
    """Make what a row of the matrix speaks of."""
    if kind.startswith("proposal"):
        return proposal_of(side, kind, actor)
    return award_of(side, kind, actor) if kind.startswith("award") else challenges_subject(side, kind, actor, own=own)
