"""Origin–destination matrices: how much goes from each unit to each other, for one period or several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yunlang.indicators.core.links.errors import (
    AsymmetricLinksError,
    MatrixShapeError,
    NegativeLinkError,
    UnitCodesError,
)
from yunlang.kit.language import Bilingual

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_UNITS = Bilingual("单元代码", "codes of units")
_PERIODS = Bilingual("时期", "periods")


@dataclass(frozen=True, slots=True, eq=False)
class LinkMatrix:
    """Links from each unit to each unit.

    What is not known is NaN, which is never taken for zero. Sums and measures of the graph are NaN where something they
    depend on is not known; shares and inequalities are of what is known.

    Attributes
    ----------
    codes
        The n units, in the order of rows and columns.
    values
        Shape (n, n), or (periods, n, n): row is the origin, column the destination, the diagonal is what stays inside
        the unit. In whatever unit the links are counted; at least 0, NaN where not known. Read-only.
    directed
        Whether origin and destination differ in kind; where they do not, `values` is symmetric and each link stands in
        it twice, but once on the diagonal.
    periods
        Names of the periods; empty for a single matrix.
    """

    codes: tuple[str, ...]
    values: Floats
    directed: bool = True
    periods: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _demand_names(self.codes, _UNITS, needed=True)
        _demand_names(self.periods, _PERIODS, needed=False)
        size = len(self.codes)
        expected = (len(self.periods), size, size) if self.periods else (size, size)
        values = np.array(self.values, dtype=np.float64)
        if values.shape != expected:
            raise MatrixShapeError(expected=expected, found=values.shape)
        _demand_counts(self.codes, values)
        if not self.directed:
            _demand_symmetry(self.codes, values)
        values.setflags(write=False)
        object.__setattr__(self, "values", values)

    @property
    def size(self) -> int:
        """How many units there are."""
        return len(self.codes)

    @property
    def between(self) -> Floats:
        """The links between different units, shape of `values`, with zero on the diagonal. A copy."""
        values = self.values.copy()
        values[..., range(self.size), range(self.size)] = 0.0
        return values

    @property
    def inside(self) -> Floats:
        """What stays inside each unit, shape (n,) or (periods, n). A copy."""
        return np.diagonal(self.values, axis1=-2, axis2=-1).copy()

    def pair_values(self) -> Floats:
        """Return the links of different units, each once: shape (m,) or (periods, m).

        m is n(n − 1), row by row, where links are directed, and n(n − 1)/2, of the upper triangle, where not.
        """
        rows, columns = pair_places(self.size, directed=self.directed)
        return self.values[..., rows, columns]

    def symmetrised(self) -> LinkMatrix:
        """Return the links without direction: what goes either way between two units, added up.

        The diagonal stays as it is, and so does a matrix without direction.
        """
        if not self.directed:
            return self
        values = self.values + np.swapaxes(self.values, -1, -2)
        values[..., range(self.size), range(self.size)] = self.inside
        return LinkMatrix(self.codes, values, directed=False, periods=self.periods)

    def at(self, period: str) -> LinkMatrix:
        """Return the matrix of one period.

        Raises
        ------
        ValueError
            When there is no such period.
        """
        return LinkMatrix(self.codes, self.values[self.periods.index(period)], directed=self.directed)

    def reordered(self, codes: Sequence[str]) -> LinkMatrix:
        """Return the links of these units alone, in this order.

        Raises
        ------
        ValueError
            When one of them is not among the units.
        """
        places = [self.codes.index(code) for code in codes]
        values = self.values[..., places, :][..., places]
        return LinkMatrix(tuple(codes), values, directed=self.directed, periods=self.periods)


def pair_places(size: int, *, directed: bool) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return rows and columns of the pairs of different units, in the order of `LinkMatrix.pair_values`."""
    if directed:
        rows, columns = np.nonzero(~np.eye(size, dtype=bool))
        return rows, columns
    upper_rows, upper_columns = np.triu_indices(size, 1)
    return upper_rows, upper_columns


def off_diagonal(size: int) -> Mask:
    """Return which places of a matrix link different units, shape (size, size)."""
    mask: Mask = ~np.eye(size, dtype=bool)
    return mask


def single(values: ArrayLike) -> Floats:
    """Return `values` as a matrix of floats of its own."""
    return np.array(values, dtype=np.float64)


def _demand_names(names: tuple[str, ...], what: Bilingual, *, needed: bool) -> None:
    wrong = sorted({name for name in names if not name or names.count(name) > 1})
    if wrong or (needed and not names):
        raise UnitCodesError(what=what, codes="、".join(f"“{name}”" for name in wrong) or "–")


def _demand_counts(codes: tuple[str, ...], values: Floats) -> None:
    wrong = (values < 0) | np.isinf(values)
    if wrong.any():
        place = tuple(np.argwhere(wrong)[0])
        raise NegativeLinkError(origin=codes[place[-2]], destination=codes[place[-1]], value=f"{values[place]:g}")


def _demand_symmetry(codes: tuple[str, ...], values: Floats) -> None:
    other = np.swapaxes(values, -1, -2)
    differs = ~((values == other) | (np.isnan(values) & np.isnan(other)))
    if differs.any():
        place = tuple(np.argwhere(differs)[0])
        raise AsymmetricLinksError(origin=codes[place[-2]], destination=codes[place[-1]])
