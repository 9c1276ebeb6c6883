"""What people may do with a deal: each action with its form, its service and who is shown it when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from yunlang.deals import ledger_services as services
from yunlang.deals.core.ledger.deal import CORRECTABLE
from yunlang.deals.core.ledger.vocabulary import DealStatus, MilestoneStatus, PaymentStatus
from yunlang.deals.ledger_fields import (
    AMENDMENT_FIELDS,
    CONTRACT_FIELDS,
    EVIDENCE_FIELDS,
    FIELD_NAMES,
    MILESTONE_FIELDS,
    PAID_FIELDS,
    PAYMENT_FIELDS,
    REASON_FIELDS,
    REFUND_FIELDS,
)
from yunlang.deals.ledger_models import Contract, Deal, JournalEntry
from yunlang.kit.fields import Field
from yunlang.kit.language import Bilingual


@dataclass(frozen=True, slots=True)
class DealAction:
    """One action: its name on the button, the service behind it, what the form asks.

    Attributes
    ----------
    part
        What of the deal it concerns, ``milestone`` or ``payment``; nothing where it is the deal itself.
    """

    label: Bilingual
    service: Callable[..., Deal]
    done: Bilingual
    fields: tuple[Field, ...] = ()
    part: str = ""
    style: str = ""


_PRIMARY, _DANGER = "button-primary", "button-danger"
ACTIONS: dict[str, DealAction] = {
    "agree": DealAction(
        Bilingual("记录达成意向", "Record the agreement"), services.deal_agree,
        Bilingual("已记录达成意向。", "The agreement is recorded."), style=_PRIMARY,
    ),
    "contract": DealAction(
        Bilingual("记录合同", "Record the contract"), services.contract_sign,
        Bilingual("合同已记入账本。", "The contract is in the ledger."), CONTRACT_FIELDS, style=_PRIMARY,
    ),
    "milestone": DealAction(
        Bilingual("设立里程碑", "Add a milestone"), services.milestone_add,
        Bilingual("里程碑已记入账本。", "The milestone is in the ledger."), MILESTONE_FIELDS,
    ),
    "payment": DealAction(
        Bilingual("约定付款", "Schedule a payment"), services.payment_schedule,
        Bilingual("付款约定已记入账本。", "The payment due is in the ledger."), PAYMENT_FIELDS,
    ),
    "complete": DealAction(
        Bilingual("记录履行完毕", "Record completion"), services.deal_complete,
        Bilingual("已记录履行完毕。", "The completion is recorded."), style=_PRIMARY,
    ),
    "terminate": DealAction(
        Bilingual("终止成交", "Terminate the deal"), services.deal_terminate,
        Bilingual("已记录终止。", "The termination is recorded."), REASON_FIELDS, style=_DANGER,
    ),
    "accept": DealAction(
        Bilingual("验收通过", "Accept"), services.milestone_accept,
        Bilingual("已记录验收通过。", "The acceptance is recorded."), EVIDENCE_FIELDS, "milestone", _PRIMARY,
    ),
    "reject": DealAction(
        Bilingual("验收不通过", "Reject"), services.milestone_reject,
        Bilingual("已记录验收不通过。", "The rejection is recorded."), EVIDENCE_FIELDS, "milestone",
    ),
    "pay": DealAction(
        Bilingual("记录付款", "Record payment"), services.payment_record,
        Bilingual("付款已记入账本。", "The payment is in the ledger."), PAID_FIELDS, "payment", _PRIMARY,
    ),
    "refund": DealAction(
        Bilingual("记录退款", "Record a refund"), services.payment_refund,
        Bilingual("退款已记入账本。", "The refund is in the ledger."), REFUND_FIELDS, "payment",
    ),
    "amend": DealAction(
        Bilingual("更正或变更", "Amend"), services.deal_amend,
        Bilingual("更正已作为新的一条记入账本。", "The amendment is in the ledger as an entry of its own."),
        AMENDMENT_FIELDS,
    ),
}  # fmt: skip
_UNDER_CONTRACT = ("milestone", "payment", "complete", "terminate")
_POSSIBLE: dict[str, tuple[str, ...]] = {
    DealStatus.DRAFT: ("agree", "terminate"),
    DealStatus.AGREED: ("contract", "terminate"),
    DealStatus.CONTRACTED: _UNDER_CONTRACT,
    DealStatus.PERFORMING: _UNDER_CONTRACT,
    DealStatus.COMPLETED: (),
    DealStatus.TERMINATED: (),
}


def actions_of(deal: Deal, contract: Contract | None) -> list[tuple[str, DealAction]]:
    """Return what may be done with a deal as it stands; completion only where nothing is open."""
    names = _POSSIBLE[deal.status]
    if contract is not None and not _is_finished(contract):
        names = tuple(name for name in names if name != "complete")
    return [(name, ACTIONS[name]) for name in names]


def _is_finished(contract: Contract) -> bool:
    milestones, payments = contract.milestones.all(), contract.payments.all()
    judged = all(one.status == MilestoneStatus.ACCEPTED for one in milestones)
    return bool(milestones or payments) and judged and all(one.status != PaymentStatus.DUE for one in payments)


def part_actions(deal: Deal, status: str) -> list[tuple[str, DealAction]]:
    """Return what may be done with a milestone or a payment that stands so."""
    live = deal.status in (DealStatus.CONTRACTED, DealStatus.PERFORMING)
    return [(name, ACTIONS[name]) for name in (_PART_STEPS.get(status, ()) if live else ())]


_PART_STEPS: dict[str, tuple[str, ...]] = {"milestone": ("accept", "reject"), "due": ("pay",), "paid": ("refund",)}


def amendment_fields(entry: JournalEntry | None) -> tuple[Field, ...]:
    """Return the form of an amendment; of one entry, only what of it may be corrected is offered."""
    if entry is None:
        return AMENDMENT_FIELDS
    names = CORRECTABLE.get(entry.kind, ())
    choices = {name: FIELD_NAMES[name] for name in names}
    return tuple(replace(field, choices=choices) if field.name == "field" else field for field in AMENDMENT_FIELDS)


def act(actor: Any, deal: Deal, name: str, part: int | None, raw: dict[str, object], at: Any) -> Deal:
    """Have the service behind an action do it."""
    action = ACTIONS[name]
    values: dict[str, Any] = {"raw": raw} if action.fields else {}
    if action.part:
        values[action.part] = part or 0
    return action.service(actor=actor, deal_id=deal.pk, at=at, **values)
