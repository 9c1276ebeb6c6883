"""Exact contributions under means: how much of a difference of two scores each indicator makes.

Every quasi-arithmetic mean g with f(g) = Σ w·f(x), Σ w = 1, satisfies g₁ − g₀ = Σ w · f[x₀, x₁] / f[g₀, g₁] · (x₁ − x₀)
exactly, f[a, b] being the divided difference (f(b) − f(a)) / (b − a), and f′(a) where both are the same. The arithmetic
mean has f[a, b] = 1, and each member contributes its weight times its difference; the geometric mean, f = ln, gives the
logarithmic mean Divisia index (Ang, "Decomposition analysis for policymaking in energy", Energy Policy 32 (2004)); the
harmonic and generalised means follow likewise. The coefficients multiply down the hierarchy.
"""

from __future__ import annotations

import numpy as np

from yunlang.indicators.core.combination import combined, fixed_weights
from yunlang.indicators.core.framework import Floats, Framework
from yunlang.indicators.core.recipe import Aggregate, AggregateLevel


def exponent_of(settings: AggregateLevel) -> float | None:
    """Return p of a mean of powers, 0 for the geometric one; None where a group is not aggregated by such a mean."""
    fixed = {"arithmetic": 1.0, "geometric": 0.0, "harmonic": -1.0, "generalised": settings.exponent}
    return fixed.get(settings.method)


def are_means(framework: Framework, settings: Aggregate) -> bool:
    """Tell whether every group is aggregated by a mean of powers."""
    return all(exponent_of(settings.of(group.level)) is not None for group in framework.groups)


def mean_contributions(
    framework: Framework, settings: Aggregate, weights: Floats, before: Floats, after: Floats
) -> Floats:
    """Return what each indicator contributes to the difference of the index between two states.

    Parameters
    ----------
    weights
        Shape (nodes,).
    before, after
        Normalised values, shape (rows, indicators).

    Returns
    -------
    Shape (rows, indicators); rows sum to the difference. 0 for an indicator missing on both sides; a row is NaN where
    something is known on one side only, and weights are therefore not the same on both, or the index is unknown.
    """
    weigher = fixed_weights(weights)
    one = [scores[0, 0] for scores in combined(framework, before[None], weigher, settings)]
    other = [scores[0, 0] for scores in combined(framework, after[None], weigher, settings)]
    coefficients: list[Floats] = [np.empty(0)] * len(framework.codes)
    coefficients[-1] = np.ones(len(before))
    for group in reversed(framework.groups):
        exponent = exponent_of(settings.of(group.level))
        if exponent is None:
            raise ValueError(f"{group.code} is not aggregated by a mean")
        known = np.stack([~np.isnan(one[place]) for place in group.members], axis=-1)
        total = known @ weights[group.members]
        slope = divided_difference(one[group.position], other[group.position], exponent)
        for place in group.members:
            with np.errstate(invalid="ignore", divide="ignore"):
                share = weights[place] / total * divided_difference(one[place], other[place], exponent) / slope
            # Where both are 0 a power below 1 is infinitely steep there, and nothing moves.
            coefficients[place] = coefficients[group.position] * np.where(np.isfinite(share), share, 0.0)
    size = before.shape[1]
    found = np.stack(coefficients[:size], axis=-1) * np.nan_to_num(after - before)
    same = np.all([np.isnan(first) == np.isnan(second) for first, second in zip(one, other, strict=True)], axis=0)
    judged = same & ~np.isnan(one[-1])
    return np.where(judged[:, None], found, np.nan)


def divided_difference(before: Floats, after: Floats, exponent: float) -> Floats:
    """Return (f(b) − f(a)) / (b − a) of f(x) = x^p, ln x for p = 0, without cancellation; f′ where a = b.

    Up to a constant factor, which the contributions' ratios do not see: 1/p of it.
    """
    change = after - before
    if exponent == 1:
        return np.ones_like(change)
    if exponent == -1:
        with np.errstate(divide="ignore", invalid="ignore"):
            return 1 / (before * after)
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.log1p(change / before)
        ratio = growth if exponent == 0 else np.expm1(exponent * growth) / exponent
        power = before**exponent
        moved = power * ratio / change
        still = before ** (exponent - 1)
        from_nothing = after ** (exponent - 1) / exponent if exponent > 0 else np.full_like(change, np.nan)
    return np.where(change == 0, still, np.where(before == 0, from_nothing, moved))
