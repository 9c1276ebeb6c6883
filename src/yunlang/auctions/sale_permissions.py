"""Who may do what with sales of auctions. The app loads this module when it is ready."""

from __future__ import annotations

from typing import Any

import rules

from yunlang.accounts.permissions import is_auditor, is_office, is_signed_in
from yunlang.auctions.models import Lot, Sale
from yunlang.auctions.vocabulary import SaleStatus
from yunlang.registry.permissions import is_actor_id, is_member, memberships_of


def _sale_of(subject: Sale | Lot | None) -> Sale:
    if subject is None:
        return Sale()
    return subject.sale if isinstance(subject, Lot) else subject


@rules.predicate
def was_announced(actor: Any, subject: Sale | Lot | None) -> bool:
    """Tell whether the sale was announced, even if it has ended since."""
    return _sale_of(subject).announced_at is not None and _sale_of(subject).status != SaleStatus.DRAFT


@rules.predicate
def leads_sale(actor: Any, subject: Sale | Lot | None) -> bool:
    """Tell whether the actor is the sale's auctioneer."""
    return is_actor_id(actor, _sale_of(subject).auctioneer_id)


@rules.predicate
def sells_in(actor: Any, subject: Sale | Lot | None) -> bool:
    """Tell whether the actor is a member of the lot's seller."""
    return isinstance(subject, Lot) and subject.seller_id in memberships_of(actor)


_acts = is_signed_in & ~is_auditor

rules.add_perm("auctions.prepare", is_office)
rules.add_perm("auctions.view_sale", was_announced | is_office | is_auditor | (is_signed_in & (leads_sale | sells_in)))
rules.add_perm("auctions.apply", _acts & is_member)
rules.add_perm("auctions.withdraw_application", _acts & (is_member | is_office))
rules.add_perm("auctions.view_application", is_member | is_office | is_auditor)
rules.add_perm("auctions.examine", is_office)
rules.add_perm("auctions.keep_deposits", is_office)
rules.add_perm("auctions.view_deposits", is_office | is_auditor)
