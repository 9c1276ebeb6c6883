"""Trends agree with SciPy's line and with compound growth by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from tests.indicators.examples import UNITS, small_dataset, small_framework
from yunlang.indicators.core.audit.trends import index_trends, indicator_trends, score_trends, trends
from yunlang.indicators.core.dataset import times_of
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine

cells = st.one_of(st.integers(1, 40).map(lambda number: number / 4), st.just(math.nan))


@given(arrays(np.float64, st.tuples(st.integers(2, 8), st.integers(1, 3)), elements=cells))
def test_the_line_is_scipys(values: np.ndarray) -> None:
    times = np.arange(len(values)) * 2.0 + 2000
    found = trends(values, times)
    for place in range(values.shape[1]):
        known = ~np.isnan(values[:, place])
        assert found.number[place] == known.sum()
        if known.sum() < 2:
            assert math.isnan(found.slope[place])
            assert math.isnan(found.growth[place])
            continue
        peer = stats.linregress(times[known], values[known, place])
        assert found.slope[place] == pytest.approx(peer.slope, abs=1e-9)
        assert found.intercept[place] == pytest.approx(peer.intercept, rel=1e-6, abs=1e-6)
        if known.sum() > 2 and 1e-6 < peer.rvalue**2 < 1 - 1e-6:
            assert found.p_value[place] == pytest.approx(peer.pvalue, rel=1e-6)
            assert found.explained[place] == pytest.approx(peer.rvalue**2, abs=1e-9)


def test_growth_is_compound_between_the_first_and_the_last_known_value() -> None:
    values = np.array([[math.nan, 0.0, -1.0], [100.0, 0.0, 2.0], [math.nan, 5.0, 3.0], [121.0, 0.0, math.nan]])
    found = trends(values, np.array([2018.0, 2019.0, 2020.0, 2021.0]))
    assert found.growth[0] == pytest.approx(0.1)
    assert (found.first_time[0], found.last_time[0], found.first[0], found.last[0]) == (2019, 2021, 100, 121)
    # The same at both ends is no growth, from nothing too; a change of sign has no rate.
    assert found.growth[1] == 0
    assert math.isnan(found.growth[2])


def test_a_series_without_values_has_no_trend() -> None:
    found = trends(np.full((3, 1), np.nan), np.arange(3.0))
    assert found.number[0] == 0
    for column in (found.first, found.last, found.first_time, found.growth, found.slope, found.p_value):
        assert math.isnan(column[0])


def test_periods_are_years_where_they_are_numbers_and_positions_where_not() -> None:
    assert times_of(["2018", "2021"]).tolist() == [2018, 2021]
    assert times_of(["2018年", "2021年"]).tolist() == [0, 1]


def test_a_run_has_trends_of_scores_and_of_raw_values() -> None:
    data = small_dataset(periods=4)
    run = Engine(small_framework(), data).run(Recipe())
    assert score_trends(run).slope.shape == (len(UNITS), len(run.framework.codes))
    assert indicator_trends(run).first == pytest.approx(data.values[0])
    rows = index_trends(run)
    assert [(row.unit, row.code, row.number) for row in rows] == [(unit, "index", 4) for unit in UNITS]
    peer = stats.linregress([2018, 2019, 2020, 2021], run.score()[:, 3])
    assert (rows[3].slope, rows[3].p_value) == pytest.approx((peer.slope, peer.pvalue))
