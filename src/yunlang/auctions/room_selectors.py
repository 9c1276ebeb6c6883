"""What live rooms read: a lot as it stands, what happened last, and whose paddles the reader holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from yunlang.accounts.permissions import may
from yunlang.auctions.core.public import public_event
from yunlang.auctions.core.public_words import time_words
from yunlang.auctions.lot_states import LOT, events_of, lot_state
from yunlang.auctions.lot_states import Lot as State
from yunlang.auctions.models import Bidder, Lot, Sale
from yunlang.auctions.vocabulary import SaleStatus
from yunlang.deals.journal import journal_rows
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.registry.permissions import memberships_of

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Floor:
    """A listed lot, and where it stands."""

    lot: Lot
    state: State


def floor_get(lot_id: UUID) -> Floor:
    """Return a lot that has been announced.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    lot = Lot.objects.select_related("sale", "seller_city", "standing").filter(pk=lot_id).first()
    state = None if lot is None else lot_state(lot_id)
    if lot is None or state is None:
        raise NotFoundError(what=Bilingual("该拍品的竞价厅", "the room of this lot"))
    return Floor(lot, state)


def announced_sale_get(sale_id: UUID) -> Sale:
    """Return a sale that has been announced.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    sale = Sale.objects.filter(pk=sale_id).exclude(status=SaleStatus.DRAFT).first()
    if sale is None:
        raise NotFoundError(what=Bilingual("该拍卖会", "this sale"))
    return sale


def listed_lots_of(sale: Sale) -> QuerySet[Lot]:
    """Return a sale's listed lots with their standings, in the catalogue's order."""
    return sale.lots.filter(standing__isnull=False).select_related("standing", "sale").order_by("number")


def happenings(floor: Floor, now: datetime, count: int = _SHOWN) -> list[dict[str, Any]]:
    """Return what everybody may know of the last events, the latest first."""
    rows = journal_rows(LOT, floor.lot.pk).order_by("-sequence")[: count * 3]
    told = ((event, public_event(floor.state, event)) for event in events_of(rows))
    known = (one | {"at_words": time_words(event.at, now)} for event, one in told if one is not None)
    return list(islice(known, count))


def paddles_of(actor: Any, lot: Lot) -> list[Bidder]:
    """Return the bidders of a lot that the actor may bid for, by paddle."""
    own = lot.bidders.filter(organisation__in=memberships_of(actor), paddle__gt="")
    return [one for one in own.select_related("organisation").order_by("paddle") if may(actor, "auctions.bid", one)]
