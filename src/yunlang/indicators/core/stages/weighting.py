"""Weighting by data: how much each member of a group counts, from the normalised values themselves.

Every method takes values of shape (rows, members), rows being units, or units of several periods, and returns weights
of shape (members,), at least 0, that sum to 1. A missing value is left out, by some methods with its whole row.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from yunlang.indicators.core import columns
from yunlang.indicators.core.columns import Flags
from yunlang.indicators.core.correlation import correlations
from yunlang.indicators.core.errors import StageError
from yunlang.indicators.core.framework import Floats
from yunlang.kit.language import Bilingual

STAGE = Bilingual("赋权", "weight")
_ROUNDS = 100


def equal(values: Floats) -> Floats:
    """Give every member the same weight."""
    return np.full(values.shape[-1], 1 / values.shape[-1])


def given(weights: Sequence[float] | Floats) -> Floats:
    """Scale given weights to sum to 1.

    Raises
    ------
    StageError
        Where one is negative or no number, or none is above 0.
    """
    found = np.asarray(weights, dtype=np.float64)
    _require(
        bool(np.isfinite(found).all() and (found >= 0).all() and (found > 0).any()),
        "权重应为不小于 0 的数，且至少一项大于 0", "weights are numbers of at least 0, one of them above 0",
    )  # fmt: skip
    shares: Floats = found / found.sum()
    return shares


def principal_components(values: Floats) -> Floats:
    """Weigh members by their squared loadings on rotated principal components.

    OECD & JRC, "Handbook on Constructing Composite Indicators" (2008), section 6.1, after Nicoletti, Scarpetta &
    Boylaud (2000): components of the correlations with an eigenvalue of at least 1 are rotated by varimax; each member
    counts in the one that it loads most on, by its squared loading as a share of what that component explains, and the
    component by its share of what all of them explain. Only rows without a missing value are used.

    Raises
    ------
    StageError
        Where fewer than three rows are complete, or a member is the same in all of them.
    """
    if values.shape[1] == 1:
        return np.ones(1)
    parts, vectors = _components(values)
    # Members that do not correlate at all have eigenvalues of 1, but for rounding.
    kept = np.flatnonzero(parts >= 1 - 1e-9)
    loadings = _varimax(vectors[:, kept] * np.sqrt(parts[kept]))
    squares = (loadings**2).max(axis=1)
    found: Floats = squares / squares.sum()
    return found


def first_component(values: Floats) -> Floats:
    """Weigh members by the absolute value of their loading on the first principal component of the correlations.

    Where all load in the same direction, these are the relative weights of COINr's `get_PCA`. Only rows without a
    missing value are used.

    Raises
    ------
    StageError
        Where fewer than three rows are complete, or a member is the same in all of them.
    """
    if values.shape[1] == 1:
        return np.ones(1)
    _, vectors = _components(values)
    loadings = np.abs(vectors[:, 0])
    found: Floats = loadings / loadings.sum()
    return found


def entropy(values: Floats) -> Floats:
    """Weigh members by how unevenly they are spread over the rows: 1 − e, e being their entropy over ln n.

    Values are shifted to a least one of 0, so that they may be negative, and taken as shares of their sum; n is how
    many are known. A member that does not vary gets no weight; where none does, all weigh the same.

    Shannon (1948); Zeleny, "Multiple Criteria Decision Making" (1982), chapter 7 (熵权法).
    """
    shifted = values - columns.least(values)
    number = columns.count(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = shifted / np.nansum(shifted, axis=0, keepdims=True)
        terms = np.where(shares > 0, shares * np.log(shares), 0.0)
        information = 1 + terms.sum(axis=0) / np.log(number[0])
    return _shares(np.where(_varies(values), information, 0.0))


def critic(values: Floats) -> Floats:
    """Weigh members by their standard deviation, scaled min–max, times how little they correlate with the others.

    Diakoulaki, Mavrotas & Papayannakis, "Determining objective weights in multiple criteria problems: the CRITIC
    method", Computers & Operations Research 22 (1995). Correlations are taken over the rows that both members have, and
    as 0 where unknown. A member that does not vary gets no weight; where nothing tells them apart, all weigh the same.
    """
    least = columns.least(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = columns.deviation((values - least) / (columns.greatest(values) - least))[0]
    related = np.nan_to_num(correlations(values))
    np.fill_diagonal(related, 1.0)
    return _shares(np.where(_varies(values), spread * (1 - related).sum(axis=1), 0.0))


def _components(values: Floats) -> tuple[Floats, Floats]:
    """Return the eigenvalues of the correlations of complete rows, greatest first, and the vectors, as columns."""
    complete = values[~np.isnan(values).any(axis=1)]
    _require(len(complete) > 2, "完整的行不足三行", "fewer than three rows are complete")
    _require(
        bool(_varies(complete).all()), "主成分法要求各项都有变化", "principal components need members that all vary"
    )
    parts, vectors = np.linalg.eigh(correlations(complete))
    return np.clip(parts[::-1], 0.0, None), vectors[:, ::-1]


def _varimax(loadings: Floats) -> Floats:
    """Rotate loadings, members by components, so that each loads on few (Kaiser, 1958; rows made equally long).

    Components are turned in pairs, each by the angle that is best for the two, until none turns any more.
    """
    length = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    length = np.where(length > 0, length, 1.0)
    rows = loadings / length
    for _ in range(_ROUNDS):
        angles = [_turned(rows, one, other) for one, other in combinations(range(rows.shape[1]), 2)]
        if max(map(abs, angles), default=0.0) < 1e-9:
            break
    found: Floats = rows * length
    return found


def _turned(rows: Floats, one: int, other: int) -> float:
    """Turn two components in place; return the angle."""
    first, second = rows[:, one].copy(), rows[:, other].copy()
    across, along = first**2 - second**2, 2 * first * second
    numerator = 2 * (across @ along) - 2 * across.sum() * along.sum() / len(rows)
    denominator = (across**2 - along**2).sum() - (across.sum() ** 2 - along.sum() ** 2) / len(rows)
    angle = math.atan2(numerator, denominator) / 4
    rows[:, one] = first * math.cos(angle) + second * math.sin(angle)
    rows[:, other] = second * math.cos(angle) - first * math.sin(angle)
    return angle


def _varies(values: Floats) -> Flags:
    found: Flags = (columns.greatest(values) > columns.least(values))[0]
    return found


def _shares(amounts: Floats) -> Floats:
    """Return amounts as shares of their sum; equal ones where there is nothing to share."""
    # Rounding leaves no more than this of members that are all alike.
    amounts = np.where(amounts > 1e-12, amounts, 0.0)
    total = amounts.sum()
    found: Floats = amounts / total if total > 0 else np.full(len(amounts), 1 / len(amounts))
    return found


def _require(holds: bool, zh: str, en: str) -> None:
    if not holds:
        raise StageError(stage=STAGE, reason=Bilingual(zh, en))
