"""Great-circle distances."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.registry.core.distance import EARTH_RADIUS, distance_km

places = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


def test_a_degree_of_a_meridian_is_a_sixtieth_of_a_sextant() -> None:
    assert distance_km((120, 30), (120, 31)) == pytest.approx(111.195, abs=0.01)
    assert distance_km((0, 0), (180, 0)) == pytest.approx(EARTH_RADIUS * 3.141592653589793)


@given(places, places)
def test_distance_is_the_same_both_ways_and_never_more_than_half_round_the_earth(
    first: tuple[float, float], second: tuple[float, float]
) -> None:
    far = distance_km(first, second)
    assert far == pytest.approx(distance_km(second, first), abs=1e-6)
    assert 0 <= far <= EARTH_RADIUS * 3.1415926536
    assert distance_km(first, first) == 0
