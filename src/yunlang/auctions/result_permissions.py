"""Who may do what with results of auctions. The app loads this module when it is ready."""

from __future__ import annotations

from typing import Any

import rules

from yunlang.accounts.permissions import is_auditor, is_office, is_signed_in
from yunlang.auctions.models import Bidder, HandOver, Lot, Result, Sale
from yunlang.auctions.permissions import sells
from yunlang.auctions.vocabulary import BidderStatus, TradeSide
from yunlang.registry.permissions import memberships_of


def sides_of(actor: Any, result: Result) -> list[TradeSide]:
    """Return the sides of a sale that the actor is a member of."""
    memberships = memberships_of(actor)
    return [side for side, party in parties_of(result).items() if party.pk in memberships]


def parties_of(result: Result) -> dict[TradeSide, Any]:
    """Return buyer and seller; one that became part of another organisation is that other one.

    In a reverse sale the lot's owner buys from the winner.
    """
    owner, winner = result.lot.seller, result.bidder.organisation
    owner, winner = owner.merged_into or owner, winner.merged_into or winner
    if result.lot.form == "reverse":
        return {TradeSide.BUYER: owner, TradeSide.SELLER: winner}
    return {TradeSide.BUYER: winner, TradeSide.SELLER: owner}


@rules.predicate
def is_trading(actor: Any, result: Result) -> bool:
    """Tell whether the actor is a member of the buyer or the seller."""
    return bool(sides_of(actor, result))


@rules.predicate
def is_on_other_side(actor: Any, hand_over: HandOver) -> bool:
    """Tell whether the actor is a member of the side that a document was given to, and not of the one that gave it."""
    sides = sides_of(actor, hand_over.result)
    return bool(sides) and hand_over.side not in sides


@rules.predicate
def is_qualified(actor: Any, lot: Lot) -> bool:
    """Tell whether the actor is a member of a qualified bidder for the lot."""
    mine = list(memberships_of(actor))
    return bool(mine) and Bidder.objects.filter(lot=lot, organisation__in=mine, status=BidderStatus.QUALIFIED).exists()


@rules.predicate
def holds_paddle(actor: Any, lot: Lot) -> bool:
    """Tell whether the actor is a member of an organisation that has, or had, a paddle for the lot."""
    mine = list(memberships_of(actor))
    return bool(mine) and Bidder.objects.filter(lot=lot, organisation__in=mine, paddle__gt="").exists()


@rules.predicate
def takes_part(actor: Any, sale: Sale) -> bool:
    """Tell whether the actor sells in the sale, or holds a paddle for one of its lots."""
    mine = list(memberships_of(actor))
    return bool(mine) and (
        Lot.objects.filter(sale=sale, seller__in=mine).exists()
        or Bidder.objects.filter(lot__sale=sale, organisation__in=mine, paddle__gt="").exists()
    )


_acts = is_signed_in & ~is_auditor

rules.add_perm("auctions.keep_results", _acts & is_office)
rules.add_perm("auctions.object", _acts & (is_qualified | sells))
rules.add_perm("auctions.view_result", (is_signed_in & (is_trading | is_office)) | is_auditor)
rules.add_perm("auctions.view_objections", (is_signed_in & (is_office | sells)) | is_auditor)
rules.add_perm("auctions.hand_over", _acts & is_trading)
rules.add_perm("auctions.accept_hand_over", _acts & is_on_other_side)
rules.add_perm("auctions.view_journal", (is_signed_in & (holds_paddle | sells | is_office)) | is_auditor)
rules.add_perm("auctions.view_record", (is_signed_in & (takes_part | is_office)) | is_auditor)
