"""The terms that a lot is sold on, one class for each form of sale; wrong terms cannot be made.

Times are set relative to the opening: a lot whose opening is delayed keeps its full time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar, Literal

from yunlang.auctions.core.amounts import EXACT, Amount, is_amount, minus, times
from yunlang.auctions.core.errors import TermsError
from yunlang.auctions.core.ladder import EXTENSION_REASON, LADDER_REASON, Extension, Rung, is_ladder
from yunlang.auctions.core.moments import Moment, Span, is_span
from yunlang.kit.language import Bilingual

_AMOUNT = Bilingual("应为正的金额，精确到分", "it must be a positive amount with two places")
_RESERVE = Bilingual("保留价应为金额，且不低于起拍价", "the reserve is an amount, and not below the starting price")
_SPAN = Bilingual("应为正的整秒", "it must be a positive whole number of seconds")
_ZONE = Bilingual("开始时间应带时区", "the opening time needs a zone")
_UNITS = Bilingual("数量应为正整数", "the number of units is a positive whole number")
_FLOOR = Bilingual("最低价应为金额，且低于起拍价", "the floor is an amount, and below the starting price")
_WEIGHTS = Bilingual(
    "各项权重应为正，合计（含价格）为 100.00，名称不重复",
    "weights are positive with two places, sum to 100.00 with the price's, and no criterion comes twice",
)
_KEY = Bilingual("公钥只用于加密的密封报价", "a public key goes with encrypted sealed bids, and is one")
_LONGEST_KEY = 4096
_WHOLE = Decimal("100.00")
Problems = dict[str, list[Bilingual]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When bidding opens and how long it lasts.

    Attributes
    ----------
    opens
        When it opens by itself; None where the auctioneer opens it.
    lasts
        How long it is open; None where the auctioneer closes it (the hammer, 落槌).
    """

    opens: Moment | None = None
    lasts: Span | None = None

    def problems(self) -> Problems:
        """Return what is wrong with it, by field."""
        return _found(
            opens=(self.opens is None or self.opens.tzinfo is not None, _ZONE),
            lasts=(self.lasts is None or is_span(self.lasts), _SPAN),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What all forms of sale have: a schedule, and how amounts are named in its outcome."""

    schedule: Schedule = Schedule()

    def __post_init__(self) -> None:
        problems = self.schedule.problems() | self.problems()
        if problems:
            raise TermsError(problems)

    def problems(self) -> Problems:
        """Return what is wrong with the form's own terms, by field."""
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedTerms(Terms):
    """Terms of a sale upwards from a starting price.

    Attributes
    ----------
    starting_price
        The least that may be bid (起拍价).
    reserve
        The least it may be sold for (保留价); None where that is the starting price.
    """

    starting_price: Amount
    reserve: Amount | None = None

    @property
    def floor(self) -> Decimal:
        """The least it may be sold for."""
        return self.starting_price if self.reserve is None else self.reserve

    def problems(self) -> Problems:
        """Return what is wrong with the prices, by field."""
        sound = is_amount(self.starting_price)
        reserved = self.reserve is None or (
            is_amount(self.reserve) and (not sound or self.reserve >= self.starting_price)
        )
        return _found(starting_price=(sound, _AMOUNT), reserve=(reserved, _RESERVE))


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleQuoteTerms(PricedTerms):
    """One interested party confirms its quote at or above the reserve (单一报价成交); several go to competition.

    Attributes
    ----------
    confirm_within
        How long after bidding the quote may be raised and confirmed; None for as long as the office leaves it open.
    """

    format: Literal["single_quote"] = "single_quote"
    confirm_within: Span | None = None

    def problems(self) -> Problems:
        """Return what is wrong, by field."""
        sound = self.confirm_within is None or is_span(self.confirm_within)
        return super(SingleQuoteTerms, self).problems() | _found(confirm_within=(sound, _SPAN))


@dataclass(frozen=True, slots=True, kw_only=True)
class NegotiatedTerms(PricedTerms):
    """Offers and counter-offers under a listing (协议转让); the starting price is the price asked for at first."""

    format: Literal["negotiated"] = "negotiated"

    @property
    def floor(self) -> Decimal:
        """The least it may be sold for: the reserve, or one cent."""
        return Decimal("0.01") if self.reserve is None else self.reserve

    def problems(self) -> Problems:
        """Return what is wrong, by field; the asking price may well be above the reserve."""
        reserved = self.reserve is None or is_amount(self.reserve)
        return _found(starting_price=(is_amount(self.starting_price), _AMOUNT), reserve=(reserved, _AMOUNT))


@dataclass(frozen=True, slots=True, kw_only=True)
class EnglishTerms(PricedTerms):
    """Ascending open bids (增价拍卖).

    Attributes
    ----------
    ladder
        The increments (加价幅度); the first rung starts at 0.00.
    extension
        How late bids keep the clock running; it needs a schedule that lasts a set time.
    """

    ladder: tuple[Rung, ...]
    extension: Extension | None = None
    format: Literal["english"] = "english"

    def problems(self) -> Problems:
        """Return what is wrong, by field."""
        extends = self.extension is None or (self.extension.is_sound and self.schedule.lasts is not None)
        return super(EnglishTerms, self).problems() | _found(
            ladder=(is_ladder(self.ladder), LADDER_REASON), extension=(extends, EXTENSION_REASON)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedTerms(PricedTerms):
    """One sealed bid from each (密封报价).

    Attributes
    ----------
    pays
        What the highest bidder pays: the own bid, or the second-highest bid (Vickrey 1961), at least the reserve.
    cover
        ``commit``: a hash now, the amount revealed by the bidder later; ``encrypted``: also a ciphertext, opened by
        the office.
    reveal_within
        How long after bidding bids may be revealed; None for as long as the office leaves it open.
    opening_key
        The public key that ciphertexts are made for, as text; opaque here.
    """

    pays: Literal["first", "second"] = "first"
    cover: Literal["commit", "encrypted"] = "commit"
    reveal_within: Span | None = None
    opening_key: str = ""
    format: Literal["sealed"] = "sealed"

    def problems(self) -> Problems:
        """Return what is wrong, by field."""
        sound = self.reveal_within is None or is_span(self.reveal_within)
        keyed = len(self.opening_key) <= _LONGEST_KEY and (self.cover == "encrypted" or not self.opening_key)
        return super(SealedTerms, self).problems() | _found(reveal_within=(sound, _SPAN), opening_key=(keyed, _KEY))


@dataclass(frozen=True, slots=True, kw_only=True)
class DutchTerms(Terms):
    """A price that falls until somebody takes it (降价拍卖).

    Attributes
    ----------
    starting_price, floor
        The first price and the last (保留价); the last step may be shorter.
    step, interval
        How far the price falls, and after how long.
    """

    starting_price: Amount
    floor: Amount
    step: Amount
    interval: Span
    format: Literal["dutch"] = "dutch"

    @property
    def steps(self) -> int:
        """How many times the price falls until it has reached the floor."""
        distance = minus(self.starting_price, self.floor)
        return int(EXACT.divide_int(distance, self.step)) + (EXACT.remainder(distance, self.step) > 0)

    @property
    def lasts(self) -> timedelta:
        """How long there is a price: one interval for each, the floor's too."""
        return self.interval * (self.steps + 1)

    def price_after(self, elapsed: timedelta) -> Decimal:
        """Return the price after the clock has run so long."""
        fallen = times(self.step, elapsed // self.interval)
        return max(self.floor, minus(self.starting_price, fallen))

    def problems(self) -> Problems:
        """Return what is wrong, by field; the time that it lasts follows from the steps."""
        prices = is_amount(self.starting_price) and is_amount(self.floor)
        return _found(
            starting_price=(is_amount(self.starting_price), _AMOUNT),
            floor=(is_amount(self.floor) and (not prices or self.floor < self.starting_price), _FLOOR),
            step=(is_amount(self.step), _AMOUNT),
            interval=(is_span(self.interval), _SPAN),
            lasts=(self.schedule.lasts is None, _SPAN),
        )


@dataclass(frozen=True, slots=True)
class Criterion:
    """What else than the price counts; points from 0 to 100, weight in percent."""

    code: str
    weight: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseTerms(Terms):
    """Descending open offers to a buyer, ranked by price and other criteria (综合评分法).

    Attributes
    ----------
    ceiling
        The most that may be asked (最高限价).
    decrement
        How much lower a bidder's next offer must be at least.
    price_weight
        Percent; with the criteria's weights it makes 100.00.
    """

    ceiling: Amount
    decrement: Amount
    price_weight: Amount = _WHOLE
    criteria: tuple[Criterion, ...] = ()
    extension: Extension | None = None
    format: Literal["reverse"] = "reverse"

    def problems(self) -> Problems:
        """Return what is wrong, by field."""
        weights = (self.price_weight, *(one.weight for one in self.criteria))
        named = len({one.code for one in self.criteria}) == len(self.criteria) and all(
            one.code for one in self.criteria
        )
        weighted = named and all(is_amount(one) for one in weights) and sum(weights) == _WHOLE
        extends = self.extension is None or (self.extension.is_sound and self.schedule.lasts is not None)
        return _found(
            ceiling=(is_amount(self.ceiling), _AMOUNT),
            decrement=(is_amount(self.decrement), _AMOUNT),
            criteria=(weighted, _WEIGHTS),
            extension=(extends, EXTENSION_REASON),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UniformPriceTerms(PricedTerms):
    """Several like units at one price (统一价格拍卖).

    Attributes
    ----------
    units
        How many there are.
    clears_at
        The price of all: the lowest bid that gets a unit, or the highest that gets none (Krishna 2010, ch. 12), at
        least the reserve. Under the second a bidder who wants one unit does best to bid its value.
    """

    units: int
    clears_at: Literal["lowest_accepted", "highest_rejected"] = "lowest_accepted"
    format: Literal["uniform_price"] = "uniform_price"
    largest_supply: ClassVar[int] = 10**9

    def problems(self) -> Problems:
        """Return what is wrong, by field."""
        sound = type(self.units) is int and 0 < self.units <= self.largest_supply
        return super(UniformPriceTerms, self).problems() | _found(units=(sound, _UNITS))


AnyTerms = (
    SingleQuoteTerms | NegotiatedTerms | EnglishTerms | SealedTerms | DutchTerms | ReverseTerms | UniformPriceTerms
)


def _found(**checks: tuple[bool, Bilingual]) -> Problems:
    return {name: [reason] for name, (sound, reason) in checks.items() if not sound}
