"""Denomination: indicators that grow with a unit's size are divided by what measures the size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from yunlang.indicators.core.framework import Floats


def denominated(values: Floats, by: Sequence[str], denominators: Mapping[str, Floats]) -> Floats:
    """Divide each indicator by its denominator.

    Parameters
    ----------
    values
        Shape (periods, units, indicators).
    by
        The denominator of each indicator; empty for none.
    denominators
        Each of shape (periods, units); a zero divides to nothing known.

    Returns
    -------
    A new array of the same shape.
    """
    found = values.copy(order="K")
    for place, name in enumerate(by):
        if name:
            divisor = denominators[name]
            with np.errstate(divide="ignore", invalid="ignore"):
                found[:, :, place] = np.where(divisor == 0, np.nan, values[:, :, place] / divisor)
    return found
