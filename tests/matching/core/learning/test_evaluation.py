"""Figures of merit against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.matching.core.learning.evaluation import Predictions, figures, mean_ndcg, ndcg
from yunlang.matching.core.learning.pairs import GradedPairs, Text


def pairs(need_of: list[int], grades: list[int]) -> GradedPairs:
    needs = tuple(Text(str(place)) for place in range(max(need_of) + 1))
    achievements = tuple(Text(str(place)) for place in range(len(grades)))
    return GradedPairs(needs, achievements, np.array(need_of), np.arange(len(grades)), np.array(grades))


def certain(grades: list[int]) -> np.ndarray:
    return np.eye(4)[np.array(grades) - 1]


def test_ndcg_of_two_documents_in_the_wrong_order() -> None:
    # Gains 0 and 7: 7 / log2(3) over 7.
    assert ndcg(np.array([2.0, 1.0]), np.array([1, 4])) == pytest.approx(1 / np.log2(3))


def test_only_needs_with_five_pairs_and_a_grade_above_one_count() -> None:
    given_pairs = pairs([0] * 5 + [1] * 5 + [2] * 4, [1, 1, 1, 1, 4] + [1] * 5 + [4, 1, 1, 1])
    scores = np.array([0, 0, 0, 0, 1] + [0] * 5 + [0, 1, 1, 1], dtype=float)
    assert mean_ndcg(given_pairs, scores) == 1
    assert mean_ndcg(pairs([0], [4]), np.zeros(1)) is None


def test_the_median_grade_is_predicted() -> None:
    chances = np.array([[0.4, 0.2, 0.2, 0.2], [0.6, 0.0, 0.0, 0.4], [0.1, 0.1, 0.2, 0.6]])
    assert Predictions(chances, np.zeros(3)).grades.tolist() == [2, 1, 4]


def test_score_is_one_over_one_plus_the_mean_error() -> None:
    grades = [1, 2, 3, 4]
    found = figures(pairs([0] * 4, grades), Predictions(certain([1, 2, 4, 2]), np.zeros(4)))
    assert found["mae"] == pytest.approx(0.75)
    assert found["score"] == pytest.approx(1 / 1.75)
    assert (found["needs"], found["pairs"], found["accuracy"]) == (1, 4, 0.5)


@given(st.lists(st.integers(1, 4), min_size=5, max_size=30))
def test_the_best_order_has_an_ndcg_of_one_and_none_has_more(grades: list[int]) -> None:
    table = pairs([0] * len(grades), grades)
    best = mean_ndcg(table, np.array(grades, dtype=float))
    worst = mean_ndcg(table, -np.array(grades, dtype=float))
    assert best is None or (best == pytest.approx(1) and worst is not None and 0 <= worst <= best + 1e-12)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=30))
def test_certain_and_right_predictions_score_one(grades: list[int]) -> None:
    found = figures(pairs([0] * len(grades), grades), Predictions(certain(grades), np.array(grades, dtype=float)))
    assert found["score"] == 1
