"""Scores with the weights that suit each unit best."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from tests.indicators.core.strategies import order_of, seeds, tables
from yunlang.indicators.core.errors import StageError
from yunlang.indicators.core.stages.benefit_of_doubt import benefit_of_doubt

NAN = np.nan


def test_scores_by_hand() -> None:
    # The frontier runs from (4, 2) to (2, 4), where w = (1, 1) / 6; (2, 2) reaches 4 / 6 of it, and (4, 0) lies on it.
    values = np.array([[4.0, 2.0], [2.0, 4.0], [2.0, 2.0], [4.0, 0.0], [1.0, 0.0]])
    np.testing.assert_allclose(benefit_of_doubt(values).scores, [1, 1, 2 / 3, 1, 1 / 4])
    np.testing.assert_allclose(benefit_of_doubt(values).weights[2], [1 / 6, 1 / 6])


def test_bounds_by_hand() -> None:
    # With half of the score from each member, w₁x₁ = w₂x₂: unit 0 is held back by neither, unit 1 by unit 0.
    values = np.array([[4.0, 2.0], [2.0, 1.0], [4.0, 1.0]])
    np.testing.assert_allclose(benefit_of_doubt(values, bounds=(0.5, 0.5)).scores, [1, 0.5, 2 / 3])


@given(values=tables())
@settings(max_examples=30, deadline=None)
def test_each_score_is_what_its_weights_give_and_no_unit_gets_more_than_one(values: np.ndarray) -> None:
    found = benefit_of_doubt(values)
    some = ~np.isnan(values).all(axis=1)
    np.testing.assert_array_equal(np.isnan(found.scores), ~some)
    np.testing.assert_array_equal(np.isnan(found.weights), np.isnan(values))
    for unit in np.flatnonzero(some):
        weights = np.nan_to_num(found.weights[unit])
        assert (weights >= 0).all()
        assert found.scores[unit] == pytest.approx(np.nan_to_num(values[unit]) @ weights)
        assert (np.nan_to_num(values) @ weights <= 1 + 1e-9).all()
    # Whatever the units' values, one of them is the best at something.
    assert not some.any() or np.nanmax(found.scores) == pytest.approx(1)


@given(values=tables(missing=False, members=(2, 4)))
@settings(max_examples=30, deadline=None)
def test_shares_lie_within_their_bounds(values: np.ndarray) -> None:
    bounds = (0.1, 0.8)
    found = benefit_of_doubt(values, bounds=bounds)
    shares = values * found.weights / found.scores[:, None]
    assert (shares >= bounds[0] - 1e-7).all()
    assert (shares <= bounds[1] + 1e-7).all()
    assert (found.scores <= benefit_of_doubt(values).scores + 1e-9).all()


@given(values=tables(), seed=seeds)
@settings(max_examples=20, deadline=None)
def test_order_and_units_of_measure_play_no_part(values: np.ndarray, seed: int) -> None:
    units, members = order_of(len(values), seed), order_of(values.shape[1], seed)
    scale = np.arange(1, values.shape[1] + 1) ** 4.0
    found = benefit_of_doubt((values * scale)[units][:, members])
    np.testing.assert_allclose(found.scores, benefit_of_doubt(values).scores[units], atol=1e-9)


def test_what_a_unit_lacks_is_left_out_of_its_own_programme() -> None:
    values = np.array([[4.0, 2.0], [2.0, NAN], [NAN, NAN]])
    np.testing.assert_allclose(benefit_of_doubt(values).scores, [1, 0.5, NAN])


def test_periods_are_scored_one_by_one() -> None:
    values = np.array([[[4.0, 2.0], [2.0, 1.0]], [[1.0, 1.0], [3.0, 3.0]]])
    np.testing.assert_allclose(benefit_of_doubt(values).scores, [[1, 0.5], [1 / 3, 1]])


@pytest.mark.parametrize("bounds", [(0.6, 0.9), (0.1, 0.4), (0.5, 0.2), (-0.1, 1.0)])
def test_bounds_that_no_shares_meet_are_refused(bounds: tuple[float, float]) -> None:
    with pytest.raises(StageError) as caught:
        benefit_of_doubt(np.ones((3, 2)), bounds=bounds)
    low, high = bounds
    assert caught.value.text.en == f"aggregate: 2 members cannot each have a share between {low:g} and {high:g}."


def test_negative_values_are_refused() -> None:
    with pytest.raises(StageError, match="不小于 0"):
        benefit_of_doubt(np.array([[1.0, -1.0]]))
