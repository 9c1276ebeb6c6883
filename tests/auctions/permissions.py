"""The part of the permission matrix that speaks of auctions; `tests/test_permissions.py` asks it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from tests.auctions.permissions_results import RESULTS_CALLS, RESULTS_MATRIX, result_subject
from tests.auctions.sale_support import SALE, lot_typed
from tests.auctions.support import OPENING, Floor, make_bidder, make_lot, make_sale, yuan
from yunlang.auctions.deposit_models import Deposit
from yunlang.auctions.models import Bidder, Lot, Sale
from yunlang.auctions.vocabulary import BidderStatus, SaleStatus
from yunlang.registry.models import Organisation

_STAFF = {"office", "auditor"}
_MEMBERS = {"editor", "owner"}
_EVERYBODY = {"visitor", "inactive", "stranger", "pending", "former", "manager"} | _MEMBERS | _STAFF
_LEADING = {"stranger", "pending", "former", "manager", "office"} | _MEMBERS
_NOBODY: set[str] = set()

AUCTIONS_MATRIX: dict[str, dict[str, set[str]]] = {
    "auctions.accept_clock": {"": {"office"}},
    "auctions.apply": {"own bidder": _MEMBERS, "other bidder": _NOBODY},
    "auctions.bid": {
        "own bidder": _NOBODY, "own bidder with a paddle": _MEMBERS, "other bidder with a paddle": _NOBODY,
    },
    "auctions.conduct": {
        "other sale": {"office"}, "other lot": {"office"}, "own lot": {"office"}, "other sale, led by the actor": _LEADING,
        "other lot, led by the actor": _LEADING,
    },
    "auctions.examine": {"other bidder": {"office"}},
    "auctions.keep_deposits": {"": {"office"}},
    "auctions.prepare": {"": {"office"}, "other sale": {"office"}},
    "auctions.sell": {"own lot": _MEMBERS, "other lot": _NOBODY},
    "auctions.view_application": {"own bidder": _MEMBERS | _STAFF, "other bidder": _STAFF},
    "auctions.view_deposits": {"": _STAFF},
    "auctions.view_sale": {
        "other sale": _EVERYBODY,
        "other lot": _EVERYBODY,
        "other sale, draft": _STAFF,
        "other lot, draft": _STAFF,
        "own lot, draft": _MEMBERS | _STAFF,
        "other sale, draft, led by the actor": _LEADING | _STAFF,
    },
    "auctions.withdraw_application": {"own bidder": _MEMBERS | {"office"}, "other bidder": {"office"}},
}  # fmt: skip

AT = {"clock": lambda: OPENING - timedelta(days=1)}
_BID: dict[str, Any] = {"key": "request-1", **AT}
_REASON = {"raw": {"reason": "违规"}, **AT}


def auction_subject(side: Organisation, kind: str, actor: Any) -> Any:
    """Return what a row of the matrix speaks of; nothing is stored of what was not traded yet."""
    if kind.startswith("traded "):
        return result_subject(side, kind)
    leader = getattr(actor, "actor_id", None) if kind.endswith("led by the actor") else None
    is_draft = ", draft" in kind
    sale = Sale(
        auctioneer_id=leader, status=SaleStatus.DRAFT if is_draft else SaleStatus.ANNOUNCED,
        announced_at=None if is_draft else OPENING,
    )  # fmt: skip
    lot = Lot(sale=sale, seller=side)
    if kind.startswith("bidder"):
        return Bidder(lot=lot, organisation=side, paddle="01" if kind.endswith("paddle") else "")
    return lot if kind.startswith("lot") else sale


def _listed() -> dict[str, Any]:
    lot = Lot.objects.filter(standing__isnull=False).first() or Floor(bidders=0).lot
    return {"lot_id": lot.pk}


def _draft() -> Sale:
    return Sale.objects.filter(status=SaleStatus.DRAFT).first() or make_sale(status=SaleStatus.DRAFT, announced_at=None)


def _announced() -> dict[str, Any]:
    return {"sale_id": (Sale.objects.filter(status=SaleStatus.ANNOUNCED).first() or make_sale()).pk}


def _bidder() -> Bidder:
    return Bidder.objects.first() or make_bidder(Lot.objects.get(pk=_listed()["lot_id"]))[0]


def _waiting() -> dict[str, Any]:
    bidder = _bidder()
    Bidder.objects.filter(pk=bidder.pk).update(
        status=BidderStatus.APPLIED, paddle="", applied_at=OPENING - timedelta(days=9)
    )
    return {"bidder_id": bidder.pk, **AT}


def _deposit() -> dict[str, Any]:
    found = Deposit.objects.first() or Deposit.objects.create(
        bidder=_bidder(), amount=yuan("500000"), provider="bank_transfer", reference="BZ0000000195", asked_at=OPENING
    )
    return {"deposit_id": found.pk, **AT}


_RECEIPT = {"amount": "50 万元", "received_on": "2026-05-08", "slip": "S-1"}


def _lot_of_draft() -> dict[str, Any]:
    return {"lot_id": (Lot.objects.filter(sale=_draft()).first() or make_lot(_draft())).pk}


# Every service by name: how to call it so that nothing but the permission stands in the way.
_SERVICES: dict[str, Callable[[SimpleNamespace], dict[str, Any]]] = {
    "sale_services.sale_create": lambda world: {"raw": SALE},
    "sale_services.sale_edit": lambda world: {"sale_id": _draft().pk, "raw": SALE},
    "sale_services.sale_announce": lambda world: {"sale_id": make_lot(_draft()).sale_id, **AT},
    "sale_services.sale_withdraw": lambda world: {**_announced(), **_REASON},
    "sale_services.sale_close": lambda world: {**_announced(), **AT},
    "sale_services.auctioneer_name": lambda world: {
        **_announced(), "raw": {"email": world.actors["manager"].email},
    },
    "lot_services.lot_add": lambda world: {
        "sale_id": _draft().pk, "form": "english", "raw": lot_typed(world.other.name),
    },
    "lot_services.lot_edit": lambda world: {
        **_lot_of_draft(), "form": "english", "raw": lot_typed(world.other.name),
    },
    "lot_services.lot_remove": lambda world: _lot_of_draft(),
    "lot_services.lot_withdraw": lambda world: {**_listed(), **_REASON},
    "application_services.application_submit": lambda world: {
        **_listed(), "organisation_id": world.other.pk, "raw": {}, "clock": lambda: OPENING - timedelta(days=9),
    },
    "application_services.application_withdraw": lambda world: _waiting(),
    "application_services.application_approve": lambda world: _waiting(),
    "application_services.application_reject": lambda world: {**_waiting(), **_REASON},
    "application_services.bidder_bar": lambda world: {"bidder_id": _bidder().pk, **_REASON},
    "deposit_services.deposit_confirm": lambda world: {**_deposit(), "raw": _RECEIPT},
    "deposit_services.deposits_release": lambda world: {**_listed(), **AT},
    "deposit_services.deposit_settle": lambda world: _deposit(),
    "deposit_services.deposit_refund": lambda world: {**_deposit(), "raw": {"slip": "R-1"}},
    "deposit_services.deposit_count": lambda world: _deposit(),
    "deposit_services.deposit_forfeit": lambda world: {**_deposit(), **_REASON},
    "statement_services.statement_confirm": lambda world: {"transfers": []},
    "bidding.bid_place": lambda world: {**_listed(), **_BID, "amount": yuan("9000000")},
    "bidding.bid_seal": lambda world: {**_listed(), **_BID, "commitment": "a" * 64},
    "bidding.bid_reveal": lambda world: {**_listed(), **_BID, "amount": yuan("9000000"), "nonce": "n" * 16},
    "bidding.bid_retract": lambda world: {**_listed(), **_BID},
    "bidding.proposal_make": lambda world: {**_listed(), **_BID, "amount": yuan("9000000")},
    "bidding.proposal_accept": lambda world: {**_listed(), **_BID, "proposal": 2},
    "bidding.proposal_withdraw": lambda world: {**_listed(), **_BID},
    "conducting.lot_list": lambda world: {**_lot_of_draft(), **AT},
    "conducting.lot_open": lambda world: {**_listed(), **AT},
    "conducting.lot_close": lambda world: {**_listed(), **AT},
    "conducting.lot_pause": lambda world: {**_listed(), **AT, "reason": "核实"},
    "conducting.lot_resume": lambda world: {**_listed(), **AT},
    "conducting.lot_extend": lambda world: {**_listed(), **AT, "reason": "核实", "by": timedelta(minutes=1)},
    "conducting.lot_annul": lambda world: {**_listed(), **AT, "reason": "核实"},
    "conducting.quote_confirm": lambda world: {**_listed(), **AT},
    "conducting.bids_open": lambda world: {**_listed(), **AT, "openings": []},
    "conducting.bids_unseal": lambda world: {**_listed(), **AT, "private_key": b""},
    "conducting.bidder_score": lambda world: {
        **_listed(), **AT, "paddle": "01", "criterion": "方案", "points": yuan("80"),
    },
    "conducting.paddle_admit": lambda world: {**_listed(), **AT, "paddle": "09"},
    "conducting.paddle_bar": lambda world: {**_listed(), **AT, "paddle": "01", "reason": "违规"},
    "clock_incidents.clock_accept": lambda world: {"incident_id": 1},
}  # fmt: skip
AUCTIONS_CALLS: dict[str, Callable[[SimpleNamespace, Any], dict[str, Any]]] = {
    f"auctions.{name}": (lambda world, actor, call=call: call(world)) for name, call in _SERVICES.items()
}
AUCTIONS_MATRIX |= RESULTS_MATRIX
AUCTIONS_CALLS |= RESULTS_CALLS
