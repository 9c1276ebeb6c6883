"""What the auction house earns (佣金): a schedule of tiers of the price, for the buyer, the seller, or both.

Tiers are marginal: each part of the price pays the percentage of the tier it lies in, so that a higher price never
costs less (as with income tax). A sale keeps its schedule as plain values, which `commission_plain` writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from itertools import pairwise
from typing import Any

from pydantic import TypeAdapter, ValidationError

from yunlang.auctions.core.amounts import EXACT, Amount, has_two_places, is_amount, minus, plus, times
from yunlang.kit.errors import InvalidError
from yunlang.kit.language import Bilingual
from yunlang.kit.money import CENT

_NOTHING = Decimal("0.00")
_WHOLE = Decimal("100.00")
_ROUNDING = Context(prec=60, rounding=ROUND_HALF_UP)


class CommissionError(InvalidError):
    """A schedule that cannot be applied."""

    code = "commission_invalid"


@dataclass(frozen=True, slots=True)
class Tier:
    """A part of the price and what is taken of it.

    Attributes
    ----------
    above
        Where the tier begins, in CNY; it ends where the next begins.
    percent
        From 0.00 to 100.00, with two places.
    """

    above: Amount
    percent: Amount


@dataclass(frozen=True, slots=True)
class Scale:
    """What one side pays.

    Attributes
    ----------
    tiers
        The first begins at 0.00, each later one higher than the one before.
    minimum
        What is paid at least, in CNY; 0.00 for none. Nobody pays more than the price all the same.
    cap
        What is paid at most; None for no limit.
    """

    tiers: tuple[Tier, ...]
    minimum: Amount = _NOTHING
    cap: Amount | None = None

    def __post_init__(self) -> None:
        if problem := self._problem():
            raise CommissionError({"commission": [problem]})

    def _problem(self) -> Bilingual | None:
        starts = [one.above for one in self.tiers]
        if not starts or starts[0] != 0 or any(low >= high for low, high in pairwise(starts)):
            return Bilingual("分档应从 0.00 起，逐档升高", "tiers begin at 0.00 and each is higher than the last")
        if not all(has_two_places(one.percent) and one.percent <= _WHOLE for one in self.tiers):
            return Bilingual("比例应为 0 至 100，两位小数", "percentages are from 0 to 100, with two places")
        if self.cap is not None and (not is_amount(self.cap) or self.cap < self.minimum):
            return Bilingual("封顶额应为正数，且不低于最低收费", "the cap is positive and not below the minimum")
        return None

    def of(self, price: Decimal) -> Decimal:
        """Return the commission on a price, halves of a cent up; never more than the price itself."""
        ends = [*(one.above for one in self.tiers[1:]), None]
        hundredfold = _NOTHING
        for tier, end in zip(self.tiers, ends, strict=True):
            if price > tier.above:
                top = price if end is None else min(price, end)
                hundredfold = plus(hundredfold, times(minus(top, tier.above), tier.percent))
        exact = EXACT.divide(hundredfold, Decimal(100))
        due = max(exact.quantize(CENT, context=_ROUNDING), self.minimum)
        return min(due, price) if self.cap is None else min(due, self.cap, price)


@dataclass(frozen=True, slots=True)
class Commission:
    """Who pays how much: a side without a scale pays nothing."""

    buyer: Scale | None = None
    seller: Scale | None = None

    def of(self, price: Decimal) -> Charged:
        """Return what each side pays on a price."""
        return Charged(
            self.buyer.of(price) if self.buyer else _NOTHING, self.seller.of(price) if self.seller else _NOTHING
        )


@dataclass(frozen=True, slots=True)
class Charged:
    """What each side pays, in CNY."""

    buyer: Decimal
    seller: Decimal

    @property
    def total(self) -> Decimal:
        """What the house gets."""
        return plus(self.buyer, self.seller)


_COMMISSION: TypeAdapter[Commission] = TypeAdapter(Commission)
_UNREADABLE = Bilingual("不是有效的佣金标准", "this is no schedule of commission")


def commission_plain(commission: Commission) -> dict[str, Any]:
    """Return a schedule as plain values, decimals as text."""
    plain: dict[str, Any] = _COMMISSION.dump_python(commission, mode="json", exclude_none=True)
    return plain


def commission_of(plain: Mapping[str, Any]) -> Commission:
    """Return the schedule that plain values say; an empty mapping is a sale without commission.

    Raises
    ------
    CommissionError
        When they say none, or one that cannot be applied.
    """
    if unknown := set(plain) - {"buyer", "seller"}:
        raise CommissionError({name: [_UNREADABLE] for name in sorted(map(str, unknown))})
    try:
        return _COMMISSION.validate_python(dict(plain))
    except (ArithmeticError, ValidationError, TypeError) as error:
        raise CommissionError({"commission": [_UNREADABLE]}) from error
