"""How each event that is not of one form alone changes a lot's state."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from yunlang.auctions.core.events import (
    Annulled,
    BidderAdmitted,
    BidderBarred,
    BiddingClosed,
    BiddingOpened,
    BidPlaced,
    BidSealed,
    ClockExtended,
    CommandRefused,
    Event,
    Hammered,
    PassedIn,
    Paused,
    Proposed,
    Resumed,
)
from yunlang.auctions.core.outcome import Award, Outcome, UnsoldReason
from yunlang.auctions.core.state import Phase, State
from yunlang.auctions.core.terms import AnyTerms, DutchTerms, ReverseTerms

Lot = State[Any, Any]
Changes = dict[str, Any]


def _opened(state: Lot, event: Event, body: BiddingOpened) -> Changes:
    return {"phase": Phase.OPEN, "opened": event.at, "closes": body.closes, "latest": body.latest}


def _extended(state: Lot, event: Event, body: ClockExtended) -> Changes:
    return {"closes": body.closes, "latest": body.latest}


def _paused(state: Lot, event: Event, body: Paused) -> Changes:
    return {"phase": Phase.PAUSED, "paused": event.at}


def _resumed(state: Lot, event: Event, body: Resumed) -> Changes:
    opened, paused = state.opened, state.paused
    moved = opened if opened is None or paused is None else opened + (event.at - paused)
    return {"phase": Phase.OPEN, "paused": None, "opened": moved, "closes": body.closes, "latest": body.latest}


def _closed(state: Lot, event: Event, body: BiddingClosed) -> Changes:
    return {"phase": Phase.AWAITING, "closes": body.closes, "latest": None}


def _hammered(state: Lot, event: Event, body: Hammered) -> Changes:
    return _ended(state, Phase.SOLD, body.awards, None)


def _passed_in(state: Lot, event: Event, body: PassedIn) -> Changes:
    return _ended(state, Phase.UNSOLD, (), body.reason)


def _annulled(state: Lot, event: Event, body: Annulled) -> Changes:
    return _ended(state, Phase.ANNULLED, (), UnsoldReason.ANNULLED)


def _ended(state: Lot, phase: Phase, awards: tuple[Award, ...], reason: UnsoldReason | None) -> Changes:
    starting, reserve = _base_prices(state.terms)
    outcome = Outcome(awards, starting, reserve, len(state.bidders), state.bids, reason)
    return {"phase": phase, "closes": None, "latest": None, "paused": None, "outcome": outcome}


def _base_prices(terms: AnyTerms) -> tuple[Decimal, Decimal | None]:
    if isinstance(terms, ReverseTerms):
        return terms.ceiling, None
    if isinstance(terms, DutchTerms):
        return terms.starting_price, terms.floor
    return terms.starting_price, terms.reserve


def _bid(state: Lot, event: Event, body: BidPlaced | BidSealed | Proposed) -> Changes:
    changes: Changes = {"bids": state.bids + 1}
    if body.bidder not in state.bidders:
        changes["bidders"] = state.bidders.insert(body.bidder, event.sequence)
    return changes


def _admitted(state: Lot, event: Event, body: BidderAdmitted) -> Changes:
    return {"qualified": state.qualified.insert(body.bidder, True)}


def _barred(state: Lot, event: Event, body: BidderBarred) -> Changes:
    return {"qualified": state.qualified.insert(body.bidder, False)}


def _refused(state: Lot, event: Event, body: CommandRefused) -> Changes:
    return {}


TRANSITIONS: dict[type[Any], Callable[[Lot, Event, Any], Changes]] = {
    BiddingOpened: _opened,
    ClockExtended: _extended,
    Paused: _paused,
    Resumed: _resumed,
    BiddingClosed: _closed,
    Hammered: _hammered,
    PassedIn: _passed_in,
    Annulled: _annulled,
    BidPlaced: _bid,
    BidSealed: _bid,
    Proposed: _bid,
    BidderAdmitted: _admitted,
    BidderBarred: _barred,
    CommandRefused: _refused,
}
# What a lot of any form may have; the rest is in each form's own list.
COMMON = frozenset(TRANSITIONS) - {BidPlaced, BidSealed, Proposed, BiddingClosed}
