"""Members of a group made one score."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.indicators.core.strategies import order_of, seeds, weighted
from yunlang.indicators.core.errors import StageError
from yunlang.indicators.core.stages import aggregation

NAN = np.nan
Method = Callable[[np.ndarray, np.ndarray], np.ndarray]
MEANS: dict[str, Method] = {
    "arithmetic": aggregation.arithmetic,
    "geometric": aggregation.geometric,
    "harmonic": aggregation.harmonic,
    "generalised": partial(aggregation.generalised, exponent=2.5),
    "median": aggregation.median,
    "ordered, generous": partial(aggregation.ordered_weighted, orness=0.8),
    "ordered, strict": partial(aggregation.ordered_weighted, orness=0.2),
}
ALL: dict[str, Method] = {
    **MEANS,
    "copeland": aggregation.copeland,
    "topsis": aggregation.topsis,
    "mazziotta_pareto": aggregation.mazziotta_pareto,
}
each_mean = pytest.mark.parametrize("method", MEANS.values(), ids=MEANS.keys())
each_method = pytest.mark.parametrize("method", ALL.values(), ids=ALL.keys())


@each_method
@given(given_values=weighted(), seed=seeds)
@settings(max_examples=25)
def test_the_order_of_members_and_of_units_plays_no_part(method: Method, given_values: tuple, seed: int) -> None:
    values, weights = given_values
    found = method(values, weights)
    members, units = order_of(len(weights), seed), order_of(len(values), seed)
    np.testing.assert_allclose(method(values[:, members], weights[members]), found, atol=1e-9)
    np.testing.assert_allclose(method(values[units], weights), found[units], atol=1e-9)


@each_method
@given(given_values=weighted(), factor=st.sampled_from([0.25, 3.0, 100.0]))
@settings(max_examples=25)
def test_weights_are_relative_and_only_a_unit_without_values_has_no_score(
    method: Method, given_values: tuple, factor: float
) -> None:
    values, weights = given_values
    found = method(values, weights)
    np.testing.assert_allclose(method(values, weights * factor), found, atol=1e-9)
    if method is not aggregation.topsis:  # units that are all alike have no ideal to be close to
        np.testing.assert_array_equal(np.isnan(found), np.isnan(values).all(axis=1))


@each_method
@given(given_values=weighted())
@settings(max_examples=25)
def test_draws_and_periods_are_scored_as_if_alone(method: Method, given_values: tuple) -> None:
    values, weights = given_values
    periods = np.stack([values, values[::-1] * 2])
    draws = np.stack([weights, weights[::-1], np.ones_like(weights)])
    together = method(periods[None], draws[:, None])
    assert together.shape == (3, 2, len(values))
    for draw in range(3):
        for period in range(2):
            np.testing.assert_allclose(together[draw, period], method(periods[period], draws[draw]), atol=1e-9)


@each_mean
@given(given_values=weighted(), unit=st.integers(0, 1), more=st.integers(1, 9))
@settings(max_examples=30)
def test_raising_one_value_never_lowers_the_score(method: Method, given_values: tuple, unit: int, more: int) -> None:
    values, weights = given_values
    for member in np.flatnonzero(~np.isnan(values[unit])):
        raised = values.copy()
        raised[unit, member] += more
        before, after = method(values, weights), method(raised, weights)
        assert after[unit] >= before[unit] - 1e-9
        others = np.arange(len(values)) != unit
        np.testing.assert_array_equal(after[others], before[others])


@each_mean
@given(given_values=weighted())
@settings(max_examples=30)
def test_a_mean_lies_between_the_least_and_the_greatest_value(method: Method, given_values: tuple) -> None:
    values, weights = given_values
    found = method(values, weights)
    some = ~np.isnan(found)
    assert (found[some] >= np.fmin.reduce(values, axis=1)[some] - 1e-9).all()
    assert (found[some] <= np.fmax.reduce(values, axis=1)[some] + 1e-9).all()


@given(given_values=weighted())
@settings(max_examples=60)
def test_harmonic_is_at_most_geometric_is_at_most_arithmetic(given_values: tuple) -> None:
    values, weights = given_values
    harmonic, geometric, arithmetic = (
        method(values, weights) for method in (aggregation.harmonic, aggregation.geometric, aggregation.arithmetic)
    )
    some = ~np.isnan(arithmetic)
    assert (harmonic[some] <= geometric[some] + 1e-9).all()
    assert (geometric[some] <= arithmetic[some] + 1e-9).all()


@pytest.mark.parametrize(
    ("exponent", "mean"), [(1, aggregation.arithmetic), (0, aggregation.geometric), (-1, aggregation.harmonic)]
)
@given(given_values=weighted())
@settings(max_examples=30)
def test_the_generalised_mean_has_the_others_as_cases(exponent: float, mean: Method, given_values: tuple) -> None:
    values, weights = given_values
    np.testing.assert_allclose(aggregation.generalised(values, weights, exponent=exponent), mean(values, weights))


@given(given_values=weighted(), low=st.floats(0, 1), high=st.floats(0, 1))
@settings(max_examples=60)
def test_orness_leads_from_the_worst_value_through_the_mean_to_the_best(
    given_values: tuple, low: float, high: float
) -> None:
    values, weights = given_values
    score = {orness: aggregation.ordered_weighted(values, weights, orness=orness) for orness in (0, 0.5, 1)}
    np.testing.assert_array_equal(score[0], np.fmin.reduce(values, axis=1))
    np.testing.assert_allclose(score[0.5], aggregation.arithmetic(values, weights))
    np.testing.assert_array_equal(score[1], np.fmax.reduce(values, axis=1))
    low, high = sorted((low, high))
    less, more = (aggregation.ordered_weighted(values, weights, orness=orness) for orness in (low, high))
    some = ~np.isnan(less)
    assert (less[some] <= more[some] + 1e-9).all()


def test_means_by_hand_leave_missing_values_out_with_their_weights() -> None:
    values, weights = np.array([[2.0, 8.0, NAN], [NAN, NAN, NAN]]), np.array([1.0, 3.0, 100.0])
    for method, expected in (
        (aggregation.arithmetic, 26 / 4),
        (aggregation.geometric, (2 * 8**3) ** 0.25),
        (aggregation.harmonic, 4 / (1 / 2 + 3 / 8)),
        (partial(aggregation.generalised, exponent=2), np.sqrt((4 + 192) / 4)),
        (aggregation.median, 8),
        # The best value has 3/4 of the weight, and Q(3/4) = (3/4)² is what it gets.
        (partial(aggregation.ordered_weighted, orness=1 / 3), 8 * 9 / 16 + 2 * 7 / 16),
    ):
        np.testing.assert_allclose(method(values, weights), [expected, NAN])


@pytest.mark.parametrize(
    ("weights", "expected"),
    [([1, 1, 1, 1], 4), ([1, 1, 1, 0], 3), ([5, 1, 1, 1], 1), ([1, 2, 1, 2], 4), ([1, 1, 0, 2], 6)],
)
def test_the_weighted_median_by_hand(weights: list[float], expected: float) -> None:
    # Half of the weight may be reached exactly at a value: then the next one that weighs counts as much.
    assert aggregation.median(np.array([[1.0, 3.0, 5.0, 7.0]]), np.array(weights, dtype=float)) == [
        pytest.approx({(1, 1, 0, 2): 5}.get(tuple(weights), expected))
    ]


def test_the_unweighted_median_is_that_of_numpy() -> None:
    values = np.random.default_rng(3).normal(size=(30, 7))
    values[::4, 2] = NAN
    np.testing.assert_allclose(aggregation.median(values, np.ones(7)), np.nanmedian(values, axis=1))


@pytest.mark.parametrize(
    ("method", "values", "reason"),
    [
        (aggregation.geometric, [3.0, 0.0], "几何平均要求数值为正"),
        (aggregation.harmonic, [3.0, 0.0], "调和平均要求数值不为 0"),
        (partial(aggregation.generalised, exponent=0), [3.0, -1.0], "几何平均要求数值为正"),
        (partial(aggregation.generalised, exponent=-2), [3.0, 0.0], "广义平均要求数值为正"),
        (partial(aggregation.generalised, exponent=2), [3.0, -1.0], "广义平均要求数值为正"),
    ],
)
def test_values_that_a_mean_has_no_place_for_are_refused(method: Method, values: list[float], reason: str) -> None:
    with pytest.raises(StageError, match=reason):
        method(np.array([values]), np.ones(2))


def test_a_generalised_mean_of_positive_exponent_has_a_place_for_zero() -> None:
    assert aggregation.generalised(np.array([[3.0, 0.0]]), np.ones(2), exponent=2)[0] == pytest.approx(4.5**0.5)


def test_outranking_and_copeland_by_hand() -> None:
    values, weights = np.array([[3.0, 1.0, 5.0], [2.0, 4.0, 5.0], [1.0, 4.0, 0.0]]), np.array([2.0, 1.0, 1.0])
    # First against second: better in the first member (1/2), equal in the third (half of 1/4).
    expected = [[0, 5 / 8, 3 / 4], [3 / 8, 0, 7 / 8], [1 / 4, 1 / 8, 0]]
    np.testing.assert_allclose(aggregation.outranking(values, weights), expected)
    np.testing.assert_array_equal(aggregation.copeland(values, weights), [2, 0, -2])


def test_units_that_outrank_each_other_by_half_score_nothing() -> None:
    values = np.array([[1.0, 2.0, 3.0], [2.0, 1.0, 3.0]])
    np.testing.assert_array_equal(aggregation.copeland(values, np.array([0.1, 0.1, 0.7])), [0, 0])


def test_pairs_are_compared_by_what_both_have() -> None:
    values = np.array([[3.0, 1.0], [2.0, NAN], [NAN, NAN], [1.0, 5.0]])
    found = aggregation.outranking(values, np.array([1.0, 3.0]))
    np.testing.assert_allclose(found[0], [0, 1, 0.5, 0.25])
    np.testing.assert_allclose(found[1], [0, 0, 0.5, 1])
    np.testing.assert_array_equal(aggregation.copeland(values, np.array([1.0, 3.0])), [0, 0, NAN, 0])


def test_topsis_by_hand() -> None:
    # Columns of length 5 and 13: the first unit is (3/5, 12/13) / 2, the second (4/5, 5/13) / 2.
    values, weights = np.array([[3.0, 12.0], [4.0, 5.0]]), np.array([1.0, 1.0])
    across, down = 1 / 10, 7 / 26
    np.testing.assert_allclose(aggregation.topsis(values, weights), [down / (across + down), across / (across + down)])


@given(given_values=weighted())
@settings(max_examples=40)
def test_topsis_lies_between_the_worst_and_the_ideal_unit(given_values: tuple) -> None:
    values, weights = given_values
    ideal, worst = np.full(len(weights), 11.0), np.full(len(weights), 0.1)
    found = aggregation.topsis(np.vstack([values, ideal, worst]), weights)
    known = found[~np.isnan(found)]
    assert ((known >= 0) & (known <= 1)).all()
    np.testing.assert_allclose(found[-2:], [1, 0])


def test_units_that_are_all_alike_have_no_ideal() -> None:
    assert np.isnan(aggregation.topsis(np.full((3, 2), 4.0), np.ones(2))).all()


def test_mazziotta_pareto_by_hand() -> None:
    # Mean 100, deviation 10 and coefficient of variation 0.1: a penalty of 1.
    values = np.array([[90.0, 110.0], [100.0, 100.0]])
    np.testing.assert_allclose(aggregation.mazziotta_pareto(values, np.ones(2)), [99, 100])
    np.testing.assert_allclose(aggregation.mazziotta_pareto(values, np.ones(2), penalty=1), [101, 100])


def test_the_adjusted_index_between_goalposts_by_hand() -> None:
    # Members mapped to 70–130 between goalposts 0 and 10; (2, 8) is (82, 118): mean 100, deviation 18.
    mapped = 70 + 60 * np.array([[2.0, 8.0], [5.0, 5.0], [0.0, 0.0], [10.0, 10.0]]) / 10
    found = aggregation.mazziotta_pareto(mapped, np.ones(2))
    np.testing.assert_allclose(found, [100 - 18 * 0.18, 100, 70, 130])


@given(given_values=weighted())
@settings(max_examples=40)
def test_imbalance_costs_with_a_negative_penalty_and_pays_with_a_positive_one(given_values: tuple) -> None:
    values, weights = given_values
    mean = aggregation.arithmetic(values, weights)
    less, more = (aggregation.mazziotta_pareto(values, weights, penalty=penalty) for penalty in (-1, 1))
    some = ~np.isnan(mean)
    assert (less[some] <= mean[some] + 1e-9).all()
    np.testing.assert_allclose(less + more, 2 * mean)
