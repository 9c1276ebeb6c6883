"""What a published number can mean: an interval around it, and arithmetic that carries the interval along."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import reduce

from yunlang.kit.language import Bilingual

_ABOUT = Decimal("0.05")
_NEAR = Decimal("0.1")
_HALF = Decimal("0.5")
_UNBOUNDED = Decimal("Infinity")

ROUNDING_RULES: dict[str, Bilingual] = {
    "": Bilingual(
        "末位有效数字的半个单位；整数末尾的零不算有效数字",
        "half a unit of the last digit; the closing zeros of a whole number are not counted as digits",
    ),
    "about": Bilingual("“约”：上下 5%，且不小于四舍五入的误差", "“about”: 5% either way, and never less than rounding"),
    "near": Bilingual("“近”：不超过该数，且不低于其 90%", "“nearly”: at most the number, at least 90% of it"),
    "over": Bilingual("“超过”：不低于该数，没有上限", "“over”: at least the number, with no upper limit"),
}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number known to lie between two bounds.

    Attributes
    ----------
    low, high
        The bounds, both included; `high` may be infinite.
    value
        The number taken at its word, between them.
    """

    low: Decimal
    value: Decimal
    high: Decimal

    def __post_init__(self) -> None:
        if not self.low <= self.value <= self.high:
            message = f"{self.low} ≤ {self.value} ≤ {self.high} does not hold"
            raise ValueError(message)

    @classmethod
    def exact(cls, value: Decimal | int) -> Estimate:
        """Return a number that is known exactly."""
        number = Decimal(value)
        return cls(number, number, number)

    @property
    def is_open(self) -> bool:
        """Whether nothing bounds it from above."""
        return self.high == _UNBOUNDED

    def opened(self) -> Estimate:
        """Return the same lower bound with nothing above it: the sum of some of several positive parts."""
        return Estimate(self.low, self.value, _UNBOUNDED)

    def meets(self, other: Estimate) -> bool:
        """Tell whether some number lies within both."""
        return self.low <= other.high and other.low <= self.high

    def __add__(self, other: Estimate) -> Estimate:
        return Estimate(self.low + other.low, self.value + other.value, self.high + other.high)

    def __sub__(self, other: Estimate) -> Estimate:
        if other.is_open:
            message = "what has no upper bound cannot be taken away"
            raise ValueError(message)
        return Estimate(self.low - other.high, self.value - other.value, self.high - other.low)

    def __truediv__(self, other: Estimate) -> Estimate:
        """Divide by what is certainly positive; where the dividend may be negative, the widest quotient counts."""
        if other.low <= 0:
            message = f"{other.low} and more may be zero: nothing is divided by it"
            raise ValueError(message)
        low = self.low / (other.high if self.low >= 0 else other.low)
        high = self.high / (other.low if self.high >= 0 else other.high)
        return Estimate(low, self.value / other.value, high)

    def scaled(self, factor: Decimal | int) -> Estimate:
        """Multiply by a positive number."""
        if factor <= 0:
            message = f"{factor} is not positive"
            raise ValueError(message)
        return Estimate(self.low * factor, self.value * factor, self.high * factor)

    def root(self, degree: int) -> Estimate:
        """Return the positive root of what is not negative."""
        if degree < 1 or self.low < 0:
            message = f"there is no root of degree {degree} of {self.low}"
            raise ValueError(message)
        exponent = Decimal(1) / degree
        low, value = self.low**exponent, self.value**exponent
        high = self.high if self.is_open else self.high**exponent
        # A power is rounded to the last of its digits, which may change the order of neighbours.
        return Estimate(min(low, value), value, max(high, value))


def total(parts: Iterable[Estimate]) -> Estimate:
    """Add estimates up; the sum of none is an exact zero."""
    return reduce(lambda one, other: one + other, parts, Estimate.exact(0))


def published_estimate(
    value: Decimal, qualifier: str = "", *, written: str = "", step: Decimal | None = None
) -> Estimate:
    """Return what a published number can mean.

    A number stands for everything that would be rounded to it: half a unit of its last digit either way. The closing
    zeros of a whole number do not count as digits (5.46 trillion, kept as 54,600 hundred million, is as exact as 5.46),
    unless `step` says so. A fraction with one as its numerator stands for those nearer to it than to the next: 1/15
    lies between 1/15.5 and 1/14.5. “About” widens a number to 5% either way; “nearly” means at most the number and at
    least nine tenths of it; “over” means at least the number.

    Parameters
    ----------
    value
        The number as published, in its unit.
    qualifier
        Nothing, "about", "near" or "over".
    written
        The fraction that was published instead of a percentage, such as "1/15"; then `value` is in per cent.
    step
        The unit of the last digit, where the number itself does not tell; 0 for what is exact, such as things counted.

    Raises
    ------
    KeyError
        When there is no such qualifier.
    ValueError
        When `written` is no fraction with one as its numerator.
    """
    rounded = _fraction(written) if written else _rounded(value, step)
    if qualifier == "about" and not written:
        margin = abs(value) * _ABOUT
        return Estimate(min(rounded.low, value - margin), value, max(rounded.high, value + margin))
    if qualifier == "near":
        return Estimate(rounded.value - abs(rounded.value) * _NEAR, rounded.value, rounded.value)
    if qualifier == "over":
        return Estimate(rounded.value, rounded.value, _UNBOUNDED)
    if qualifier not in ROUNDING_RULES:
        raise KeyError(qualifier)
    return rounded


def _rounded(value: Decimal, step: Decimal | None) -> Estimate:
    if step is None:
        exponent = value.normalize().as_tuple().exponent if value else 0
        step = Decimal(1).scaleb(int(exponent))
    return Estimate(value - step * _HALF, value, value + step * _HALF)


def _fraction(written: str) -> Estimate:
    """Return a fraction's meaning, in per cent."""
    fraction = Fraction(written)
    if fraction.numerator != 1:
        message = f"{written} does not have one as its numerator"
        raise ValueError(message)
    parts = Decimal(fraction.denominator)
    return Estimate(100 / (parts + _HALF), 100 / parts, 100 / (parts - _HALF))
