"""Indicators of units out of the links between them: columns that an index takes as raw data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from yunlang.indicators.core.links.eigenvector import eigenvector_centrality
from yunlang.indicators.core.links.errors import GravityDataError
from yunlang.indicators.core.links.matrix import Floats, LinkMatrix, single
from yunlang.indicators.core.links.paths import betweenness_centrality, closeness_centrality
from yunlang.indicators.core.links.shares import unit_cross_shares
from yunlang.indicators.core.links.strength import degree, strength
from yunlang.kit.language import Bilingual

INDICATORS: dict[str, Bilingual] = {
    "strength": Bilingual("联系总量", "links with other cities"),
    "strength_out": Bilingual("发出的联系", "links going out"),
    "strength_in": Bilingual("接入的联系", "links coming in"),
    "partners": Bilingual("有联系的城市数", "cities linked with"),
    "cross_share": Bilingual("跨市占比", "cross-city share"),
    "eigenvector": Bilingual("特征向量中心度", "eigenvector centrality"),
    "closeness": Bilingual("接近中心度", "closeness centrality"),
    "betweenness": Bilingual("中介中心度", "betweenness centrality"),
    "observed_over_expected": Bilingual("实际与预期之比", "observed over expected"),
}
_EXPECTED = Bilingual("预期联系", "expected links")


@dataclass(frozen=True, slots=True, eq=False)
class UnitIndicators:
    """Units × indicators.

    Attributes
    ----------
    codes
        The n units.
    names
        The k indicators, keys of `INDICATORS`.
    values
        Shape (n, k), or (periods, n, k); NaN where not known.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    values: Floats

    def column(self, name: str) -> Floats:
        """Return one indicator, shape (n,) or (periods, n).

        Raises
        ------
        ValueError
            When there is no such indicator.
        """
        return np.asarray(self.values[..., self.names.index(name)])


def unit_indicators(links: LinkMatrix, expected: ArrayLike | None = None) -> UnitIndicators:
    """Return what the links say of each unit.

    Columns are strength (with both directions where links have one), partners, cross share, three centralities and,
    with `expected`, the unit's known links over what was expected of the same links.

    Parameters
    ----------
    expected
        Shape of the links' values, at least 0, as `GravityFit.expected`; NaN where nothing is expected.

    Raises
    ------
    GravityDataError
        When `expected` has another shape.
    """
    columns = {"strength": strength(links)}
    if links.directed:
        columns |= {"strength_out": strength(links, "out"), "strength_in": strength(links, "in")}
    columns |= {
        "partners": degree(links),
        "cross_share": unit_cross_shares(links),
        "eigenvector": eigenvector_centrality(links),
        "closeness": closeness_centrality(links.symmetrised()),
        "betweenness": betweenness_centrality(links.symmetrised()),
    }
    if expected is not None:
        columns["observed_over_expected"] = _unit_ratios(links, single(expected))
    return UnitIndicators(links.codes, tuple(columns), np.stack(list(columns.values()), axis=-1))


def _unit_ratios(links: LinkMatrix, expected: Floats) -> Floats:
    """Return each unit's links over their expectation, of those alone that have both."""
    if expected.shape != links.values.shape:
        raise GravityDataError(what=_EXPECTED, expected=links.values.shape)
    both = ~np.isnan(links.values) & ~np.isnan(expected)
    both[..., range(links.size), range(links.size)] = False
    observed, wanted = np.where(both, links.values, 0.0), np.where(both, expected, 0.0)
    if links.directed:
        observed, wanted = observed + np.swapaxes(observed, -1, -2), wanted + np.swapaxes(wanted, -1, -2)
    total = wanted.sum(axis=-1)
    return np.asarray(observed.sum(axis=-1) / np.where(total > 0, total, np.nan))
