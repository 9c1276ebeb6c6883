"""A lot that was sold, and the people around it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.auctions.support import OPENING, Floor, yuan
from tests.factories import make_member, make_user
from yunlang.accounts.models import User
from yunlang.accounts.roles import Role
from yunlang.auctions import hand_over_services, result_services
from yunlang.auctions.bidding import bid_place
from yunlang.auctions.core.deposits import DepositStatus
from yunlang.auctions.deposit_models import Deposit
from yunlang.auctions.models import HandOver, Result
from yunlang.auctions.result_recording import result_record
from yunlang.deals import ledger_services as ledger

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
REASON = {"reason": "竞买人资格材料不实"}


class Sold:
    """An English lot sold to paddle 02 at the price of its only rival's bid and an increment."""

    def __init__(self, price: str = "12300000", *, floor: Floor | None = None) -> None:
        self.floor = floor or Floor()
        self.clock, self.lot = self.floor.clock, self.floor.lot
        self.floor.tick(0)
        for paddle, amount in (("01", self.lot.terms["starting_price"]), ("02", price)):
            actor = self.floor.members[paddle]
            bid_place(actor=actor, lot_id=self.lot.pk, key=paddle, amount=yuan(amount), clock=self.clock)
        self.floor.tick(300)
        self.office = make_user(Role.OFFICE)
        self.buyer, self.loser = self.floor.members["02"], self.floor.members["01"]
        self.seller: User = make_user()
        make_member(self.seller, self.lot.seller)

    def record(self) -> Result:
        (made,) = result_record(lot_id=self.lot.pk)
        return made

    def publish(self) -> Result:
        (made,) = self.act("result_publish", lot_id=self.lot.pk)
        return made

    def act(self, service: str, *, actor: Any = None, **values: Any) -> Any:
        """Have a service act, by the office unless told otherwise."""
        return getattr(result_services, service)(actor=actor or self.office, clock=self.clock, **values)

    def object(self, actor: Any) -> Any:
        return self.act("objection_raise", actor=actor, lot_id=self.lot.pk, raw={"grounds": "号牌 02 未缴保证金"})

    def confirm(self) -> Result:
        """Let the objection period pass, and confirm."""
        result = self.publish()
        self.clock.now = result.objections_until
        return self.act("result_confirm", result_id=result.pk, raw={"kind": "transfer"})

    def contract(self, result: Result, *amounts: str) -> None:
        """Sign the contract and schedule instalments."""
        values: dict[str, Any] = {"actor": self.office, "deal_id": result.deal_id, "at": self.clock()}
        raw = {"number": "YL-2026-1", "amount": str(result.value), "signed_on": "2026-06-01"}
        ledger.contract_sign(raw=raw, **values)
        for amount in amounts:
            ledger.payment_schedule(raw={"amount": amount, "due": "2026-07-01"}, **values)

    def pay(self, result: Result, number: int) -> None:
        raw = {"paid_on": "2026-06-20", "reference": "银行回单 1"}
        values: dict[str, Any] = {"actor": self.office, "deal_id": result.deal_id, "at": self.clock()}
        ledger.payment_record(payment=number, raw=raw, **values)

    def hand_over(self, result: Result, *, actor: Any = None, content: bytes = PDF) -> HandOver:
        return hand_over_services.hand_over_add(
            actor=actor or self.seller, result_id=result.pk, raw={"title": "技术资料清单"}, filename="清单.pdf",
            content=content, clock=self.clock,
        )  # fmt: skip


def days_later(sold: Sold, days: float) -> None:
    """Set the clock to so many days after the opening."""
    sold.clock.now = OPENING + timedelta(days=days)


def make_deposit(result: Result) -> Deposit:
    """Return the winner's deposit as it stands after it was paid."""
    return Deposit.objects.create(
        bidder=result.bidder, amount=result.lot.deposit, provider="bank_transfer", reference="BZ0000000197",
        status=DepositStatus.HELD, asked_at=OPENING, received_at=OPENING, received_on=OPENING.date(), slip="回单 7",
    )  # fmt: skip
