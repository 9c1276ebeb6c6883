"""Pearson's correlations of columns, each over the rows that both of them have."""

from __future__ import annotations

import numpy as np

from yunlang.indicators.core.framework import Floats


def correlations(values: Floats) -> Floats:
    """Return the correlation of each pair of columns.

    Parameters
    ----------
    values
        Shape (…, rows, columns), NaN where nothing is known.

    Returns
    -------
    Shape (…, columns, columns); NaN where a pair has fewer than two rows in common, or a column does not vary in them.
    """
    known = ~np.isnan(values)
    # Centred first: sums of squares of large numbers that differ little would cancel.
    number = known.sum(axis=-2, keepdims=True)
    with np.errstate(invalid="ignore"):
        shifted = values - np.where(known, values, 0.0).sum(axis=-2, keepdims=True) / number
    shifted = np.where(known, shifted, 0.0)
    flags = known.astype(np.float64)
    transposed, flipped = np.swapaxes(shifted, -1, -2), np.swapaxes(flags, -1, -2)
    both = flipped @ flags
    first, squares = transposed @ flags, (transposed * transposed) @ flags
    second = np.swapaxes(first, -1, -2)
    with np.errstate(invalid="ignore", divide="ignore"):
        product = transposed @ shifted - first * second / both
        spread = squares - first**2 / both
        # What rounding leaves of a column that does not vary in these rows is nothing.
        spread = np.where(spread > 1e-12 * squares, spread, np.nan)
        found = product / np.sqrt(spread * np.swapaxes(spread, -1, -2))
    return np.clip(found, -1.0, 1.0)
