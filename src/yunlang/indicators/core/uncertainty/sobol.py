"""Variance-based sensitivity: how much of an outcome's variance each input explains, alone and with the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import qmc

from yunlang.indicators.core.framework import Floats


@dataclass(frozen=True, slots=True)
class Design:
    """Points of the unit cube at which a function is evaluated to estimate Sobol indices.

    Attributes
    ----------
    first, second
        Two independent samples, shape (base, inputs).
    crossed
        For each input the first sample with that input taken from the second, shape (inputs, base, inputs).
    """

    first: Floats
    second: Floats
    crossed: Floats

    @property
    def points(self) -> Floats:
        """All points, shape (base × (inputs + 2), inputs)."""
        inputs = self.first.shape[1]
        return np.concatenate([self.first, self.second, self.crossed.reshape(-1, inputs)])


@dataclass(frozen=True, slots=True)
class SobolIndices:
    """First-order and total indices of one outcome, with bootstrap bounds, each of shape (inputs,).

    NaN throughout where the outcome does not vary.
    """

    first_order: Floats
    total_order: Floats
    first_low: Floats
    first_high: Floats
    total_low: Floats
    total_high: Floats


def design_of(inputs: int, base: int, generator: np.random.Generator) -> Design:
    """Return a scrambled Sobol' sample, whose estimates settle faster than those of random points.

    Parameters
    ----------
    base
        Rounded up to a power of two. The function is evaluated base × (inputs + 2) times.
    """
    exponent = max(1, int(np.ceil(np.log2(base))))
    both = qmc.Sobol(d=2 * inputs, rng=generator).random_base2(exponent)
    first, second = both[:, :inputs], both[:, inputs:]
    crossed = np.repeat(first[None], inputs, axis=0)
    for place in range(inputs):
        crossed[place, :, place] = second[:, place]
    return Design(first, second, crossed)


def sobol_indices(
    outcomes: Floats, design: Design, *, generator: np.random.Generator, level: float = 0.9, resamples: int = 500
) -> SobolIndices:
    """Estimate the indices from the outcomes at a design's points.

    First order by Saltelli et al., "Variance based sensitivity analysis of model output", Computer Physics
    Communications 181 (2010); total by Jansen (1999): SciPy's estimators, which take no failed points.

    Parameters
    ----------
    outcomes
        Shape (base × (inputs + 2),), in the order of `Design.points`; points where it is NaN are left out, and with
        them their counterparts.
    level
        Of the bootstrap bounds.
    """
    base, inputs = design.first.shape
    parts = outcomes.reshape(inputs + 2, base)
    parts = parts[:, ~np.isnan(parts).any(axis=0)]
    if parts.shape[1] < 2 or np.ptp(parts[:2]) == 0:
        return SobolIndices(*(np.full(inputs, np.nan) for _ in range(6)))
    estimate = _estimate(parts)
    first, total = estimate
    places = generator.integers(0, parts.shape[1], size=(resamples, parts.shape[1]))
    drawn = np.array([_estimate(parts[:, chosen]) for chosen in places])
    tail = (1 - level) / 2
    low, high = np.nanquantile(drawn, [tail, 1 - tail], axis=0)
    return SobolIndices(first, total, low[0], high[0], low[1], high[1])


def _estimate(parts: Floats) -> tuple[Floats, Floats]:
    """Return both indices from outcomes of shape (inputs + 2, points)."""
    first, second, crossed = parts[0], parts[1], parts[2:]
    variance = np.var(parts[:2])
    if variance == 0:
        nothing = np.full(len(crossed), np.nan)
        return nothing, nothing
    # Centred on the mean, which changes no expectation and takes away much of the estimator's own variance.
    centred = second - parts[:2].mean()
    alone = (centred * (crossed - first)).mean(axis=1) / variance
    total = ((first - crossed) ** 2).mean(axis=1) / (2 * variance)
    return alone, total
