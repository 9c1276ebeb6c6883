"""A lot's results as its journal leads to them: made once when it is sold, annulled when the lot is.

Whoever finds a lot ended may call `result_record`, any number of times and at the same time as others.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from yunlang.accounts.actors import SYSTEM
from yunlang.auctions import result_notices as notices
from yunlang.auctions.core.aftersale import COUNTED, ResultStep, advanced
from yunlang.auctions.core.amounts import times
from yunlang.auctions.core.commission import commission_of
from yunlang.auctions.core.outcome import Award
from yunlang.auctions.core.state import Phase
from yunlang.auctions.core.terms import AnyTerms, DutchTerms, ReverseTerms
from yunlang.auctions.lot_states import LOT, lot_state
from yunlang.auctions.lot_states import Lot as State
from yunlang.auctions.models import Bidder, Lot, Result, Standing
from yunlang.auctions.result_permissions import parties_of
from yunlang.auctions.sale_parts import lot_held
from yunlang.auctions.vocabulary import TradeSide
from yunlang.deals.core.ledger.vocabulary import ENDED
from yunlang.deals.journal import journal_rows
from yunlang.deals.ledger_services import deal_terminate
from yunlang.kit.audit import audit_record

RESULT = "auction_result"
_UNMADE = Q(phase=Phase.SOLD) & ~Exists(Result.objects.filter(lot=OuterRef("pk")))
_UNDONE = Q(phase=Phase.ANNULLED) & Exists(Result.objects.filter(lot=OuterRef("pk"), status__in=list(COUNTED)))


def results_due() -> list[UUID]:
    """Return the lots whose results do not say yet what their journals lead to, the oldest first."""
    rows = Standing.objects.filter(_UNMADE | _UNDONE).order_by("ended_at")
    return list(rows.values_list("pk", flat=True)[:100])


@transaction.atomic
def result_record(*, lot_id: UUID) -> list[Result]:
    """Write what a lot's end leads to, once however many ask; a lot that has not ended leads to nothing yet.

    Raises
    ------
    NotFoundError
    """
    lot = lot_held(lot_id)
    state = lot_state(lot.pk)
    if state is None or not state.is_ended:
        return []
    known = list(lot.results.select_related("bidder__organisation__merged_into", "deal"))
    if state.phase is Phase.ANNULLED:
        results_annul(lot, known, _reason_of(lot), state.at)
    elif state.outcome is not None and not known:
        known = _made(lot, state, state.outcome.awards)
    return known


def _made(lot: Lot, state: State, awards: Iterable[Award]) -> list[Result]:
    bidders = {one.paddle: one for one in lot.bidders.select_related("organisation__merged_into").exclude(paddle="")}
    made = [_result(lot, bidders[award.bidder], award, state) for award in awards]
    Result.objects.bulk_create(made)
    for result in made:
        after = {"lot": str(lot.pk), "paddle": result.bidder.paddle, "value": str(result.value)}
        audit_record(actor=SYSTEM, action="result_record", object_kind=RESULT, object_id=result.pk, after=after)
    _tell_of_hammer(lot, made, bidders.values())
    return made


def _result(lot: Lot, bidder: Bidder, award: Award, state: State) -> Result:
    charged = commission_of(lot.sale.commission).of(award.value)
    return Result(
        lot=lot, bidder=bidder, quantity=award.quantity, price=award.price, value=award.value,
        base=times(base_price(state.terms), award.quantity), buyer_commission=charged.buyer,
        seller_commission=charged.seller, hammered_at=state.at,
    )  # fmt: skip


def base_price(terms: AnyTerms) -> Decimal:
    """Return what the premium of a unit is counted from: the reserve where there is one, else the first price."""
    if isinstance(terms, ReverseTerms):
        return terms.ceiling
    return terms.floor if isinstance(terms, DutchTerms) else terms.reserve or terms.starting_price


def _tell_of_hammer(lot: Lot, made: list[Result], bidders: Iterable[Bidder]) -> None:
    winners = {result.bidder.organisation_id for result in made}
    for result in made:
        notices.lot_tell(
            notices.WON, lot, [result.bidder.organisation_id], key=str(result.pk), paddle=result.bidder.paddle,
            amount=notices.amount_told(result.value),
        )  # fmt: skip
    total = notices.amount_told(sum((result.value for result in made), Decimal(0)))
    losers = [one.organisation_id for one in bidders if one.organisation_id not in winners]
    notices.lot_tell(notices.LOST, lot, losers, key="hammer", amount=total)
    notices.lot_tell(notices.SOLD, lot, [lot.seller_id], key="hammer", amount=total)


def results_annul(lot: Lot, results: Iterable[Result], reason: str, at: datetime) -> None:
    """Annul a lot's results, the deals that they led to included. The lot is held."""
    for result in results:
        if result.status in COUNTED:
            result_fail(SYSTEM, result, ResultStep.ANNUL, reason, at)


def result_fail(actor: Any, result: Result, step: ResultStep, reason: str, at: datetime) -> None:
    """End a result that comes to nothing, and its deal; tell both sides. The lot is held."""
    result.status = advanced(result.course, step, at).status
    result.ended_at, result.end_reason, result.updated_at = at, reason, at
    result.save(update_fields=["status", "ended_at", "end_reason", "updated_at"])
    after = {"status": result.status, "reason": reason}
    audit_record(actor=actor, action=f"result_{step}", object_kind=RESULT, object_id=result.pk, after=after)
    if result.deal is not None and result.deal.status not in ENDED:
        deal_terminate(actor=SYSTEM, deal_id=result.deal.pk, raw={"reason": reason}, at=at)
    sides = parties_of(result)
    organisations = [sides[TradeSide.BUYER].pk, sides[TradeSide.SELLER].pk]
    notices.lot_tell(notices.FAILED, result.lot, organisations, key=f"{result.pk}:{step}", reason=reason)


def _reason_of(lot: Lot) -> str:
    """Return why a lot was annulled, as its last entry says."""
    last = journal_rows(LOT, lot.pk).last()
    return str(last.payload["body"]["reason"]) if last else ""
