"""How a lot ended: who got it for how much and how far above the first price, or why nobody did."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from yunlang.auctions.core.amounts import Amount, minus, percentage, plus, times
from yunlang.kit.language import Bilingual


class UnsoldReason(StrEnum):
    """Why a lot was not sold."""

    NO_BIDS = "no_bids"
    RESERVE_NOT_MET = "reserve_not_met"
    SEVERAL_QUOTES = "several_quotes"
    NOT_CONFIRMED = "not_confirmed"
    NO_AGREEMENT = "no_agreement"
    NOTHING_OPENED = "nothing_opened"
    ANNULLED = "annulled"


UNSOLD_REASONS: dict[UnsoldReason, Bilingual] = {
    UnsoldReason.NO_BIDS: Bilingual("无人出价", "nobody bid"),
    UnsoldReason.RESERVE_NOT_MET: Bilingual("未达保留价", "the reserve was not met"),
    UnsoldReason.SEVERAL_QUOTES: Bilingual(
        "多家报价，转入竞价", "several parties quoted: it goes to competitive bidding"
    ),
    UnsoldReason.NOT_CONFIRMED: Bilingual("单一报价未获确认", "the single quote was not confirmed"),
    UnsoldReason.NO_AGREEMENT: Bilingual("双方未达成一致", "the parties did not agree"),
    UnsoldReason.NOTHING_OPENED: Bilingual("密封出价无一开启", "no sealed bid was opened"),
    UnsoldReason.ANNULLED: Bilingual("已撤销", "annulled"),
}


@dataclass(frozen=True, slots=True)
class Award:
    """What one winner gets.

    Attributes
    ----------
    price
        For each unit.
    """

    bidder: str
    price: Amount
    quantity: int = 1

    @property
    def value(self) -> Decimal:
        """What it comes to."""
        return times(self.price, self.quantity)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a lot.

    Attributes
    ----------
    awards
        The winners; none where it was not sold.
    starting_price, reserve
        As in the terms; the ceiling stands for the starting price of a reverse sale, the floor for a Dutch sale's
        reserve.
    bidders, bids
        How many bid, and how many bids or proposals were taken.
    unsold_reason
        None where it was sold.
    """

    awards: tuple[Award, ...]
    starting_price: Decimal
    reserve: Decimal | None
    bidders: int
    bids: int
    unsold_reason: UnsoldReason | None = None

    @property
    def is_sold(self) -> bool:
        """Whether anybody got it."""
        return bool(self.awards)

    @property
    def price(self) -> Decimal | None:
        """The price of the lot, or of each unit."""
        return self.awards[0].price if self.awards else None

    @property
    def value(self) -> Decimal:
        """What all awards come to."""
        total = Decimal("0.00")
        for award in self.awards:
            total = plus(total, award.value)
        return total

    @property
    def premium_over_starting(self) -> Decimal | None:
        """How far the price is above the starting price, in percent; negative below it, as in a reverse sale."""
        return premium(self.price, self.starting_price)

    @property
    def premium_over_reserve(self) -> Decimal | None:
        """How far the price is above the reserve, in percent; None without a reserve or a sale."""
        return premium(self.price, self.reserve)


def premium(price: Decimal | None, base: Decimal | None) -> Decimal | None:
    """Return how far `price` is above `base` in percent with two places, halves away from zero (溢价率).

    None where either is missing.
    """
    return None if price is None or base is None else percentage(minus(price, base), base)
