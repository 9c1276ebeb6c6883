"""Link matrices of every sort."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from yunlang.indicators.core.links.matrix import LinkMatrix

# Exact in binary, so that adding and halving lose nothing.
AMOUNTS = st.integers(0, 4_000).map(lambda number: number / 4)


@st.composite
def link_matrices(
    draw: st.DrawFn, *, least: int = 1, most: int = 7, directed: bool | None = None, unknown: bool = False
) -> LinkMatrix:
    """Draw a matrix with many zeros and, where wanted, links that are not known."""
    size = draw(st.integers(least, most))
    sort = draw(st.booleans()) if directed is None else directed
    cells = st.one_of(st.just(0.0), AMOUNTS, *([st.just(np.nan)] if unknown else []))
    values = draw(arrays.arrays(np.float64, (size, size), elements=cells))
    if not sort:
        values = np.triu(values) + np.triu(values, 1).T
    return LinkMatrix(tuple(f"u{place}" for place in range(size)), values, directed=sort)


@st.composite
def with_order(draw: st.DrawFn, matrices: st.SearchStrategy[LinkMatrix]) -> tuple[LinkMatrix, list[int]]:
    """Draw a matrix and another order of its units."""
    links = draw(matrices)
    return links, draw(st.permutations(range(links.size)))


def of(values: object, *, directed: bool = True) -> LinkMatrix:
    """Return a small matrix whose units are called a, b, c …"""
    table = np.array(values, dtype=np.float64)
    return LinkMatrix(tuple("abcdefgh"[: len(table)]), table, directed=directed)
