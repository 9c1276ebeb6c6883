"""Outliers pulled in, or a whole column transformed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.indicators.core.strategies import order_of, panels, seeds
from yunlang.indicators.core import columns
from yunlang.indicators.core.stages import treatment
from yunlang.indicators.core.stages.treatment import PASSED, TRANSFORMED, WINSORISED, Limits, treated

NAN = np.nan
# Few columns pass, so one point is pulled in, in vain.
STRICT = Limits(skewness=0.1, kurtosis=-5, points=1)


def lopsided(seed: int, units: int = 30, indicators: int = 12) -> np.ndarray:
    """Return columns with heavy tails on either side, ties and missing values."""
    generator = np.random.default_rng(seed)
    values = generator.standard_t(1.5, size=(1, units, indicators))
    values[..., ::3] = np.round(values[..., ::3])
    values[..., 1::4] = np.exp(values[..., 1::4].clip(-8, 8))
    values[generator.random(values.shape) < 0.1] = NAN
    return values


def shape(column: np.ndarray) -> tuple[float, float]:
    known = column[~np.isnan(column)]
    if len(known) < 4 or np.ptp(known) == 0:
        return NAN, NAN
    return float(stats.skew(known, bias=False)), float(stats.kurtosis(known, bias=False))


def passes(column: np.ndarray, limits: Limits) -> bool:
    skewness, kurtosis = shape(column)
    return np.isnan(skewness) or abs(skewness) < limits.skewness or kurtosis < limits.kurtosis


def pulled_in(column: np.ndarray, limits: Limits) -> tuple[np.ndarray, int]:
    """Pull in a column's extremes as one would by hand: look, move one value and its equals to the next, look again."""
    found = column.copy()
    high, low = 0, 0
    while not passes(found, limits) and (limits.points is None or high + low < limits.points):
        if len(np.unique(found[~np.isnan(found)])) == 2:
            break
        if shape(found)[0] >= 0:
            extreme = found == np.nanmax(found)
            found[extreme] = np.nanmax(found[~extreme])
            high = int(extreme.sum())
        else:
            extreme = found == np.nanmin(found)
            found[extreme] = np.nanmin(found[~extreme])
            low = int(extreme.sum())
    return found, high + low


def by_hand(column: np.ndarray, limits: Limits) -> tuple[np.ndarray, int, int]:
    """Return what becomes of a column, how, and how many points were moved."""
    if passes(column, limits):
        return column, PASSED, 0
    found, points = pulled_in(column, limits)
    if passes(found, limits):
        return found, WINSORISED, points
    least, greatest = np.nanmin(column), np.nanmax(column)
    return np.log(column - least + 0.01 * (greatest - least)), TRANSFORMED, 0


@given(seed=seeds, points=st.sampled_from([1, 3, 5, None]), skewness=st.sampled_from([0.8, 1.5, 2.0]))
@settings(max_examples=15, deadline=None)
def test_all_columns_at_once_are_treated_as_one_at_a_time(seed: int, points: int | None, skewness: float) -> None:
    values, limits = lopsided(seed), Limits(skewness=skewness, kurtosis=skewness, points=points)
    found = treated(values, limits=limits)
    for place in range(values.shape[2]):
        expected, outcome, moved = by_hand(values[0, :, place], limits)
        np.testing.assert_allclose(found.values[0, :, place], expected, rtol=1e-12)
        assert found.outcome[0, place] == outcome
        assert found.points[0, place] == moved
        assert found.passes[0, place] == passes(expected, limits)


@given(seed=seeds)
@settings(max_examples=30, deadline=None)
def test_moments_are_those_of_scipy(seed: int) -> None:
    values = lopsided(seed)[0] + 1000
    skewness, kurtosis = columns.skewness_and_kurtosis(values)
    expected = np.array([shape(column) for column in values.T])
    np.testing.assert_allclose(skewness, expected[:, 0], rtol=1e-6)
    np.testing.assert_allclose(kurtosis, expected[:, 1], rtol=1e-6)


def test_moments_of_too_few_values_or_of_values_all_alike_are_unknown() -> None:
    values = np.array([[1.0, 1.0, 3.0], [2.0, 2.0, 3.0], [NAN, 7.0, 3.0], [NAN, NAN, 3.0]])
    skewness, kurtosis = columns.skewness_and_kurtosis(values)
    np.testing.assert_allclose(skewness, [NAN, stats.skew([1, 2, 7], bias=False), NAN])
    assert np.isnan(kurtosis).all()


@given(values=panels())
@settings(max_examples=40, deadline=None)
def test_mean_and_deviation_are_those_of_numpy(values: np.ndarray) -> None:
    for period in range(len(values)):
        for place in range(values.shape[2]):
            known = values[period, :, place][~np.isnan(values[period, :, place])]
            mean = known.mean() if len(known) else NAN
            deviation = known.std(ddof=1) if len(known) > 1 else NAN
            np.testing.assert_allclose(columns.mean(values)[period, 0, place], mean)
            np.testing.assert_allclose(columns.deviation(values)[period, 0, place], deviation, atol=1e-12)


@given(seed=seeds)
@settings(max_examples=20, deadline=None)
def test_units_in_another_order_and_larger_units_of_measure_are_treated_alike(seed: int) -> None:
    values, limits = lopsided(seed), Limits()
    found = treated(values, limits=limits, transformation="none")
    order = order_of(values.shape[1], seed)
    np.testing.assert_array_equal(
        treated(values[:, order], limits=limits, transformation="none").values, found.values[:, order]
    )
    larger = treated(values * 8, limits=limits, transformation="none")
    np.testing.assert_array_equal(larger.values, found.values * 8)
    np.testing.assert_array_equal(np.isnan(found.values), np.isnan(values))


@pytest.mark.parametrize("transformation", ["log_ct", "log_ct_plus", "box_cox"])
@given(seed=seeds)
@settings(max_examples=15, deadline=None)
def test_treatment_never_turns_units_round(transformation: treatment.Transformation, seed: int) -> None:
    values = lopsided(seed)
    found = treated(values, limits=Limits(points=1), transformation=transformation).values
    more = values[:, :, None] > values[:, None]
    assert ((found[:, :, None] - found[:, None])[more] >= 0).all()


def test_equal_extremes_move_together_and_beyond_the_limit_where_they_must() -> None:
    column = np.array([*np.linspace(0, 1, 20), 50.0, 50.0, 60.0])
    found = treated(column[None, :, None], limits=Limits(points=2), transformation="none")
    # 60 moves first; the three fifties then move as one, past the two points that were allowed.
    assert found.points[0, 0] == 3
    assert found.values.max() == 1
    assert found.passes[0, 0]


def test_a_column_with_two_values_is_not_pulled_in_to_one() -> None:
    column = np.array([0.0] * 12 + [9.0])
    found = treated(column[None, :, None], limits=Limits(), transformation="none")
    np.testing.assert_array_equal(found.values[0, :, 0], column)
    assert not found.passes[0, 0]
    logged = treated(column[None, :, None], limits=Limits())
    assert logged.outcome[0, 0] == TRANSFORMED
    assert np.ptp(logged.values) > 0


@pytest.mark.parametrize(
    ("transformation", "exponent", "expected"),
    [
        ("log_ct", 0.0, lambda x: np.log(x + 0.01 * 1000)),
        ("log_ct_plus", 0.0, lambda x: np.log(x + 0.01 * 1000)),
        ("log_gii", 0.0, lambda x: np.log(999 * x / 1000 + 1)),
        ("box_cox", 0.0, lambda x: np.log(x + 1)),
        ("box_cox", 0.5, lambda x: 2 * (np.sqrt(x + 1) - 1)),
    ],
)
def test_transformations_by_hand(transformation: treatment.Transformation, exponent: float, expected) -> None:
    column = np.array([*np.linspace(0, 1, 20), 700.0, 800.0, 900.0, 1000.0])
    found = treated(column[None, :, None], limits=STRICT, transformation=transformation, exponent=exponent)
    np.testing.assert_allclose(found.values[0, :, 0], expected(column))
    assert found.outcome[0, 0] == TRANSFORMED
    assert found.points[0, 0] == 0


def test_a_column_skewed_downwards_is_logged_from_above() -> None:
    column = -np.array([*np.linspace(0, 1, 20), 700.0, 800.0, 900.0, 1000.0])
    found = treated(column[None, :, None], limits=STRICT, transformation="log_ct_plus")
    np.testing.assert_allclose(found.values[0, :, 0], -np.log(10 - column))


def test_combined_treatment_transforms_what_was_pulled_in() -> None:
    column = np.array([*np.linspace(0, 1, 20), 700.0, 800.0, 900.0, 1000.0])
    found = treated(column[None, :, None], limits=STRICT, combine=True)
    np.testing.assert_allclose(found.values[0, :, 0], np.log(np.minimum(column, 900) + 9))
    assert found.points[0, 0] == 1


def test_periods_are_treated_one_by_one_and_the_values_given_stay() -> None:
    values = np.concatenate([lopsided(1), lopsided(2), lopsided(3)])
    before = values.copy()
    limits = Limits(skewness=0.5, kurtosis=1, points=1)
    found = treated(values, limits=limits)
    np.testing.assert_array_equal(values, before)
    for period in range(3):
        alone = treated(values[[period]], limits=limits)
        np.testing.assert_array_equal(found.values[period], alone.values[0])
        np.testing.assert_array_equal(found.outcome[period], alone.outcome[0])
    assert {PASSED, WINSORISED, TRANSFORMED} == set(found.outcome.ravel())
