"""Measures of one matrix, taken period by period."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from yunlang.indicators.core.links.matrix import Floats, LinkMatrix


def each_period(links: LinkMatrix, measure: Callable[[Floats], Floats]) -> Floats:
    """Return what `measure` says of the links between different units, shape (n,) or (periods, n).

    A measure of the whole graph depends on every link: where one is not known, it is NaN for all units.

    Parameters
    ----------
    measure
        Takes a complete matrix of shape (n, n) with zeros on the diagonal, returns shape (n,).
    """
    values = links.between
    matrices = values if links.periods else values[np.newaxis]
    unknown = np.full(links.size, np.nan)
    found = np.stack([unknown if np.isnan(one).any() else measure(one) for one in matrices])
    return found if links.periods else found[0]
