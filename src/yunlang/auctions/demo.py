"""The sales that the demo corridor begins with: one that is over, one that is announced, one that is open now.

They are illustrative, of illustrative organisations, and made through the same services as real ones at moments before
the present one, so that their journals verify like any other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from rich.console import Console

from yunlang.accounts.actors import SYSTEM
from yunlang.auctions.application_services import application_approve, application_submit
from yunlang.auctions.bidding import bid_place
from yunlang.auctions.conducting import lot_tick
from yunlang.auctions.deposit_services import deposit_confirm, deposit_refund, deposits_release
from yunlang.auctions.lot_services import lot_add
from yunlang.auctions.models import Bidder, Deposit, Lot, Sale
from yunlang.auctions.sale_services import sale_announce, sale_close, sale_create
from yunlang.kit.language import Bilingual
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Membership, Organisation

_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)
_LADDER = "0 1万\n1000万 5万"
_EXTENDED = {"window": "5", "by": "5", "cap": "60"}
_NOTES = "示例：为演示而编，不代表真实的拍卖和标的。\nIllustrative: made for the demo, no real sale."
_SUMMARY = "示例标的：{}方向的一项成果，连同技术资料和一年技术服务一并转让。"
_BIDDERS, _LOTS = 3, 8
_TITLE = Bilingual("排演示例拍卖会……", "Rehearsing the demo's sales…")
# Form of sale, what its form says, deposit.
_COMING: tuple[tuple[str, dict[str, str], str], ...] = (
    ("english", {"starting_price": "120 万元", "ladder": _LADDER, "lasts": "60", **_EXTENDED}, "12 万元"),
    ("sealed", {"starting_price": "80 万元", "pays": "second", "cover": "commit", "lasts": "120",
                "reveal_within": "60"}, "8 万元"),
    ("dutch", {"starting_price": "200 万元", "floor": "120 万元", "step": "5 万元", "interval": "60"}, "20 万元"),
    ("uniform_price", {"starting_price": "10 万元", "units": "3", "clears_at": "highest_rejected", "lasts": "90"},
     "1 万元"),
)  # fmt: skip
_PAST: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("300 万元", ("3000000", "3200000", "3500000", "3850000")),
    ("90 万元", ("900000", "1000000", "1200000")),
    ("150 万元", ("1500000",)),
)


@dataclass
class DemoBidder:
    """Somebody of an illustrative organisation, without an account of its own."""

    organisation: Organisation
    role: str = "member"
    is_authenticated: bool = True
    is_active: bool = True
    _memberships: dict[UUID, str] = field(init=False)

    def __post_init__(self) -> None:
        self._memberships = {self.organisation.pk: Membership.Role.EDITOR}

    @property
    def actor_id(self) -> UUID:
        """The organisation's own id, which is no account's."""
        return self.organisation.pk

    @property
    def actor_name(self) -> str:
        """The organisation's name."""
        return self.organisation.name


@transaction.atomic
def sales_prepare(*, console: Console, language: str, now: datetime | None = None) -> int:
    """Make the demo's sales unless there are some; return how many."""
    if Sale.objects.exists():
        return 0
    shown = Organisation.objects.filter(illustrative=True, status=Status.PUBLISHED).select_related("city")
    # The demo's enterprise user belongs to the first by name, and so has a paddle.
    found = list(shown.order_by("name", "id")[: _BIDDERS + _LOTS])
    if len(found) < _BIDDERS + _LOTS:
        return 0
    bidders, sellers = [DemoBidder(one) for one in found[:_BIDDERS]], found[_BIDDERS:]
    at = (now or timezone.now()).replace(second=0, microsecond=0)
    with console.status(_TITLE.text(language)):
        _past(sellers[:3], bidders, _at_ten(at - 40 * _DAY))
        _coming(sellers[3:7], bidders, at)
        _open(sellers[7], bidders, at)
    return 3


def _past(sellers: list[Organisation], bidders: list[DemoBidder], opens: datetime) -> None:
    stage = _Stage("示例科技成果拍卖会（往届）", "Sample sale of achievements (past)", opens)
    for seller, (price, _) in zip(sellers, _PAST, strict=True):
        terms = {"starting_price": price, "ladder": _LADDER, "lasts": "30", **_EXTENDED}
        stage.add(seller, "english", terms, "10 万元")
    stage.announce()
    for lot, (_, amounts) in zip(stage.lots, _PAST, strict=True):
        paddles = [stage.qualify(lot, bidder) for bidder in bidders]
        stage.tick(lot, opens)
        for number, amount in enumerate(amounts):
            bidder = bidders[number % len(paddles)]
            stage.bid(lot, bidder, amount, opens + (number + 1) * _MINUTE)
        stage.tick(lot, opens + 30 * _MINUTE)
        stage.give_back(lot, opens + _DAY)
    sale_close(actor=SYSTEM, sale_id=stage.sale.pk, clock=lambda: opens + 2 * _DAY)


def _coming(sellers: list[Organisation], bidders: list[DemoBidder], at: datetime) -> None:
    opens = _at_ten(at + 12 * _DAY)
    stage = _Stage(
        "示例科技成果拍卖会（报名中）", "Sample sale of achievements (applications open)", opens, announced=at
    )
    for number, (seller, (form, terms, deposit)) in enumerate(zip(sellers, _COMING, strict=True)):
        stage.add(seller, form, terms, deposit, opens + number * 2 * 60 * _MINUTE)
    stage.announce()
    stage.approve(stage.lots[0], bidders[0])
    stage.apply(stage.lots[0], bidders[1])


def _open(seller: Organisation, bidders: list[DemoBidder], at: datetime) -> None:
    opens = at - 30 * _MINUTE
    stage = _Stage("示例科技成果拍卖会（竞价中）", "Sample sale of achievements (bidding)", opens)
    terms = {"starting_price": "60 万元", "ladder": _LADDER, "lasts": str(7 * 24 * 60), **_EXTENDED}
    lot = stage.add(seller, "english", terms, "6 万元")
    stage.announce()
    for bidder in bidders:
        stage.qualify(lot, bidder)
    stage.tick(lot, opens)
    for minutes, (bidder, amount) in enumerate(((bidders[1], "600000"), (bidders[2], "650000")), 1):
        stage.bid(lot, bidder, amount, opens + minutes * 5 * _MINUTE)


class _Stage:
    """One sale on its way, at the moments that it is given."""

    def __init__(self, title: str, title_en: str, opens: datetime, *, announced: datetime | None = None) -> None:
        self.opens, self.lots = opens, list[Lot]()
        self.announced = announced or opens - 10 * _DAY
        raw = {
            "title": title, "title_en": title_en, "edition": f"{timezone.localtime(opens):%Y}", "city": "310117",
            "applications_close_at": _said(opens - _DAY), "opens_at": _said(opens), "notice_days": 7,
            "objection_days": 5, "notes": _NOTES,
        }  # fmt: skip
        self.sale = sale_create(actor=SYSTEM, raw=raw, illustrative=True)

    def add(
        self, seller: Organisation, form: str, terms: dict[str, str], deposit: str, opens: datetime | None = None
    ) -> Lot:
        """Put something into the catalogue, named after what the seller works on: «示例企业（合肥·低温装备）»."""
        field_of_work = seller.name.rpartition("·")[2].rstrip("）")
        raw = {
            "number": len(self.lots) + 1, "title": f"示例成果：{field_of_work}", "seller": str(seller.pk),
            "title_en": f"Sample achievement {len(self.lots) + 1}", "summary": _SUMMARY.format(field_of_work),
            "deposit": deposit, "opens": _said(opens or self.opens),
        }  # fmt: skip
        lot = lot_add(actor=SYSTEM, sale_id=self.sale.pk, form=form, raw=raw | terms)
        self.lots.append(lot)
        return lot

    def announce(self) -> None:
        """Announce the sale, the notice period before its opening."""
        sale_announce(actor=SYSTEM, sale_id=self.sale.pk, clock=lambda: self.announced)

    def apply(self, lot: Lot, who: DemoBidder) -> Bidder:
        """Apply soon after the announcement."""
        return application_submit(
            actor=who, lot_id=lot.pk, organisation_id=who.organisation.pk, raw={}, clock=self._soon
        )

    def approve(self, lot: Lot, who: DemoBidder) -> Bidder:
        """Apply and be approved; the deposit is awaited."""
        return application_approve(actor=SYSTEM, bidder_id=self.apply(lot, who).pk, clock=self._soon)

    def qualify(self, lot: Lot, who: DemoBidder) -> str:
        """Apply, be approved, and pay; return the paddle."""
        bidder = self.approve(lot, who)
        deposit = Deposit.objects.get(bidder=bidder)
        raw = {"amount": str(deposit.amount), "received_on": f"{timezone.localtime(self._soon()):%Y-%m-%d}",
               "slip": f"示例-{deposit.reference}"}  # fmt: skip
        deposit_confirm(actor=SYSTEM, deposit_id=deposit.pk, raw=raw, clock=self._soon)
        return bidder.paddle

    def _soon(self) -> datetime:
        return self.announced + _MINUTE

    def tick(self, lot: Lot, at: datetime) -> None:
        """Let the clock do what is due."""
        lot_tick(lot_id=lot.pk, clock=lambda: at)

    def bid(self, lot: Lot, who: DemoBidder, amount: str, at: datetime) -> None:
        """Bid."""
        value: Any = Decimal(amount).quantize(Decimal("0.01"))
        bid_place(actor=who, lot_id=lot.pk, key=f"demo-{amount}", amount=value, clock=lambda: at)

    def give_back(self, lot: Lot, at: datetime) -> None:
        """Refund the losers."""
        deposits_release(actor=SYSTEM, lot_id=lot.pk, clock=lambda: at)
        for deposit in Deposit.objects.filter(bidder__lot=lot, status="refund_due"):
            raw = {"slip": f"示例-退-{deposit.reference}"}
            deposit_refund(actor=SYSTEM, deposit_id=deposit.pk, raw=raw, clock=lambda: at)


def _at_ten(moment: datetime) -> datetime:
    return timezone.localtime(moment).replace(hour=10, minute=0)


def _said(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"
