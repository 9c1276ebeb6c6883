"""English ascending sale (增价拍卖) with proxy bids.

A leading proxy pays one increment above the highest bid or proxy of the others, never more than its own maximum, and at
least the reserve when the maximum reaches it; whether the maximum was named at once or raised later makes no
difference. With proxies alone the sale is Vickrey's
second-price auction up to one increment (Vickrey 1961; Milgrom and Weber 1982, on the button auction). Between equal
maxima the earlier one leads.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from yunlang.auctions.core.commands import Command, PlaceBid, RetractBid
from yunlang.auctions.core.events import BidPlaced, Body, Event, Hammered, PassedIn
from yunlang.auctions.core.formats.form import Decided, Form, extension_after_bid
from yunlang.auctions.core.ladder import next_price
from yunlang.auctions.core.outcome import Award, UnsoldReason
from yunlang.auctions.core.refusals import Code, Reason
from yunlang.auctions.core.state import State
from yunlang.auctions.core.terms import EnglishTerms


@dataclass(frozen=True, slots=True)
class EnglishBook:
    """Who leads.

    Attributes
    ----------
    price
        What everybody sees.
    maximum
        How far the leader would go; the price itself for a plain bid.
    rival
        The highest amount of anybody else.
    """

    leader: str | None = None
    price: Decimal | None = None
    maximum: Decimal | None = None
    rival: Decimal | None = None


English = State[EnglishTerms, EnglishBook]


def decide(state: English, command: Command, at: datetime) -> Decided:
    """Decide a party's command."""
    if isinstance(command, RetractBid):
        return Reason(Code.NOT_RETRACTABLE)
    if not isinstance(command, PlaceBid):
        return Reason(Code.OTHER_FORMAT)
    reason = _against(state, command)
    if reason is not None:
        return reason
    leader, price = standing_after(state.terms, state.book, command)
    placed = BidPlaced(command.bidder, command.amount, command.proxy, leader=leader, price=price)
    # A maximum quietly raised changes nothing that others must have time to answer.
    moved = (leader, price) != (state.book.leader, state.book.price)
    return (placed, *(extension_after_bid(state, state.terms.extension, at) if moved else ()))


def _against(state: English, bid: PlaceBid) -> Reason | None:
    book, terms = state.book, state.terms
    if bid.quantity != 1:
        return Reason(Code.QUANTITY_IMPOSSIBLE, {"units": "1"})
    if book.price is None or book.maximum is None:
        return _too_low(terms.starting_price) if bid.amount < terms.starting_price else None
    if bid.bidder == book.leader:
        return None if bid.proxy and bid.amount > book.maximum else Reason(Code.OWN_LEADING_BID)
    minimum = next_price(terms.ladder, book.price)
    if bid.amount <= book.price:
        return _too_low(minimum)
    return Reason(Code.BELOW_INCREMENT, {"minimum": f"{minimum:f}"}) if bid.amount < minimum else None


def _too_low(minimum: Decimal) -> Reason:
    return Reason(Code.TOO_LOW, {"minimum": f"{minimum:f}"})


def standing_after(terms: EnglishTerms, book: EnglishBook, bid: PlaceBid) -> tuple[str, Decimal]:
    """Return who leads after a bid that may be taken, and the price then."""
    amount = bid.amount
    if book.leader is None or book.price is None or book.maximum is None:
        return bid.bidder, _lifted(terms, terms.starting_price if bid.proxy else amount, amount)
    if bid.bidder == book.leader:
        enough = book.price if book.rival is None else min(amount, next_price(terms.ladder, book.rival))
        return bid.bidder, _lifted(terms, max(book.price, enough), amount)
    if amount > book.maximum:
        enough = min(amount, next_price(terms.ladder, book.maximum)) if bid.proxy else amount
        return bid.bidder, _lifted(terms, enough, amount)
    return book.leader, _lifted(terms, min(book.maximum, next_price(terms.ladder, amount)), book.maximum)


def _lifted(terms: EnglishTerms, price: Decimal, maximum: Decimal) -> Decimal:
    return terms.reserve if terms.reserve is not None and price < terms.reserve <= maximum else price


def record(state: English, event: Event) -> EnglishBook:
    """Return the book after an event."""
    body, book = event.body, state.book
    if not isinstance(body, BidPlaced):
        return book
    if body.leader != body.bidder:
        return EnglishBook(body.leader, body.price, book.maximum, body.amount)
    rival = book.rival if book.leader == body.bidder else book.maximum
    return EnglishBook(body.leader, body.price, body.amount, rival)


def settle(state: English, at: datetime) -> tuple[Body, ...]:
    """Return the hammer, or why it does not fall."""
    book = state.book
    if book.leader is None or book.price is None:
        return (PassedIn(UnsoldReason.NO_BIDS),)
    if book.price < state.terms.floor:
        return (PassedIn(UnsoldReason.RESERVE_NOT_MET),)
    return (Hammered((Award(book.leader, book.price),)),)


ENGLISH = Form(lambda terms: EnglishBook(), decide, record, settle, frozenset({BidPlaced}))
