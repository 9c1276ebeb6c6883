"""Confirmation of a single quote (单一报价成交): how most lots of technology are really sold.

Everybody interested quotes while the lot is listed. If exactly one party has, the office confirms its quote at or above
the reserve, after the party has raised it if need be; if several have, the lot goes to competition instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from rpds import HashTrieMap

from yunlang.auctions.core.amounts import plus
from yunlang.auctions.core.commands import Command, Confirm, PlaceBid, RetractBid
from yunlang.auctions.core.events import BiddingClosed, BidPlaced, Body, Event, Hammered, PassedIn
from yunlang.auctions.core.formats.form import Decided, Form, against_plain, awaiting
from yunlang.auctions.core.outcome import Award, UnsoldReason
from yunlang.auctions.core.refusals import Code, Reason
from yunlang.auctions.core.state import Phase, State
from yunlang.auctions.core.terms import SingleQuoteTerms
from yunlang.kit.money import CENT


@dataclass(frozen=True, slots=True)
class QuoteBook:
    """The latest quote of each party."""

    quotes: HashTrieMap[str, Decimal] = HashTrieMap()


SingleQuote = State[SingleQuoteTerms, QuoteBook]


def decide(state: SingleQuote, command: Command, at: datetime) -> Decided:
    """Decide a party's command or the confirmation."""
    if isinstance(command, Confirm):
        return _confirmed(state)
    if isinstance(command, RetractBid):
        return Reason(Code.NOT_RETRACTABLE)
    if not isinstance(command, PlaceBid):
        return Reason(Code.OTHER_FORMAT)
    reason = against_plain(command)
    if reason is not None:
        return reason
    own = state.book.quotes.get(command.bidder)
    if own is None and state.phase is Phase.AWAITING:
        return Reason(Code.LATE)
    minimum = state.terms.starting_price if own is None else plus(own, CENT)
    if command.amount < minimum:
        return Reason(Code.TOO_LOW, {"minimum": f"{minimum:f}"})
    return (BidPlaced(command.bidder, command.amount),)


def _confirmed(state: SingleQuote) -> Decided:
    if state.phase is not Phase.AWAITING:
        return Reason(Code.NOT_DUE)
    bidder, quote = next(iter(state.book.quotes.items()))
    if quote < state.terms.floor:
        return Reason(Code.BELOW_RESERVE)
    return (Hammered((Award(bidder, quote),)),)


def record(state: SingleQuote, event: Event) -> QuoteBook:
    """Return the book after an event."""
    body = event.body
    return QuoteBook(state.book.quotes.insert(body.bidder, body.amount)) if isinstance(body, BidPlaced) else state.book


def settle(state: SingleQuote, at: datetime) -> tuple[Body, ...]:
    """Return what follows from how many have quoted, or from a quote that was not confirmed in time."""
    quotes = state.book.quotes
    if state.phase is Phase.AWAITING:
        short = next(iter(quotes.values())) < state.terms.floor
        return (PassedIn(UnsoldReason.RESERVE_NOT_MET if short else UnsoldReason.NOT_CONFIRMED),)
    if len(quotes) == 1:
        return awaiting(state.terms.confirm_within, at)
    return (PassedIn(UnsoldReason.SEVERAL_QUOTES if quotes else UnsoldReason.NO_BIDS),)


SINGLE_QUOTE = Form(lambda terms: QuoteBook(), decide, record, settle, frozenset({BidPlaced, BiddingClosed}))
