"""Several like units at one price (统一价格拍卖; Krishna 2010, ch. 12 and 13).

Bids say how many units at how much each; a bidder may have several. Units go to the highest bids, the earlier one of
equals first, the last winner perhaps to less than was asked for. Until the deadline a bid may be taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from rpds import HashTrieMap

from yunlang.auctions.core.commands import Command, PlaceBid, RetractBid
from yunlang.auctions.core.events import BidPlaced, BidRetracted, Body, Event, Hammered, PassedIn
from yunlang.auctions.core.formats.form import Decided, Form
from yunlang.auctions.core.outcome import Award, UnsoldReason
from yunlang.auctions.core.refusals import Code, Reason
from yunlang.auctions.core.state import State
from yunlang.auctions.core.terms import UniformPriceTerms


@dataclass(frozen=True, slots=True)
class UnitBid:
    """A bid for units; `sequence` is its event's."""

    bidder: str
    amount: Decimal
    quantity: int
    sequence: int


@dataclass(frozen=True, slots=True)
class UnitBook:
    """The bids that stand, by sequence number."""

    bids: HashTrieMap[int, UnitBid] = HashTrieMap()


Uniform = State[UniformPriceTerms, UnitBook]


def decide(state: Uniform, command: Command, at: datetime) -> Decided:
    """Decide a party's command."""
    if isinstance(command, RetractBid):
        bid = None if command.bid is None else state.book.bids.get(command.bid)
        if bid is None or bid.bidder != command.bidder:
            return Reason(Code.NOTHING_THERE)
        return (BidRetracted(command.bidder, bid.sequence),)
    if not isinstance(command, PlaceBid) or command.proxy:
        return Reason(Code.OTHER_FORMAT)
    if command.quantity > state.terms.units:
        return Reason(Code.QUANTITY_IMPOSSIBLE, {"units": str(state.terms.units)})
    if command.amount < state.terms.starting_price:
        return Reason(Code.TOO_LOW, {"minimum": f"{state.terms.starting_price:f}"})
    return (BidPlaced(command.bidder, command.amount, quantity=command.quantity),)


def record(state: Uniform, event: Event) -> UnitBook:
    """Return the book after an event."""
    body, bids = event.body, state.book.bids
    if isinstance(body, BidPlaced):
        return UnitBook(bids.insert(event.sequence, UnitBid(body.bidder, body.amount, body.quantity, event.sequence)))
    if isinstance(body, BidRetracted):
        return UnitBook(bids.remove(body.bid))
    return state.book


def awards_of(terms: UniformPriceTerms, bids: list[UnitBid]) -> tuple[Award, ...]:
    """Return who gets how many units, in the order of their first winning bid, all at the clearing price."""
    left, price = terms.units, terms.floor
    won: dict[str, int] = {}
    for bid in sorted(bids, key=lambda bid: (bid.amount.copy_negate(), bid.sequence)):
        if bid.amount < terms.floor:
            break
        taken = min(left, bid.quantity)
        if taken:
            won[bid.bidder] = won.get(bid.bidder, 0) + taken
            left -= taken
        if terms.clears_at == "lowest_accepted" and taken:
            price = bid.amount
        if terms.clears_at == "highest_rejected" and taken < bid.quantity:
            price = bid.amount
            break
    return tuple(Award(bidder, price, quantity) for bidder, quantity in won.items())


def settle(state: Uniform, at: datetime) -> tuple[Body, ...]:
    """Return the awards, or why there are none."""
    bids = list(state.book.bids.values())
    if not bids:
        return (PassedIn(UnsoldReason.NO_BIDS),)
    awards = awards_of(state.terms, bids)
    return (Hammered(awards) if awards else PassedIn(UnsoldReason.RESERVE_NOT_MET),)


UNIFORM_PRICE = Form(lambda terms: UnitBook(), decide, record, settle, frozenset({BidPlaced, BidRetracted}))
