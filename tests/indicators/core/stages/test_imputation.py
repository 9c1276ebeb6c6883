"""Missing values filled from other units, and what they might have been."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings

from tests.indicators.core.strategies import order_of, panels, seeds
from yunlang.indicators.core.errors import StageError
from yunlang.indicators.core.stages import imputation
from yunlang.indicators.core.stages.expectation_maximisation import em

Method = Callable[[np.ndarray], np.ndarray]
NAN = np.nan


def pairs(values: np.ndarray) -> list[str]:
    """Return groups of two, the last unit in none."""
    return [*"aabbccddee"[: values.shape[1] - 1], ""]


METHODS: dict[str, Method] = {
    "mean": imputation.mean,
    "median": imputation.median,
    "group_mean": lambda values: imputation.group_mean(values, groups=pairs(values)),
    "group_median": lambda values: imputation.group_median(values, groups=pairs(values)),
    "nearest": imputation.nearest,
    "em": em,
}
each_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS.keys())


@each_method
@given(values=panels())
@settings(max_examples=12, deadline=None)
def test_what_is_known_stays_and_a_column_of_which_nothing_is_known_is_left_alone(
    method: Method, values: np.ndarray
) -> None:
    before = values.copy()
    found = method(values)
    np.testing.assert_array_equal(values, before)
    known = ~np.isnan(values)
    np.testing.assert_array_equal(found[known], values[known])
    assert np.isnan(found[np.broadcast_to(~known.any(axis=1, keepdims=True), values.shape)]).all()


@pytest.mark.parametrize("name", ["mean", "median", "nearest", "em"])
@given(values=panels())
@settings(max_examples=25, deadline=None)
def test_a_column_with_a_known_value_is_filled(name: str, values: np.ndarray) -> None:
    found = METHODS[name](values)
    some = np.broadcast_to((~np.isnan(values)).any(axis=1, keepdims=True), values.shape)
    assert not np.isnan(found[some]).any()


@pytest.mark.parametrize("name", ["mean", "median", "em"])
@given(values=panels(), seed=seeds)
@settings(max_examples=8, deadline=None)
def test_the_order_of_units_and_the_scale_of_a_column_play_no_part(name: str, values: np.ndarray, seed: int) -> None:
    method = METHODS[name]
    order = order_of(values.shape[1], seed)
    np.testing.assert_allclose(method(values[:, order]), method(values)[:, order], rtol=1e-3)
    scale = np.arange(1, values.shape[2] + 1) * 10.0
    np.testing.assert_allclose(method(values * scale - 7), method(values) * scale - 7, rtol=1e-3, atol=1e-3)


@given(values=panels())
@settings(max_examples=50, deadline=None)
def test_mean_and_median_are_those_of_numpy(values: np.ndarray) -> None:
    for method, statistic in ((imputation.mean, np.nanmean), (imputation.median, np.nanmedian)):
        found = method(values)
        for period, unit, indicator in np.argwhere(np.isnan(values) & ~np.isnan(found)):
            expected = statistic(values[period, :, indicator])
            assert found[period, unit, indicator] == pytest.approx(expected)


def test_groups_fill_from_their_own_units_and_period() -> None:
    values = np.array([[[1.0], [3.0], [NAN], [10.0], [NAN], [NAN], [NAN]], [[5.0], [NAN], [8.0], [NAN], [1], [2], [3]]])
    groups = ["east", "east", "east", "west", "west", "south", ""]
    found = imputation.group_mean(values, groups=groups)
    expected = np.array([[1, 3, 2, 10, 10, NAN, NAN], [5, 6.5, 8, 1, 1, 2, 3]])
    np.testing.assert_array_equal(found[:, :, 0], expected)


def test_a_groups_median_ignores_its_extremes() -> None:
    values = np.array([[[1.0], [2.0], [90.0], [NAN], [7.0]]])
    found = imputation.group_median(values, groups=["a", "a", "a", "a", "b"])
    assert found[0, 3, 0] == 2


def test_every_unit_needs_a_group() -> None:
    with pytest.raises(StageError) as caught:
        imputation.group_mean(np.ones((1, 3, 1)), groups=["a"])
    assert caught.value.text.en == "impute: 1 groups are given for 3 units."


def test_the_nearest_units_are_those_most_alike_after_standardising() -> None:
    # The first indicator is a thousand times larger, yet counts no more than the second.
    values = np.array(
        [[[1000.0, 1.0, 5.0], [2000.0, 1.0, 7.0], [1000.0, 9.0, 50.0], [2000.0, 9.0, 70.0], [1010.0, 1.1, NAN]]]
    )
    assert imputation.nearest(values, neighbours=1)[0, 4, 2] == pytest.approx(5)
    assert imputation.nearest(values, neighbours=4)[0, 4, 2] == pytest.approx(33)
    assert imputation.nearest(values, neighbours=99)[0, 4, 2] == pytest.approx(33)


def test_no_neighbour_is_too_few() -> None:
    with pytest.raises(StageError, match="邻居数至少为 1"):
        imputation.nearest(np.ones((1, 2, 1)), neighbours=0)


def test_imputed_cells_are_drawn_around_what_was_imputed() -> None:
    generator = np.random.default_rng(1)
    values = generator.normal(size=(1, 40, 2)) * [1, 10] + [0, 100]
    values[0, 20:, 1] = 100 + 0.1 * (values[0, 20:, 1] - 100)
    groups = ["wide"] * 20 + ["narrow"] * 20
    values[0, [3, 25], 1] = NAN
    imputed = imputation.group_mean(values, groups=groups)
    found = imputation.drawn(values, imputed, groups=groups, generator=generator, draws=4000)
    np.testing.assert_array_equal(np.transpose(found.cells), [[0, 3, 1], [0, 25, 1]])
    assert found.values.shape == (4000, 2)
    wide, narrow = (np.nanstd(values[0, part, 1], ddof=1) for part in (slice(0, 20), slice(20, 40)))
    np.testing.assert_allclose(found.values.mean(axis=0), imputed[found.cells], atol=0.1 * wide)
    np.testing.assert_allclose(found.values.std(axis=0), [wide, narrow], rtol=0.05)
    one = found.applied(imputed, 7)
    np.testing.assert_array_equal(one[found.cells], found.values[7])
    np.testing.assert_array_equal(one[~np.isnan(values)], values[~np.isnan(values)])


def test_draws_without_groups_take_the_spread_of_all_units_and_the_same_seed_the_same_draws() -> None:
    values = np.array([[[1.0, 4.0], [5.0, NAN], [NAN, NAN], [9.0, NAN]]])
    imputed = imputation.mean(values)
    one, other = (imputation.drawn(values, imputed, generator=np.random.default_rng(5), draws=3000) for _ in range(2))
    np.testing.assert_array_equal(one.values, other.values)
    assert one.values[:, list(one.cells[1]).index(2)].std() > 0
    # A single known value says nothing about spread: its column's cells are not moved.
    alone = one.cells[2] == 1
    assert (one.values[:, alone] == 4).all()
    assert one.values[:, ~alone].std() == pytest.approx(4, rel=0.05)


def test_a_group_too_small_to_have_a_spread_takes_that_of_all_units() -> None:
    values = np.array([[[2.0], [4.0], [6.0], [8.0], [NAN]]])
    groups = ["a", "a", "a", "b", "b"]
    imputed = imputation.group_mean(values, groups=groups)
    found = imputation.drawn(values, imputed, groups=groups, generator=np.random.default_rng(2), draws=4000)
    assert found.values.mean() == pytest.approx(8, abs=0.2)
    assert found.values.std() == pytest.approx(np.std([2, 4, 6, 8], ddof=1), rel=0.05)


def test_nothing_missing_leaves_nothing_to_draw() -> None:
    values = np.ones((1, 3, 2))
    found = imputation.drawn(values, values, generator=np.random.default_rng(0), draws=5)
    assert found.values.shape == (5, 0)
