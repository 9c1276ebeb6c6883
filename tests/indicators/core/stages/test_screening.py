"""Which units have data enough."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.indicators.core.strategies import order_of, panels, seeds
from yunlang.indicators.core.stages.screening import units_kept

NAN = np.nan
VALUES = np.array([[[1.0, 2.0], [0.0, NAN], [NAN, NAN]], [[3.0, 0.0], [0.0, 4.0], [NAN, 5.0]]])


@pytest.mark.parametrize(
    ("availability", "nonzero", "expected"),
    [
        (None, None, [True, True, True]),
        (0.75, None, [True, True, False]),
        (0.76, None, [True, False, False]),
        (None, 0.25, [True, True, True]),
        (None, 0.5, [True, False, False]),
        (0.75, 0.75, [True, False, False]),
    ],
)
def test_shares_are_taken_over_all_periods(
    availability: float | None, nonzero: float | None, expected: list[bool]
) -> None:
    assert units_kept(VALUES, availability=availability, nonzero=nonzero).tolist() == expected


@given(values=panels(), seed=seeds, low=st.floats(0, 1), high=st.floats(0, 1))
@settings(max_examples=40)
def test_asking_for_more_keeps_fewer_in_any_order(values: np.ndarray, seed: int, low: float, high: float) -> None:
    low, high = sorted((low, high))
    lenient, strict = units_kept(values, availability=low), units_kept(values, availability=high)
    assert (lenient | ~strict).all()
    order = order_of(values.shape[1], seed)
    np.testing.assert_array_equal(units_kept(values[:, order], availability=low), lenient[order])
