"""How far two rankings lie apart."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from yunlang.indicators.core.audit.shifts import agreement, rank_shifts
from yunlang.indicators.core.audit.unit_removal import reversals

UNITS = ["a", "b", "c", "d"]
scores = st.lists(st.integers(0, 20).map(float), min_size=4, max_size=4).map(np.array)


def test_rising_is_positive_and_the_unknown_stays_unknown() -> None:
    before, after = np.array([4.0, 3.0, 2.0, math.nan]), np.array([1.0, 3.0, 2.0, 9.0])
    assert rank_shifts(before, after)[:3].tolist() == [-3.0, 0.0, 0.0]
    assert math.isnan(rank_shifts(before, after)[3])
    found = agreement(before, after, UNITS)
    assert (found.units, found.mean_shift, found.largest_shift, found.largest_unit, found.moved) == (
        3,
        1,
        3,
        "a",
        1 / 3,
    )


@given(scores, scores)
def test_correlations_are_scipys(before: np.ndarray, after: np.ndarray) -> None:
    found = agreement(before, after, UNITS)
    if np.ptp(before) > 0 and np.ptp(after) > 0:
        assert found.kendall == pytest.approx(stats.kendalltau(before, after).statistic)
        assert found.spearman == pytest.approx(stats.spearmanr(before, after).statistic)
    else:
        assert math.isnan(found.kendall)
        assert math.isnan(found.spearman)


@given(scores)
def test_a_ranking_agrees_with_itself(before: np.ndarray) -> None:
    found = agreement(before, 2 * before + 1, UNITS)
    assert (found.mean_shift, found.largest_shift, found.largest_unit, found.moved) == (0, 0, "", 0)


def test_nothing_in_common_is_no_agreement() -> None:
    found = agreement(np.array([math.nan, 1.0]), np.array([1.0, math.nan]), ["a", "b"])
    assert found.units == 0
    assert math.isnan(found.mean_shift)


@given(scores, scores)
def test_reversals_are_pairs_that_change_their_order(before: np.ndarray, after: np.ndarray) -> None:
    pairs = [(one, other) for one in range(4) for other in range(one)]
    expected = sum((before[i] - before[j]) * (after[i] - after[j]) < 0 for i, j in pairs)
    assert reversals(before, after) == expected
