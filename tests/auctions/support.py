"""A sale with a lot and bidders in a test's hands, and a clock that the test moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.factories import make_organisation, make_user
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.models import User
from yunlang.auctions import conducting
from yunlang.auctions.clock import server_time
from yunlang.auctions.core.ladder import Extension, Rung
from yunlang.auctions.core.terms import AnyTerms, EnglishTerms, Schedule
from yunlang.auctions.core.terms_text import terms_plain
from yunlang.auctions.models import Bidder, Lot, Sale
from yunlang.auctions.vocabulary import BidderStatus, SaleStatus

OPENING = datetime(2026, 5, 18, 2, 0, tzinfo=UTC)
SNIPE = Extension(window=timedelta(minutes=1), by=timedelta(minutes=1), cap=timedelta(minutes=5))


class Clock:
    """A clock that stands at a moment until it is moved."""

    def __init__(self, now: datetime = OPENING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def at(self, seconds: float) -> Clock:
        """Set it to so many seconds after the opening, and return it."""
        self.now = OPENING + timedelta(seconds=seconds)
        return self


def serve_time(patch: Any, clock: Clock) -> None:
    """Have everything that asks for the server's time be told a test's."""
    patch.setattr(server_time, "read", clock)
    patch.setattr(server_time, "count", lambda: clock.now - OPENING)
    patch.setattr(server_time, "_last", None)


def yuan(text: str) -> Decimal:
    return Decimal(text).quantize(Decimal("0.01"))


def english(**more: Any) -> EnglishTerms:
    values: dict[str, Any] = {
        "schedule": Schedule(opens=OPENING, lasts=timedelta(minutes=5)),
        "starting_price": yuan("8950000"),
        "ladder": (Rung(yuan("0"), yuan("50000")),),
        "extension": SNIPE,
    }
    return EnglishTerms(**values | more)


def make_sale(**values: Any) -> Sale:
    given: dict[str, Any] = {
        "title": "示例拍卖会", "edition": "2026", "status": SaleStatus.ANNOUNCED,
        "announced_at": OPENING - timedelta(days=10), "applications_close_at": OPENING - timedelta(hours=1),
        "opens_at": OPENING, "illustrative": True,
    }  # fmt: skip
    return Sale.objects.create(**given | values)


def make_lot(sale: Sale | None = None, terms: AnyTerms | None = None, **values: Any) -> Lot:
    """Return a lot that is not listed yet."""
    sale, terms = sale or make_sale(), terms or english()
    seller = values.pop("seller", None) or make_organisation()
    given: dict[str, Any] = {
        "sale": sale, "number": sale.lots.count() + 1, "title": "示例成果", "seller": seller, "seller_name": seller.name,
        "seller_city": seller.city, "form": terms.format, "terms": terms_plain(terms), "deposit": yuan("500000"),
    }  # fmt: skip
    return Lot.objects.create(**given | values)


def make_bidder(lot: Lot, paddle: str = "", **values: Any) -> tuple[Bidder, User]:
    """Return an organisation's qualified application, and a member who may bid for it."""
    member = make_user()
    organisation = values.pop("organisation", None) or make_organisation(owner=member)
    number = paddle or f"{lot.bidders.count() + 1:02d}"
    given: dict[str, Any] = {"status": BidderStatus.QUALIFIED, "applied_by": member}
    return Bidder.objects.create(lot=lot, organisation=organisation, paddle=number, **given | values), member


class Floor:
    """A listed lot with qualified bidders, by paddle, and a clock."""

    def __init__(self, terms: AnyTerms | None = None, *, bidders: int = 2, sale: Sale | None = None) -> None:
        self.clock = Clock(OPENING - timedelta(minutes=1))
        self.lot = make_lot(sale, terms)
        conducting.lot_list(actor=SYSTEM, lot_id=self.lot.pk, clock=self.clock)
        self.members: dict[str, User] = {}
        for _ in range(bidders):
            self.admit()

    @property
    def id(self) -> UUID:
        return self.lot.pk

    def admit(self) -> str:
        """Qualify one more bidder and return its paddle."""
        bidder, member = make_bidder(self.lot)
        self.members[bidder.paddle] = member
        conducting.paddle_admit(actor=SYSTEM, lot_id=self.lot.pk, paddle=bidder.paddle, clock=self.clock)
        return bidder.paddle

    def tick(self, seconds: float) -> Any:
        """Let the clock do what is due so many seconds after the opening."""
        return conducting.lot_tick(lot_id=self.lot.pk, clock=self.clock.at(seconds))
