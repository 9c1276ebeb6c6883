"""What people are told of sales, their applications and their deposits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from yunlang.accounts.notices import NewNotice, notice_kind_register, notices_write
from yunlang.auctions.deposit_models import Deposit
from yunlang.auctions.models import Bidder, Lot, Sale
from yunlang.kit.language import Bilingual
from yunlang.registry.models import Membership

_PHRASES: dict[str, Bilingual] = {
    "auction_sale_announced": Bilingual(
        "拍卖会已公告：{title}，{opens} 开拍，报名截至 {closes}",
        "A sale is announced: {title}, opening {opens}, applications until {closes}",
    ),
    "auction_sale_withdrawn": Bilingual("拍卖会已撤回：{title}（{reason}）", "A sale is withdrawn: {title} ({reason})"),
    "auction_application_approved": Bilingual(
        "竞买报名已通过：{title}，号牌 {paddle}", "Your application to bid is approved: {title}, paddle {paddle}"
    ),
    "auction_application_rejected": Bilingual(
        "竞买报名未通过：{title}（{reason}）", "Your application to bid is refused: {title} ({reason})"
    ),
    "auction_bidder_barred": Bilingual(
        "竞买资格已取消：{title}（{reason}）", "You may no longer bid: {title} ({reason})"
    ),
    "auction_deposit_due": Bilingual(
        "请缴纳保证金 {amount} 元：{title}，附言 {reference}",
        "Please pay the deposit of CNY {amount}: {title}, reference {reference}",
    ),
    "auction_deposit_received": Bilingual(
        "保证金已收到：{title}，{amount} 元", "The deposit has arrived: {title}, CNY {amount}"
    ),
    "auction_deposit_refunded": Bilingual(
        "保证金已退还：{title}，{amount} 元，回单号 {slip}",
        "The deposit is refunded: {title}, CNY {amount}, slip {slip}",
    ),
    "auction_deposit_counted": Bilingual(
        "保证金已抵作价款：{title}，{amount} 元", "The deposit counts towards the price: {title}, CNY {amount}"
    ),
    "auction_deposit_forfeited": Bilingual(
        "保证金不予退还：{title}，{amount} 元（{reason}）", "The deposit is forfeited: {title}, CNY {amount} ({reason})"
    ),
    "auction_lot_opens": Bilingual("明天开拍：{title}，{opens}", "It opens tomorrow: {title}, {opens}"),
}


def kinds_register() -> None:
    """Declare these kinds of notices."""
    for kind, phrase in _PHRASES.items():
        notice_kind_register(kind, phrase)


def lot_address(lot_id: UUID) -> str:
    """Return the path of a lot's page."""
    return f"/lots/{lot_id}/"


def sale_address(sale_id: UUID) -> str:
    """Return the path of a sale's page."""
    return f"/auctions/{sale_id}/"


def _said(moment: Any) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def _members(organisations: Iterable[UUID]) -> set[UUID]:
    rows = Membership.objects.filter(organisation__in=list(organisations), state=Membership.State.ACTIVE)
    return set(rows.values_list("user_id", flat=True))


def sale_announced_tell(sale: Sale) -> None:
    """Tell the sellers, and whoever applied in earlier sales of the same city."""
    earlier = Bidder.objects.filter(~Q(lot__sale=sale), lot__sale__city=sale.city_id).values_list(
        "organisation", flat=True
    )
    sellers = sale.lots.values_list("seller", flat=True)
    payload = {"title": sale.title, "opens": _said(sale.opens_at), "closes": _said(sale.applications_close_at)}
    _tell("auction_sale_announced", _members({*earlier, *sellers}), str(sale.pk), payload, sale_address(sale.pk))


def sale_withdrawn_tell(sale: Sale) -> None:
    """Tell the sellers and the applicants."""
    applicants = Bidder.objects.filter(lot__sale=sale).values_list("organisation", flat=True)
    people = _members({*applicants, *sale.lots.values_list("seller", flat=True)})
    payload = {"title": sale.title, "reason": sale.end_reason}
    _tell("auction_sale_withdrawn", people, str(sale.pk), payload, sale_address(sale.pk))


def application_decided_tell(bidder: Bidder) -> None:
    """Tell an applicant what became of its application."""
    kind = {"rejected": "auction_application_rejected", "barred": "auction_bidder_barred"}.get(
        bidder.status, "auction_application_approved"
    )
    _tell_bidder(kind, bidder, str(bidder.decided_at), {"paddle": bidder.paddle, "reason": bidder.reason})


def deposit_tell(kind: str, deposit: Deposit) -> None:
    """Tell a bidder what its deposit has come to; `kind` is the end of the notice's kind."""
    payload = {
        "amount": f"{deposit.amount:,.2f}", "reference": deposit.reference, "slip": deposit.refund_slip,
        "reason": deposit.reason,
    }  # fmt: skip
    _tell_bidder(f"auction_deposit_{kind}", deposit.bidder, str(deposit.pk), payload)


def lots_opening_tell(lots: Iterable[Lot]) -> None:
    """Tell the qualified bidders of lots that open tomorrow."""
    for lot in lots:
        bidders = lot.bidders.filter(status="qualified").values_list("organisation", flat=True)
        opens = lot.standing.due_at
        if opens is not None:
            payload = {"title": lot.title, "opens": _said(opens)}
            _tell("auction_lot_opens", _members(bidders), f"{lot.pk} {opens:%Y-%m-%d}", payload, lot_address(lot.pk))


def _tell_bidder(kind: str, bidder: Bidder, key: str, payload: dict[str, str]) -> None:
    lot = bidder.lot
    _tell(kind, _members([bidder.organisation_id]), key, {"title": lot.title} | payload, lot_address(lot.pk))


def _tell(kind: str, people: Iterable[UUID], key: str, payload: dict[str, str], address: str) -> None:
    notices_write(kind, [NewNotice(person, key, payload, address) for person in people])
