"""Weights from judgements."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from yunlang.indicators.core.errors import StageError
from yunlang.indicators.core.stages.weighting_by_experts import ahp, budget_allocation

shares = arrays(np.float64, st.integers(1, 8), elements=st.floats(0.1, 9))


@given(shares)
def test_consistent_comparisons_give_back_the_weights_they_come_from(importance: np.ndarray) -> None:
    judgement = ahp(importance[:, None] / importance)
    np.testing.assert_allclose(judgement.weights, importance / importance.sum())
    assert judgement.eigenvalue == pytest.approx(len(importance))
    assert judgement.consistency_index == pytest.approx(0, abs=1e-9)
    assert judgement.consistency_ratio == pytest.approx(0, abs=1e-9)
    assert judgement.is_consistent


def test_inconsistent_comparisons_by_hand() -> None:
    # a = 2b, b = 2c, but c = 2a: nobody is ahead, and the eigenvalue is 1 + 2 + 1/2.
    judgement = ahp(np.array([[1, 2, 1 / 2], [1 / 2, 1, 2], [2, 1 / 2, 1]]))
    np.testing.assert_allclose(judgement.weights, 1 / 3)
    assert judgement.eigenvalue == pytest.approx(3.5)
    assert judgement.consistency_index == pytest.approx(0.25)
    assert judgement.consistency_ratio == pytest.approx(0.25 / 0.58)
    assert not judgement.is_consistent


def test_three_members_have_the_geometric_means_of_their_rows_as_weights() -> None:
    # For three members the principal eigenvector is known in closed form.
    matrix = np.array([[1, 3, 5], [1 / 3, 1, 4], [1 / 5, 1 / 4, 1]])
    rows = np.prod(matrix, axis=1) ** (1 / 3)
    judgement = ahp(matrix)
    np.testing.assert_allclose(judgement.weights, rows / rows.sum())
    assert 0 < judgement.consistency_ratio < 0.1


def test_reciprocals_may_be_rounded() -> None:
    assert ahp(np.array([[1, 3], [0.33, 1]])).weights[0] == pytest.approx(0.75, abs=0.003)


@pytest.mark.parametrize(
    ("matrix", "reason"),
    [
        (np.ones((2, 3)), "comparisons form a square of at most 15 members"),
        (np.ones((16, 16)), "comparisons form a square of at most 15 members"),
        (np.ones((0, 0)), "comparisons form a square of at most 15 members"),
        (np.array([[1, 0], [0, 1]]), "comparisons are numbers above 0"),
        (np.array([[1, np.nan], [1, 1]]), "comparisons are numbers above 0"),
        (np.array([[1, 3], [3, 1]]), "comparison (1, 2) is not the reciprocal of (2, 1)"),
        (np.array([[2, 3], [1 / 3, 1]]), "comparison (1, 1) is not the reciprocal of (1, 1)"),
    ],
)
def test_matrices_that_compare_nothing_are_refused(matrix: np.ndarray, reason: str) -> None:
    with pytest.raises(StageError) as caught:
        ahp(matrix)
    assert caught.value.text.en == f"weight: {reason}."


def test_each_experts_budget_counts_the_same() -> None:
    points = np.array([[50, 30, 20], [1, 0, 1], [0, np.nan, 7]])
    np.testing.assert_allclose(budget_allocation(points), [1 / 3, 0.1, 1.7 / 3])


def test_one_expert_alone() -> None:
    np.testing.assert_allclose(budget_allocation(np.array([3, 1])), [0.75, 0.25])


@pytest.mark.parametrize("points", [[[1, -1]], [[1, 2], [0, 0]], np.empty((0, 2)), [[1, 2], [np.nan, np.nan]]])
def test_budgets_that_are_none_are_refused(points: list[list[float]]) -> None:
    with pytest.raises(StageError, match="每位专家"):
        budget_allocation(np.array(points, dtype=np.float64))
