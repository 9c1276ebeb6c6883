"""What a bidder sees of itself beside what everybody sees: where its bids stand, what it has sealed or proposed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from yunlang.auctions.core.formats.english import EnglishBook
from yunlang.auctions.core.formats.negotiated import NegotiationBook, Proposal
from yunlang.auctions.core.formats.reverse import ReverseBook
from yunlang.auctions.core.formats.sealed import SealedBook
from yunlang.auctions.core.formats.single_quote import QuoteBook
from yunlang.auctions.core.formats.uniform_price import UnitBid, UnitBook
from yunlang.auctions.core.public import standing_seen
from yunlang.auctions.core.state import State

Lot = State[Any, Any]


@dataclass(frozen=True, slots=True)
class Own:
    """One bidder's side of a lot.

    Attributes
    ----------
    is_qualified
        Whether commands are taken from it.
    has_bid, leads
        Whether it has bid; whether it leads, or won.
    amount
        Its latest bid, where a form keeps one: the leader's maximum in an English sale, a quote, an offer.
    bids
        Its bids for units that stand.
    is_sealed, opened
        Whether it has handed in a sealed bid; what came out of it.
    proposal
        What stands between it and the seller.
    """

    paddle: str
    is_qualified: bool
    has_bid: bool
    leads: bool
    amount: Decimal | None = None
    bids: tuple[UnitBid, ...] = ()
    is_sealed: bool = False
    opened: Decimal | None = None
    proposal: Proposal | None = None


def own_view(state: Lot, paddle: str) -> Own:
    """Return a bidder's side of a lot."""
    won = state.outcome is not None and any(one.bidder == paddle for one in state.outcome.awards)
    common = Own(
        paddle,
        is_qualified=bool(state.qualified.get(paddle)),
        has_bid=paddle in state.bidders,
        leads=won or standing_seen(state)[0] == paddle,
    )
    match state.book:
        case EnglishBook(leader=leader, maximum=maximum):
            return replace(common, amount=maximum if leader == paddle else None)
        case QuoteBook(quotes=quotes):
            return replace(common, amount=quotes.get(paddle))
        case ReverseBook(offers=offers):
            offer = offers.get(paddle)
            return replace(common, amount=None if offer is None else offer.amount)
        case UnitBook(bids=bids):
            own = sorted((bid for bid in bids.values() if bid.bidder == paddle), key=lambda bid: bid.sequence)
            return replace(common, bids=tuple(own))
        case SealedBook(seals=seals, opened=opened):
            return replace(common, is_sealed=paddle in seals, opened=opened.get(paddle))
        case NegotiationBook(proposals=proposals):
            return replace(common, proposal=proposals.get(paddle))
    return common
