"""Poisson pseudo-maximum likelihood."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

from yunlang.indicators.core.links.errors import GravityNotFittedError
from yunlang.indicators.core.links.matrix import Floats
from yunlang.kit.language import Bilingual

_MOST_STEPS = 200
_SETTLED = 1e-12
_SEPARATED = 1e-7
_NOTHING = Bilingual("所有联系都为零", "all links are zero")
_NO_MAXIMUM = Bilingual(
    "为零的联系可由规模或距离完全分开，似然函数没有最大值",
    "the links of zero are told apart by masses or distance alone, so the likelihood has no maximum",
)


def poisson_coefficients(regressors: Floats, values: Floats) -> Floats:
    """Return the coefficients b that maximise Σ y · xb − exp(xb), by Newton's method with halved steps.

    Parameters
    ----------
    regressors
        Shape (m, k), of full rank; the first column is one.
    values
        Shape (m,), at least 0, in any unit: they need not be counts.

    Returns
    -------
    ndarray
        Shape (k,).

    Raises
    ------
    GravityNotFittedError
        When all values are zero, or the likelihood has no maximum.

    References
    ----------
    Santos Silva, J. M. C., & Tenreyro, S. (2006). The log of gravity. Review of Economics and Statistics, 88(4),
    641–658.
    Correia, S., Guimarães, P., & Zylkin, T. (2019). Verifying the existence of maximum likelihood estimates for
    generalized linear models. arXiv:1903.01633.
    """
    scale = values.mean()
    if scale == 0:
        raise GravityNotFittedError(reason=_NOTHING)
    # Standardised regressors and values of mean one keep the steps well conditioned in any unit.
    middle, spread = regressors.mean(axis=0), regressors.std(axis=0)
    middle[0], spread[0] = 0.0, 1.0
    inputs, targets = (regressors - middle) / spread, values / scale
    if _is_separated(inputs, targets):
        raise GravityNotFittedError(reason=_NO_MAXIMUM)
    found = _maximised(inputs, targets)
    coefficients = found / spread
    coefficients[0] += np.log(scale) - (coefficients[1:] * middle[1:]).sum()
    return np.asarray(coefficients)


def _is_separated(inputs: Floats, targets: Floats) -> bool:
    """Tell whether a direction lowers the rates of zeros alone: along it the likelihood climbs for ever."""
    zeros, others = inputs[targets == 0], inputs[targets > 0]
    if not len(zeros):
        return False
    found = linprog(
        zeros.sum(axis=0), A_ub=np.vstack([zeros, -zeros]), b_ub=np.repeat([0.0, 1.0], len(zeros)), A_eq=others,
        b_eq=np.zeros(len(others)), bounds=(None, None),
    )  # fmt: skip
    return bool(found.fun < -_SEPARATED)


def _maximised(inputs: Floats, targets: Floats) -> Floats:
    coefficients = np.zeros(inputs.shape[1])
    best = _likelihood(inputs, targets, coefficients)
    for _ in range(_MOST_STEPS):
        rates = np.exp(inputs @ coefficients)
        gradient = inputs.T @ (targets - rates)
        step = np.linalg.pinv(inputs.T @ (rates[:, np.newaxis] * inputs)) @ gradient
        if gradient @ step < _SETTLED * len(targets):
            return np.asarray(coefficients + step)
        reached = _likelihood(inputs, targets, coefficients + step)
        while reached < best and np.abs(step).max() > _SETTLED:
            step = step / 2
            reached = _likelihood(inputs, targets, coefficients + step)
        coefficients, best = coefficients + step, reached
    raise GravityNotFittedError(reason=_NO_MAXIMUM)


def _likelihood(inputs: Floats, targets: Floats, coefficients: Floats) -> float:
    logs = inputs @ coefficients
    with np.errstate(over="ignore"):
        return float((targets * logs - np.exp(logs)).mean())
