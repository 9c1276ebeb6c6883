"""Aggregation by the benefit of the doubt: each unit is scored with the weights that suit it best.

A unit's score is the greatest Σwx over weights of at least 0 under which no unit scores above 1: how near it comes to
the frontier of best practice. Cherchye, Moesen, Rogge & Van Puyenbroeck, "An introduction to 'benefit of the doubt'
composite indicators", Social Indicators Research 82 (2007), with their bounds on each member's share in a score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from yunlang.indicators.core.errors import StageError
from yunlang.indicators.core.framework import Floats
from yunlang.indicators.core.stages.aggregation import STAGE
from yunlang.kit.language import Bilingual


@dataclass(frozen=True, slots=True)
class BenefitOfDoubt:
    """Scores, and the weights that each unit got.

    Attributes
    ----------
    scores
        Shape (…, units), from 0 to 1; NaN where all of a unit's values are missing.
    weights
        Shape (…, units, members), to be multiplied with the values; NaN where a value is missing.
    """

    scores: Floats
    weights: Floats


def benefit_of_doubt(values: Floats, *, bounds: tuple[float, float] | None = None) -> BenefitOfDoubt:
    """Solve one linear programme for each unit.

    Parameters
    ----------
    values
        Shape (…, units, members), at least 0. What a unit lacks is left out of its own programme; what another unit
        lacks counts as 0 in that one's limit.
    bounds
        The least and the greatest share that each member has in a unit's score; None for any. With a least share above
        0, a unit with a value of 0 scores 0.

    Raises
    ------
    StageError
        Where a value is negative, or no shares lie within the bounds for a unit's number of known members.
    """
    if (values < 0).any():
        raise _error("数据包络要求数值不小于 0", "benefit of the doubt needs values of at least 0")
    scores, weights = np.full(values.shape[:-1], np.nan), np.full(values.shape, np.nan)
    for place in np.ndindex(values.shape[:-2]):
        for unit in range(values.shape[-2]):
            known = ~np.isnan(values[place][unit])
            if known.any():
                others = np.nan_to_num(values[place][:, known])
                scores[*place, unit], weights[*place, unit, known] = _solved(others, unit, bounds)
    return BenefitOfDoubt(scores, weights)


def _solved(values: Floats, unit: int, bounds: tuple[float, float] | None) -> tuple[float, Floats]:
    own, members = values[unit], values.shape[1]
    # Members count as shares of their greatest value: the programme's scale is then the same for every unit of measure.
    size = values.max(axis=0)
    size = np.where(size > 0, size, 1.0)
    limits = [values / size]
    if bounds is not None:
        limits += _share_limits(own / size, bounds)
    rows = np.concatenate(limits)
    above = np.concatenate([np.ones(len(values)), np.zeros(len(rows) - len(values))])
    best = linprog(-own / size, A_ub=rows, b_ub=above, bounds=[(0, None)] * members, method="highs")
    if best.status != 0:
        raise _error(f"线性规划无解：{best.message}", f"the linear programme has no solution: {best.message}")
    return float(-best.fun), best.x / size


def _share_limits(own: Floats, bounds: tuple[float, float]) -> list[Floats]:
    """Return rows for low · Σwx ≤ w·x of each member ≤ high · Σwx."""
    low, high = bounds
    members = len(own)
    if not 0 <= low <= high or low * members > 1 + 1e-12 or high * members < 1 - 1e-12:
        zh = f"{members} 项的得分占比无法都在 {low:g} 与 {high:g} 之间"
        raise _error(zh, f"{members} members cannot each have a share between {low:g} and {high:g}")
    return [low * own - np.diag(own), np.diag(own) - high * own]


def _error(zh: str, en: str) -> StageError:
    return StageError(stage=STAGE, reason=Bilingual(zh, en))
