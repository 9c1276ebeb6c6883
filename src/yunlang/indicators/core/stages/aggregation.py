"""Aggregation: the members of a group become one score.

Every method takes values of shape (…, units, members) and weights of shape (…, members), whose leading axes (draws,
periods) are broadcast against each other, and returns shape (…, units). Weights are relative. A value that is missing
is left out together with its weight; where all are, so is the score.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from yunlang.indicators.core.columns import Flags
from yunlang.indicators.core.errors import StageError
from yunlang.indicators.core.framework import Floats
from yunlang.kit.language import Bilingual

STAGE = Bilingual("合成", "aggregate")
Method = Callable[[Floats, Floats], Floats]


def arithmetic(values: Floats, weights: Floats) -> Floats:
    """Return Σwx / Σw."""
    missing = np.isnan(values)
    if not missing.any():
        total = weights.sum(axis=-1, keepdims=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            return _weighted_sum(values, weights) / np.where(total > 0, total, np.nan)
    known = _weighted_sum((~missing).astype(np.float64), weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _weighted_sum(np.where(missing, 0.0, values), weights) / np.where(known > 0, known, np.nan)


def _weighted_sum(values: Floats, weights: Floats) -> Floats:
    """Return Σwx over the members; the products are summed member by member, so no large array is made of them."""
    total = values[..., 0] * weights[..., 0, None]
    for member in range(1, values.shape[-1]):
        total = total + values[..., member] * weights[..., member, None]
    return total


def geometric(values: Floats, weights: Floats) -> Floats:
    """Return exp(Σw·ln x / Σw).

    Raises
    ------
    StageError
        Where a value is not above 0.
    """
    _require(
        np.isnan(values) | (values > 0),
        "几何平均要求数值为正；请先归一到 0 以上的区间，如 1–100",
        "a geometric mean needs values above 0; normalise to a range such as 1–100 first",
    )
    return np.exp(arithmetic(np.log(values), weights))


def harmonic(values: Floats, weights: Floats) -> Floats:
    """Return Σw / Σ(w/x).

    Raises
    ------
    StageError
        Where a value is 0.
    """
    _require(
        values != 0,
        "调和平均要求数值不为 0；请先归一到 0 以上的区间，如 1–100",
        "a harmonic mean has no place for 0; normalise to a range such as 1–100 first",
    )
    return 1 / arithmetic(1 / values, weights)


def generalised(values: Floats, weights: Floats, *, exponent: float) -> Floats:
    """Return (Σw·x^p / Σw)^(1/p), the geometric mean for p = 0.

    Raises
    ------
    StageError
        Where a value is negative, or is 0 and p is not positive.
    """
    if exponent == 0:
        return geometric(values, weights)
    lowest_allowed = values >= 0 if exponent > 0 else values > 0
    zh, en = (
        "广义平均要求数值为正；请先归一到 0 以上的区间，如 1–100",
        "a generalised mean needs values above 0; normalise to a range such as 1–100 first",
    )
    _require(np.isnan(values) | lowest_allowed, zh, en)
    return arithmetic(values**exponent, weights) ** (1 / exponent)


def median(values: Floats, weights: Floats) -> Floats:
    """Return the weighted median; the mean of two where half of the weight lies on each side."""
    ordered, shares = _ordered(values, weights)
    sums = np.cumsum(shares, axis=-1)
    half = sums[..., -1:] / 2
    close = 1e-12 * np.abs(half)
    lower = _first(sums >= half - close, ordered)
    upper = _first(sums > half + close, ordered)
    return np.where(half[..., 0] > 0, (lower + upper) / 2, np.nan)


def _first(flags: np.ndarray, ordered: Floats) -> Floats:
    return np.take_along_axis(ordered, flags.argmax(axis=-1)[..., None], axis=-1)[..., 0]


def _ordered(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return the members of each unit in ascending order, and their weights; the missing ones last, without weight."""
    values, spread = np.broadcast_arrays(values, weights[..., None, :])
    order = np.argsort(values, axis=-1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=-1)
    shares = np.where(np.isnan(ordered), 0.0, np.take_along_axis(spread, order, axis=-1))
    return ordered, shares


def ordered_weighted(values: Floats, weights: Floats, *, orness: float = 0.5) -> Floats:
    """Return the ordered weighted average (OWA): weight goes to a value's rank within the unit, not to its name.

    The quantifier Q(r) = r^((1 − orness) / orness) of Yager, "Quantifier guided aggregation using OWA operators",
    International Journal of Intelligent Systems 11 (1996), applied to the importance weights summed from the best value
    down: orness 1 is the best value, 0.5 the weighted mean, 0 the worst.
    """
    ordered, shares = _ordered(values, weights)
    descending, shares = ordered[..., ::-1], shares[..., ::-1]
    total = shares.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        reached = np.clip(np.cumsum(shares, axis=-1) / total, 0.0, 1.0)
    taken = np.diff(_quantifier(reached, orness), axis=-1, prepend=0.0)
    found = np.where(np.isnan(descending), 0.0, descending * taken).sum(axis=-1)
    return np.where(total[..., 0] > 0, found, np.nan)


def _quantifier(reached: Floats, orness: float) -> Floats:
    if orness <= 0:
        return (reached >= 1 - 1e-12).astype(np.float64)
    if orness >= 1:
        return (reached > 0).astype(np.float64)
    return reached ** ((1 - orness) / orness)


def outranking(values: Floats, weights: Floats) -> Floats:
    """Return for each pair of units the weight of the members in which the first is better, ties counting half.

    Weights are shares of those of the members that both units have; a pair without any is even, at one half. Where
    nothing is missing, this is COINr's `outrankMatrix`; with missing values that one depends on the order of the units.
    Shape (…, units, units), zeros on the diagonal.
    """
    shares = weights / weights.sum(axis=-1, keepdims=True)
    units = values.shape[-2]
    lead = np.broadcast_shapes(values.shape[:-2], weights.shape[:-1])
    better, common = np.zeros((*lead, units, units)), np.zeros((*lead, units, units))
    missing = np.isnan(values)
    for member in range(values.shape[-1]):
        one, other = values[..., member][..., :, None], values[..., member][..., None, :]
        share = shares[..., member, None, None]
        better += share * ((one > other) + 0.5 * (one == other))
        if missing.any():
            common += share * ~(missing[..., member][..., :, None] | missing[..., member][..., None, :])
    if missing.any():
        better = np.divide(better, common, out=np.full_like(better, 0.5), where=common > 0)
    better[..., range(units), range(units)] = 0
    return better


def copeland(values: Floats, weights: Floats) -> Floats:
    """Return how many units each one outranks, less how many outrank it (Copeland, 1951)."""
    difference = outranking(values, weights) - 0.5
    # Sums of weights that should be one half exactly differ from it by rounding alone.
    wins = np.where(np.abs(difference) < 1e-12, 0.0, np.sign(difference))
    units = values.shape[-2]
    wins[..., range(units), range(units)] = 0
    found = wins.sum(axis=-1)
    return np.where(np.isnan(values).all(axis=-1), np.nan, found)


def topsis(values: Floats, weights: Floats) -> Floats:
    """Return each unit's closeness to the ideal one, from 0 to 1.

    Hwang & Yoon, "Multiple Attribute Decision Making" (1981): columns divided by their length, weighted; Euclidean
    distances to the best and the worst value of each column.
    """
    shares = (weights / weights.sum(axis=-1, keepdims=True))[..., None, :]
    length = np.sqrt(np.nansum(values**2, axis=-2, keepdims=True))
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = values / np.where(length > 0, length, np.nan) * shares
    best, worst = np.fmax.reduce(scaled, axis=-2, keepdims=True), np.fmin.reduce(scaled, axis=-2, keepdims=True)
    to_best = np.sqrt(np.nansum((scaled - best) ** 2, axis=-1))
    to_worst = np.sqrt(np.nansum((scaled - worst) ** 2, axis=-1))
    total = to_best + to_worst
    known = ~np.isnan(scaled).all(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(known & (total > 0), to_worst / total, np.nan)


def mazziotta_pareto(values: Floats, weights: Floats, *, penalty: int = -1) -> Floats:
    """Return the mean less (penalty −1) or plus (+1) the product of deviation and coefficient of variation.

    Mazziotta & Pareto, "On a generalized non-compensatory composite index for measuring socio-economic phenomena",
    Social Indicators Research 127 (2016). The original index takes values with mean 100 and deviation 10 (normalise by
    z-score); the adjusted one (AMPI) values between goalposts, mapped to 70–130. Deviations are with n, weighted.
    """
    centre = arithmetic(values, weights)
    spread = np.sqrt(arithmetic((values - centre[..., None]) ** 2, weights))
    with np.errstate(divide="ignore", invalid="ignore"):
        return centre + penalty * spread * _ratio(spread, centre)


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    found: Floats = np.divide(
        numerator, denominator, out=np.full_like(numerator, np.nan), where=denominator != 0
    )  # fmt: skip
    return found


def _require(holds: Flags, zh: str, en: str) -> None:
    """Raise where a condition on values fails, saying in which draws it does; the first axis is theirs, if any is."""
    if holds.all():
        return
    draws: Flags | None = np.logical_not(holds.all(axis=tuple(range(1, holds.ndim)))) if holds.ndim > 2 else None
    raise StageError(stage=STAGE, reason=Bilingual(zh, en), draws=draws)
