"""A difference of scores taken apart: between two periods, between two units, between a unit and the average one.

Under means (arithmetic, geometric, harmonic, generalised) contributions have a closed form, see `mean_shares`; under
any other aggregation, or where something is known on one side only, they are averaged over orders, see `orders`. Either
way they sum to the difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from yunlang.indicators.core import columns
from yunlang.indicators.core.audit.mean_shares import are_means, mean_contributions
from yunlang.indicators.core.audit.mixtures import methods_of, mixed_scores
from yunlang.indicators.core.audit.orders import ORDERS_AT_MOST, ROTATIONS, order_contributions
from yunlang.indicators.core.audit.places import period_place, unit_place
from yunlang.indicators.core.framework import Floats
from yunlang.indicators.core.run import Run

DecompositionMethod = Literal["means", "all_orders", "some_orders"]
# A linear programme for every unit and state is too dear for many orders: these are taken up to two, or else two.
_ORDERS_OF_PROGRAMMES = (2, 1)


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one indicator contributes.

    Attributes
    ----------
    before, after
        Its normalised values.
    contribution
        In points of the index.
    """

    code: str
    before: float
    after: float
    contribution: float


@dataclass(frozen=True, slots=True)
class Decomposition:
    """A difference of the index, by indicator.

    Attributes
    ----------
    unit
        Whose score it is.
    first, second
        What is compared: periods, units, or ``mean`` for the average unit.
    before, after, change
        Scores of the index, and their difference, to which the contributions sum.
    method
        ``means`` for the closed form; ``all_orders`` for the Owen value, ``some_orders`` for a fixed choice of orders.
    contributions
        By indicator, in the framework's order.
    groups
        The same summed up by group.
    """

    unit: str
    first: str
    second: str
    before: float
    after: float
    change: float
    method: DecompositionMethod
    contributions: tuple[Contribution, ...]
    groups: Mapping[str, float]


def change_between_periods(run: Run, unit: str, first: str, last: str | None = None) -> Decomposition:
    """Take apart what a unit's score changed by from one period to another, the last where None."""
    start, end = period_place(run, first), period_place(run, last)
    values = run.data.values
    return _decomposed(run, unit, (first, run.periods[end]), values[start], values[end], unit_place(run, unit))


def difference_between_units(run: Run, unit: str, other: str, period: str | None = None) -> Decomposition:
    """Take apart by how much a unit's score is above another's.

    Under an aggregation that compares units the two exchange their values one indicator after another, so that everyone
    else's stay as they are.
    """
    place, one, another = period_place(run, period), unit_place(run, unit), unit_place(run, other)
    after = run.data.values[place]
    before = after.copy()
    before[[one, another]] = after[[another, one]]
    return _decomposed(run, unit, (other, unit), before, after, one)


def distance_from_average(run: Run, unit: str, period: str | None = None) -> Decomposition:
    """Take apart by how much a unit's score is above that of a unit with everyone's mean value in every indicator.

    Where the unit lacks a value the average one lacks it too.
    """
    place, one = period_place(run, period), unit_place(run, unit)
    after = run.data.values[place]
    before = after.copy()
    before[one] = np.where(np.isnan(after[one]), np.nan, columns.mean(after)[0])
    return _decomposed(run, unit, ("mean", unit), before, after, one)


def _decomposed(
    run: Run, unit: str, compared: tuple[str, str], before: Floats, after: Floats, row: int
) -> Decomposition:
    found, method, (start, end) = contributions_between(run, before, after, row)
    position = {node.code: place for place, node in enumerate(run.framework.indicators)}
    groups = {
        node.code: float(found[[position[code] for code in run.framework.indicators_under(node.code)]].sum())
        for node in run.framework.aggregates
    }
    by_indicator = tuple(
        Contribution(node.code, float(before[row, place]), float(after[row, place]), float(found[place]))
        for place, node in enumerate(run.framework.indicators)
    )
    return Decomposition(unit, *compared, start, end, end - start, method, by_indicator, groups)


def contributions_between(
    run: Run, before: Floats, after: Floats, row: int
) -> tuple[Floats, DecompositionMethod, tuple[float, float]]:
    """Return what each indicator contributes to the difference of one unit's score between two states of all units.

    Parameters
    ----------
    before, after
        Normalised values, shape (units, indicators).
    row
        The unit's position.

    Returns
    -------
    Contributions, shape (indicators,); how they were found; the scores before and after.
    """
    size = before.shape[1]
    ends = mixed_scores(run, before, after, row, np.array([[False] * size, [True] * size]))
    scores = (float(ends[0]), float(ends[1]))
    if are_means(run.framework, run.recipe.aggregate):
        one, other = before[row : row + 1], after[row : row + 1]
        found = mean_contributions(run.framework, run.recipe.aggregate, run.weights, one, other)[0]
        if not np.isnan(found).any():
            return found, "means", scores
    dear = "benefit_of_doubt" in methods_of(run)
    most, rotations = _ORDERS_OF_PROGRAMMES if dear else (ORDERS_AT_MOST, ROTATIONS)

    def evaluate(states: np.ndarray) -> Floats:
        return mixed_scores(run, before, after, row, states)

    found, complete = order_contributions(run.framework, evaluate, most=most, rotations=rotations)
    return found, "all_orders" if complete else "some_orders", scores
