"""Statistics of many columns at once, with missing values left out."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from yunlang.indicators.core.framework import Floats

Flags = npt.NDArray[np.bool_]
# As much of a panel as one pass works on: its temporaries stay in the processor's cache.
BLOCK_BYTES = 1 << 20


def count(values: Floats, axis: int = -2) -> Floats:
    """Return how many values are known, keeping the axis."""
    return np.count_nonzero(~np.isnan(values), axis=axis, keepdims=True).astype(np.float64)


def mean(values: Floats, axis: int = -2) -> Floats:
    """Return the mean of the known values, keeping the axis; NaN of none."""
    known = np.where(np.isnan(values), 0.0, values)
    with np.errstate(invalid="ignore"):
        found: Floats = known.sum(axis=axis, keepdims=True) / count(values, axis)
    return found


def deviation(values: Floats, axis: int = -2) -> Floats:
    """Return the standard deviation with n − 1, keeping the axis; NaN of fewer than two values."""
    differences = values - mean(values, axis)
    known = np.where(np.isnan(differences), 0.0, differences)
    number = count(values, axis)
    with np.errstate(invalid="ignore", divide="ignore"):
        squares: Floats = (known * known).sum(axis=axis, keepdims=True) / (number - 1)
    return np.sqrt(np.where(number > 1, squares, np.nan))


def median(values: Floats, axis: int = -2) -> Floats:
    """Return the median of the known values, keeping the axis; NaN of none."""
    ordered = np.sort(values, axis=axis)
    number = count(values, axis).astype(np.intp)
    lower = np.take_along_axis(ordered, np.maximum(number - 1, 0) // 2, axis=axis)
    upper = np.take_along_axis(ordered, np.minimum(number // 2, values.shape[axis] - 1), axis=axis)
    found: Floats = (lower + upper) / 2
    return found


def least(values: Floats, axis: int = -2) -> Floats:
    """Return the least known value, keeping the axis; NaN of none."""
    return np.fmin.reduce(values, axis=axis, keepdims=True)


def greatest(values: Floats, axis: int = -2) -> Floats:
    """Return the greatest known value, keeping the axis; NaN of none."""
    return np.fmax.reduce(values, axis=axis, keepdims=True)


def skewness_and_kurtosis(values: Floats) -> tuple[Floats, Floats]:
    """Return the sample-corrected skewness G1 and excess kurtosis G2 of each column, shape (…, columns).

    NaN of fewer than three, or four, values, and of values all alike. Joanes & Gill, "Comparing measures of sample
    skewness and kurtosis", The Statistician 47 (1998), type 2.
    """
    return shape_of_moments(*central_sums(values))


def central_sums(values: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return each column's number of values, and sums of 2nd, 3rd and 4th powers of differences to its mean.

    Each of shape (…, columns).
    """
    differences = values - mean(values)
    known = np.where(np.isnan(differences), 0.0, differences)
    squares = known * known
    second, fourth = squares.sum(axis=-2), np.einsum("...uc,...uc->...c", squares, squares)
    third = np.einsum("...uc,...uc->...c", squares, known)
    return count(values)[..., 0, :], second, third, fourth


def shape_of_moments(number: Floats, second: Floats, third: Floats, fourth: Floats) -> tuple[Floats, Floats]:
    """Return G1 and G2 from sums of powers of differences to the mean."""
    with np.errstate(invalid="ignore", divide="ignore"):
        skewness = np.sqrt(number * (number - 1)) / (number - 2) * np.sqrt(number) * third / second**1.5
        ratio = number * fourth / second**2
        kurtosis = ((number + 1) * (ratio - 3) + 6) * (number - 1) / ((number - 2) * (number - 3))
    skewed = np.where((number > 2) & (second > 0), skewness, np.nan)
    return skewed, np.where((number > 3) & (second > 0), kurtosis, np.nan)


def ranks(values: Floats, *, axis: int = -2) -> Floats:
    """Return ascending ranks along an axis, ties taking the smallest; NaN stays NaN.

    A rank is one more than the number of smaller known values.
    """
    moved = np.moveaxis(values, axis, -1)
    order = np.argsort(moved, axis=-1, kind="stable")
    ordered = np.take_along_axis(moved, order, axis=-1)
    places = np.arange(1, moved.shape[-1] + 1, dtype=np.float64)
    starts = np.ones(ordered.shape, dtype=bool)
    starts[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    first = np.maximum.accumulate(np.where(starts, places, 0.0), axis=-1)
    first[np.isnan(ordered)] = np.nan
    found = np.empty_like(first)
    np.put_along_axis(found, order, first, axis=-1)
    return np.moveaxis(found, -1, axis)


def descending_ranks(scores: Floats, *, axis: int = -1) -> Floats:
    """Return the ranks of scores, 1 for the highest, ties taking the smallest; NaN never becomes a rank."""
    return ranks(-scores, axis=axis)


def by_blocks(compute: Callable[[Floats, slice, slice], Floats], values: Floats) -> Floats:
    """Compute a function of single columns block by block, on as many threads as there are processors.

    Parameters
    ----------
    compute
        Takes a block of shape (1, units, some indicators) and where it lies among periods and indicators; returns a
        block of that shape.
    values
        Shape (periods, units, indicators).
    """
    periods, units, indicators = values.shape
    width = max(1, BLOCK_BYTES // max(1, 8 * units))
    found = np.empty((periods, indicators, units)).swapaxes(1, 2)

    def work(period: int, start: int) -> None:
        where, which = slice(period, period + 1), slice(start, min(start + width, indicators))
        found[where, :, which] = compute(values[where, :, which], where, which)

    blocks = [(period, start) for period in range(periods) for start in range(0, indicators, width)]
    if len(blocks) == 1:
        work(*blocks[0])
        return found
    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        list(threads.map(lambda block: work(*block), blocks))
    return found
