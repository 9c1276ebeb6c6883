"""Missing values filled from a unit's own other periods."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.indicators.core.strategies import panels
from yunlang.indicators.core.errors import StageError
from yunlang.indicators.core.stages import panel_imputation

NAN = np.nan
METHODS = [panel_imputation.last, panel_imputation.linear, panel_imputation.constant]


def column(values: list[float]) -> np.ndarray:
    """Return the periods of one unit and indicator."""
    return np.array(values, dtype=np.float64)[:, None, None]


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        (None, [NAN, 2, 2, 2, 5, 5]),
        (0, [NAN, 2, NAN, NAN, 5, NAN]),
        (1, [NAN, 2, 2, NAN, 5, 5]),
        (2, [NAN, 2, 2, 2, 5, 5]),
    ],
)
def test_the_latest_value_is_carried_forward_for_so_many_periods(within: int | None, expected: list[float]) -> None:
    values = column([NAN, 2, NAN, NAN, 5, NAN])
    np.testing.assert_array_equal(panel_imputation.latest(values, within=within), column(expected))


def test_the_last_value_is_carried_forward_for_ever() -> None:
    values = column([NAN, 2, NAN, NAN, 5, NAN])
    np.testing.assert_array_equal(panel_imputation.last(values), column([NAN, 2, 2, 2, 5, 5]))


def test_a_number_of_periods_is_not_negative() -> None:
    with pytest.raises(StageError, match="期数不能为负"):
        panel_imputation.latest(column([1, NAN]), within=-1)


def test_lines_are_drawn_between_known_periods() -> None:
    values = column([NAN, 2, NAN, NAN, 5, NAN])
    np.testing.assert_allclose(panel_imputation.linear(values), column([NAN, 2, 3, 4, 5, NAN]))
    np.testing.assert_allclose(panel_imputation.linear(values, hold_ends=True), column([2, 2, 3, 4, 5, 5]))


def test_lines_follow_the_years_that_periods_stand_for() -> None:
    values = column([10, NAN, 20])
    found = panel_imputation.linear(values, times=[2011, 2018, 2021])
    assert found[1, 0, 0] == pytest.approx(17)


@pytest.mark.parametrize("times", [[2011, 2018], [2011, 2011, 2021], [3, 2, 1], [1, NAN, 3]])
def test_times_that_do_not_ascend_are_refused(times: list[float]) -> None:
    with pytest.raises(StageError, match="逐期递增"):
        panel_imputation.linear(column([10, NAN, 20]), times=times)


def test_a_constant_is_held_until_the_next_known_value_and_before_the_first() -> None:
    values = column([NAN, 2, NAN, NAN, 5, NAN])
    np.testing.assert_array_equal(panel_imputation.constant(values), column([2, 2, 2, 2, 5, 5]))


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.__name__)
@given(values=panels())
@settings(max_examples=40)
def test_what_is_known_stays_and_units_know_nothing_of_each_other(method, values: np.ndarray) -> None:
    found = method(values)
    known = ~np.isnan(values)
    np.testing.assert_array_equal(found[known], values[known])
    for unit in range(values.shape[1]):
        np.testing.assert_array_equal(method(values[:, [unit]]), found[:, [unit]])
    assert np.isnan(found[:, ~known.any(axis=0)]).all()


@given(values=panels(), within=st.integers(0, 5))
@settings(max_examples=40)
def test_looking_further_back_only_fills_more(values: np.ndarray, within: int) -> None:
    near = panel_imputation.latest(values, within=within)
    far = panel_imputation.latest(values, within=within + 1)
    filled = ~np.isnan(near)
    np.testing.assert_array_equal(far[filled], near[filled])


@given(values=panels())
@settings(max_examples=40)
def test_lines_are_those_of_numpy(values: np.ndarray) -> None:
    found = panel_imputation.linear(values, hold_ends=True)
    periods = np.arange(len(values))
    for unit in range(values.shape[1]):
        for indicator in range(values.shape[2]):
            series = values[:, unit, indicator]
            known = ~np.isnan(series)
            if known.any():
                expected = np.interp(periods, periods[known], series[known])
                np.testing.assert_allclose(found[:, unit, indicator], expected)
