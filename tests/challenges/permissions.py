"""Who may do what with calls, nominations and reviews, for the matrix of `tests.test_permissions`."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from tests.challenges.core.test_rubric import USUAL
from tests.challenges.support import (
    CALL,
    NOMINATION,
    make_call,
    make_nomination,
    make_open_call,
    make_reviewer,
    make_screening,
)
from tests.factories import make_need, make_organisation, make_user, publish
from yunlang.accounts.models import User
from yunlang.challenges.models import Nomination, ReviewAssignment, Reviewer
from yunlang.registry.models import Expert, Organisation

EVERYBODY = {"visitor", "inactive", "stranger", "pending", "former", "editor", "owner", "manager", "office", "auditor"}
ACTING = EVERYBODY - {"visitor", "inactive", "auditor"}
_SPEAKING = {
    "own nomination": {"editor", "owner", "office"},
    "other nomination": {"office"},
    "other nomination, made by the actor": {"manager", "office"},
}

CHALLENGES_MATRIX: dict[str, dict[str, set[str]]] = {
    "challenges.keep_calls": {"": {"office"}},
    "challenges.view_call": {"call": EVERYBODY, "call in draft": {"office", "auditor"}},
    "challenges.nominate": {
        "own published": {"editor", "owner", "office"},
        "other published": {"office"},
        "other draft, made by the actor": {"manager", "office"},
    },
    "challenges.withdraw_nomination": _SPEAKING,
    "challenges.view_nomination": {name: allowed | {"auditor"} for name, allowed in _SPEAKING.items()},
    "challenges.view_reviews": {"": {"office", "auditor"}},
    "challenges.answer_invitation": {"own reviewer": ACTING, "other reviewer": set()},
    "challenges.review": {"own review": ACTING, "other review": set(), "own review, declined": set()},
}


def challenges_subject(side: Organisation, kind: str, actor: Any, *, own: bool) -> Any:
    """Make what a row of the matrix speaks of."""
    match kind:
        case "call":
            return make_open_call()
        case "call in draft":
            return make_call()
        case _ if kind.startswith("nomination"):
            made = make_nomination(make_open_call(), publish(make_need(side)))
            if kind.endswith("made by the actor"):
                Nomination.objects.filter(pk=made.pk).update(submitted_by=getattr(actor, "actor_id", None))
                made.refresh_from_db()
            return made
        case _:
            account = actor if own and isinstance(actor, User) else make_user()
            reviewer = _reviewer(account, "declined" if kind.endswith("declined") else "accepted")
            return reviewer if kind == "reviewer" else ReviewAssignment(reviewer=reviewer)


def _reviewer(account: User, status: str) -> Reviewer:
    expert = Expert.objects.create(organisation=make_organisation(), name="李评审")
    now = timezone.now()
    return Reviewer.objects.create(expert=expert, user=account, status=status, invited_at=now, answered_at=now)


def _expert() -> Expert:
    return Expert.objects.create(organisation=make_organisation(), name="王专家")


def _round() -> dict[str, Any]:
    return {"round_id": make_screening().round.pk, "at": timezone.now()}


def _assignment() -> dict[str, Any]:
    return {"assignment_id": make_screening().assignments[0].pk, "raw": {"reason": "熟识"}, "at": timezone.now()}


def _on_call(**more: Any) -> Any:
    return lambda world, actor: {"call_id": make_call().pk, "at": timezone.now(), **more}


def _nomination(**more: Any) -> Any:
    return lambda world, actor: {"nomination_id": make_nomination(make_open_call()).pk, "at": timezone.now(), **more}


CHALLENGES_CALLS: dict[str, Any] = {
    "challenges.call_services.call_create": lambda world, actor: {"raw": CALL, "rubric": USUAL},
    "challenges.call_services.call_update": _on_call(raw=CALL, rubric=USUAL),
    "challenges.call_services.call_open": _on_call(),
    "challenges.call_services.call_withdraw": _on_call(raw={"reason": "改期"}),
    "challenges.call_services.call_close": _on_call(),
    "challenges.nomination_services.nomination_submit": lambda world, actor: {
        "call_id": make_open_call().pk, "need_id": publish(make_need(world.other)).pk, "raw": NOMINATION,
        "at": timezone.now(),
    },
    "challenges.nomination_services.nomination_withdraw": _nomination(),
    "challenges.nomination_services.screening_begin": _on_call(),
    "challenges.nomination_services.screening_decide": _nomination(chosen=True, raw={}),
    "challenges.nomination_services.list_publish": _on_call(raw={"proposals_close_on": "2099-01-01"}),
    "challenges.review_services.reviewer_invite": lambda world, actor: {
        "expert_id": _expert().pk, "raw": {"email": make_user().email}, "at": timezone.now(),
    },
    "challenges.review_services.reviewer_accept": lambda world, actor: {
        "reviewer_id": make_reviewer().pk, "at": timezone.now(),
    },
    "challenges.review_services.reviewer_decline": lambda world, actor: {
        "reviewer_id": make_reviewer().pk, "at": timezone.now(),
    },
    "challenges.review_services.reviews_assign": lambda world, actor: _round(),
    "challenges.review_services.round_close": lambda world, actor: _round(),
    "challenges.review_services.conflict_declare": lambda world, actor: _assignment(),
    "challenges.review_services.scores_save": lambda world, actor: _assignment(),
    "challenges.review_services.scores_submit": lambda world, actor: _assignment(),
}  # fmt: skip
