"""Changed weights give the ranking that a recipe with those weights gives."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tests.indicators.examples import small_dataset, small_framework
from yunlang.indicators.core.audit import weight_changes as module
from yunlang.indicators.core.audit.weight_changes import WEIGHT_CHANGES, WeightChange, weight_changes
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine, Run

AGGREGATIONS: list[dict[str, Any]] = [
    {},
    {"aggregate.method": "copeland"},
    {"aggregate.method": "adjusted_mazziotta_pareto"},
    {"aggregate.method": "geometric", "normalise.range": [1, 100]},
]


def engine(periods: int = 1) -> Engine:
    return Engine(small_framework(), small_dataset(periods=periods))


def weights_after(run: Run, change: WeightChange) -> dict[str, float]:
    framework = run.framework
    now = dict(zip(framework.codes, run.weights.tolist(), strict=True))
    if change.kind in ("zero", "times"):
        return now | {change.code: now[change.code] * change.factor}
    if change.kind == "equal":
        return now | {node.code: 1.0 for node in framework.children[change.code]}
    return dict.fromkeys(now, 1.0)


@pytest.mark.parametrize("settings", AGGREGATIONS, ids=lambda settings: settings.get("aggregate.method", "arithmetic"))
def test_each_change_is_a_run_with_those_weights(settings: dict[str, Any]) -> None:
    one = engine(periods=2)
    recipe = Recipe().changed(settings)
    run = one.run(recipe)
    found = weight_changes(run)
    for change in found:
        again = one.run(recipe.changed({"weight.given": weights_after(run, change)}))
        assert change.shifts == pytest.approx(run.rank()[-1] - again.rank()[-1]), change
    assert {change.kind for change in found} == set(WEIGHT_CHANGES)


def test_every_node_with_siblings_is_tried_and_no_other() -> None:
    found = weight_changes(engine().run(Recipe()), factors=(2.0,))
    singles = [change.code for change in found if change.kind == "times"]
    # The area “output” has but one pillar, whose weight plays no part.
    assert sorted(singles) == sorted(set(small_framework().codes) - {"index", "results"})
    assert [change.code for change in found if change.kind == "zero"] == singles
    assert {change.code for change in found if change.kind == "equal"} == {
        "index",
        "input",
        "people",
        "money",
        "results",
    }
    assert [change.code for change in found if change.kind == "all_equal"] == ["index"]


def test_a_node_whose_siblings_weigh_nothing_keeps_its_weight() -> None:
    run = engine().run(Recipe().changed({"weight.given": {"output": 0.0}}))
    assert "input" not in [change.code for change in weight_changes(run) if change.kind == "zero"]


def test_pieces_give_what_the_whole_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    run = engine().run(Recipe())
    whole = weight_changes(run)
    monkeypatch.setattr(module, "_VALUES_AT_ONCE", 1)
    for one, other in zip(whole, weight_changes(run), strict=True):
        assert (one.code, one.kind, one.agreement) == (other.code, other.kind, other.agreement)


def test_weights_that_cannot_be_computed_say_so_and_the_others_stand() -> None:
    # Pillars above 0 have a geometric mean; those a changed weight pulls below have none.
    framework, data = small_framework(), small_dataset()
    recipe = Recipe().changed(
        {
            "normalise": {"method": "zscore", "mean": 0.62, "deviation": 1},
            "aggregate": {"method": "arithmetic", "by_level": {4: {"method": "geometric"}}},
        }
    )
    mean = Engine(framework, data).run(recipe.changed({"aggregate.by_level": {}}))
    lowest = np.nanmin(mean.scores[:, :, [framework.codes.index(code) for code in ("input", "output")]])
    shifted = recipe.changed({"normalise.mean": 0.62 - lowest + 0.001})
    run = Engine(framework, data).run(shifted)
    found = weight_changes(run, factors=(0.5, 1.5))
    failed = [change for change in found if change.agreement is None]
    assert 0 < len(failed) < len(found)
    assert all(change.reason is not None and math.isnan(change.shifts[0]) for change in failed)
