"""Screening: which units have data enough to be judged."""

from __future__ import annotations

import numpy as np

from yunlang.indicators.core.columns import Flags
from yunlang.indicators.core.framework import Floats


def units_kept(values: Floats, *, availability: float | None = None, nonzero: float | None = None) -> Flags:
    """Return which units have enough values.

    Parameters
    ----------
    values
        Shape (periods, units, indicators).
    availability
        The least share of values that are known, over all periods; None for any.
    nonzero
        The least share of values that are neither zero nor missing; None for any.

    Returns
    -------
    Shape (units,).
    """
    kept = np.ones(values.shape[1], dtype=bool)
    if availability is not None:
        kept &= np.mean(~np.isnan(values), axis=(0, 2)) >= availability
    if nonzero is not None:
        kept &= np.mean(~np.isnan(values) & (values != 0), axis=(0, 2)) >= nonzero
    return kept
