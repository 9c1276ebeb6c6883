"""States between two are what aggregating the mixed table gives, whatever they share."""

from __future__ import annotations

import numpy as np
import pytest

from tests.indicators.examples import small_dataset, small_framework
from yunlang.indicators.core.audit import mixtures
from yunlang.indicators.core.audit.mixtures import mixed_scores
from yunlang.indicators.core.combination import combined, fixed_weights
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine, Run

METHODS = [
    "arithmetic", "geometric", "harmonic", "generalised", "median", "ordered_weighted", "copeland", "topsis",
    "mazziotta_pareto",
]  # fmt: skip
ROW = 4


def run(method: str) -> Run:
    recipe = Recipe().changed(
        {
            "impute.method": "none",
            "screen.availability": None,
            "normalise.range": [1, 100],
            "aggregate": {"method": method, "availability": 0.5},
        }
    )
    return Engine(small_framework(), small_dataset(periods=3, missing=0.1)).run(recipe)


def by_itself(found: Run, table: np.ndarray) -> float:
    scores = combined(found.framework, table[None], fixed_weights(found.weights), found.recipe.aggregate)
    return float(scores[-1][0, 0, ROW])


@pytest.mark.parametrize("method", METHODS)
def test_each_state_is_the_index_of_its_mixed_table(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = run(method)
    before, _, after = found.data.values
    states = np.random.default_rng(5).random((20, before.shape[1])) < 0.5
    expected = [by_itself(found, np.where(state, after, before)) for state in states]
    assert mixed_scores(found, before, after, ROW, states) == pytest.approx(expected, abs=1e-9, nan_ok=True)
    monkeypatch.setattr(mixtures, "_VALUES_AT_ONCE", 1)
    assert mixed_scores(found, before, after, ROW, states) == pytest.approx(expected, abs=1e-9, nan_ok=True)
    assert np.isfinite(expected).any()


def test_where_ends_are_taken_over_all_periods_those_of_the_run_stand_beside() -> None:
    found = run("adjusted_mazziotta_pareto")
    before, between, after = found.data.values
    ends = np.array([[False], [True]]).repeat(before.shape[1], axis=1)
    score = found.score()[:, ROW]
    assert mixed_scores(found, before, after, ROW, ends) == pytest.approx(score[[0, 2]], abs=1e-9)
    assert mixed_scores(found, between, after, ROW, ends) == pytest.approx(score[[1, 2]], abs=1e-9)
