"""Indicators divided by what measures a unit's size."""

from __future__ import annotations

import numpy as np

from yunlang.indicators.core.stages.denomination import denominated

NAN = np.nan


def test_each_indicator_is_divided_by_its_own_denominator_of_the_same_period() -> None:
    values = np.array([[[10.0, 10.0, 10.0], [6.0, 6.0, NAN]], [[8.0, 8.0, 8.0], [9.0, 9.0, 9.0]]])
    before = values.copy()
    population, area = np.array([[2.0, 3.0], [4.0, 0.0]]), np.array([[5.0, 1.0], [NAN, -3.0]])
    found = denominated(values, ["population", "", "area"], {"population": population, "area": area})
    np.testing.assert_array_equal(found, [[[5, 10, 2], [2, 6, NAN]], [[2, 8, NAN], [NAN, 9, -3]]])
    np.testing.assert_array_equal(values, before)
