"""Columns of indicators out of links."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from tests.indicators.core.links.strategies import link_matrices, of
from yunlang.indicators.core.links.errors import GravityDataError
from yunlang.indicators.core.links.matrix import LinkMatrix
from yunlang.indicators.core.links.strength import strength
from yunlang.indicators.core.links.unit_indicators import INDICATORS, unit_indicators


def test_columns_are_named_and_stand_by_unit() -> None:
    links = of([[4, 1, 0], [2, 0, 0], [0, 0, 0]])
    found = unit_indicators(links, np.full((3, 3), 1.5))
    assert found.values.shape == (3, len(found.names))
    assert set(found.names) == set(INDICATORS)
    assert found.column("strength").tolist() == [3, 3, 0]
    assert found.column("strength_out").tolist() == [1, 2, 0]
    assert found.column("partners").tolist() == [1, 1, 0]
    assert found.column("cross_share") == pytest.approx([3 / 7, 1, np.nan], nan_ok=True)
    assert found.column("observed_over_expected") == pytest.approx([3 / 6, 3 / 6, 0])


def test_the_ratio_is_of_links_that_have_both_sides() -> None:
    links = of([[0, 6, np.nan], [6, 0, 1], [np.nan, 1, 0]], directed=False)
    expected = [[np.nan, 3, 5], [3, np.nan, np.nan], [5, np.nan, np.nan]]
    assert unit_indicators(links, expected).column("observed_over_expected") == pytest.approx(
        [2, 2, np.nan], nan_ok=True
    )


def test_expectations_have_the_shape_of_the_links() -> None:
    with pytest.raises(GravityDataError):
        unit_indicators(of([[0, 1], [1, 0]]), [1, 2])


@given(link_matrices(unknown=True))
def test_without_expectations_there_is_no_ratio_and_strength_is_strength(links: LinkMatrix) -> None:
    found = unit_indicators(links)
    assert "observed_over_expected" not in found.names
    np.testing.assert_array_equal(found.column("strength"), strength(links))
    assert ("strength_in" in found.names) == links.directed
