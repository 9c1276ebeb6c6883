"""Imputation by expectation–maximisation: what a unit's known indicators say about those it lacks.

The units of a period are taken as drawn from one multivariate normal distribution. Its mean and covariance are those of
greatest likelihood given what is known (Dempster, Laird & Rubin, "Maximum likelihood from incomplete data via the EM
algorithm", Journal of the Royal Statistical Society B 39, 1977; Little & Rubin, "Statistical Analysis with Missing
Data", chapter 11), and a missing value is its expectation given the unit's known ones. Nothing is drawn at random.
"""

from __future__ import annotations

import numpy as np

from yunlang.indicators.core.errors import StageError
from yunlang.indicators.core.framework import Floats, Integers
from yunlang.indicators.core.stages.imputation import STAGE, by_period
from yunlang.kit.language import Bilingual

# The least eigenvalue of a covariance, as a share of its greatest, with which it still counts as regular.
NEARLY_SINGULAR = 1e-3
# The units that lack the same indicators: those indicators, and the units.
_Pattern = tuple[Integers, Integers]


def em(values: Floats, *, ridge: float = 0.3, tolerance: float = 1e-6, iterations: int = 2000) -> Floats:
    """Fill with the expectation given the unit's known indicators.

    Parameters
    ----------
    values
        Shape (periods, units, indicators); each period is a sample of its own.
    ridge
        Where the covariance of the standardised indicators is singular or nearly so, as it is with hardly more units
        than indicators, or the iterations do not settle, this is added to all variances, so that regressions shrink to
        the mean (the ridge prior of Schafer, "Analysis of Incomplete Multivariate Data", 1997, section 5.2.3).
    tolerance
        Iteration ends when no imputed value changes by more than this share of its indicator's standard deviation.

    Raises
    ------
    StageError
        Where `ridge` is not above 0, or the iterations do not suffice.
    """
    if not ridge > 0:
        raise StageError(stage=STAGE, reason=Bilingual("岭参数应大于 0", "the ridge is above 0"))

    def one_period(known: Floats) -> Floats:
        settled = _expected(known, 0.0, tolerance, iterations)
        if settled is None:
            settled = _expected(known, ridge, tolerance, iterations)
        if settled is None:
            raise StageError(
                stage=STAGE,
                reason=Bilingual(
                    f"期望最大化 {iterations} 次迭代后仍未收敛",
                    f"expectation–maximisation did not settle within {iterations} iterations",
                ),
            )
        return settled

    return by_period(values, one_period)


def _expected(known: Floats, ridge: float, tolerance: float, iterations: int) -> Floats | None:
    """Return standardised values completed; None where the iterations did not settle, or a covariance is singular."""
    missing = np.isnan(known)
    patterns = _patterns(missing)
    complete = np.where(missing, 0.0, known)
    left_open = np.zeros((known.shape[1], known.shape[1]))
    for _ in range(iterations):
        before = complete[missing]
        centre = complete.mean(axis=0)
        differences = complete - centre
        covariance = (differences.T @ differences + left_open) / len(complete) + ridge * np.eye(known.shape[1])
        parts, vectors = np.linalg.eigh(covariance)
        if ridge == 0 and parts[0] <= NEARLY_SINGULAR * parts[-1]:
            return None
        left_open = _fill(complete, centre, (vectors / parts) @ vectors.T, patterns)
        if np.abs(complete[missing] - before).max() <= tolerance:
            return complete
    return None


def _fill(complete: Floats, centre: Floats, precision: Floats, patterns: list[_Pattern]) -> Floats:
    """Put the expectations in place; return the summed covariance of what they leave open.

    Given the rest, missing values have the inverse of their own block of the precision matrix as covariance: a small
    system for each pattern instead of a large one.
    """
    uncertain = np.zeros_like(precision)
    for lacking, units in patterns:
        left = np.linalg.inv(precision[np.ix_(lacking, lacking)])
        others = np.setdiff1d(np.arange(len(precision)), lacking)
        differences = complete[np.ix_(units, others)] - centre[others]
        slopes = -left @ precision[np.ix_(lacking, others)]
        complete[np.ix_(units, lacking)] = centre[lacking] + differences @ slopes.T
        uncertain[np.ix_(lacking, lacking)] += len(units) * left
    return uncertain


def _patterns(missing: np.ndarray) -> list[_Pattern]:
    rows = np.flatnonzero(missing.any(axis=1))
    kinds, kind = np.unique(missing[rows], axis=0, return_inverse=True)
    return [(np.flatnonzero(lacking), rows[kind.ravel() == place]) for place, lacking in enumerate(kinds)]
