"""How far two rankings of the same units lie apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from yunlang.indicators.core import columns
from yunlang.indicators.core.framework import Floats


@dataclass(frozen=True, slots=True)
class Agreement:
    """How much two rankings agree.

    Attributes
    ----------
    units
        How many both rank.
    mean_shift, largest_shift
        Absolute differences of ranks: their mean and the largest.
    largest_unit
        Whose rank differs most; empty where none does.
    moved
        The share of units whose rank differs.
    spearman, kendall
        Correlations ρ and τ-b of the scores' ranks; NaN where one side ranks all alike.
    """

    units: int
    mean_shift: float
    largest_shift: float
    largest_unit: str
    moved: float
    spearman: float
    kendall: float


def rank_shifts(first: Floats, second: Floats) -> Floats:
    """Return by how many ranks each unit rises from the first scores to the second; NaN where either lacks one.

    Parameters
    ----------
    first, second
        Scores, shape (units,).
    """
    shifts: Floats = columns.descending_ranks(first) - columns.descending_ranks(second)
    return shifts


def agreement(first: Floats, second: Floats, units: Sequence[str]) -> Agreement:
    """Return how much the rankings by two scores agree.

    Parameters
    ----------
    first, second
        Scores, shape (units,); units that lack either are left out, after ranking.
    """
    shifts = rank_shifts(first, second)
    known = np.flatnonzero(~np.isnan(shifts))
    if len(known) == 0:
        return Agreement(0, np.nan, np.nan, "", np.nan, np.nan, np.nan)
    distance = np.abs(shifts[known])
    largest = int(distance.argmax())
    one, other = first[known], second[known]
    varies = np.ptp(one) > 0 and np.ptp(other) > 0
    ranked = np.corrcoef(stats.rankdata(one), stats.rankdata(other))[0, 1] if varies else np.nan
    return Agreement(
        units=len(known),
        mean_shift=float(distance.mean()),
        largest_shift=float(distance[largest]),
        largest_unit=units[known[largest]] if distance[largest] > 0 else "",
        moved=float((distance > 0).mean()),
        spearman=float(ranked),
        kendall=float(stats.kendalltau(one, other).statistic) if varies else np.nan,
    )
