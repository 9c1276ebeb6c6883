"""Missing values filled with their expectation given what else is known of a unit."""

from __future__ import annotations

import numpy as np
import pytest

from yunlang.indicators.core.errors import StageError
from yunlang.indicators.core.stages.expectation_maximisation import em

NAN = np.nan


def related(units: int = 60, noise: float = 0.5) -> np.ndarray:
    """Return two indicators of which the second follows the first."""
    generator = np.random.default_rng(11)
    first = generator.normal(5, 2, units)
    return np.stack([first, 3 * first + generator.normal(0, noise * 6, units)], axis=-1)[None]


def test_one_incomplete_indicator_is_filled_by_the_regression_on_the_complete_one() -> None:
    # With one indicator missing for some units, the likelihood is greatest at the regression among the complete ones:
    # Anderson (1957), Journal of the American Statistical Association 52.
    values = related()
    values[0, 40:, 1] = NAN
    slope, start = np.polyfit(values[0, :40, 0], values[0, :40, 1], 1)
    np.testing.assert_allclose(em(values)[0, 40:, 1], start + slope * values[0, 40:, 0], rtol=1e-5)


def test_the_estimates_settle_where_another_round_changes_nothing() -> None:
    generator = np.random.default_rng(4)
    mixed = generator.normal(size=(80, 3)) @ np.array([[1, 0.8, 0.2], [0, 0.6, 0.4], [0, 0, 0.9]])
    values = mixed[None].copy()
    values[0, generator.random((80, 3)) < 0.15] = NAN
    found = em(values, tolerance=1e-9)[0]
    missing = np.isnan(values[0])
    # One round by the textbook: moments of the completed data, plus what is left open; then the expectations anew.
    covariance = np.cov(found, rowvar=False, bias=True)
    for _ in range(500):
        left_open = np.zeros((3, 3))
        for row in np.flatnonzero(missing.any(axis=1)):
            lacking, given = np.flatnonzero(missing[row]), np.flatnonzero(~missing[row])
            slopes = covariance[np.ix_(lacking, given)] @ np.linalg.pinv(covariance[np.ix_(given, given)])
            rest = covariance[np.ix_(lacking, lacking)] - slopes @ covariance[np.ix_(given, lacking)]
            left_open[np.ix_(lacking, lacking)] += rest
        covariance = np.cov(found, rowvar=False, bias=True) + left_open / len(found)
    centre = found.mean(axis=0)
    for row in np.flatnonzero(missing.any(axis=1)):
        lacking, given = np.flatnonzero(missing[row]), np.flatnonzero(~missing[row])
        slopes = covariance[np.ix_(lacking, given)] @ np.linalg.pinv(covariance[np.ix_(given, given)])
        expected = centre[lacking] + slopes @ (found[row, given] - centre[given])
        np.testing.assert_allclose(found[row, lacking], expected, atol=1e-5)


def test_a_unit_of_which_nothing_is_known_gets_the_means() -> None:
    values = related()
    values[0, -1] = NAN
    np.testing.assert_allclose(em(values)[0, -1], values[0, :-1].mean(axis=0), rtol=1e-4)


def test_more_indicators_than_units_are_no_obstacle() -> None:
    generator = np.random.default_rng(2)
    values = generator.normal(size=(1, 6, 9))
    values[0, 2, 3] = values[0, 4, 7] = NAN
    found = em(values)
    assert np.isfinite(found).all()
    # The shorter the ridge, the closer regressions follow: the longest one leaves nothing but the means.
    np.testing.assert_allclose(em(values, ridge=1e9)[0, 2, 3], np.nanmean(values[0, :, 3]), atol=1e-6)


def test_indicators_that_say_the_same_are_no_obstacle() -> None:
    first = np.arange(12.0)
    values = np.stack([first, 2 * first, first**2], axis=-1)[None]
    values[0, 5, 1] = NAN
    assert em(values)[0, 5, 1] == pytest.approx(10, abs=1)


def test_an_indicator_that_is_unknown_throughout_stays_so_and_a_constant_one_is_filled_with_itself() -> None:
    values = np.concatenate([related(), np.full((1, 60, 1), NAN), np.full((1, 60, 1), 4.0)], axis=2)
    values[0, 3, [1, 3]] = NAN
    found = em(values)
    assert np.isnan(found[0, :, 2]).all()
    assert found[0, 3, 3] == pytest.approx(4)
    assert np.isfinite(found[0, 3, 1])


def test_periods_are_samples_of_their_own() -> None:
    one, other = related(), related() * [1, -1]
    one[0, 7, 1] = other[0, 9, 1] = NAN
    both = em(np.concatenate([one, other]))
    np.testing.assert_allclose(both, np.concatenate([em(one), em(other)]))


def test_settling_can_fail_and_says_so() -> None:
    values = related()
    values[0, 40:, 1] = NAN
    with pytest.raises(StageError, match="1 次迭代后仍未收敛"):
        em(values, iterations=1)
    with pytest.raises(StageError, match="岭参数应大于 0"):
        em(values, ridge=0)
