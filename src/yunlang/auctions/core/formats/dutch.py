"""Dutch descending sale (降价拍卖): the first who takes the price of the moment has the lot.

Strategically the same as a sealed first-price sale (Vickrey 1961; Krishna 2010, ch. 1). A bid names the most that the
bidder would pay, so that a price seen before it fell buys at the lower one, and a price not yet reached is refused.
"""

from __future__ import annotations

from datetime import datetime

from yunlang.auctions.core.commands import Command, PlaceBid, RetractBid
from yunlang.auctions.core.events import BidPlaced, Body, Event, Hammered, PassedIn
from yunlang.auctions.core.formats.form import Decided, Form, against_plain
from yunlang.auctions.core.moments import ZERO
from yunlang.auctions.core.outcome import Award, UnsoldReason
from yunlang.auctions.core.refusals import Code, Reason
from yunlang.auctions.core.state import State
from yunlang.auctions.core.terms import DutchTerms

Dutch = State[DutchTerms, None]


def decide(state: Dutch, command: Command, at: datetime) -> Decided:
    """Decide a party's command."""
    if isinstance(command, RetractBid):
        return Reason(Code.NOT_RETRACTABLE)
    if not isinstance(command, PlaceBid):
        return Reason(Code.OTHER_FORMAT)
    reason = against_plain(command)
    if reason is not None:
        return reason
    price = state.terms.price_after(ZERO if state.opened is None else at - state.opened)
    if command.amount < price:
        return Reason(Code.TOO_LOW, {"minimum": f"{price:f}"})
    placed = BidPlaced(command.bidder, command.amount, leader=command.bidder, price=price)
    return placed, Hammered((Award(command.bidder, price),))


def record(state: Dutch, event: Event) -> None:
    """Keep nothing: the first bid ends the sale."""


def settle(state: Dutch, at: datetime) -> tuple[Body, ...]:
    """Return that nobody took even the last price."""
    return (PassedIn(UnsoldReason.NO_BIDS),)


DUTCH: Form[DutchTerms, None] = Form(
    lambda terms: None,
    decide,
    record,
    settle,
    frozenset({BidPlaced}),
    lasts=lambda terms: terms.lasts,
    is_extendable=False,
)
