"""A run keeps its stages, follows the order it is told, and a changed setting reruns only what depends on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.indicators.examples import small_dataset, small_framework
from yunlang.indicators.core.columns import descending_ranks
from yunlang.indicators.core.errors import DatasetError, RecipeError, StageError
from yunlang.indicators.core.preparation import PREPARE
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine, Run

METHODS = [
    "arithmetic", "geometric", "harmonic", "generalised", "median", "ordered_weighted", "copeland", "topsis",
    "mazziotta_pareto", "adjusted_mazziotta_pareto", "benefit_of_doubt",
]  # fmt: skip
WEIGHTS = ["given", "equal", "pca", "entropy", "critic", "optimised"]


def run(recipe: Recipe | None = None, *, periods: int = 1, missing: float = 0.0) -> Run:
    return Engine(small_framework(), small_dataset(periods=periods, missing=missing)).run(recipe or Recipe())


def test_every_stage_is_kept_with_its_settings() -> None:
    found = run(missing=0.1)
    assert list(found.stages) == ["raw", "denominate", "impute", "screen", "treat", "normalise"]
    assert found.stages["impute"].notes["filled"] == found.stages["impute"].notes["missing"] > 0
    assert found.stages["impute"].notes["group"] == "side"
    assert found.stages["normalise"].settings["method"] == "minmax"
    assert set(found.stages["denominate"].notes["divided"]) == {"staff", "patents"}


def test_stages_left_out_of_the_order_do_not_run() -> None:
    found = run(Recipe().changed({"order": ["normalise"]}))
    assert list(found.stages) == ["raw", "normalise"]


def test_a_changed_setting_reruns_only_what_depends_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[str] = []
    for name, prepare in PREPARE.items():

        def counted(*arguments: object, name: str = name, prepare: object = prepare) -> object:
            computed.append(name)
            return prepare(*arguments)  # type: ignore[operator]

        monkeypatch.setitem(PREPARE, name, counted)
    engine = Engine(small_framework(), small_dataset())
    engine.run(Recipe())
    assert computed == ["denominate", "impute", "screen", "treat", "normalise"]
    computed.clear()
    engine.run(Recipe().changed({"aggregate.method": "median", "weight.method": "equal"}))
    assert computed == []
    engine.run(Recipe().changed({"treat.points": 1}))
    assert computed == ["treat", "normalise"]


def test_the_whole_is_the_weighted_mean_of_its_parts() -> None:
    found = run()
    framework = found.framework
    column = {code: found.scores[0, :, place] for place, code in enumerate(framework.codes)}
    expected = (2 * column["input"] + column["output"]) / 3
    assert np.allclose(column["index"], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("periods", [1, 3])
def test_every_way_to_aggregate_gives_every_unit_a_score(method: str, periods: int) -> None:
    found = run(Recipe().changed({"aggregate.method": method, "normalise.range": [1, 100]}), periods=periods)
    assert found.scores.shape == (periods, 12, 13)
    assert not np.isnan(found.scores).any()
    assert sorted(found.rank()[0])[0] == 1


@pytest.mark.parametrize("method", WEIGHTS)
def test_every_way_to_weigh_gives_weights_that_sum_to_one(method: str) -> None:
    found = run(Recipe().changed({"weight.method": method}))
    assert (found.weights >= 0).all()
    if method in ("given", "optimised"):
        return
    for group in found.framework.groups:
        assert found.weights[group.members].sum() == pytest.approx(1)


def test_judgements_of_experts_weigh_and_say_how_consistent_they_are() -> None:
    matrices = {"people": [[1, 3], [1 / 3, 1]], "money": [[1, 1], [1, 1]], "input": [[1, 2], [0.5, 1]],
                "results": [[1, 2, 4], [0.5, 1, 2], [0.25, 0.5, 1]], "index": [[1, 1], [1, 1]]}  # fmt: skip
    found = run(Recipe().changed({"weight.method": "ahp", "weight.matrices": matrices}))
    place = found.framework.codes.index
    assert found.weights[place("staff")] == pytest.approx(0.75)
    assert found.weights[place("patents")] == pytest.approx(4 / 7)
    assert found.weight_notes["consistency"]["results"] == pytest.approx(0, abs=1e-9)


def test_judgements_that_are_missing_are_all_named() -> None:
    with pytest.raises(RecipeError) as refused:
        run(Recipe().changed({"weight.method": "budget", "weight.points": {"people": [[1, 2, 3]]}}))
    assert len(refused.value.fields) == 5


def test_too_few_known_members_leave_a_group_without_a_score() -> None:
    data = small_dataset()
    values = data.values.copy()
    values[0, 0, data.indicators.index("staff")] = np.nan
    recipe = Recipe().changed({"order": ["denominate", "normalise"], "aggregate.availability": 0.6})
    found = Engine(small_framework(), replace(data, values=values)).run(recipe)
    assert np.isnan(found.score("people")[0, 0])
    assert np.isnan(found.score("input")[0, 0])
    assert np.isnan(found.rank("input")[0, 0])
    assert np.isnan(found.rank("input")).sum() == 1


def test_units_without_data_enough_are_dropped_and_named() -> None:
    data = small_dataset()
    values = data.values.copy()
    values[0, 4, :5] = np.nan
    found = Engine(small_framework(), replace(data, values=values)).run(
        Recipe().changed({"order": ["screen", "normalise"]})
    )
    assert found.stages["screen"].notes["dropped"] == ["u4"]
    assert "u4" not in found.units
    assert found.scores.shape[1] == 11


def test_no_unit_with_data_enough_is_an_error() -> None:
    data = small_dataset(missing=0.5)
    with pytest.raises(StageError):
        Engine(small_framework(), data).run(
            Recipe().changed({"order": ["screen", "normalise"], "screen.availability": 1})
        )


def test_a_panel_as_a_whole_keeps_periods_comparable() -> None:
    found = run(Recipe().changed({"normalise.scope": "panel", "treat.scope": "panel"}), periods=4)
    values = found.stages["normalise"].data.values
    assert np.allclose(values.min(axis=(0, 1)), 0)
    assert np.allclose(values.max(axis=(0, 1)), 100)
    each = run(periods=4).stages["normalise"].data.values
    assert np.allclose(each.max(axis=1), 100)


def test_a_fixed_base_sets_its_period_to_one_hundred() -> None:
    recipe = Recipe().changed({"order": ["normalise"], "normalise.method": "fixed_base", "normalise.base": "2019"})
    found = run(recipe, periods=4)
    assert np.allclose(found.score()[1], 100)
    waste = found.framework.codes.index("waste")
    raw = found.stages["raw"].data.values[:, :, waste]
    assert np.allclose(found.scores[3, :, waste], 100 * raw[1] / raw[3])


def test_an_unknown_base_reference_or_grouping_is_refused() -> None:
    for settings_changed in (
        {"normalise.method": "fixed_base", "normalise.base": "1900"},
        {"normalise.method": "distance_to_reference", "normalise.reference": "nobody"},
        {"impute.group": "none"},
        {"normalise.by_indicator.nothing": {"method": "rank"}},
        {"weight.given.nothing": 1},
        {"weight.given.staff": 0, "weight.given.students": 0},
    ):
        with pytest.raises(RecipeError):
            run(Recipe().changed(settings_changed), missing=0.1)


def test_targets_that_are_missing_are_named() -> None:
    framework = small_framework()
    nodes = tuple(replace(node, target=None) if node.code in ("staff", "waste") else node for node in framework.nodes)
    engine = Engine(replace(framework, nodes=nodes), small_dataset())
    with pytest.raises(RecipeError) as refused:
        engine.run(Recipe().changed({"normalise.method": "distance_to_target"}))
    assert "staff, waste" in refused.value.fields["normalise.method"][0].en


def test_a_constant_column_is_refused_where_units_are_compared_and_taken_where_not() -> None:
    data = small_dataset()
    values = data.values.copy()
    values[:, :, 2] = 5.0
    engine = Engine(small_framework(), replace(data, values=values))
    with pytest.raises(DatasetError):
        engine.run(Recipe())
    assert engine.run(Recipe().changed({"normalise.method": "goalposts", "treat.method": "none"})).score().shape == (
        1,
        12,
    )


@settings(max_examples=25)
@given(st.permutations(range(12)), st.sampled_from(METHODS))
def test_the_order_of_units_changes_no_score(order: list[int], method: str) -> None:
    data = small_dataset(missing=0.05)
    recipe = Recipe().changed({"aggregate.method": method, "normalise.range": [1, 100]})
    found = Engine(small_framework(), data).run(recipe)
    turned = Engine(small_framework(), data.choose_units(order)).run(recipe)
    assert np.allclose(turned.scores, found.scores[:, order], rtol=1e-9, equal_nan=True)


@settings(max_examples=25)
@given(st.floats(0.01, 1000), st.floats(-100, 100), st.sampled_from(["minmax", "zscore", "rank", "percentile_rank"]))
def test_another_unit_of_measurement_changes_no_score(factor: float, shift: float, method: str) -> None:
    data = small_dataset()
    values = data.values.copy()
    place = data.indicators.index("papers")
    values[:, :, place] = values[:, :, place] * factor + shift
    recipe = Recipe().changed({"order": ["denominate", "normalise"], "normalise.method": method})
    before = Engine(small_framework(), data).run(recipe)
    after = Engine(small_framework(), replace(data, values=values)).run(recipe)
    assert np.allclose(before.scores, after.scores, rtol=1e-6, atol=1e-6)


@settings(max_examples=25)
@given(st.integers(0, 11), st.integers(0, 6), st.floats(0.1, 50))
def test_more_of_what_is_good_never_lowers_the_index_between_goalposts(unit: int, place: int, more: float) -> None:
    data = small_dataset()
    values = data.values.copy()
    values[0, unit, place] += more * (-1 if data.indicators[place] == "waste" else 1)
    recipe = Recipe().changed({"order": ["normalise"], "normalise.method": "goalposts"})
    before = Engine(small_framework(), data).run(recipe).score()[0, unit]
    after = Engine(small_framework(), replace(data, values=values)).run(recipe).score()[0, unit]
    assert after >= before - 1e-12


@given(st.lists(st.one_of(st.just(float("nan")), st.floats(-5, 5)), min_size=1, max_size=30))
def test_a_missing_score_never_becomes_a_rank(scores: list[float]) -> None:
    values = np.array(scores)
    ranks = descending_ranks(values)
    assert (np.isnan(ranks) == np.isnan(values)).all()
    known = ranks[~np.isnan(ranks)]
    for score, rank in zip(values[~np.isnan(values)], known, strict=True):
        assert rank == 1 + (values > score).sum()


def test_runs_tell_what_they_were_made_of() -> None:
    one, same = run(), run()
    assert one.inputs == same.inputs
    other = Engine(small_framework().without(["waste"]), small_dataset()).run(Recipe())
    assert other.inputs != one.inputs
