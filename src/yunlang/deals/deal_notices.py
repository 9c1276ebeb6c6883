"""Who is told what of a deal: both sides' members and whoever looks after it, in the transaction of what happened."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from yunlang.accounts.notices import NewNotice, notice_kind_register, notices_write
from yunlang.deals.core.ledger.events import (
    Agreed,
    Completed,
    Contracted,
    Event,
    MilestoneAccepted,
    MilestoneRejected,
    Opened,
    PaymentPaid,
    PaymentRefunded,
    Terminated,
)
from yunlang.deals.core.ledger.vocabulary import UNDER_CONTRACT, PaymentStatus
from yunlang.deals.ledger_models import Deal, Milestone, Payment
from yunlang.kit.audit import Actor
from yunlang.kit.language import Bilingual
from yunlang.registry.selectors.organisations import active_members

PAYMENT_DUE = "deal_payment_due"
# A week is what a transfer of funds needs inside most organisations.
DUE_WITHIN = timedelta(days=7)
_PHRASES: dict[str, Bilingual] = {
    Opened.kind: Bilingual(
        "成交已登记：“{title}”（{need_side} 与 {offer_side}）",
        "Deal recorded: “{title}” ({need_side} and {offer_side})",
    ),
    Agreed.kind: Bilingual("双方达成意向：“{title}”", "Both sides agree: “{title}”"),
    Contracted.kind: Bilingual(
        "合同已签：“{title}”，编号 {number}，{amount} 元", "Contract signed: “{title}”, no. {number}, CNY {amount}"
    ),
    MilestoneAccepted.kind: Bilingual(
        "里程碑通过验收：“{milestone}”（“{title}”）", "Milestone accepted: “{milestone}” (“{title}”)"
    ),
    MilestoneRejected.kind: Bilingual(
        "里程碑未通过验收：“{milestone}”（“{title}”）", "Milestone not accepted: “{milestone}” (“{title}”)"
    ),
    PaymentPaid.kind: Bilingual(
        "第 {payment} 笔款 {amount} 元已付（“{title}”）", "Payment {payment} of CNY {amount} was made (“{title}”)"
    ),
    PaymentRefunded.kind: Bilingual(
        "第 {payment} 笔款 {amount} 元已退（“{title}”）", "Payment {payment} of CNY {amount} was refunded (“{title}”)"
    ),
    Completed.kind: Bilingual("成交履行完毕：“{title}”", "Deal completed: “{title}”"),
    Terminated.kind: Bilingual("成交终止：“{title}”，原因：{reason}", "Deal terminated: “{title}”. Reason: {reason}"),
}
_PAYMENT_DUE_PHRASE = Bilingual(
    "第 {payment} 笔款 {amount} 元 {due} 到期（“{title}”）",
    "Payment {payment} of CNY {amount} falls due {due} (“{title}”)",
)


def notice_kinds_register() -> None:
    """Declare what people are told of deals. Called when apps are ready."""
    for kind, phrase in _PHRASES.items():
        # Whoever works or pays under a contract that has ended must know at once.
        notice_kind_register(_kind(kind), phrase, urgent=kind == Terminated.kind)
    notice_kind_register(PAYMENT_DUE, _PAYMENT_DUE_PHRASE)


def _kind(event: str) -> str:
    return f"deal_{event}"


def deal_tell(actor: Actor, deal: Deal, event: Event, sequence: int) -> None:
    """Tell everybody concerned but the one who did it."""
    if event.kind in _PHRASES:
        people = _concerned([deal])[deal.pk] - {actor.actor_id}
        notices_write(_kind(event.kind), _notices(deal, people, str(sequence), _particulars(deal, event)))


def _particulars(deal: Deal, event: Event) -> dict[str, Any]:
    match event:
        case Opened():
            return {"need_side": deal.need_name, "offer_side": deal.offer_name}
        case Contracted():
            return {"number": event.number, "amount": _money(event.amount)}
        case MilestoneAccepted() | MilestoneRejected():
            one = Milestone.objects.get(contract_id=deal.pk, number=event.milestone)
            return {"milestone": one.title}
        case PaymentPaid() | PaymentRefunded():
            return _payment(Payment.objects.get(contract_id=deal.pk, number=event.payment))
        case Terminated():
            return {"reason": event.reason}
    return {}


def _payment(payment: Payment) -> dict[str, Any]:
    return {"payment": payment.number, "amount": _money(payment.amount)}


def _money(amount: Any) -> str:
    return f"{amount:,.2f}"


@transaction.atomic
def payments_remind(*, today: date) -> int:
    """Tell both sides which payments fall due within a week, each once per day it is due; return how many there are."""
    due = Payment.objects.filter(
        status=PaymentStatus.DUE, due__range=(today, today + DUE_WITHIN), contract__deal__status__in=UNDER_CONTRACT
    )
    sides = ("need_side__merged_into", "offer_side__merged_into")
    payments = list(due.select_related(*(f"contract__deal__{side}" for side in sides)).order_by("due", "id"))
    people = _concerned({payment.contract.deal for payment in payments})
    notices: list[NewNotice] = []
    for payment in payments:
        deal = payment.contract.deal
        values = _payment(payment) | {"due": str(payment.due)}
        notices += _notices(deal, people[deal.pk], f"{payment.number}:{payment.due}", values)
    notices_write(PAYMENT_DUE, notices)
    return len(payments)


def _concerned(deals: Iterable[Deal]) -> dict[UUID, set[UUID | None]]:
    deals = list(deals)
    members = active_members({party.pk for deal in deals for party in deal.parties})
    found: dict[UUID, set[UUID | None]] = {}
    for deal in deals:
        need, offer = deal.parties
        found[deal.pk] = {deal.manager_id, *members[need.pk], *members[offer.pk]}
    return found


def _notices(deal: Deal, people: set[UUID | None], key: str, values: dict[str, Any]) -> list[NewNotice]:
    address, payload = reverse("deals:deal", args=[deal.pk]), values | {"title": deal.title}
    return [NewNotice(one, f"{deal.pk}:{key}", payload, address) for one in people if one is not None]
