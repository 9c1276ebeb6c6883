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
    skewness, kurtosis = columns.skewness_and_kurtosis(values)
    passes = limits.passes(skewness, kurtosis)
    outcome = np.zeros(len(passes), dtype=np.int8)
    points = np.zeros(len(passes), dtype=np.int64)
    if passes.all():
        return Treated(values, outcome, points, passes)
    found = values.copy(order="K")
    bad = np.flatnonzero(~passes)
    original = values[:, bad]
    low, high, moved, cured = _winsorised_ends(original, limits)
    winsorised = np.clip(original, low, high)
    outcome[bad], points[bad], passes[bad] = WINSORISED, moved, cured
    found[:, bad] = winsorised
    if transform is not None and not cured.all():
        still = bad[~cured]
        base = (winsorised if combine else original)[:, ~cured]
        found[:, still] = transform(base, columns.skewness_and_kurtosis(base)[0])
        outcome[still] = TRANSFORMED
        points[still] = points[still] if combine else 0
        passes[still] = limits.passes(*columns.skewness_and_kurtosis(found[:, still]))
    return Treated(found, outcome, points, passes)


def _winsorised_ends(values: Floats, limits: Limits) -> tuple[Floats, Floats, npt.NDArray[np.int64], Flags]:
    """Return the values that each column's ends are pulled in to, how many points that moves, and who passes then.

    Columns are sorted once; each step then only moves an end to the next value, and the sums of powers with it.
    """
    ordered = np.sort(values.T, axis=1)
    number = np.count_nonzero(~np.isnan(ordered), axis=1)
    rows = np.arange(len(ordered))
    centre = columns.mean(values)[0]
    starts, ends = _runs(ordered)
    low = np.zeros(len(ordered), dtype=np.int64)
    high = number - 1
    # Positions low and high hold the values that everything beyond them has been pulled in to.
    powers = [np.nansum((ordered - centre[:, None]) ** power, axis=1) for power in (1, 2, 3, 4)]
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
        # Where an end meets the other, a column has but two values left, and none to pull in to.
        next_high = np.where(upper, starts[rows, high] - 1, high)
        next_low = np.where(lower, ends[rows, low] + 1, low)
        stuck = (upper & (next_high < low)) | (lower & (next_low > high))
        active &= ~stuck
        next_high, next_low = np.where(stuck, high, next_high), np.where(stuck, low, next_low)
        tail_high, tail_low = number - starts[rows, high], ends[rows, low] + 1
        for place, target, tail in ((high, next_high, tail_high), (low, next_low, tail_low)):
            old, new = ordered[rows, place] - centre, ordered[rows, target] - centre
            for index, power in enumerate((1, 2, 3, 4)):
                powers[index] = powers[index] + tail * (new**power - old**power)
        high, low = next_high, next_low
        at_high = np.where(upper & ~stuck, tail_high, at_high)
        at_low = np.where(lower & ~stuck, tail_low, at_low)
    return ordered[rows, low], ordered[rows, high], at_low + at_high, cured


def _runs(ordered: Floats) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return, for each place of sorted rows, where the run of equal values around it starts and ends."""
    size = ordered.shape[1]
    places = np.arange(size)
    changes = np.ones(ordered.shape, dtype=bool)
    changes[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    starts = np.maximum.accumulate(np.where(changes, places, 0), axis=1)
    closes = np.ones(ordered.shape, dtype=bool)
    closes[:, :-1] = changes[:, 1:]
    ends = np.minimum.accumulate(np.where(closes, places, size)[:, ::-1], axis=1)[:, ::-1]
    return starts, ends


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
