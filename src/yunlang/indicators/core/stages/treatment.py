"""Treatment of outliers: pull in the few points that make a column lopsided, or transform all of it.

A column passes where |skewness| or kurtosis lies below its limit. One that does not has its extreme values, on the side
it is skewed to, pulled in to the next value, until it passes or enough points were moved (values that are equal move
together). If it still does not pass, that is undone and the whole column transformed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from yunlang.indicators.core import columns
from yunlang.indicators.core.columns import Flags
from yunlang.indicators.core.framework import Floats

Transformation = Literal["log_ct", "log_ct_plus", "log_gii", "box_cox", "none"]
PASSED, WINSORISED, TRANSFORMED = 0, 1, 2
_SHIFT = 0.01


@dataclass(frozen=True, slots=True)
class Limits:
    """When a column needs treatment, and how much of it may be moved.

    Attributes
    ----------
    skewness, kurtosis
        Below either, a column is left as it is.
    points
        How many values may be pulled in; None for any number.
    """

    skewness: float = 2.0
    kurtosis: float = 3.5
    points: int | None = 5

    def passes(self, skewness: Floats, kurtosis: Floats) -> Flags:
        """Tell which columns pass; one too short, or all alike, has no outliers to speak of."""
        unknown = np.isnan(skewness) | np.isnan(kurtosis)
        return unknown | (np.abs(skewness) < self.skewness) | (kurtosis < self.kurtosis)


@dataclass(frozen=True, slots=True)
class Treated:
    """Treated values, and what was done to each column.

    Attributes
    ----------
    values
        Shape (periods, units, indicators).
    outcome
        `PASSED`, `WINSORISED` or `TRANSFORMED`, shape (periods, indicators).
    points
        How many values were pulled in, shape (periods, indicators); 0 where the column was transformed.
    passes
        Whether the column passes now, shape (periods, indicators).
    """

    values: Floats
    outcome: npt.NDArray[np.int8]
    points: npt.NDArray[np.int64]
    passes: Flags


def treated(
    values: Floats, *, limits: Limits, transformation: Transformation = "log_ct", exponent: float = 0.0,
    combine: bool = False,
) -> Treated:  # fmt: skip
    """Treat each column of each period.

    Parameters
    ----------
    values
        Shape (periods, units, indicators); a panel treated as a whole comes as one period.
    transformation
        What a column gets that winsorising does not cure.
    exponent
        Lambda of Box and Cox.
    combine
        Transform the winsorised column rather than the original one.
    """
    periods, _, indicators = values.shape
    outcome = np.zeros((periods, indicators), dtype=np.int8)
    points = np.zeros((periods, indicators), dtype=np.int64)
    passes = np.ones((periods, indicators), dtype=bool)

    def block(part: Floats, where: slice, which: slice) -> Floats:
        one = _treat_block(part[0], limits, _TRANSFORMATIONS[transformation](exponent), combine)
        outcome[where, which], points[where, which], passes[where, which] = one.outcome, one.points, one.passes
        return one.values[None]

    return Treated(columns.by_blocks(block, values), outcome, points, passes)


def _treat_block(
    values: Floats, limits: Limits, transform: Callable[[Floats, Floats], Floats] | None, combine: bool
) -> Treated:
    sums = columns.central_sums(values)
    skewness, kurtosis = columns.shape_of_moments(*sums)
    passes = limits.passes(skewness, kurtosis)
    outcome = np.zeros(len(passes), dtype=np.int8)
    points = np.zeros(len(passes), dtype=np.int64)
    if passes.all():
        return Treated(values, outcome, points, passes)
    found = values.copy(order="K")
    bad = np.flatnonzero(~passes)
    low, high, moved, cured = _winsorised_ends(values[:, bad], sums[1][bad], sums[2][bad], sums[3][bad], limits)
    outcome[bad], points[bad], passes[bad] = WINSORISED, moved, cured
    pulled = cured | combine | (transform is None)
    found[:, bad[pulled]] = np.clip(values[:, bad[pulled]], low[pulled], high[pulled])
    if transform is not None and not cured.all():
        still = bad[~cured]
        base = found[:, still]
        turned = columns.skewness_and_kurtosis(base)[0] if combine else skewness[still]
        found[:, still] = transform(base, turned)
        outcome[still] = TRANSFORMED
        points[still] = points[still] if combine else 0
        passes[still] = limits.passes(*columns.skewness_and_kurtosis(found[:, still]))
    return Treated(found, outcome, points, passes)


def _winsorised_ends(
    values: Floats, second: Floats, third: Floats, fourth: Floats, limits: Limits
) -> tuple[Floats, Floats, npt.NDArray[np.int64], Flags]:
    """Return the values that each column's ends are pulled in to, how many points that moves, and who passes then.

    Columns are sorted once; each step then only moves an end to the next value, and the sums of powers with it.

    Parameters
    ----------
    second, third, fourth
        Sums of powers of differences to each column's mean.
    """
    ordered = np.sort(values.T, axis=1)
    number = np.count_nonzero(~np.isnan(ordered), axis=1)
    rows = np.arange(len(ordered))
    centre = columns.mean(values)[0]
    low = np.zeros(len(ordered), dtype=np.int64)
    high = number - 1
    # Positions low and high hold the values that everything beyond them has been pulled in to.
    powers = [np.zeros_like(second), second, third, fourth]
    most = np.inf if limits.points is None else limits.points
    at_low, at_high = np.zeros_like(low), np.zeros_like(low)
    cured = np.zeros(len(ordered), dtype=bool)
    active = np.ones(len(ordered), dtype=bool)
    while True:
        skewness, kurtosis = columns.shape_of_moments(number.astype(np.float64), *_central(powers, number))
        cured |= active & limits.passes(skewness, kurtosis)
        active &= ~cured & (at_low + at_high < most)
        if not active.any():
            break
        upper = active & (skewness >= 0)
        lower = active & ~upper
        start, end = _run_around(ordered, high, low, number)
        next_high, next_low = np.where(upper, start - 1, high), np.where(lower, end + 1, low)
        # With but two values left, pulling one in to the other would leave nothing to tell units apart.
        stuck = (upper & (next_high <= end)) | (lower & (next_low >= start))
        active &= ~stuck
        next_high, next_low = np.where(stuck, high, next_high), np.where(stuck, low, next_low)
        tail_high, tail_low = number - start, end + 1
        for place, target, tail in ((high, next_high, tail_high), (low, next_low, tail_low)):
            old, new = ordered[rows, place] - centre, ordered[rows, target] - centre
            for index, power in enumerate((1, 2, 3, 4)):
                powers[index] = powers[index] + tail * (new**power - old**power)
        high, low = next_high, next_low
        at_high = np.where(upper & ~stuck, tail_high, at_high)
        at_low = np.where(lower & ~stuck, tail_low, at_low)
    return ordered[rows, low], ordered[rows, high], at_low + at_high, cured


def _run_around(
    ordered: Floats, high: npt.NDArray[np.int64], low: npt.NDArray[np.int64], number: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return where in each sorted row the run of values equal to the one at `high` starts, and that at `low` ends."""
    rows = np.arange(len(ordered))
    top, bottom = ordered[rows, high], ordered[rows, low]
    start = _bisected(np.zeros_like(high), high, lambda middle: ordered[rows, middle] >= top)
    after = _bisected(low, number, lambda middle: ordered[rows, np.minimum(middle, number - 1)] > bottom)
    return start, after - 1


def _bisected(
    below: npt.NDArray[np.int64], above: npt.NDArray[np.int64], holds: Callable[[npt.NDArray[np.int64]], Flags]
) -> npt.NDArray[np.int64]:
    """Return the first place from `below` on at which a condition holds, in each row; it holds at `above`."""
    below, above = below.copy(), above.copy()
    while (below < above).any():
        middle = (below + above) // 2
        found = holds(middle)
        above = np.where(found & (below < above), middle, above)
        below = np.where(~found & (below < above), middle + 1, below)
    return below


def _central(powers: list[Floats], number: npt.NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
    """Return sums of powers of differences to the present mean, from sums around a fixed centre."""
    first, second, third, fourth = powers
    shift = first / number
    two = second - number * shift**2
    three = third - 3 * shift * second + 2 * number * shift**3
    four = fourth - 4 * shift * third + 6 * shift**2 * second - 3 * number * shift**4
    # What rounding leaves of a column that has become constant is nothing.
    return np.where(two <= 1e-12 * second, 0.0, two), three, four


def _log_ct(values: Floats, skewness: Floats) -> Floats:
    low, high = columns.least(values), columns.greatest(values)
    return np.log(values - low + _SHIFT * (high - low))


def _log_ct_plus(values: Floats, skewness: Floats) -> Floats:
    low, high = columns.least(values), columns.greatest(values)
    shift = _SHIFT * (high - low)
    return np.where(skewness > 0, np.log(values - low + shift), -np.log(high + shift - values))


def _log_gii(values: Floats, skewness: Floats) -> Floats:
    low, high = columns.least(values), columns.greatest(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.log((high - 1) * (values - low) / (high - low) + 1)


def _box_cox(exponent: float) -> Callable[[Floats, Floats], Floats]:
    def transform(values: Floats, skewness: Floats) -> Floats:
        positive = values - columns.least(values) + 1
        return np.log(positive) if exponent == 0 else (positive**exponent - 1) / exponent

    return transform


_TRANSFORMATIONS: dict[Transformation, Callable[[float], Callable[[Floats, Floats], Floats] | None]] = {
    "log_ct": lambda exponent: _log_ct,
    "log_ct_plus": lambda exponent: _log_ct_plus,
    "log_gii": lambda exponent: _log_gii,
    "box_cox": _box_cox,
    "none": lambda exponent: None,
}
