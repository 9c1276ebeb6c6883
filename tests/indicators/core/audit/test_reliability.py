"""Cronbach's alpha: by hand, by its definition, and with members left out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.indicators.core.strategies import tables
from yunlang.indicators.core.audit.reliability import covariances, reliability


def test_by_hand() -> None:
    values = np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 4.0], [4.0, 3.0]])
    # Variances 5/3 each, covariance 1: 2 · (1 − (10/3) / (10/3 + 2)).
    found = reliability(values, ["a", "b"], "g")
    assert found.alpha == pytest.approx(2 * (1 - (10 / 3) / (16 / 3)))
    assert found.standardised == pytest.approx(2 * 0.6 / 1.6)
    assert [item.correlation_with_rest for item in found.items] == pytest.approx([0.6, 0.6])
    assert all(math.isnan(item.alpha_without) for item in found.items)


@given(tables(units=(4, 10), members=(2, 5), missing=False))
def test_complete_values_give_the_variance_of_their_sum(values: np.ndarray) -> None:
    total = values.sum(axis=1).var(ddof=1)
    number = values.shape[1]
    found = reliability(values, [str(place) for place in range(number)])
    if total > 1e-9:
        assert found.alpha == pytest.approx(number / (number - 1) * (1 - values.var(axis=0, ddof=1).sum() / total))
    else:
        assert math.isnan(found.alpha)


@given(tables(units=(4, 10), members=(3, 5), missing=False), st.integers(0, 2))
def test_alpha_without_a_member_is_the_alpha_of_the_others(values: np.ndarray, place: int) -> None:
    codes = [str(one) for one in range(values.shape[1])]
    others = np.delete(values, place, axis=1)
    alone = reliability(others, codes[:-1]).alpha
    assert reliability(values, codes).items[place].alpha_without == pytest.approx(alone, nan_ok=True)
    rest = others.sum(axis=1)
    if np.ptp(rest) > 0 and np.ptp(values[:, place]) > 0:
        expected = np.corrcoef(values[:, place], rest)[0, 1]
        assert reliability(values, codes).items[place].correlation_with_rest == pytest.approx(expected, abs=1e-9)


@given(tables(units=(2, 8)))
def test_covariances_take_the_rows_that_both_have(values: np.ndarray) -> None:
    found = covariances(values)
    for one in range(values.shape[1]):
        for other in range(values.shape[1]):
            both = ~np.isnan(values[:, [one, other]]).any(axis=1)
            if both.sum() < 2:
                assert math.isnan(found[one, other])
            else:
                expected = np.cov(values[both, one], values[both, other])[0, 1]
                assert found[one, other] == pytest.approx(expected, abs=1e-9)


def test_members_that_are_the_same_are_wholly_reliable() -> None:
    column = np.array([3.0, 1.0, 4.0, 1.0, 5.0])
    assert reliability(np.column_stack([column] * 3), ["a", "b", "c"]).alpha == pytest.approx(1.0)
