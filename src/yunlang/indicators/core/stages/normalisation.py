"""Normalisation: columns of different units brought onto one scale, more always being better afterwards.

Every method takes values of shape (periods, units, indicators) already multiplied by their directions, unless it says
otherwise, and returns the same shape. What it compares with (least, greatest, mean …) it takes over the units of each
period; a panel normalised as a whole comes as one period with all of its units.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from yunlang.indicators.core import columns
from yunlang.indicators.core.framework import Floats, Goalposts


def minmax(values: Floats, *, low: float = 0.0, high: float = 100.0) -> Floats:
    """Scale each column's least value to `low` and its greatest to `high`."""
    least, greatest = columns.least(values), columns.greatest(values)
    return _divided(values - least, greatest - least) * (high - low) + low


def zscore(values: Floats, *, mean: float = 0.0, deviation: float = 1.0) -> Floats:
    """Give each column a mean and a standard deviation (with n − 1)."""
    return _divided(values - columns.mean(values), columns.deviation(values)) * deviation + mean


def rank(values: Floats) -> Floats:
    """Rank each column ascending from 1, ties taking the smallest."""
    return columns.ranks(values)


def percentile_rank(values: Floats) -> Floats:
    """Return (rank − 1) / (n − 1), n being how many values are known."""
    return _divided(columns.ranks(values) - 1, columns.count(values) - 1)


def borda(values: Floats) -> Floats:
    """Return how many known values each one exceeds: rank − 1."""
    return columns.ranks(values) - 1


def distance_to_maximum(values: Floats) -> Floats:
    """Return 1 − (max − x) / (max − min)."""
    least, greatest = columns.least(values), columns.greatest(values)
    return 1 - _divided(greatest - values, greatest - least)


def distance_to_reference(values: Floats, *, unit: int, cap: bool = False) -> Floats:
    """Return 1 − (reference − x) / (reference − min), the reference being one unit's own value.

    Parameters
    ----------
    unit
        Its position.
    cap
        Whether units beyond the reference score 1.
    """
    reference = values[:, unit : unit + 1, :]
    found = 1 - _divided(reference - values, reference - columns.least(values))
    return np.minimum(found, 1.0) if cap else found


def distance_to_target(values: Floats, *, targets: Sequence[float], directions: Floats, cap: bool = False) -> Floats:
    """Return how far each value has come from the worst one towards a target.

    Parameters
    ----------
    values
        As measured, *not* multiplied by their directions.
    targets
        One for each indicator, in its own unit.
    cap
        Whether values beyond the target score 1.
    """
    goal = np.asarray(targets, dtype=np.float64) * directions
    turned = values * directions
    least = columns.least(turned)
    found = _divided(turned - least, goal - least)
    return np.minimum(found, 1.0) if cap else found


def fraction_of_maximum(values: Floats) -> Floats:
    """Return x / max."""
    return _divided(values, columns.greatest(values))


def goalposts(values: Floats, *, posts: Sequence[Goalposts], directions: Floats) -> Floats:
    """Return how far each value lies from the worse of two fixed ends towards the better one.

    Parameters
    ----------
    values
        As measured, *not* multiplied by their directions.
    posts
        One for each indicator, in its own unit.
    """
    low = np.array([post.low for post in posts])
    high = np.array([post.high for post in posts])
    worse, better = np.where(directions > 0, low, high), np.where(directions > 0, high, low)
    found = (values - worse) / (better - worse)
    cut = np.array([post.truncate for post in posts])
    found = np.where(cut, np.clip(found, 0.0, 1.0), found)
    scores: Floats = found * np.array([post.scale for post in posts])
    return scores


def scaled(values: Floats, *, low: float = 0.0, high: float = 100.0) -> Floats:
    """Return 100 · (x − low) / (high − low), with the same ends for every column."""
    return (values - low) / (high - low) * 100


def fixed_base(values: Floats, *, base: int, directions: Floats) -> Floats:
    """Return each unit's own value in a base period as 100, and later ones in proportion.

    An indicator of which less is better is turned: 100 · x₀ / x.

    Parameters
    ----------
    values
        As measured, *not* multiplied by their directions.
    base
        The position of the base period.
    """
    first = values[base : base + 1]
    return 100 * np.where(directions > 0, _divided(values, first), _divided(first, values))


def percent_change(values: Floats, *, directions: Floats, base: int | None = None) -> Floats:
    """Return the change in percent since the period before, or since a base period, turned by direction.

    Parameters
    ----------
    values
        As measured, *not* multiplied by their directions. The change is of the absolute value before it.
    base
        The position of the base period; None for the period before, of which the first has none.
    """
    if base is None:
        before = np.full_like(values, np.nan)
        before[1:] = values[:-1]
    else:
        before = np.broadcast_to(values[base : base + 1], values.shape)
    return 100 * _divided(values - before, np.abs(before)) * directions


def _divided(numerator: Floats, denominator: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        found = numerator / denominator
    found[np.broadcast_to(denominator == 0, found.shape)] = np.nan
    return found
