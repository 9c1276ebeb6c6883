"""Statistics agree with SciPy's on what is known, and flags rise exactly where a limit is passed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from scipy import stats

from tests.indicators.core.strategies import tables
from tests.indicators.examples import small_framework
from yunlang.indicators.core.audit.availability import unit_availability
from yunlang.indicators.core.audit.statistics import (
    STATISTICS_FLAGS,
    IndicatorStatistics,
    StatisticsLimits,
    indicator_statistics,
)


def one(values: list[float], limits: StatisticsLimits | None = None) -> IndicatorStatistics:
    return indicator_statistics(np.array(values)[:, None], ["x"], limits)[0]


@given(tables(units=(5, 12)))
def test_moments_and_quartiles_are_scipys(values: np.ndarray) -> None:
    codes = [str(place) for place in range(values.shape[1])]
    for place, found in enumerate(indicator_statistics(values, codes)):
        known = values[~np.isnan(values[:, place]), place]
        assert (found.number, found.missing) == (len(known), len(values) - len(known))
        if len(known) > 3 and np.ptp(known) > 0:
            assert found.mean == pytest.approx(known.mean())
            assert found.median == pytest.approx(np.median(known))
            assert found.deviation == pytest.approx(known.std(ddof=1))
            assert found.skewness == pytest.approx(stats.skew(known, bias=False), abs=1e-9)
            assert found.kurtosis == pytest.approx(stats.kurtosis(known, bias=False), abs=1e-9)
            assert (found.lower_quartile, found.upper_quartile) == pytest.approx(
                tuple(np.quantile(known, [0.25, 0.75]))
            )
            assert (found.least, found.greatest) == (known.min(), known.max())
            assert found.distinct == len(set(known.tolist()))


def test_zeros_and_frequent_values_are_counted_among_the_known() -> None:
    found = one([0, 0, 0, 1, 2, math.nan])
    assert (found.zeros, found.distinct, found.number, found.missing) == (3, 3, 5, 1)
    assert found.most_frequent_share == 3 / 5
    assert found.availability == 5 / 6


@pytest.mark.parametrize(
    ("values", "flag"),
    [
        ([1, 2, 3, math.nan, math.nan, math.nan], "low_availability"),
        ([0, 0, 0, 0, 1, 2, 3], "many_zeros"),
        ([1, 1, 2, 2, 3, 3, 3], "few_distinct"),
        ([5, 5, 5, 5, 1, 2, 3], "many_same"),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 200], "skewed"),
    ],
)
def test_each_flag_has_its_reason(values: list[float], flag: str) -> None:
    assert flag in one(values).flags
    assert flag in STATISTICS_FLAGS
    assert one([1, 2, 3, 4, 5, 6, 7]).flags == ()


def test_limits_decide() -> None:
    values = [1, 2, 3, 4, 5, 6, 7, math.nan]
    assert one(values).flags == ()
    assert one(values, StatisticsLimits(availability=0.9)).flags == ("low_availability",)


def test_a_column_without_values_has_none_of_its_statistics() -> None:
    found = one([math.nan] * 4)
    assert found.number == 0
    assert math.isnan(found.mean)
    assert math.isnan(found.lower_quartile)
    assert found.flags == ("low_availability",)


def test_availability_is_told_by_unit_and_by_group() -> None:
    framework = small_framework()
    values = np.ones((2, len(framework.indicators)))
    values[0, 0], values[0, 1] = math.nan, 0
    first, second = unit_availability(framework, values, ["a", "b"])
    assert (first.unit, first.missing, first.zeros, first.availability) == ("a", 1, 1, 6 / 7)
    assert (first.by_group["people"], first.by_group["input"], first.by_group["results"]) == (0.5, 0.75, 1.0)
    assert second.by_group["index"] == second.availability == 1.0
