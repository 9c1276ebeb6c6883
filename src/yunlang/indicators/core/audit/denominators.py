"""Which indicators go with the size of a unit, and may have to be divided by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from yunlang.indicators.core.audit.correlation import correlate
from yunlang.indicators.core.framework import Floats

SIZE_MATTERS = 0.7


@dataclass(frozen=True, slots=True)
class DenominatorCorrelation:
    """An indicator's correlation with a denominator."""

    code: str
    denominator: str
    coefficient: float
    p_value: float


def denominator_correlations(
    values: Floats, codes: Sequence[str], denominators: Mapping[str, Floats], threshold: float = SIZE_MATTERS
) -> tuple[DenominatorCorrelation, ...]:
    """Return the indicators that correlate with a denominator, the closest first.

    The peer is COINr's `get_denom_corr`.

    Parameters
    ----------
    values
        Raw ones, shape (units, indicators).
    denominators
        Each of shape (units,).
    threshold
        The least absolute correlation to return.
    """
    if not denominators:
        return ()
    names, size = list(denominators), len(codes)
    found = correlate(np.column_stack([values, *denominators.values()]), [*codes, *names])
    part, chances = found.coefficients[:size, size:], found.p_values[:size, size:]
    close = [
        DenominatorCorrelation(codes[row], names[place], float(part[row, place]), float(chances[row, place]))
        for row, place in np.argwhere(np.abs(part) >= threshold)
    ]
    return tuple(sorted(close, key=lambda one: -abs(one.coefficient)))
