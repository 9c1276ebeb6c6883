"""What the services of sales, lots, applications and deposits share: rows held in one order, values read from forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from yunlang.accounts.models import User
from yunlang.auctions.core.state import ENDED, Phase
from yunlang.auctions.models import Bidder, Lot, Sale, Standing
from yunlang.auctions.vocabulary import SALE_STATUSES, SaleStatus
from yunlang.kit.audit import Actor
from yunlang.kit.errors import ConflictError, InvalidError, NotFoundError
from yunlang.kit.fields import Field, parse_record
from yunlang.kit.language import Bilingual
from yunlang.registry.models import Organisation
from yunlang.registry.selectors.organisations import organisation_of_field

Raw = Mapping[str, object]
SALE_MISSING = Bilingual("该拍卖会", "this sale")
LOT_MISSING = Bilingual("该拍品", "this lot")
APPLICATION_MISSING = Bilingual("该报名", "this application")


class SaleStatusError(ConflictError):
    """The sale is no longer, or not yet, where the action belongs."""

    code = "sale_status"
    message = Bilingual("拍卖会目前为“{status}”，不能进行这一操作。", "The sale is {status}; this cannot be done now.")


class BiddingBegunError(ConflictError):
    """Bidding has begun, so only the auctioneer may annul lots."""

    code = "bidding_begun"
    message = Bilingual(
        "已有拍品开拍，不能撤回；需要时请在拍卖师控制台撤销拍品。",
        "Bidding has begun, so this cannot be withdrawn. Annul lots at the auctioneer's console where need be.",
    )


def parsed(fields: Sequence[Field], raw: Raw) -> dict[str, Any]:
    """Return the values of a form.

    Raises
    ------
    InvalidError
    """
    values, reasons = parse_record(fields, raw)
    if reasons:
        raise InvalidError({name: [reason] for name, reason in reasons.items()})
    return values


def account_of(actor: Actor) -> User | None:
    """Return the account of whoever acts; the platform itself has none."""
    return User.objects.filter(pk=actor.actor_id).first() if actor.actor_id is not None else None


def sale_held(sale_id: UUID) -> Sale:
    """Return a sale whose row is held until the transaction ends. Sales are taken before lots, lots before journals."""
    found = Sale.objects.select_for_update(of=("self",), no_key=True).filter(pk=sale_id).first()
    if found is None:
        raise NotFoundError(what=SALE_MISSING)
    return found


def lot_held(lot_id: UUID) -> Lot:
    """Return a lot whose row is held until the transaction ends: paddles and deposits of a lot change one by one."""
    rows = Lot.objects.select_related("sale", "seller").select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=lot_id).first()
    if found is None:
        raise NotFoundError(what=LOT_MISSING)
    return found


def bidder_held(bidder_id: UUID) -> Bidder:
    """Return an application; its lot's row is held until the transaction ends."""
    lot_id = Bidder.objects.filter(pk=bidder_id).values_list("lot", flat=True).first()
    if lot_id is None:
        raise NotFoundError(what=APPLICATION_MISSING)
    lot = lot_held(lot_id)
    bidder = Bidder.objects.select_related("organisation").get(pk=bidder_id)
    bidder.lot = lot
    return bidder


def sale_status_require(sale: Sale, *allowed: SaleStatus) -> None:
    """Let only sales in one of these states pass.

    Raises
    ------
    SaleStatusError
    """
    if sale.status not in allowed:
        raise SaleStatusError(status=SALE_STATUSES[SaleStatus(sale.status)])


def phase_of(lot: Lot) -> Phase | None:
    """Return where a lot stands, or None before it is listed."""
    phase = Standing.objects.filter(pk=lot.pk).values_list("phase", flat=True).first()
    return None if phase is None else Phase(phase)


def is_ended(lot: Lot) -> bool:
    """Tell whether bidding for a lot is over, or will never begin."""
    return lot.withdrawn_at is not None or phase_of(lot) in ENDED


def organisation_of(text: str | None, name: str, reasons: dict[str, list[Bilingual]]) -> Organisation | None:
    """Return the organisation that a field names; adds the reason where there is none."""
    return organisation_of_field(text, name, reasons) if text else None
