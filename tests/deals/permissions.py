"""The part of the permission matrix that speaks of introductions; `tests/test_permissions.py` asks it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from tests.deals.ledger_support import CONTRACT, DEAL, MILESTONE, PAID, PAYMENT, make_dealing
from tests.factories import make_need, make_organisation, make_user, publish
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.roles import Role
from yunlang.deals.core.introduction import Side
from yunlang.deals.models import Deal, Introduction
from yunlang.deals.services import introduction_propose
from yunlang.kit.ids import new_id
from yunlang.registry.models import Need, Organisation

_STAFF = {"office", "auditor"}
_SIGNED_IN = {"stranger", "pending", "former", "editor", "owner", "manager"} | _STAFF
_GUIDING = {
    "own introduction": {"office"},
    "other introduction": {"office"},
    "other introduction, looked after by another": {"office"},
    "other introduction, looked after by the actor": {"manager", "office"},
    "other introduction, proposed by the actor": {"office"},
}
_KEEPING_DEALS = {
    "own deal": {"office"},
    "other deal": {"office"},
    "other deal, looked after by another": {"office"},
    "other deal, looked after by the actor": {"manager", "office"},
}
_ANSWERING = _GUIDING | {"own introduction": {"editor", "owner", "office"}}


DEALS_MATRIX: dict[str, dict[str, set[str]]] = {
    "deals.propose": {
        "own introduction": {"editor", "owner", "manager", "office"},
        "other introduction": {"manager", "office"},
    },
    "deals.view": {
        "own introduction": {"editor", "owner", "manager"} | _STAFF,
        "other introduction": {"manager"} | _STAFF,
        "other introduction, looked after by another": _STAFF,
        "other introduction, looked after by the actor": {"manager"} | _STAFF,
        "other introduction, proposed by the actor": _SIGNED_IN,
    },
    "deals.accept": _ANSWERING | {"own side": {"editor", "owner", "office"}, "other side": {"office"}},
    "deals.decline": _ANSWERING,
    "deals.advance": _GUIDING,
    "deals.keep_tasks": _GUIDING,
    "deals.view_tasks": {name: allowed | {"auditor"} for name, allowed in _GUIDING.items()},
    "deals.open": _GUIDING,
    "deals.open_directly": {"": {"manager", "office"}},
    "deals.keep": _KEEPING_DEALS,
    "deals.view_deal": _KEEPING_DEALS
    | {
        "own deal": {"editor", "owner"} | _STAFF,
        "other deal": _STAFF,
        "other deal, looked after by another": _STAFF,
        "other deal, looked after by the actor": {"manager"} | _STAFF,
    },
    "deals.export_ledger": {"": _STAFF},
    "deals.assign": _GUIDING
    | {
        "own introduction": {"manager", "office"},
        "other introduction": {"manager", "office"},
    },
}

# Every service by name: how to call it so that nothing but the permission stands in the way.
DEALS_CALLS: dict[str, Callable[[SimpleNamespace, Any], dict[str, Any]]] = {
    "deals.services.introduction_propose": lambda world, actor: {
        "need_id": publish(make_need(world.other)).pk, "offer_kind": "organisation", "offer_id": make_organisation().pk,
        "at": timezone.now(),
    },
    "deals.services.introduction_accept": lambda world, actor: _moving(world, side=Side.NEED),
    "deals.services.introduction_meet": lambda world, actor: _moving(world),
    "deals.services.introduction_sign": lambda world, actor: _moving(world),
    "deals.services.introduction_decline": lambda world, actor: _moving(world, reason="不合适"),
    "deals.services.introduction_reschedule": lambda world, actor: _moving(world, due="2099-01-31"),
    "deals.services.introduction_assign": lambda world, actor: {
        "introduction_id": _proposed(world).pk, "manager_id": world.actors["manager"].pk,
    },
    "deals.services.task_add": lambda world, actor: _moving(world, title="不该添加", due="2099-01-31"),
    "deals.services.task_finish": lambda world, actor: {
        "task_id": _proposed(world).tasks.all()[0].pk, "at": timezone.now(),
    },
    "deals.ledger_services.deal_open": lambda world, actor: _moving(world, raw=DEAL),
    "deals.ledger_services.deal_open_directly": lambda world, actor: {"raw": DEAL, "at": timezone.now()},
    "deals.ledger_services.deal_agree": lambda world, actor: _dealing(world),
    "deals.ledger_services.contract_sign": lambda world, actor: _dealing(world, raw=CONTRACT),
    "deals.ledger_services.milestone_add": lambda world, actor: _dealing(world, raw=MILESTONE),
    "deals.ledger_services.milestone_accept": lambda world, actor: _dealing(
        world, milestone=1, raw={"evidence": "报告"}
    ),
    "deals.ledger_services.milestone_reject": lambda world, actor: _dealing(
        world, milestone=1, raw={"evidence": "报告"}
    ),
    "deals.ledger_services.payment_schedule": lambda world, actor: _dealing(world, raw=PAYMENT),
    "deals.ledger_services.payment_record": lambda world, actor: _dealing(world, payment=1, raw=PAID),
    "deals.ledger_services.payment_refund": lambda world, actor: _dealing(
        world, payment=1, raw={"refunded_on": "2027-04-01", "reason": "重复"}
    ),
    "deals.ledger_services.deal_amend": lambda world, actor: _dealing(
        world, raw={"corrects": "1", "field": "title", "value": "新", "reason": "误"}
    ),
    "deals.ledger_services.deal_complete": lambda world, actor: _dealing(world),
    "deals.ledger_services.deal_terminate": lambda world, actor: _dealing(world, raw={"reason": "变更"}),
}  # fmt: skip


def deal_of(organisation: Organisation, name: str, actor: Any) -> Deal:
    """Return the deal of `organisation` that a row of the matrix names, unsaved as `introduction_of`'s."""
    made = Deal(need_side=organisation, offer_side=Organisation(name="供给方"))
    match name.removeprefix("deal").removeprefix(", "):
        case "looked after by another":
            made.manager_id = new_id()
        case "looked after by the actor":
            made.manager_id = getattr(actor, "actor_id", None) or new_id()
    return made


def _dealing(world: SimpleNamespace, **more: Any) -> dict[str, Any]:
    return {"deal_id": make_dealing().contracted().deal.pk, "at": timezone.now()} | more


def introduction_of(organisation: Organisation, name: str, actor: Any) -> Introduction:
    """Return the introduction of a need of `organisation`'s that a row of the matrix names.

    It is not saved: whom it concerns is all that is asked of it.
    """
    made = Introduction(
        need=Need(kind="technology", title="需求", organisation=organisation), organisation=Organisation(name="供给方")
    )
    actor_id = getattr(actor, "actor_id", None) or new_id()
    match name.removeprefix("introduction").removeprefix(", "):
        case "looked after by another":
            made.manager = make_user(Role.MANAGER)
        case "looked after by the actor":
            made.manager_id = actor_id
        case "proposed by the actor":
            made.manager_id, made.proposed_by_id = new_id(), actor_id
    return made


def _proposed(world: SimpleNamespace) -> Introduction:
    return introduction_propose(
        actor=SYSTEM, need_id=publish(make_need(world.other)).pk, offer_kind="organisation",
        offer_id=make_organisation().pk, at=timezone.now(),
    )  # fmt: skip


def _moving(world: SimpleNamespace, **more: Any) -> dict[str, Any]:
    return {"introduction_id": _proposed(world).pk, "at": timezone.now()} | more
