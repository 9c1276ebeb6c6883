"""Values, weights and rearrangements for property tests of the stages."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

MISSING = np.nan
# Few distinct values, so that ties are common; far enough apart that rounding decides nothing.
distinct = st.integers(1, 40).map(lambda number: number / 4)


def tables(
    elements: st.SearchStrategy[float] = distinct,
    *,
    units: tuple[int, int] = (2, 8),
    members: tuple[int, int] = (1, 5),
    missing: bool = True,
) -> st.SearchStrategy[np.ndarray]:
    """Values of shape (units, members)."""
    cells = st.one_of(elements, elements, elements, st.just(MISSING)) if missing else elements
    return arrays(np.float64, st.tuples(st.integers(*units), st.integers(*members)), elements=cells)


def panels(elements: st.SearchStrategy[float] = distinct, *, missing: bool = True) -> st.SearchStrategy[np.ndarray]:
    """Values of shape (periods, units, indicators)."""
    cells = st.one_of(elements, elements, elements, st.just(MISSING)) if missing else elements
    return arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(2, 7), st.integers(1, 4)), elements=cells)


@st.composite
def weighted(draw: st.DrawFn, *, missing: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Positive values of shape (units, members), and weights above 0."""
    values = draw(tables(missing=missing))
    return values, draw(arrays(np.float64, values.shape[1], elements=distinct))


def order_of(number: int, seed: int) -> np.ndarray:
    """Return an arrangement of so many things."""
    return np.random.default_rng(seed).permutation(number)


seeds = st.integers(0, 2**32 - 1)
