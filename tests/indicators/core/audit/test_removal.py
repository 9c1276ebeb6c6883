"""Without a node the ranking is that of an index which never had it, whichever stages look across indicators."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tests.indicators.examples import UNITS, small_dataset, small_framework
from yunlang.indicators.core.audit.reduction import recipe_without
from yunlang.indicators.core.audit.removal import removals
from yunlang.indicators.core.audit.shifts import agreement, rank_shifts
from yunlang.indicators.core.errors import FrameworkError
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine

VARIANTS: list[dict[str, Any]] = [
    {},
    {"impute.method": "em"},
    {"impute.method": "nearest"},
    {"impute.method": "none", "screen.availability": 0.85},
    {"order": ["denominate", "screen", "impute", "normalise"], "screen.availability": 0.85},
    {"weight.method": "entropy"},
    {"weight.method": "pca", "weight.levels": [1]},
    {"aggregate.method": "copeland"},
    {"aggregate.method": "adjusted_mazziotta_pareto"},
    {"aggregate.method": "geometric", "normalise.range": [1, 100]},
]


@pytest.mark.parametrize("settings", VARIANTS, ids=lambda settings: "-".join(map(str, settings.values())) or "usual")
@pytest.mark.parametrize("periods", [1, 3])
def test_each_removal_is_a_run_without_the_node(settings: dict[str, Any], periods: int) -> None:
    framework, data = small_framework(), small_dataset(periods=periods, missing=0.08)
    recipe = Recipe().changed(settings)
    engine = Engine(framework, data)
    run = engine.run(recipe)
    # Estimating gaps anew takes its time: one indicator, one pillar and one area are enough there.
    chosen = ["waste", "money", "input"] if settings.get("impute.method") == "em" else None
    found = removals(engine, run, chosen)
    assert [one.code for one in found] == (chosen or list(framework.codes[:-1]))
    for one in found:
        reduced = framework.without([one.code])
        fresh = Engine(reduced, data).run(recipe_without(recipe, framework, reduced))
        after = np.full(len(run.units), np.nan)
        for place, unit in enumerate(run.units):
            if unit in fresh.units:
                after[place] = fresh.score()[-1, fresh.units.index(unit)]
        assert one.shifts == pytest.approx(rank_shifts(run.score()[-1], after), nan_ok=True), one.code
        assert one.agreement == agreement(run.score()[-1], after, run.units)
        assert one.is_indicator == framework.by_code[one.code].is_indicator


def test_under_given_weights_and_a_mean_that_is_a_weight_of_nothing() -> None:
    engine = Engine(small_framework(), small_dataset())
    run = engine.run(Recipe())
    for one in removals(engine, run, ["staff", "people", "output"]):
        zero = engine.run(Recipe().changed({"weight.given": {one.code: 0.0}}))
        assert one.shifts == pytest.approx(run.rank()[0] - zero.rank()[0])


def test_optimised_weights_of_what_stays_are_kept() -> None:
    engine = Engine(small_framework(), small_dataset())
    run = engine.run(Recipe().changed({"weight.method": "optimised"}))
    given = dict(zip(run.framework.codes, run.weights.tolist(), strict=True)) | {"waste": 0.0}
    fixed = engine.run(Recipe().changed({"weight.given": given}))
    assert removals(engine, run, ["waste"])[0].shifts == pytest.approx(run.rank()[0] - fixed.rank()[0])


def test_what_a_recipe_says_of_a_node_goes_with_it() -> None:
    framework = small_framework()
    pairs = [[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]]
    recipe = Recipe().changed(
        {
            "treat.by_indicator": {"papers": {"method": "none"}, "waste": {"points": 2}},
            "normalise.by_indicator": {"papers": {"method": "zscore"}},
            "weight.given": {"papers": 2.0, "staff": 3.0},
            "weight.matrices": {"results": pairs, "people": [[1, 2], [0.5, 1]]},
            "weight.points": {"results": [[50, 30, 20]], "money": [[60, 40]]},
        }
    )
    found = recipe_without(recipe, framework, framework.without(["papers", "people"]))
    assert set(found.treat.by_indicator) == {"waste"}
    assert found.normalise.by_indicator == {}
    assert found.weight.given == {}
    assert found.weight.matrices == {"results": [[1, 5], [1 / 5, 1]]}
    assert found.weight.points == {"results": [[50, 20]], "money": [[60, 40]]}


def test_what_cannot_be_removed_says_why() -> None:
    engine = Engine(small_framework(), small_dataset())
    run = engine.run(Recipe().changed({"weight.given": {"input": 0.0}}))
    found = {one.code: one for one in removals(engine, run)}
    assert found["output"].agreement is None
    assert found["output"].reason is not None
    assert "index" in found["output"].reason.en
    assert all(math.isnan(shift) for shift in found["output"].shifts)
    assert found["input"].agreement is not None
    assert found["input"].agreement.mean_shift == 0


def test_the_last_indicator_of_a_group_takes_the_group_with_it() -> None:
    framework = small_framework().without(["staff"])
    engine = Engine(framework, small_dataset())
    run = engine.run(Recipe())
    only, group = removals(engine, run, ["students", "people"])
    assert only.shifts == pytest.approx(group.shifts)
    with pytest.raises(FrameworkError):
        framework.without(framework.codes)


def test_an_earlier_period_can_be_asked_for() -> None:
    engine = Engine(small_framework(), small_dataset(periods=3))
    run = engine.run(Recipe())
    first = removals(engine, run, ["waste"], period="2018")[0]
    single = small_dataset(periods=3)
    assert first.shifts.shape == (len(UNITS),)
    reduced = Engine(small_framework().without(["waste"]), single).run(Recipe())
    assert first.shifts == pytest.approx(run.rank()[0] - reduced.rank()[0])
