"""What programs may do with deals; each call with an ``Idempotency-Key`` happens once.

The router is the one of `deals`: what is read and what is written stand at the same addresses.
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path
from pydantic import BaseModel, Field

from yunlang.accounts.api import signed_in_actor
from yunlang.deals import ledger_services as services
from yunlang.deals.api.deals import DealDetail, deal_detail, router
from yunlang.deals.ledger_fields import (
    AMENDMENT_FIELDS,
    CONTRACT_FIELDS,
    DEAL_FIELDS,
    EVIDENCE_FIELDS,
    MILESTONE_FIELDS,
    PAID_FIELDS,
    PAYMENT_FIELDS,
    REASON_FIELDS,
    REFUND_FIELDS,
    SOURCE_FIELDS,
)
from yunlang.deals.ledger_models import Deal
from yunlang.deals.ledger_selectors import deal_get
from yunlang.deals.selectors import introduction_get
from yunlang.kit.api.idempotency import IdempotencyKey, answered_once
from yunlang.kit.api.reference import described, explained
from yunlang.kit.fields import Field as FieldSpec
from yunlang.kit.language import Bilingual
from yunlang.registry.api.inputs import input_model

__all__ = ["router"]
_DEAL = {"kind": "licence", "title": "电解液添加剂专利许可", "amount": "1200000.00"}
# The ledger numbers a deal's milestones and payments from 1.
Number = Annotated[int, Field(ge=1, le=1_000_000, **explained("第几个，从 1 起。", "Which one, from 1 on.", example=1))]


def _body(name: str, doc: str, fields: tuple[FieldSpec, ...], **example: Any) -> type[BaseModel]:
    return input_model(name, doc, fields, example=example, required=[field.name for field in fields])


DealDraft = _body("DealDraft", "What was dealt in.", DEAL_FIELDS, **_DEAL)
DirectDealDraft = _body(
    "DirectDealDraft", "A deal that no introduction led to.", (*DEAL_FIELDS, *SOURCE_FIELDS), **_DEAL,
    need_side="湖州某某新材料有限公司", offer_side="0198c0de-6a52-7000-8000-3f1b5a2c9d10", source="need",
    source_id="0198c0de-6a52-7000-8000-3f1b5a2c9d11",
)  # fmt: skip
ContractBody = _body(
    "ContractBody", "A signed contract.", CONTRACT_FIELDS, number="YL-2026-001", amount="1200000.00",
    signed_on="2026-11-23",
)  # fmt: skip
MilestoneBody = _body(
    "MilestoneBody", "Something to be delivered.", MILESTONE_FIELDS, title="中试样品交付", due="2027-03-01"
)
EvidenceBody = _body("EvidenceBody", "What the judgement rests on.", EVIDENCE_FIELDS, evidence="检测报告 13")
PaymentBody = _body("PaymentBody", "An amount that falls due.", PAYMENT_FIELDS, amount="400000.00", due="2027-03-15")
PaidBody = _body("PaidBody", "How it was paid.", PAID_FIELDS, paid_on="2027-03-10", reference="银行回单 8842")
RefundBody = _body("RefundBody", "How it was returned.", REFUND_FIELDS, refunded_on="2027-04-01", reason="重复支付")
TerminationBody = _body("TerminationBody", "Why it ends.", REASON_FIELDS, reason="技术路线变更")
AmendmentBody = _body(
    "AmendmentBody", "What an earlier entry should say.", AMENDMENT_FIELDS, corrects=1, field="title",
    value="电解液添加剂专利独占许可", reason="漏字",
)  # fmt: skip


def _once(
    request: HttpRequest, key: str | None, service: Any, *, status: int = 200, body: Any = None, **values: Any
) -> Any:
    """Have a service act once, and answer with the deal as it stands then."""
    actor = signed_in_actor(request)
    if body is not None:
        values["raw"] = body.model_dump()

    def act() -> tuple[int, DealDetail]:
        _seen(actor, values)
        made: Deal = service(actor=actor, at=timezone.now(), **values)
        return status, deal_detail(deal_get(actor, made.pk))

    return answered_once(request, key, caller=str(actor.actor_id), act=act)


def _seen(actor: Any, values: dict[str, Any]) -> None:
    # Whoever may not see it is told that there is none, and not that they may not.
    if "deal_id" in values:
        deal_get(actor, values["deal_id"])
    if "introduction_id" in values:
        introduction_get(actor, values["introduction_id"])


@router.post(
    "/introductions/{introduction_id}/deal",
    response={201: DealDetail},
    **described(
        Bilingual("由对接登记成交", "Open the deal of an introduction"),
        Bilingual(
            "对接签约后登记一次；由负责的科创经理人或走廊办公室登记。",
            "Once it is signed, and once only; by the technology manager responsible or the corridor office.",
        ),
    ),
)
def introduction_deal_create(
    request: HttpRequest, introduction_id: UUID, body: DealDraft, key: IdempotencyKey  # type: ignore[valid-type]
) -> Any:  # fmt: skip
    """Open the deal that an introduction led to."""
    return _once(request, key, services.deal_open, status=201, body=body, introduction_id=introduction_id)


@router.post(
    "/deals",
    response={201: DealDetail},
    **described(
        Bilingual("直接登记成交", "Open a deal directly"),
        Bilingual(
            "没有对接的成交，登记为草拟；科创经理人和走廊办公室可以登记。",
            "A deal that no introduction led to, as a draft; by technology managers and the corridor office.",
        ),
    ),
)
def deal_create(request: HttpRequest, body: DirectDealDraft, key: IdempotencyKey) -> Any:  # type: ignore[valid-type]
    """Open a deal that no introduction led to."""
    return _once(request, key, services.deal_open_directly, status=201, body=body)


@router.post(
    "/deals/{deal_id}/agree",
    response=DealDetail,
    **described(
        Bilingual("记录达成意向", "Record the agreement"),
        Bilingual("双方同意草拟的成交。", "Both sides agree on a draft."),
    ),
)
def deal_agreed(request: HttpRequest, deal_id: UUID, key: IdempotencyKey) -> Any:
    """Record that both sides agree."""
    return _once(request, key, services.deal_agree, deal_id=deal_id)


@router.post(
    "/deals/{deal_id}/contract",
    response=DealDetail,
    **described(
        Bilingual("记录合同", "Record the contract"),
        Bilingual("付款合计不能超过合同金额。", "Payments never come to more than its amount."),
    ),
)
def deal_contracted(
    request: HttpRequest, deal_id: UUID, body: ContractBody, key: IdempotencyKey  # type: ignore[valid-type]
) -> Any:  # fmt: skip
    """Record the signed contract."""
    return _once(request, key, services.contract_sign, body=body, deal_id=deal_id)


@router.post(
    "/deals/{deal_id}/milestones",
    response=DealDetail,
    **described(
        Bilingual("设立里程碑", "Add a milestone"), Bilingual("按合同应交付的内容。", "Something to be delivered.")
    ),
)
def deal_milestone_create(
    request: HttpRequest, deal_id: UUID, body: MilestoneBody, key: IdempotencyKey  # type: ignore[valid-type]
) -> Any:  # fmt: skip
    """Add a milestone."""
    return _once(request, key, services.milestone_add, body=body, deal_id=deal_id)


@router.post(
    "/deals/{deal_id}/milestones/{number}/accept",
    response=DealDetail,
    **described(
        Bilingual("里程碑通过验收", "Accept a milestone"), Bilingual("须写明验收依据。", "With the evidence for it.")
    ),
)
def deal_milestone_accepted(
    request: HttpRequest, deal_id: UUID, number: Path[Number], body: EvidenceBody,  # type: ignore[valid-type]
    key: IdempotencyKey,
) -> Any:  # fmt: skip
    """Record that a milestone is accepted."""
    return _once(request, key, services.milestone_accept, body=body, deal_id=deal_id, milestone=number)


@router.post(
    "/deals/{deal_id}/milestones/{number}/reject",
    response=DealDetail,
    **described(
        Bilingual("里程碑未通过验收", "Reject a milestone"),
        Bilingual("须写明依据；以后仍可通过。", "With the evidence for it; it may be accepted later."),
    ),
)
def deal_milestone_rejected(
    request: HttpRequest, deal_id: UUID, number: Path[Number], body: EvidenceBody,  # type: ignore[valid-type]
    key: IdempotencyKey,
) -> Any:  # fmt: skip
    """Record that a milestone is not accepted."""
    return _once(request, key, services.milestone_reject, body=body, deal_id=deal_id, milestone=number)


@router.post(
    "/deals/{deal_id}/payments",
    response=DealDetail,
    **described(
        Bilingual("约定付款", "Schedule a payment"),
        Bilingual("到期应付的一笔款。", "An amount that falls due."),
    ),
)
def deal_payment_create(
    request: HttpRequest, deal_id: UUID, body: PaymentBody, key: IdempotencyKey  # type: ignore[valid-type]
) -> Any:  # fmt: skip
    """Schedule a payment."""
    return _once(request, key, services.payment_schedule, body=body, deal_id=deal_id)


@router.post(
    "/deals/{deal_id}/payments/{number}/pay",
    response=DealDetail,
    **described(Bilingual("记录付款", "Record a payment"), Bilingual("一次付清这一笔。", "It was paid in full.")),
)
def deal_payment_made(
    request: HttpRequest, deal_id: UUID, number: Path[Number], body: PaidBody,  # type: ignore[valid-type]
    key: IdempotencyKey,
) -> Any:  # fmt: skip
    """Record that a payment was made."""
    return _once(request, key, services.payment_record, body=body, deal_id=deal_id, payment=number)


@router.post(
    "/deals/{deal_id}/payments/{number}/refund",
    response=DealDetail,
    **described(Bilingual("记录退款", "Record a refund"), Bilingual("这一笔全额退回。", "It was returned in full.")),
)
def deal_payment_refunded(
    request: HttpRequest, deal_id: UUID, number: Path[Number], body: RefundBody,  # type: ignore[valid-type]
    key: IdempotencyKey,
) -> Any:  # fmt: skip
    """Record that a payment was returned."""
    return _once(request, key, services.payment_refund, body=body, deal_id=deal_id, payment=number)


@router.post(
    "/deals/{deal_id}/amendments",
    response=DealDetail,
    **described(
        Bilingual("更正或变更", "Amend"),
        Bilingual(
            "更正账本中前面一条的一项；原条目不变，更正另记一条。",
            "Correct a field of an earlier entry, which stays as it is; the correction is an entry of its own.",
        ),
    ),
)
def deal_amended(
    request: HttpRequest, deal_id: UUID, body: AmendmentBody, key: IdempotencyKey  # type: ignore[valid-type]
) -> Any:  # fmt: skip
    """Correct what an earlier entry says."""
    return _once(request, key, services.deal_amend, body=body, deal_id=deal_id)


@router.post(
    "/deals/{deal_id}/complete",
    response=DealDetail,
    **described(
        Bilingual("记录履行完毕", "Record completion"),
        Bilingual("里程碑均已通过、款项均已付清之后。", "Once all is delivered and paid."),
    ),
)
def deal_completed(request: HttpRequest, deal_id: UUID, key: IdempotencyKey) -> Any:
    """Record that all is delivered and paid."""
    return _once(request, key, services.deal_complete, deal_id=deal_id)


@router.post(
    "/deals/{deal_id}/terminate",
    response=DealDetail,
    **described(Bilingual("终止成交", "Terminate a deal"), Bilingual("须写明原因。", "With the reason.")),
)
def deal_terminated(
    request: HttpRequest, deal_id: UUID, body: TerminationBody, key: IdempotencyKey  # type: ignore[valid-type]
) -> Any:  # fmt: skip
    """End a deal before its time."""
    return _once(request, key, services.deal_terminate, body=body, deal_id=deal_id)
