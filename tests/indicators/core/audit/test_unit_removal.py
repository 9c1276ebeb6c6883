"""Whether the order of the others holds when a unit is not there."""

from __future__ import annotations

import numpy as np
import pytest

from tests.indicators.examples import named, small_dataset, small_framework
from yunlang.indicators.core.audit.unit_removal import unit_removals
from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.errors import DatasetError
from yunlang.indicators.core.framework import Framework, Node
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine

PLAIN = Recipe().changed({"order": ["normalise"]})


def test_an_extreme_unit_that_stretches_a_scale_reverses_the_others() -> None:
    nodes = (
        Node("index", named("x"), is_indicator=False),
        Node("a", named("a"), parent="index"),
        Node("b", named("b"), parent="index"),
    )
    # With d, b's scale is so long that a decides between p and q; without it b does.
    values = np.array([[[4.0, 0.0], [3.0, 9.0], [0.0, 5.0], [0.0, 100.0]]])
    data = Dataset(("p", "q", "r", "d"), ("a", "b"), values)
    engine = Engine(Framework("f", named("f"), nodes), data)
    run = engine.run(PLAIN)
    assert run.rank()[0, 0] < run.rank()[0, 1]
    found = {one.unit: one for one in unit_removals(engine, run)}
    assert found["d"].reversals > 0
    assert found["d"].agreement is not None
    assert found["d"].agreement.units == 3
    assert found["r"].reversals == 0


def test_a_scale_that_does_not_look_at_the_others_has_no_reversal() -> None:
    engine = Engine(small_framework(), small_dataset())
    run = engine.run(PLAIN.changed({"normalise.method": "goalposts"}))
    found = unit_removals(engine, run)
    assert [one.unit for one in found] == list(run.units)
    assert [one.reversals for one in found] == [0] * len(run.units)
    assert {one.agreement.mean_shift for one in found if one.agreement} == {0.0}


def test_each_removal_is_a_run_over_the_others() -> None:
    data = small_dataset(periods=2, missing=0.05)
    engine = Engine(small_framework(), data)
    run = engine.run(Recipe())
    (found,) = unit_removals(engine, run, ["u3"])
    others = [place for place in range(len(data.units)) if place != 3]
    again = Engine(small_framework(), data.choose_units(others)).run(Recipe())
    before = np.delete(run.score()[-1], 3)
    assert found.agreement is not None
    order = np.argsort(np.argsort(-before))
    after = np.argsort(np.argsort(-again.score()[-1]))
    assert found.agreement.mean_shift == pytest.approx(np.abs(order - after).mean())


def test_a_unit_that_the_recipe_compares_with_cannot_go() -> None:
    engine = Engine(small_framework(), small_dataset())
    settings = {"normalise.method": "distance_to_reference", "normalise.reference": "u3"}
    run = engine.run(PLAIN.changed({"normalise": {"method": settings["normalise.method"], "reference": "u3"}}))
    found = {one.unit: one for one in unit_removals(engine, run, ["u2", "u3"])}
    assert found["u2"].agreement is not None
    assert found["u3"].agreement is None
    assert found["u3"].reason is not None
    assert "u3" in found["u3"].reason.zh


def test_only_a_unit_that_was_judged_can_be_removed() -> None:
    engine = Engine(small_framework(), small_dataset())
    with pytest.raises(DatasetError) as caught:
        unit_removals(engine, engine.run(Recipe()), ["nobody"])
    assert "unit" in caught.value.fields
