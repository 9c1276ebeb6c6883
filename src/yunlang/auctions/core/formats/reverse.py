"""Reverse sale with weighted criteria (综合评分法): the buyer takes the offer that is best in price and all else.

Price points are 100 · lowest offer / own offer, two places, halves up; the total weighs them with the experts' points.
Of equal totals the lower offer wins, then the earlier (Ministry of Finance, Order no. 87 of 2017, arts. 55 and 57).
Experts' points are fixed before the first offer is seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from rpds import HashTrieMap

from yunlang.auctions.core.amounts import has_two_places, minus, percentage, plus, times
from yunlang.auctions.core.commands import Command, PlaceBid, RetractBid, Score
from yunlang.auctions.core.events import BidderScored, BidPlaced, Body, Event, Hammered, PassedIn
from yunlang.auctions.core.formats.form import Decided, Form, against_plain, extension_after_bid
from yunlang.auctions.core.outcome import Award, UnsoldReason
from yunlang.auctions.core.refusals import Code, Reason
from yunlang.auctions.core.state import Phase, State
from yunlang.auctions.core.terms import ReverseTerms

_PERCENT = Decimal("0.01")
_MOST_POINTS = 100


@dataclass(frozen=True, slots=True)
class Offer:
    """A bidder's latest offer; `sequence` is its event's."""

    bidder: str
    amount: Decimal
    sequence: int


@dataclass(frozen=True, slots=True)
class ReverseBook:
    """Offers by bidder, experts' points by bidder and criterion, and the offer that leads."""

    offers: HashTrieMap[str, Offer] = HashTrieMap()
    scores: HashTrieMap[tuple[str, str], Decimal] = HashTrieMap()
    best: Offer | None = None


Reverse = State[ReverseTerms, ReverseBook]


def decide(state: Reverse, command: Command, at: datetime) -> Decided:
    """Decide a party's command or the record of a score."""
    if isinstance(command, Score):
        return _scored(state, command)
    if isinstance(command, RetractBid):
        return Reason(Code.NOT_RETRACTABLE)
    if not isinstance(command, PlaceBid):
        return Reason(Code.OTHER_FORMAT)
    reason = against_plain(command) or _against(state, command)
    if reason is not None:
        return reason
    book = state.book
    offer = Offer(command.bidder, command.amount, state.sequence + 1)
    best = best_of(state.terms, book.offers.insert(command.bidder, offer), book.scores)
    placed = BidPlaced(command.bidder, command.amount, leader=best.bidder, price=best.amount)
    moved = best != book.best
    return (placed, *(extension_after_bid(state, state.terms.extension, at) if moved else ()))


def _scored(state: Reverse, command: Score) -> Decided:
    if state.phase is not Phase.SCHEDULED:
        return Reason(Code.SCORES_FIXED)
    if not state.qualified.get(command.bidder):
        return Reason(Code.NOT_QUALIFIED)
    known = any(one.code == command.criterion for one in state.terms.criteria)
    if not known or not has_two_places(command.points) or command.points > _MOST_POINTS:
        return Reason(Code.UNKNOWN_CRITERION, {"criterion": command.criterion})
    return (BidderScored(command.bidder, command.criterion, command.points),)


def _against(state: Reverse, bid: PlaceBid) -> Reason | None:
    terms, book = state.terms, state.book
    if any((bid.bidder, one.code) not in book.scores for one in terms.criteria):
        return Reason(Code.NOT_SCORED)
    if bid.amount > terms.ceiling:
        return Reason(Code.ABOVE_CEILING, {"ceiling": f"{terms.ceiling:f}"})
    own = book.offers.get(bid.bidder)
    if own is None:
        return None
    maximum = minus(own.amount, terms.decrement)
    return Reason(Code.NOT_LOWER, {"maximum": f"{maximum:f}"}) if bid.amount > maximum else None


def total_points(
    terms: ReverseTerms, offer: Offer, lowest: Decimal, scores: HashTrieMap[tuple[str, str], Decimal]
) -> Decimal:
    """Return an offer's exact total on the scale from 0 to 100.

    Parameters
    ----------
    lowest
        The lowest of all offers.
    """
    total = times(terms.price_weight, percentage(lowest, offer.amount))
    for one in terms.criteria:
        total = plus(total, times(one.weight, scores[offer.bidder, one.code]))
    return times(total, _PERCENT)


def best_of(
    terms: ReverseTerms, offers: HashTrieMap[str, Offer], scores: HashTrieMap[tuple[str, str], Decimal]
) -> Offer:
    """Return the offer that leads."""
    lowest = min(one.amount for one in offers.values())
    return min(
        offers.values(),
        key=lambda one: (total_points(terms, one, lowest, scores).copy_negate(), one.amount, one.sequence),
    )


def record(state: Reverse, event: Event) -> ReverseBook:
    """Return the book after an event."""
    body, book = event.body, state.book
    if isinstance(body, BidderScored):
        return ReverseBook(book.offers, book.scores.insert((body.bidder, body.criterion), body.points), book.best)
    if isinstance(body, BidPlaced):
        offers = book.offers.insert(body.bidder, Offer(body.bidder, body.amount, event.sequence))
        return ReverseBook(offers, book.scores, None if body.leader is None else offers[body.leader])
    return book


def settle(state: Reverse, at: datetime) -> tuple[Body, ...]:
    """Return the award at the best offer's own price."""
    best = state.book.best
    return (PassedIn(UnsoldReason.NO_BIDS) if best is None else Hammered((Award(best.bidder, best.amount),)),)


REVERSE = Form(lambda terms: ReverseBook(), decide, record, settle, frozenset({BidPlaced, BidderScored}))
