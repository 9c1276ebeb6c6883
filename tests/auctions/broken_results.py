"""Rows of results, objections and hand-overs, each breaking one constraint of the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from tests.auctions.permissions_results import make_result
from tests.auctions.support import OPENING, make_lot, make_sale
from tests.rows import organisation
from yunlang.auctions.models import HandOver, Lot, Objection, Result

LATER = OPENING + timedelta(hours=1)
PUBLISHED = {"status": "published", "published_at": LATER, "objections_until": LATER + timedelta(days=5)}
ANNULLED = {"status": "annulled", "ended_at": LATER, "end_reason": "撤销"}


def lot() -> Lot:
    return make_lot(make_sale(), seller=organisation())


def result(**values: Any) -> Result:
    return make_result(lot(), organisation(), **values)


def won_twice() -> None:
    first = result()
    Result.objects.create(
        lot=first.lot, bidder=first.bidder, price=1, value=1, base=1, buyer_commission=0, seller_commission=0,
        hammered_at=OPENING,
    )  # fmt: skip


def confirmed_without_deal() -> None:
    result(**PUBLISHED | {"status": "confirmed"})


def objection(**values: Any) -> Objection:
    given: dict[str, Any] = {"grounds": "理由", "raised_at": LATER}
    whose = {} if "lot" in values else {"lot": lot(), "organisation": organisation()}
    return Objection.objects.create(**given | whose | values)


def objected_twice() -> None:
    first = objection()
    objection(lot=first.lot, organisation=first.organisation)


def hand_over(**values: Any) -> HandOver:
    given: dict[str, Any] = {
        "side": "seller", "title": "清单", "filename": "清单.pdf", "content_type": "application/pdf", "size": 1,
        "sha256": "0" * 64, "added_at": LATER,
    }  # fmt: skip
    whose = {} if "result" in values else {"result": result()}
    return HandOver.objects.create(**given | whose | values)


def handed_over_twice() -> None:
    whose = result()
    for _ in "12":
        hand_over(result=whose)


BROKEN: dict[str, Callable[[], Any]] = {
    "result_once_a_bidder": won_twice,
    "result_status_known": partial(result, **PUBLISHED | {"status": "unheard"}),
    "result_value_is_price_times_quantity": partial(result, quantity=2),
    "result_commission_within_value": partial(result, seller_commission=101),
    "result_notice_has_period": partial(result, **PUBLISHED | {"objections_until": LATER}),
    "result_published_first": partial(result, status="published"),
    "result_hammered_is_not_public": partial(result, **PUBLISHED | {"status": "hammered"}),
    "result_confirmed_has_deal": confirmed_without_deal,
    "result_ended_has_time": partial(result, **ANNULLED | {"ended_at": None}),
    "result_failed_with_reason": partial(result, **ANNULLED | {"end_reason": ""}),
    "objection_status_known": partial(objection, status="unheard", decided_at=LATER, decision="理由"),
    "objection_has_grounds": partial(objection, grounds=""),
    "objection_decided_with_reason": partial(objection, status="rejected", decided_at=LATER),
    "objection_one_open": objected_twice,
    "hand_over_side_known": partial(hand_over, side="house"),
    "hand_over_named": partial(hand_over, title=""),
    "hand_over_not_empty": partial(hand_over, size=0),
    "hand_over_hash_shape": partial(hand_over, sha256="x" * 64),
    "hand_over_file_once": handed_over_twice,
}
