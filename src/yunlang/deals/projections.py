"""Where a deal stands, as its journal leads to it, written to the rows that pages and constraints read."""

from __future__ import annotations

from datetime import datetime

from yunlang.deals.core.ledger import deal as core
from yunlang.deals.core.ledger.deal import replay
from yunlang.deals.core.ledger.events import event_of
from yunlang.deals.core.ledger.vocabulary import ENDED
from yunlang.deals.journal import DEAL, journal_rows
from yunlang.deals.ledger_models import Contract, Deal, Milestone, Payment

_DEAL = ("kind", "title", "amount", "status", "end_reason")
_CONTRACT = ("number", "amount", "signed_on")
_MILESTONE = ("title", "due", "status", "evidence")
_PAYMENT = ("amount", "due", "status", "paid_on", "reference", "refunded_on", "reason")


def deal_state(deal: Deal) -> core.Deal:
    """Return where a deal stands by its journal alone."""
    rows = journal_rows(DEAL, deal.pk).values_list("kind", "payload")
    return replay(event_of(kind, payload) for kind, payload in rows)


def deal_project(deal: Deal, before: core.Deal | None, after: core.Deal, at: datetime) -> None:
    """Write what an entry changed; the rows of the deal stood as `before`."""
    if after.status in ENDED and deal.ended_at is None:
        deal.ended_at = at
    for name in _DEAL:
        setattr(deal, name, getattr(after, name))
    deal.updated_at = at
    deal.save()
    if after.contract is None:
        return
    values = {name: getattr(after.contract, name) for name in _CONTRACT}
    values |= {"committed": after.committed, "paid": after.paid}
    Contract.objects.update_or_create(deal=deal, defaults=values)
    for milestone in set(after.milestones) - set(before.milestones if before else ()):
        milestone_values = {name: getattr(milestone, name) for name in _MILESTONE}
        Milestone.objects.update_or_create(contract_id=deal.pk, number=milestone.number, defaults=milestone_values)
    for payment in set(after.payments) - set(before.payments if before else ()):
        payment_values = {name: getattr(payment, name) for name in _PAYMENT}
        Payment.objects.update_or_create(contract_id=deal.pk, number=payment.number, defaults=payment_values)


def deal_differences(deal: Deal, state: core.Deal) -> list[str]:
    """Return the names of what the rows of a deal say otherwise than its journal."""
    found = [name for name in _DEAL if getattr(deal, name) != getattr(state, name)]
    sides = {
        "need_side": deal.need_name == state.need_side.name and str(deal.need_side_id) == state.need_side.id,
        "offer_side": deal.offer_name == state.offer_side.name and str(deal.offer_side_id) == state.offer_side.id,
        "need_city": deal.need_city_id == state.need_side.city,
        "offer_city": deal.offer_city_id == state.offer_side.city,
    }
    found += [name for name, same in sides.items() if not same]
    contract = Contract.objects.filter(pk=deal.pk).first()
    kept = tuple(getattr(contract, name) for name in (*_CONTRACT, "committed", "paid")) if contract else None
    told = state.contract
    wanted = (told.number, told.amount, told.signed_on, state.committed, state.paid) if told else None
    if kept != wanted:
        found.append("contract")
    milestones = [(row.number, *(getattr(row, name) for name in _MILESTONE)) for row in _milestones(contract)]
    if milestones != [(one.number, *(getattr(one, name) for name in _MILESTONE)) for one in state.milestones]:
        found.append("milestones")
    payments = [(row.number, *(getattr(row, name) for name in _PAYMENT)) for row in _payments(contract)]
    if payments != [(one.number, *(getattr(one, name) for name in _PAYMENT)) for one in state.payments]:
        found.append("payments")
    return found


def _milestones(contract: Contract | None) -> list[Milestone]:
    return list(contract.milestones.all()) if contract else []


def _payments(contract: Contract | None) -> list[Payment]:
    return list(contract.payments.all()) if contract else []
