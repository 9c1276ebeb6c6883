"""From indicators to the index: group by group, bottom-up, for one set of weights or for many at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from yunlang.indicators.core import columns
from yunlang.indicators.core.columns import Flags
from yunlang.indicators.core.framework import Floats, Framework, Group
from yunlang.indicators.core.recipe import Aggregate, AggregateLevel
from yunlang.indicators.core.stages import aggregation
from yunlang.indicators.core.stages.benefit_of_doubt import benefit_of_doubt

Weigher = Callable[[Group, Floats], Floats]
"""Gives the weights of a group's members, shape (1 or draws, members), from their scores (1 or draws, periods, units,
members)."""


def method_of(settings: AggregateLevel) -> aggregation.Method:
    """Return the function that a group's settings name."""
    methods: dict[str, aggregation.Method] = {
        "arithmetic": aggregation.arithmetic,
        "geometric": aggregation.geometric,
        "harmonic": aggregation.harmonic,
        "generalised": partial(aggregation.generalised, exponent=settings.exponent),
        "median": aggregation.median,
        "ordered_weighted": partial(aggregation.ordered_weighted, orness=settings.orness),
        "copeland": aggregation.copeland,
        "topsis": aggregation.topsis,
        "mazziotta_pareto": partial(_mazziotta_pareto, penalty=settings.penalty),
        "adjusted_mazziotta_pareto": partial(_adjusted_mazziotta_pareto, penalty=settings.penalty),
        "benefit_of_doubt": partial(_benefit_of_doubt, bounds=settings.bounds),
    }
    return methods[settings.method]


def _mazziotta_pareto(values: Floats, weights: Floats, *, penalty: int) -> Floats:
    """Standardise members to mean 100 and deviation 10 in each period, as the original index does, and penalise."""
    centred = values - columns.mean(values)
    spread = np.sqrt(columns.mean(centred**2))
    with np.errstate(divide="ignore", invalid="ignore"):
        standardised = 100 + 10 * centred / np.where(spread > 0, spread, np.nan)
    return aggregation.mazziotta_pareto(standardised, weights, penalty=penalty)


def _adjusted_mazziotta_pareto(values: Floats, weights: Floats, *, penalty: int) -> Floats:
    """Map members to 70–130 between their ends over all periods, which keeps periods comparable, and penalise."""
    ends = (-3, -2)
    low, high = np.fmin.reduce(values, axis=ends, keepdims=True), np.fmax.reduce(values, axis=ends, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        mapped = 70 + 60 * (values - low) / np.where(high > low, high - low, np.nan)
    return aggregation.mazziotta_pareto(mapped, weights, penalty=penalty)


def _benefit_of_doubt(values: Floats, weights: Floats, *, bounds: tuple[float, float] | None) -> Floats:
    """Let each unit choose its weights; given ones play no part."""
    return benefit_of_doubt(values, bounds=bounds).scores


def combined(framework: Framework, normalised: Floats, weigher: Weigher, settings: Aggregate) -> list[Floats]:
    """Aggregate bottom-up.

    Parameters
    ----------
    normalised
        Shape (periods, units, indicators).

    Returns
    -------
    For each of `Framework.codes` its scores, of shape (1 or draws, periods, units): 1 where they are the same in every
    draw.
    """
    found: list[Floats] = [normalised[None, :, :, place] for place in range(normalised.shape[2])]
    for group in framework.groups:
        level = settings.of(group.level)
        members = _side_by_side([found[place] for place in group.members])
        weights = weigher(group, members)
        found.append(aggregated(members, weights, level))
    return found


def aggregated(members: Floats, weights: Floats, settings: AggregateLevel) -> Floats:
    """Return a group's scores, NaN where too few of its members are known.

    Parameters
    ----------
    members
        Shape (1 or draws, periods, units, members).
    weights
        Shape (1 or draws, members).
    """
    scores = method_of(settings)(members, weights[:, None, :])
    return np.where(_enough(members, settings.availability), scores, np.nan)


def looks_across_periods(framework: Framework, settings: Aggregate) -> bool:
    """Tell whether a group's scores in one period depend on the others: where members' ends are taken over all."""
    return any(settings.of(group.level).method == "adjusted_mazziotta_pareto" for group in framework.groups)


def _side_by_side(scores: list[Floats]) -> Floats:
    """Return scores stacked along a new last axis, each one's lying together in memory as they are then read."""
    return np.moveaxis(np.stack(np.broadcast_arrays(*scores)), 0, -1)


def _enough(members: Floats, availability: float | None) -> Flags | bool:
    return True if availability is None else np.mean(~np.isnan(members), axis=-1) >= availability


def fixed_weights(weights: Floats) -> Weigher:
    """Return a weigher of known weights, shape (nodes,) or (draws, nodes).

    Where a group's weights are the same in every draw they count once, and so does everything computed from them.
    """
    drawn = np.atleast_2d(weights)

    def weigher(group: Group, members: Floats) -> Floats:
        chosen = drawn[:, group.members]
        return chosen[:1] if (chosen == chosen[:1]).all() else chosen

    return weigher
