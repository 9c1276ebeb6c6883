"""Rows of sales, lots, bidders, deposits and clocks, each breaking one constraint of the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

from tests.auctions.support import OPENING, make_bidder, make_lot, make_sale, yuan
from tests.rows import organisation, user
from yunlang.auctions.clock_models import ClockIncident
from yunlang.auctions.models import Bidder, Deposit, DepositEntry, Lot, Standing

LATER = OPENING + timedelta(days=1)


def lot(**values: Any) -> Any:
    return make_lot(seller=organisation(), **values)


def lots_of_one_number() -> None:
    sale = make_sale()
    for _ in "12":
        lot(sale=sale, number=1)


def standing(**values: Any) -> Standing:
    usual = {"sequence": 1, "phase": "scheduled", "changed_at": OPENING}
    return Standing.objects.create(**({"lot": lot()} | usual | values))


def bidder(**values: Any) -> Bidder:
    whose = {} if "lot" in values else {"lot": lot()}
    return Bidder.objects.create(**({"organisation": organisation(), "status": "withdrawn"} | whose | values))


def bidders(**values: Any) -> None:
    one = lot()
    for _ in "12":
        bidder(lot=one, **values)


def applied_twice() -> None:
    one = organisation()
    bidders(organisation=one)


def deposit(**values: Any) -> Deposit:
    whose = {} if "bidder" in values else {"bidder": make_bidder(lot(), organisation=organisation())[0]}
    usual = {"amount": yuan("5"), "provider": "bank_transfer", "reference": "BZ0000000195", "asked_at": OPENING}
    return Deposit.objects.create(**(whose | usual | values))


def slip_twice() -> None:
    for reference in ("BZ0000000195", "BZ0000000292"):
        deposit(reference=reference, **PAID)


def entry(**values: Any) -> DepositEntry:
    whose = {} if "deposit" in values else {"deposit": deposit()}
    usual = {"number": 1, "step": "demand", "status": "due", "amount": yuan("5"), "at": OPENING, "actor": "出纳"}
    return DepositEntry.objects.create(**(whose | usual | values))


def entries(**values: Any) -> None:
    one = deposit()
    entry(deposit=one)
    entry(deposit=one, **values)


def incident(**values: Any) -> ClockIncident:
    return ClockIncident.objects.create(**({"seconds": 5, "process": "web"} | values))


PAID = {"status": "held", "received_at": OPENING, "received_on": date(2026, 5, 8), "slip": "S-1"}
BACK = PAID | {"status": "refunded", "released_at": LATER, "ended_at": LATER, "refund_slip": "R-1"}
BROKEN: dict[str, Callable[[], Any]] = {
    "sale_status_known": partial(make_sale, status="unheard"),
    "sale_named": partial(make_sale, title=""),
    "sale_applications_close_first": partial(make_sale, applications_close_at=LATER),
    "sale_announced_has_time": partial(make_sale, announced_at=None),
    "sale_ended_has_time": partial(make_sale, status="closed"),
    "sale_withdrawn_with_reason": partial(make_sale, status="withdrawn", closed_at=LATER),
    "lot_number_unique": lots_of_one_number,
    "lot_form_known": lambda: Lot.objects.filter(pk=lot().pk).update(form="raffle", terms={"format": "raffle"}),
    "lot_named": partial(lot, title=""),
    "lot_number_from_one": partial(lot, number=0),
    "lot_deposit_not_negative": partial(lot, deposit=-1),
    "lot_form_is_of_terms": partial(lot, form="dutch"),
    "standing_phase_known": partial(standing, phase="unheard"),
    "standing_from_the_listing": partial(standing, sequence=0),
    "standing_ended_has_time": partial(standing, phase="unsold"),
    "standing_ended_is_not_due": partial(standing, phase="unsold", ended_at=LATER, due_at=LATER),
    "standing_sold_has_value": partial(standing, phase="sold", ended_at=LATER),
    "bidder_status_known": partial(bidder, status="unheard", paddle="01"),
    "bidder_once_a_lot": applied_twice,
    "bidder_paddle_unique": partial(bidders, paddle="01"),
    "bidder_paddle_digits": partial(bidder, paddle="1"),
    "bidder_approved_has_paddle": partial(bidder, status="approved"),
    "bidder_refused_with_reason": partial(bidder, status="rejected"),
    "deposit_status_known": partial(deposit, status="unheard"),
    "deposit_amount_positive": partial(deposit, amount=0),
    "deposit_reference_form": partial(deposit, reference="BZ1"),
    "deposit_paid_with_slip": partial(deposit, **PAID | {"slip": ""}),
    "deposit_released_has_time": partial(deposit, **BACK | {"released_at": None}),
    "deposit_ended_has_time": partial(deposit, **BACK | {"ended_at": None}),
    "deposit_refunded_with_slip": partial(deposit, **BACK | {"refund_slip": ""}),
    "deposit_forfeited_with_reason": partial(deposit, **PAID | {"status": "forfeited", "ended_at": LATER}),
    "deposit_slip_pays_one_deposit": slip_twice,
    "deposit_entry_number_unique": partial(entries, step="lapse"),
    "deposit_entry_step_once": partial(entries, number=2),
    "deposit_entry_number_from_one": partial(entry, number=0),
    "deposit_entry_step_known": partial(entry, step="juggle"),
    "deposit_entry_status_known": partial(entry, status="unheard"),
    "deposit_entry_amount_positive": partial(entry, amount=0),
    "deposit_entry_has_actor": partial(entry, actor=""),
    "deposit_entry_money_has_slip": partial(entry, step="refund"),
    "clock_incident_one_open": lambda: [incident() for _ in "12"],
    "clock_incident_accepted_has_time": lambda: incident(accepted_by=user()),
    "clock_incident_moved": partial(incident, seconds=0),
}
