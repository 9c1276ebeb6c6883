"""What a bidder must bid now, for a page or a program to show before the bid is sent."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from yunlang.auctions.core.formats.english import EnglishBook
from yunlang.auctions.core.ladder import next_price
from yunlang.auctions.core.moments import in_utc
from yunlang.auctions.core.state import Phase, State
from yunlang.auctions.core.terms import DutchTerms, EnglishTerms, PricedTerms


def least_bid(state: State[Any, Any], now: datetime) -> Decimal | None:
    """Return the least that would be taken now from a qualified bidder who has not bid yet.

    None while nothing is taken, and in a reverse sale, where less is better.

    Raises
    ------
    ValueError
        When `now` has no zone.
    """
    at = max(in_utc(now), state.at)
    if state.phase is not Phase.OPEN or state.is_due(at) or state.opened is None:
        return None
    terms, book = state.terms, state.book
    if isinstance(terms, DutchTerms):
        return terms.price_after(at - state.opened)
    if isinstance(terms, EnglishTerms) and isinstance(book, EnglishBook) and book.price is not None:
        return next_price(terms.ladder, book.price)
    return terms.starting_price if isinstance(terms, PricedTerms) else None
