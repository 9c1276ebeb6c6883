"""What everybody may see of a lot while it is sold: no reserve, no proxy's maximum, nothing sealed, no negotiation.

Values are plain, as in `journal`: amounts and times as text, so that a page can show them as they come.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from yunlang.auctions.core.asking import least_bid
from yunlang.auctions.core.events import (
    Annulled,
    BidderAdmitted,
    BiddingClosed,
    BiddingOpened,
    BidPlaced,
    BidRetracted,
    BidRevealed,
    BidSealed,
    BidVoided,
    ClockExtended,
    Event,
    Hammered,
    PassedIn,
    Paused,
    Resumed,
)
from yunlang.auctions.core.formats.english import EnglishBook
from yunlang.auctions.core.formats.reverse import ReverseBook
from yunlang.auctions.core.public_words import public_words
from yunlang.auctions.core.state import State
from yunlang.auctions.core.terms import DutchTerms, EnglishTerms, ReverseTerms
from yunlang.deals.core.ledger.canonical import moment_text

Lot = State[Any, Any]
Plain = dict[str, Any]
_OPEN_FORMS = (EnglishTerms, ReverseTerms, DutchTerms)


def public_event(state: Lot, event: Event) -> Plain | None:
    """Return what everybody may know of an event; None where that is nothing.

    Parameters
    ----------
    state
        The lot after the event, or any later one.
    """
    told = _told(state, event)
    words = public_words(event.body, event.at, amounts=isinstance(state.terms, _OPEN_FORMS))
    if told is None or words is None:
        return None
    text = {"zh": words.zh, "en": words.en}
    return {"sequence": event.sequence, "at": moment_text(event.at), "kind": event.body.kind, "text": text, **told}


def _told(state: Lot, event: Event) -> Plain | None:
    body = event.body
    match body:
        case BidPlaced():
            return _bid(state, body)
        case BidSealed() | BidRetracted() | BidVoided() | BidderAdmitted():
            return {"bidder": body.bidder}
        case BidRevealed():
            return {"bidder": body.bidder, "amount": _text(body.amount)}
        case BiddingOpened() | BiddingClosed():
            return {"closes": _moment(body.closes)}
        case ClockExtended():
            return {"closes": _moment(body.closes), "reason": body.reason}
        case Paused() | Annulled():
            return {"reason": body.reason}
        case Resumed():
            return {"closes": _moment(body.closes)}
        case Hammered():
            awards = [
                {"bidder": one.bidder, "price": _text(one.price), "quantity": one.quantity} for one in body.awards
            ]
            return {"awards": awards}
        case PassedIn():
            return {"reason": body.reason}
    return None


def _bid(state: Lot, body: BidPlaced) -> Plain:
    if not isinstance(state.terms, _OPEN_FORMS):
        return {"bidder": body.bidder}
    if body.proxy:
        # Its maximum is its own secret; what it leads to, everybody sees.
        return {"bidder": body.bidder, "proxy": True, "leader": body.leader, "price": _text(body.price)}
    return {"bidder": body.bidder, "amount": _text(body.amount), "leader": body.leader, "price": _text(body.price)}


def public_state(state: Lot, now: datetime) -> Plain:
    """Return where a lot stands, for everybody.

    Parameters
    ----------
    now
        The server's time, with a zone: a Dutch price depends on it.
    """
    leader, price = standing_seen(state)
    return {
        "lot": state.lot,
        "sequence": state.sequence,
        "phase": state.phase,
        "opens": _moment(state.terms.schedule.opens),
        "opened": _moment(state.opened),
        "closes": _moment(state.closes),
        "paused": _moment(state.paused),
        "leader": leader,
        "price": _text(price),
        "asked": _text(asked_price(state, now)),
        "least": _text(least_bid(state, now)),
        "reserve_met": reserve_met(state),
        "bids": state.bids,
        "bidders": len(state.bidders),
        "extendable_by": extendable_by(state),
    }


def standing_seen(state: Lot) -> tuple[str, Decimal | None]:
    """Return who leads, and at what price, as far as everybody may see it; an empty text where nobody does."""
    if state.outcome is not None:
        award = state.outcome.awards[0] if state.outcome.awards else None
        return (award.bidder, award.price) if award else ("", None)
    if isinstance(state.book, EnglishBook):
        return state.book.leader or "", state.book.price
    if isinstance(state.book, ReverseBook) and state.book.best is not None:
        return state.book.best.bidder, state.book.best.amount
    return "", None


def asked_price(state: Lot, now: datetime) -> Decimal:
    """Return the price to begin from: the starting price, the ceiling of a reverse sale, the falling price."""
    terms = state.terms
    if isinstance(terms, DutchTerms):
        return least_bid(state, now) or terms.starting_price
    price: Decimal = terms.ceiling if isinstance(terms, ReverseTerms) else terms.starting_price
    return price


def reserve_met(state: Lot) -> bool | None:
    """Tell whether the price of an English sale has reached the reserve; None where there is nothing to tell."""
    if not isinstance(state.book, EnglishBook) or state.book.price is None:
        return None
    return bool(state.book.price >= state.terms.floor)


def extendable_by(state: Lot) -> int:
    """Return by how many seconds late bids may yet move the closing; 0 where they move nothing."""
    if state.closes is None or state.latest is None:
        return 0
    return max(0, int((state.latest - state.closes).total_seconds()))


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment_text(moment)
