"""A deal on its way, and the people around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.deals.support import PROPOSED_AT, make_deal
from tests.deals.support import Deal as Pair
from yunlang.deals import ledger_services as services
from yunlang.deals.ledger_models import Deal
from yunlang.deals.models import Introduction
from yunlang.deals.services import introduction_accept, introduction_meet, introduction_sign

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DEAL = {"kind": "licence", "title": "电解液添加剂专利许可", "amount": "120 万元"}
CONTRACT = {"number": "YL-2026-001", "amount": "1200000", "signed_on": "2026-11-23"}
MILESTONE = {"title": "中试样品交付", "due": "2027-03-01"}
PAYMENT = {"amount": "400000", "due": "2027-03-15"}
PAID = {"paid_on": "2027-03-10", "reference": "银行回单 8842"}


@dataclass
class Dealing:
    """A deal, and who may do what with it."""

    pair: Pair
    introduction: Introduction
    deal: Deal

    def act(self, service: str, *, actor: Any = None, at: datetime = AT, **values: Any) -> Deal:
        """Have a service act on the deal, by the manager unless told otherwise."""
        return getattr(services, service)(actor=actor or self.pair.manager, deal_id=self.deal.pk, at=at, **values)

    def contracted(self) -> Dealing:
        """Sign a contract with a milestone and a payment due."""
        self.act("contract_sign", raw=CONTRACT)
        self.act("milestone_add", raw=MILESTONE)
        self.act("payment_schedule", raw=PAYMENT)
        return self


def signed(pair: Pair) -> Introduction:
    """Return an introduction that both sides have signed."""
    made = pair.propose()
    act: Any = {"introduction_id": made.pk, "at": PROPOSED_AT}
    introduction_accept(actor=pair.needing, **act)
    introduction_accept(actor=pair.offering, **act)
    introduction_meet(actor=pair.manager, **act)
    return introduction_sign(actor=pair.manager, **act)


def make_dealing(pair: Pair | None = None) -> Dealing:
    """Return a deal opened from a signed introduction."""
    pair = pair or make_deal()
    introduction = signed(pair)
    deal = services.deal_open(actor=pair.manager, introduction_id=introduction.pk, raw=DEAL, at=AT)
    return Dealing(pair, introduction, deal)
