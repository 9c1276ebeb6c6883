"""Replicates computed together equal an index rebuilt for each; what has no effect or fails is said."""

from __future__ import annotations

import numpy as np
import pytest

from tests.indicators.examples import small_dataset, small_framework
from yunlang.indicators.core import columns
from yunlang.indicators.core.errors import RecipeError
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine
from yunlang.indicators.core.uncertainty import replicates as replicates_module
from yunlang.indicators.core.uncertainty.analysis import analyse, explain_variance
from yunlang.indicators.core.uncertainty.plan import Plan, usual_plan
from yunlang.indicators.core.uncertainty.replicates import Replicates

FRAMEWORK = small_framework()
PLAN = Plan.of(
    {
        "inputs": [
            {"kind": "alternatives", "setting": "treat.points", "values": [0, 1, 2]},
            {
                "kind": "alternatives",
                "setting": "normalise",
                "values": [{"range": [1, 100]}, {"method": "zscore", "mean": 10, "deviation": 2}],
            },
            {"kind": "weights", "levels": [1, 2, 3], "draws": 50},
            {"kind": "alternatives", "setting": "aggregate.method", "values": ["arithmetic", "geometric", "median"]},
            {"kind": "between", "setting": "weight.given.papers", "low": 0.5, "high": 4, "steps": 4},
        ]
    }
)


def engine(*, missing: float = 0.05, periods: int = 1) -> Engine:
    return Engine(FRAMEWORK, small_dataset(missing=missing, periods=periods))


@pytest.mark.parametrize("chunk", [1, 1 << 25])
def test_replicates_equal_an_index_rebuilt_for_each(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replicates_module, "CHUNK_BYTES", chunk)
    runs = Replicates(engine(), Recipe(), PLAN, seed=3)
    rows = runs.rows_of(np.random.default_rng(0).random((60, 5)))
    found = runs.scores(rows)
    noise = runs.noise[2]
    assert noise is not None
    for row, scores in zip(rows, found, strict=True):
        changes: dict[str, object] = {}
        for place in (0, 1, 3, 4):
            one = runs.inputs[place].settings
            assert one is not None
            changes |= one[row[place]]
        recipe = Recipe().changed(changes)
        base = dict(zip(FRAMEWORK.codes, FRAMEWORK.weights, strict=True)) | recipe.weight.given
        drawn = {
            f"weight.given.{code}": base[code] * noise[row[2], place] for place, code in enumerate(FRAMEWORK.codes)
        }
        rebuilt = Engine(FRAMEWORK, small_dataset(missing=0.05)).run(recipe.changed(drawn))
        assert np.allclose(rebuilt.score()[0], scores, rtol=1e-10)


def test_the_same_seed_gives_the_same_answer_and_another_one_another() -> None:
    first = analyse(engine(), Recipe(), PLAN, replicates=200, seed=1).plain()
    assert analyse(engine(), Recipe(), PLAN, replicates=200, seed=1).plain() == first
    assert analyse(engine(), Recipe(), PLAN, replicates=200, seed=2).plain() != first


def test_intervals_are_the_quantiles_of_the_replicates_ranks() -> None:
    found = analyse(engine(), Recipe(), PLAN, replicates=300, seed=4)
    runs = Replicates(engine(), Recipe(), PLAN, seed=4)
    ranks = columns.descending_ranks(runs.scores(runs.rows_of(np.random.default_rng(4).random((300, 5)))))
    for place, one in enumerate(found.intervals):
        assert one.mean == pytest.approx(ranks[:, place].mean())
        assert (one.q5, one.median, one.q95) == pytest.approx(tuple(np.quantile(ranks[:, place], [0.05, 0.5, 0.95])))
    nominal = Engine(FRAMEWORK, small_dataset(missing=0.05)).run(Recipe()).rank()[0]
    assert [one.nominal for one in found.intervals] == nominal.tolist()


def test_a_setting_without_effect_is_reported() -> None:
    plan = Plan.of(
        {
            "inputs": [
                {"kind": "alternatives", "name": "idle", "setting": "aggregate.orness", "values": [0.1, 0.9]},
                {"kind": "weights", "levels": [2]},
            ]
        }
    )
    found = analyse(engine(), Recipe(), plan, replicates=50, seed=0)
    assert found.without_effect == ("idle",)
    assert found.plain()["no_effect"] == ["idle"]
    sensitivity = explain_variance(engine(), Recipe(), plan, base=64, seed=0, resamples=20)
    assert sensitivity.indices.total_order[0] == 0


def test_settings_that_fail_are_reported_with_how_many_replicates_they_cost() -> None:
    plan = Plan.of(
        {
            "inputs": [
                {"kind": "alternatives", "setting": "aggregate.method", "values": ["arithmetic", "geometric"]},
                {"kind": "weights", "levels": [2, 3]},
            ]
        }
    )
    found = analyse(engine(), Recipe(), plan, replicates=400, seed=0)
    assert found.failed == sum(one.replicates for one in found.failures)
    assert 150 < found.failed < 250
    assert {tuple(one.settings.items()) for one in found.failures} == {(("aggregate.method", "geometric"),)}
    assert "geometric" in found.failures[0].reason.en
    assert all(not np.isnan(one.mean) for one in found.intervals)


def test_where_only_some_draws_fail_the_others_count() -> None:
    plan = Plan.of({"inputs": [{"kind": "weights", "levels": [1], "factor": 1.0, "draws": 200}]})
    # Pillars of z-scores fall below zero in some draws only, and the index is their geometric mean.
    recipe = Recipe().changed(
        {
            "normalise": {"method": "zscore", "mean": 1.2, "deviation": 1},
            "aggregate.by_level": {"4": {"method": "geometric"}},
        }
    )
    runs = Replicates(engine(missing=0), recipe, plan, seed=0)
    scores = runs.scores(np.arange(200)[:, None])
    lost = int(np.isnan(scores).all(axis=1).sum())
    assert 0 < lost < 200
    assert lost == sum(one.replicates for one in runs.failures)


def test_drawn_imputations_move_what_had_gaps() -> None:
    plan = Plan.of({"inputs": [{"kind": "imputation", "draws": 10}]})
    found = analyse(engine(missing=0.2), Recipe(), plan, replicates=100, seed=0)
    assert found.without_effect == ()
    assert analyse(engine(missing=0), Recipe(), plan, replicates=20, seed=0).without_effect == ("imputation",)


def test_units_screened_out_in_some_replicates_keep_their_place() -> None:
    plan = Plan.of({"inputs": [{"kind": "alternatives", "setting": "screen.availability", "values": [0.1, 0.95]}]})
    recipe = Recipe().changed({"order": ["screen", "normalise"], "screen.availability": 0.1})
    found = analyse(engine(missing=0.15), recipe, plan, replicates=50, seed=0)
    assert [one.unit for one in found.intervals] == list(small_dataset().units)
    assert found.failed == 0


def test_any_node_and_any_period_can_be_asked_for() -> None:
    one = engine(periods=3)
    plan = Plan.of({"inputs": [{"kind": "weights", "levels": [1]}]})
    found = analyse(one, Recipe(), plan, replicates=20, seed=0, code="people", period=0)
    assert [interval.nominal for interval in found.intervals] == one.run(Recipe()).rank("people")[0].tolist()


@pytest.mark.parametrize(
    "plan",
    [
        {"inputs": []},
        {"inputs": [{"kind": "weights"}, {"kind": "weights"}]},
        {"inputs": [{"kind": "alternatives", "setting": "treat.points", "values": [1], "probabilities": [0.5, 0.5]}]},
        {"inputs": [{"kind": "between", "setting": "treat.points", "low": 3, "high": 1}]},
        {"inputs": [{"kind": "dice"}]},
    ],
)  # fmt: skip
def test_a_plan_that_makes_no_sense_is_refused(plan: dict[str, object]) -> None:
    with pytest.raises(RecipeError):
        Plan.of(plan)


@pytest.mark.parametrize(
    "one",
    [
        {"kind": "alternatives", "setting": "treat.pints", "values": [1]},
        {"kind": "alternatives", "setting": "normalise.method", "values": ["minmax", "magic"]},
        {"kind": "weights", "levels": [9]},
    ],
)  # fmt: skip
def test_a_plan_that_does_not_fit_the_index_is_refused(one: dict[str, object]) -> None:
    with pytest.raises(RecipeError):
        analyse(engine(), Recipe(), Plan.of({"inputs": [one]}), replicates=5, seed=0)


def test_the_usual_plan_varies_four_things() -> None:
    plan = usual_plan(FRAMEWORK, Recipe())
    assert plan.names == ("treat.points", "normalise", "weights", "aggregate.method")
    assert Plan.of(plan.plain()) == plan
