"""Weighting by judgement: what people say about how much each member of a group counts.

Weights have shape (members,), are at least 0 and sum to 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yunlang.indicators.core.errors import StageError
from yunlang.indicators.core.framework import Floats
from yunlang.indicators.core.stages.weighting import STAGE
from yunlang.kit.language import Bilingual

# The consistency index that matrices filled at random have on average, for 1, 2, 3 … members: Saaty, "The Analytic
# Hierarchy Process" (1980).
RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
# How far the product of a comparison and its reverse may lie from 1: people write 0.33 for a third.
ROUNDING = 0.02


@dataclass(frozen=True, slots=True)
class Judgement:
    """Weights from comparisons in pairs, and how consistent these are.

    Attributes
    ----------
    weights
        Shape (members,).
    eigenvalue
        The greatest one of the matrix; the number of members where comparisons are entirely consistent.
    consistency_index
        (eigenvalue − n) / (n − 1).
    consistency_ratio
        The index relative to that of random matrices; Saaty accepts up to 0.1. 0 for one or two members.
    """

    weights: Floats
    eigenvalue: float
    consistency_index: float
    consistency_ratio: float

    @property
    def is_consistent(self) -> bool:
        """Whether the ratio is what Saaty accepts."""
        return self.consistency_ratio <= 0.1


def ahp(comparisons: Floats) -> Judgement:
    """Derive weights from comparisons in pairs, by the analytic hierarchy process (层次分析法).

    Parameters
    ----------
    comparisons
        Shape (members, members): how many times as important the row's member is as the column's. The reverse
        comparison is the reciprocal.

    Raises
    ------
    StageError
        Where the matrix is not square, not positive, not reciprocal or has more than 15 members.
    """
    matrix = np.asarray(comparisons, dtype=np.float64)
    _check_comparisons(matrix)
    parts, vectors = np.linalg.eig(matrix)
    first = int(np.argmax(parts.real))
    weights = np.abs(vectors[:, first].real)
    members, eigenvalue = len(matrix), float(parts[first].real)
    index = max(0.0, (eigenvalue - members) / (members - 1)) if members > 1 else 0.0
    expected = RANDOM_INDEX[members - 1]
    return Judgement(weights / weights.sum(), eigenvalue, index, index / expected if expected > 0 else 0.0)


def budget_allocation(points: Floats) -> Floats:
    """Average how experts distribute a budget of points.

    Parameters
    ----------
    points
        Shape (experts, members), NaN counting as none; each expert's points are taken as shares of their sum.

    Raises
    ------
    StageError
        Where there is no expert, points are negative, or an expert gave none at all.
    """
    given = np.nan_to_num(np.atleast_2d(np.asarray(points, dtype=np.float64)))
    totals = given.sum(axis=1, keepdims=True)
    if given.size == 0 or (given < 0).any() or not (totals > 0).all():
        raise _error(
            "每位专家应给出不小于 0 且总和大于 0 的分数", "each expert gives points of at least 0, not all of them 0"
        )
    found: Floats = (given / totals).mean(axis=0)
    return found


def _check_comparisons(matrix: Floats) -> None:
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not 1 <= len(matrix) <= len(RANDOM_INDEX):
        zh = f"判断矩阵应为方阵，且不超过 {len(RANDOM_INDEX)} 项"
        raise _error(zh, f"comparisons form a square of at most {len(RANDOM_INDEX)} members")
    if not (np.isfinite(matrix).all() and (matrix > 0).all()):
        raise _error("判断矩阵的各数应大于 0", "comparisons are numbers above 0")
    unequal = np.argwhere(np.abs(matrix * matrix.T - 1) > ROUNDING)
    if len(unequal):
        row, column = unequal[0] + 1
        zh = f"判断矩阵第 {row} 行第 {column} 列与第 {column} 行第 {row} 列不互为倒数"
        raise _error(zh, f"comparison ({row}, {column}) is not the reciprocal of ({column}, {row})")


def _error(zh: str, en: str) -> StageError:
    return StageError(stage=STAGE, reason=Bilingual(zh, en))
