"""A sale taken through its services by a test: announced, applied for, with deposits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.auctions.support import OPENING, Clock
from tests.factories import make_organisation, make_user
from yunlang.accounts.models import User
from yunlang.accounts.roles import Role
from yunlang.auctions.application_services import application_approve, application_submit
from yunlang.auctions.core.deposits import DepositStatus
from yunlang.auctions.deposit_services import deposit_confirm
from yunlang.auctions.lot_services import lot_add
from yunlang.auctions.models import Bidder, Deposit, Lot, Sale
from yunlang.auctions.sale_services import sale_announce, sale_create

# The corridor's time: OPENING is 2026-05-18 10:00 there.
SALE = {
    "title": "示例成果拍卖会", "edition": "2026", "city": "330500", "applications_close_at": "2026-05-15 17:00",
    "opens_at": "2026-05-18 10:00", "notice_days": "7", "objection_days": "5",
}  # fmt: skip
ENGLISH = {"starting_price": "895 万元", "ladder": "0 5万", "opens": "2026-05-18 10:00", "lasts": "5"}
EARLY = OPENING - timedelta(days=10)


def lot_typed(seller: str, **values: str) -> dict[str, str]:
    return {"number": "1", "title": "示例成果", "seller": seller, "deposit": "50 万元"} | ENGLISH | values


class Sales:
    """A sale with one English lot, its people, and a clock that stands ten days before the opening."""

    typed = SALE
    now = EARLY

    def __init__(self, *, announced: bool = True, **lot: str) -> None:
        self.clock = Clock(self.now)
        self.office = make_user(Role.OFFICE)
        self.seller = make_organisation(owner=make_user())
        self.sale: Sale = sale_create(actor=self.office, raw=self.typed, illustrative=True)
        self.lot = self.add(1, **lot)
        if announced:
            self.announce()

    def add(self, number: int, **values: str) -> Lot:
        raw = lot_typed(self.seller.name, number=str(number), opens=self.typed["opens_at"]) | values
        return lot_add(actor=self.office, sale_id=self.sale.pk, form="english", raw=raw)

    def announce(self) -> None:
        self.sale = sale_announce(actor=self.office, sale_id=self.sale.pk, clock=self.clock)
        self.lot.refresh_from_db()

    def apply(self, member: User | None = None, **values: Any) -> Bidder:
        member = member or make_user()
        organisation = values.pop("organisation", None) or make_organisation(owner=member)
        given: dict[str, Any] = {"lot_id": self.lot.pk, "raw": {"statement": "用于产线升级"}, "clock": self.clock}
        return application_submit(actor=member, organisation_id=organisation.pk, **given | values)

    def approved(self) -> Bidder:
        return application_approve(actor=self.office, bidder_id=self.apply().pk, clock=self.clock)

    def paid(self, bidder: Bidder, **values: str) -> Deposit:
        deposit = Deposit.objects.get(bidder=bidder)
        raw = {"amount": "50 万元", "received_on": "2026-05-08", "slip": f"slip-{deposit.reference}"} | values
        return deposit_confirm(actor=self.office, deposit_id=deposit.pk, raw=raw, clock=self.clock)

    def qualified(self) -> Bidder:
        bidder = self.approved()
        assert self.paid(bidder).status == DepositStatus.HELD
        bidder.refresh_from_db()
        return bidder
