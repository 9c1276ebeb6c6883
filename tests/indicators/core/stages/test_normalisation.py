"""Indicators brought onto one scale."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.indicators.core.strategies import order_of, panels, seeds
from yunlang.indicators.core import columns
from yunlang.indicators.core.framework import Goalposts
from yunlang.indicators.core.stages import normalisation

NAN = np.nan
Method = Callable[[np.ndarray], np.ndarray]
AFFINE: list[Method] = [
    normalisation.minmax,
    normalisation.zscore,
    normalisation.rank,
    normalisation.percentile_rank,
    normalisation.borda,
    normalisation.distance_to_maximum,
]
EVERY: list[Method] = [*AFFINE, normalisation.fraction_of_maximum, normalisation.scaled]
X = np.array([[[3.0], [7.0], [NAN], [3.0], [12.0]]])


def in_period(method: Method) -> list[float]:
    return method(X)[0, :, 0].tolist()


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (normalisation.minmax, [0, 400 / 9, NAN, 0, 100]),
        (normalisation.rank, [1, 3, NAN, 1, 4]),
        (normalisation.percentile_rank, [0, 2 / 3, NAN, 0, 1]),
        (normalisation.borda, [0, 2, NAN, 0, 3]),
        (normalisation.distance_to_maximum, [0, 4 / 9, NAN, 0, 1]),
        (normalisation.fraction_of_maximum, [0.25, 7 / 12, NAN, 0.25, 1]),
        (lambda values: normalisation.minmax(values, low=1, high=100), [1, 45, NAN, 1, 100]),
        (lambda values: normalisation.distance_to_reference(values, unit=1), [0, 1, NAN, 0, 2.25]),
        (lambda values: normalisation.distance_to_reference(values, unit=1, cap=True), [0, 1, NAN, 0, 1]),
        (lambda values: normalisation.scaled(values, low=2, high=12), [10, 50, NAN, 10, 100]),
    ],
)
def test_by_hand(method: Method, expected: list[float]) -> None:
    np.testing.assert_allclose(in_period(method), expected)


def test_zscores_have_the_mean_and_the_deviation_asked_for() -> None:
    found = np.array(in_period(lambda values: normalisation.zscore(values, mean=10, deviation=2)))
    assert np.nanmean(found) == pytest.approx(10)
    assert np.nanstd(found, ddof=1) == pytest.approx(2)
    np.testing.assert_allclose(found, 10 + 2 * (X[0, :, 0] - 6.25) / np.std([3, 7, 3, 12], ddof=1))


@pytest.mark.parametrize("method", AFFINE, ids=lambda method: method.__name__)
@given(values=panels(), slope=st.sampled_from([0.5, 2.0, 8.0]), shift=st.integers(-50, 50))
@settings(max_examples=30)
def test_positive_affine_maps_change_nothing(method: Method, values: np.ndarray, slope: float, shift: int) -> None:
    np.testing.assert_allclose(method(values * slope + shift), method(values), atol=1e-9)


@given(values=panels(), slope=st.sampled_from([0.5, 2.0, 8.0]))
@settings(max_examples=30)
def test_a_fraction_of_the_maximum_does_not_depend_on_the_unit_of_measure(values: np.ndarray, slope: float) -> None:
    fraction = normalisation.fraction_of_maximum
    np.testing.assert_allclose(fraction(values * slope), fraction(values))


@pytest.mark.parametrize("method", EVERY, ids=lambda method: method.__name__)
@given(values=panels(), seed=seeds)
@settings(max_examples=30)
def test_units_keep_their_values_in_any_order_and_missing_ones_stay_missing(
    method: Method, values: np.ndarray, seed: int
) -> None:
    found = method(values)
    order = order_of(values.shape[1], seed)
    np.testing.assert_allclose(method(values[:, order]), found[:, order], atol=1e-9)
    assert np.isnan(found[np.isnan(values)]).all()


@pytest.mark.parametrize("method", EVERY, ids=lambda method: method.__name__)
@given(values=panels())
@settings(max_examples=30)
def test_more_is_never_less_afterwards(method: Method, values: np.ndarray) -> None:
    found = method(values)
    higher = values[:, :, None] > values[:, None]
    known = ~np.isnan(found[:, :, None] - found[:, None])
    assert ((found[:, :, None] - found[:, None])[higher & known] >= 0).all()


@given(values=panels(), axis=st.sampled_from([0, 1, 2]))
@settings(max_examples=60)
def test_a_rank_counts_the_smaller_known_values_and_nan_never_becomes_one(values: np.ndarray, axis: int) -> None:
    found = columns.ranks(values, axis=axis)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(values))
    turned, ranked = np.moveaxis(values, axis, -1), np.moveaxis(found, axis, -1)
    smaller = (turned[..., None, :] < turned[..., :, None]).sum(axis=-1)
    known = ~np.isnan(turned)
    np.testing.assert_array_equal(ranked[known], smaller[known] + 1)


@given(values=panels())
@settings(max_examples=60)
def test_descending_ranks_give_one_to_the_highest_and_nothing_to_nan(values: np.ndarray) -> None:
    found = columns.descending_ranks(values)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(values))
    greater = (values[..., None, :] > values[..., :, None]).sum(axis=-1)
    known = ~np.isnan(values)
    np.testing.assert_array_equal(found[known], greater[known] + 1)


def test_columns_that_do_not_vary_have_no_place_between_ends() -> None:
    same = np.full((1, 3, 1), 4.0)
    for method in (normalisation.minmax, normalisation.zscore, normalisation.distance_to_maximum):
        assert np.isnan(method(same)).all()


def test_goalposts_turn_with_the_direction_and_hold_beyond_the_ends_where_asked() -> None:
    values = np.array([[[2.0, 2.0, 2.0], [4.0, 4.0, 4.0], [9.0, 9.0, 9.0], [NAN, 0.0, 0.0]]])
    posts = [Goalposts(2, 6), Goalposts(2, 6, scale=10), Goalposts(2, 6, truncate=False)]
    found = normalisation.goalposts(values, posts=posts, directions=np.array([1.0, -1.0, 1.0]))
    expected = [[0, 10, 0], [50, 5, 50], [100, 0, 175], [NAN, 10, -50]]
    np.testing.assert_allclose(found[0], expected)


def test_distance_to_a_target_starts_at_the_worst_unit() -> None:
    values = np.array([[[2.0, 2.0], [4.0, 4.0], [8.0, 8.0]]])
    directions = np.array([1.0, -1.0])
    found = normalisation.distance_to_target(values, targets=[6, 4], directions=directions)
    np.testing.assert_allclose(found[0], [[0, 1.5], [0.5, 1], [1.5, 0]])
    capped = normalisation.distance_to_target(values, targets=[6, 4], directions=directions, cap=True)
    np.testing.assert_allclose(capped, np.minimum(found, 1))


def test_an_index_of_a_base_period_turns_where_less_is_better() -> None:
    values = np.array([[[50.0, 50.0], [0.0, 3.0]], [[75.0, 100.0], [5.0, NAN]]])
    found = normalisation.fixed_base(values, base=0, directions=np.array([1.0, -1.0]))
    np.testing.assert_allclose(found, [[[100, 100], [NAN, 100]], [[150, 50], [NAN, NAN]]])


def test_changes_in_percent_are_of_the_period_before_or_of_a_base() -> None:
    values = np.array([[[50.0, -4.0]], [[75.0, -2.0]], [[60.0, 0.0]]])
    directions = np.array([1.0, -1.0])
    since_last = normalisation.percent_change(values, directions=directions)
    np.testing.assert_allclose(since_last[:, 0], [[NAN, NAN], [50, -50], [-20, -100]])
    since_first = normalisation.percent_change(values, directions=directions, base=0)
    np.testing.assert_allclose(since_first[:, 0], [[0, 0], [50, -50], [20, -100]])
