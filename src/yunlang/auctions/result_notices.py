"""What people are told after a hammer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse

from yunlang.accounts.notices import NewNotice, notice_kind_register, notices_write
from yunlang.auctions.models import Lot
from yunlang.kit.language import Bilingual
from yunlang.registry.models import Membership

WON = "auction_won"
LOST = "auction_lost"
SOLD = "auction_sold"
PUBLISHED = "auction_result_published"
OBJECTED = "auction_objection_raised"
UPHELD = "auction_objection_upheld"
REJECTED = "auction_objection_rejected"
CONTRACT_DUE = "auction_contract_due"
HANDED_OVER = "auction_handed_over"
FAILED = "auction_result_failed"

_PHRASES: dict[str, Bilingual] = {
    WON: Bilingual(
        "落槌：您以号牌 {paddle} 拍得“{lot}”，{amount} 元。",
        "Hammer: with paddle {paddle} you got “{lot}” at CNY {amount}.",
    ),
    LOST: Bilingual(
        "落槌：“{lot}”由他人以 {amount} 元拍得。", "Hammer: “{lot}” went to another bidder at CNY {amount}."
    ),
    SOLD: Bilingual("落槌：您委托的“{lot}”以 {amount} 元成交。", "Hammer: your lot “{lot}” was sold at CNY {amount}."),
    PUBLISHED: Bilingual(
        "“{lot}”的成交结果已公示，异议截至 {until}。", "The result of “{lot}” is published; objections until {until}."
    ),
    OBJECTED: Bilingual("有人对“{lot}”的成交结果提出异议。", "An objection was raised to the result of “{lot}”."),
    UPHELD: Bilingual(
        "对“{lot}”成交结果的异议成立，成交已撤销：{reason}",
        "The objection to the result of “{lot}” is upheld and the sale annulled: {reason}",
    ),
    REJECTED: Bilingual(
        "对“{lot}”成交结果的异议不成立：{reason}", "The objection to the result of “{lot}” is rejected: {reason}"
    ),
    CONTRACT_DUE: Bilingual(
        "“{lot}”的成交已确认，请双方签订合同。", "The sale of “{lot}” is confirmed; the contract is to be signed."
    ),
    HANDED_OVER: Bilingual(
        "“{lot}”有新的交割文件待签收：{title}。", "A document of the hand-over of “{lot}” awaits acceptance: {title}."
    ),
    FAILED: Bilingual("“{lot}”的成交已失效：{reason}", "The sale of “{lot}” has failed: {reason}"),
}

# What somebody has to act on within days.
_URGENT = (WON, OBJECTED, UPHELD, CONTRACT_DUE, FAILED)


def notice_kinds_register() -> None:
    """Declare what is told after a hammer. Called when the app is ready."""
    for kind, phrase in _PHRASES.items():
        notice_kind_register(kind, phrase, urgent=kind in _URGENT)


def lot_tell(kind: str, lot: Lot, organisations: Iterable[UUID], *, key: str, **payload: Any) -> None:
    """Tell the members of organisations something about a lot's result.

    Parameters
    ----------
    key
        Beside the lot, what tells one notice of this kind from the next.
    """
    address = reverse("auctions:lot_result", args=[lot.pk])
    values: Mapping[str, Any] = {"lot": lot.title, **payload}
    notices = [NewNotice(member, f"{lot.pk}:{key}", values, address) for member in sorted(_members(organisations))]
    notices_write(kind, notices)


def _members(organisations: Iterable[UUID]) -> set[UUID]:
    active = Membership.objects.filter(organisation__in=set(organisations), state=Membership.State.ACTIVE)
    return set(active.values_list("user_id", flat=True))


def amount_told(amount: Decimal) -> str:
    """Return an amount as a notice holds it, which is read in either language."""
    return f"{amount:,.2f}"
