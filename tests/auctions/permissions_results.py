"""The part of the permission matrix that speaks of results; `tests/test_permissions.py` asks it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from tests.auctions.result_support import PDF
from tests.auctions.support import OPENING, Clock, make_bidder, make_lot, yuan
from tests.factories import make_organisation
from yunlang.auctions.models import HandOver, Lot, Objection, Result, Sale
from yunlang.registry.models import Organisation

_STAFF = {"office", "auditor"}
_MEMBERS = {"editor", "owner"}
_TRADED = {
    "own traded lot sold": _MEMBERS | _STAFF,
    "own traded lot won": _MEMBERS | _STAFF,
    "other traded lot sold": _STAFF,
}
_TAKING_PART = {"own traded lot": _MEMBERS, "own traded lot bid for": _MEMBERS, "other traded lot": set[str]()}

RESULTS_MATRIX: dict[str, dict[str, set[str]]] = {
    "auctions.keep_results": {"own traded lot": {"office"}, "own traded lot bid for": {"office"}, "other traded lot": {"office"}},
    "auctions.object": _TAKING_PART,
    "auctions.view_result": _TRADED,
    "auctions.view_objections": {
        "own traded lot": _MEMBERS | _STAFF, "own traded lot bid for": _STAFF, "other traded lot": _STAFF,
    },
    "auctions.hand_over": {"own traded lot sold": _MEMBERS, "own traded lot won": _MEMBERS, "other traded lot sold": set()},
    "auctions.accept_hand_over": {
        "own traded lot sold, document of the seller": set(),
        "own traded lot won, document of the seller": _MEMBERS,
        "other traded lot sold, document of the seller": set(),
    },
    "auctions.view_journal": {name: allowed | _STAFF for name, allowed in _TAKING_PART.items()},
    "auctions.view_record": {f"{name}, its sale": allowed | _STAFF for name, allowed in _TAKING_PART.items()},
}  # fmt: skip

# Every service by name: how to call it so that nothing but the permission stands in the way.
RESULTS_CALLS: dict[str, Callable[[SimpleNamespace, Any], dict[str, Any]]] = {
    "auctions.result_services.result_publish": lambda world, actor: {"lot_id": _result(world).lot_id} | _NOW,
    "auctions.result_services.objection_raise": lambda world, actor: {
        "lot_id": _result(world).lot_id, "raw": {"grounds": "不该提出"},
    } | _NOW,
    "auctions.result_services.objection_decide": lambda world, actor: {
        "objection_id": _objection(world).pk, "raw": {"verdict": "upheld", "reason": "不该处理"},
    } | _NOW,
    "auctions.result_services.result_confirm": lambda world, actor: {
        "result_id": _result(world).pk, "raw": {"kind": "transfer"},
    } | _NOW,
    "auctions.result_services.deposit_apply": lambda world, actor: {"result_id": _result(world).pk} | _NOW,
    "auctions.result_services.settlement_complete": lambda world, actor: {"result_id": _result(world).pk} | _NOW,
    "auctions.result_services.result_complete": lambda world, actor: {"result_id": _result(world).pk} | _NOW,
    "auctions.result_services.buyer_default": lambda world, actor: {
        "result_id": _result(world).pk, "raw": {"reason": "不该记录"},
    } | _NOW,
    "auctions.hand_over_services.hand_over_add": lambda world, actor: {
        "result_id": _result(world).pk, "raw": {"title": "不该上传"}, "filename": "a.pdf", "content": PDF,
    } | _NOW,
    "auctions.hand_over_services.hand_over_accept": lambda world, actor: {
        "hand_over_id": _hand_over(_result(world)).pk,
    } | _NOW,
}  # fmt: skip
_NOW: dict[str, Any] = {"clock": Clock()}


def result_subject(organisation: Organisation, name: str) -> Lot | Sale | Result | HandOver:
    """Return the lot, result or document of `organisation`'s that a row of the matrix names."""
    plain, _, document = name.removeprefix("traded ").partition(", ")
    if document == "its sale":
        lot = result_subject(organisation, plain)
        return lot.sale if isinstance(lot, Lot) else lot
    if plain == "lot bid for":
        return make_bidder(make_lot(), organisation=organisation)[0].lot
    if plain == "lot":
        return make_lot(seller=organisation)
    lot = make_lot(seller=organisation) if plain == "lot sold" else make_lot()
    result = make_result(lot, organisation if plain == "lot won" else None)
    return _hand_over(result) if document else result


def make_result(lot: Lot, winner: Organisation | None = None, **values: Any) -> Result:
    """Return a result as if the lot had been sold."""
    bidder, _ = make_bidder(lot, organisation=winner or make_organisation())
    given: dict[str, Any] = {
        "price": yuan("100"), "value": yuan("100"), "base": yuan("80"), "buyer_commission": 0, "seller_commission": 0,
        "hammered_at": OPENING,
    }  # fmt: skip
    return Result.objects.create(lot=lot, bidder=bidder, **given | values)


def _result(world: SimpleNamespace) -> Result:
    return make_result(make_lot(seller=world.other))


def _objection(world: SimpleNamespace) -> Objection:
    lot = _result(world).lot
    return Objection.objects.create(lot=lot, organisation=world.other, grounds="理由", raised_at=OPENING)


def _hand_over(result: Result) -> HandOver:
    return HandOver.objects.create(
        result=result, side="seller", title="清单", filename="清单.pdf", content_type="application/pdf", size=1,
        sha256="0" * 64, added_at=OPENING,
    )  # fmt: skip
