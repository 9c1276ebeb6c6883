"""The papers of a sale: the hammer confirmation (成交确认书) and the record of the sale (拍卖笔录).

Whatever the journal of a lot can tell is taken from its events, so that no paper says anything else than the ledger.
`kit.pdf.typesetting.typeset` makes a file of what these functions return.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from yunlang.auctions.core import engine
from yunlang.auctions.core.amounts import has_two_places
from yunlang.auctions.core.events import Event, Hammered
from yunlang.auctions.core.outcome import Award, Outcome
from yunlang.auctions.core.state import Phase, State
from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual


class DocumentError(DomainError):
    """What a paper would have to say is not so yet, or not at all."""

    code = "auction_document_impossible"
    message = Bilingual("标的 {lot} 不能出具文件：{reason}。", "No document can be issued for lot {lot}: {reason}.")
    status = 409


_NOT_ENDED = Bilingual("尚未结束", "it has not ended")
_NOT_SOLD = Bilingual("未成交给该竞买人", "it was not sold to this bidder")
_NO_PADDLE = Bilingual("竞买人没有号牌", "a bidder has no paddle")
_COMMISSIONS = Bilingual("佣金应精确到分，委托人佣金不超过成交价",
                         "commissions have two places, and the seller's is not above the price")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """The sale that lots belong to.

    Attributes
    ----------
    house
        Who holds it (拍卖人) and issues its papers.
    auctioneer, recorder
        The persons who sign (拍卖师、记录人).
    """

    title: str
    place: str
    house: str
    auctioneer: str
    recorder: str


@dataclass(frozen=True, slots=True)
class Paddle:
    """A bidder in the hall: the number held up, and the name that signs."""

    number: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Where in the ledger a lot's journal ends.

    Attributes
    ----------
    head
        The hash of its last entry, 64 hexadecimal digits.
    entries
        How many there are.
    file
        The name of the export that anybody can verify.
    """

    head: str
    entries: int
    file: str


@dataclass(frozen=True, kw_only=True)
class LotRecord:
    """A lot and all that happened to it.

    Attributes
    ----------
    number
        In the catalogue.
    events
        From the first to the last.
    paddles
        Bidder's id to paddle, for every bidder in the events.
    """

    number: str
    title: str
    seller: str
    events: tuple[Event, ...]
    paddles: Mapping[str, Paddle]
    proof: Proof

    @cached_property
    def state(self) -> State[Any, Any]:
        """What the events make of it.

        Raises
        ------
        JournalError
            When they do not follow each other.
        """
        return engine.replayed(self.events)

    @property
    def result(self) -> tuple[Phase, Outcome]:
        """How it ended.

        Raises
        ------
        DocumentError
            When it has not.
        """
        if self.state.outcome is None or not self.state.is_ended:
            raise self.error(_NOT_ENDED)
        return self.state.phase, self.state.outcome

    @property
    def numbers(self) -> dict[str, str]:
        """Bidder's id to the number of the paddle.

        Raises
        ------
        DocumentError
            When a bidder who was admitted has none.
        """
        if any(bidder not in self.paddles for bidder in self.state.qualified):
            raise self.error(_NO_PADDLE)
        return {bidder: paddle.number for bidder, paddle in self.paddles.items()}

    def error(self, reason: Bilingual) -> DocumentError:
        """Return the error that says why there can be no paper."""
        return DocumentError(lot=self.number, reason=reason)


@dataclass(frozen=True, kw_only=True)
class HammerConfirmation:
    """What the buyer and the house sign once the hammer has fallen.

    Attributes
    ----------
    number
        What it is filed under.
    bidder
        The id of the buyer among the lot's bidders.
    conditions
        Terms of payment and hand-over, one clause each; the terms of the bidding come from the journal.
    buyer_commission, seller_commission
        With two places; zero where there is none.
    """

    number: str
    issued_at: datetime
    sale: Sale
    lot: LotRecord
    bidder: str
    conditions: tuple[str, ...]
    buyer_commission: Decimal
    seller_commission: Decimal

    def __post_init__(self) -> None:
        commissions = (self.buyer_commission, self.seller_commission)
        if not all(has_two_places(one) for one in commissions) or self.seller_commission > self.award.value:
            raise self.lot.error(_COMMISSIONS)

    @property
    def award(self) -> Award:
        """What the buyer got.

        Raises
        ------
        DocumentError
            When the lot has not ended, or this bidder did not get it.
        """
        _, outcome = self.lot.result
        found = next((award for award in outcome.awards if award.bidder == self.bidder), None)
        if found is None or self.bidder not in self.lot.paddles:
            raise self.lot.error(_NOT_SOLD)
        return found

    @property
    def hammered_at(self) -> datetime:
        """When the hammer fell."""
        return next(event.at for event in self.lot.events if isinstance(event.body, Hammered))


@dataclass(frozen=True, kw_only=True)
class SaleRecord:
    """What the auctioneer and the recorder sign after the sale: every lot with all that happened.

    Attributes
    ----------
    number
        What it is filed under.
    lots
        At least one, in the order of the catalogue.
    """

    number: str
    issued_at: datetime
    sale: Sale
    lots: tuple[LotRecord, ...]
