"""Who may do what with sales and lots. The app loads this module when it is ready."""

from __future__ import annotations

from typing import Any

import rules

from yunlang.accounts.permissions import is_auditor, is_office, is_signed_in
from yunlang.auctions.models import Bidder, Lot, Sale
from yunlang.registry.permissions import is_actor_id, is_member, memberships_of


@rules.predicate
def leads(actor: Any, subject: Sale | Lot) -> bool:
    """Tell whether the actor is the sale's auctioneer."""
    sale = subject.sale if isinstance(subject, Lot) else subject
    return is_actor_id(actor, sale.auctioneer_id)


@rules.predicate
def may_still_bid(actor: Any, bidder: Bidder) -> bool:
    """Tell whether the bidder has a paddle; the engine alone says whether it is qualified."""
    return bool(bidder.paddle)


@rules.predicate
def sells(actor: Any, lot: Lot) -> bool:
    """Tell whether the actor is a member of the seller."""
    return lot.seller_id in memberships_of(actor)


_acts = is_signed_in & ~is_auditor

rules.add_perm("auctions.accept_clock", is_office)
rules.add_perm("auctions.bid", _acts & is_member & may_still_bid)
rules.add_perm("auctions.conduct", _acts & (is_office | leads))
rules.add_perm("auctions.sell", _acts & sells)
