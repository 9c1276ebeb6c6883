"""Reads of sales, lots, applications and deposits: what the actor may see."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from yunlang.accounts.permissions import is_auditor, is_office, may
from yunlang.auctions.core.deposits import DepositStatus
from yunlang.auctions.core.state import Phase
from yunlang.auctions.deposit_models import Deposit
from yunlang.auctions.models import Bidder, Lot, Sale
from yunlang.auctions.sale_parts import APPLICATION_MISSING, LOT_MISSING, SALE_MISSING
from yunlang.auctions.vocabulary import BidderStatus, SaleStatus
from yunlang.kit.errors import NotFoundError
from yunlang.registry.permissions import memberships_of

_LOT_JOINED = ("sale__city", "seller", "seller_city", "standing", "resource")


def sales_visible(actor: Any) -> QuerySet[Sale]:
    """Return the sales that the actor may see in the list, the latest opening first."""
    rows = Sale.objects.select_related("city", "host").order_by("-opens_at", "id")
    if is_office(actor) or is_auditor(actor):
        return rows
    return rows.filter(announced_at__isnull=False)


def sale_editions(actor: Any) -> list[str]:
    """Return the editions of the sales that the actor may see, the latest first."""
    return sorted(set(sales_visible(actor).order_by().values_list("edition", flat=True)), reverse=True)


def with_lots_counted(rows: QuerySet[Sale]) -> QuerySet[Sale]:
    """Return sales with their lots, those sold, and what these came to."""
    return rows.annotate(
        lot_count=Count("lots", filter=Q(lots__withdrawn_at=None)),
        sold_count=Count("lots", filter=Q(lots__standing__phase=Phase.SOLD)),
        sold_value=Sum("lots__standing__value"),
    )


def sale_get(actor: Any, sale_id: UUID) -> Sale:
    """Return one sale.

    Raises
    ------
    NotFoundError
        When there is none, or the actor may not see it; the two look the same.
    """
    found = Sale.objects.select_related("city", "host", "auctioneer").filter(pk=sale_id).first()
    if found is None or not may(actor, "auctions.view_sale", found):
        raise NotFoundError(what=SALE_MISSING)
    return found


def lots_of(sale: Sale) -> QuerySet[Lot]:
    """Return a sale's catalogue, each lot with where it stands and how many paddles it has."""
    paddles = Count("bidders", filter=~Q(bidders__paddle=""))
    return sale.lots.select_related("seller", "seller_city", "standing").annotate(paddles=paddles).order_by("number")


def lot_get(actor: Any, lot_id: UUID) -> Lot:
    """Return one lot.

    Raises
    ------
    NotFoundError
        When there is none, or the actor may not see its sale; the two look the same.
    """
    found = Lot.objects.select_related(*_LOT_JOINED).filter(pk=lot_id).first()
    if found is None or not may(actor, "auctions.view_sale", found):
        raise NotFoundError(what=LOT_MISSING)
    return found


def paddle_count(lot: Lot) -> int:
    """Return how many paddles a lot has given out."""
    return lot.bidders.exclude(paddle="").count()


def applications_own(actor: Any, lot: Lot) -> list[Bidder]:
    """Return the applications of the actor's organisations for a lot."""
    rows = lot.bidders.select_related("organisation", "deposit").filter(organisation__in=list(memberships_of(actor)))
    return list(rows.order_by("created_at"))


def bidder_get(actor: Any, bidder_id: UUID) -> Bidder:
    """Return one application.

    Raises
    ------
    NotFoundError
        When there is none, or the actor may not see it; the two look the same.
    """
    rows = Bidder.objects.select_related("lot__sale", "lot__standing", "organisation", "deposit", "applied_by")
    found = rows.filter(pk=bidder_id).first()
    if found is None or not may(actor, "auctions.view_application", found):
        raise NotFoundError(what=APPLICATION_MISSING)
    return found


def applications_of(sale: Sale) -> QuerySet[Bidder]:
    """Return the applications for a sale's lots, those to be examined first."""
    rows = Bidder.objects.select_related("lot", "organisation__city", "deposit", "applied_by").filter(lot__sale=sale)
    waiting = Count("pk", filter=Q(status=BidderStatus.APPLIED))
    return rows.annotate(waiting=waiting).order_by("-waiting", "lot__number", "applied_at")


def deposits() -> QuerySet[Deposit]:
    """Return all deposits with whose they are, the latest first; whoever asks has checked the permission."""
    return Deposit.objects.select_related("bidder__organisation", "bidder__lot__sale").order_by("-asked_at", "-pk")


def deposit_sums(rows: QuerySet[Deposit]) -> dict[DepositStatus, tuple[int, Any]]:
    """Return how many deposits stand where, and what they come to in CNY."""
    found = rows.order_by().values_list("status").annotate(Count("pk"), Sum("amount"))
    return {DepositStatus(status): (count, total) for status, count, total in found}


def lots_opening_tomorrow() -> list[Lot]:
    """Return the lots whose clock opens them on the corridor's next day."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    start = timezone.make_aware(datetime.combine(tomorrow, time.min))
    rows = Lot.objects.select_related("standing", "sale").filter(sale__status=SaleStatus.ANNOUNCED)
    return list(rows.filter(standing__phase=Phase.SCHEDULED, standing__due_at__gte=start,
                            standing__due_at__lt=start + timedelta(days=1)))  # fmt: skip
