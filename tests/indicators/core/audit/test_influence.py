"""What weights come to, by hand and by definition; what the ranking would not miss."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.indicators.examples import small_dataset, small_framework
from yunlang.indicators.core.audit.influence import RedundancyLimits, influences, redundant
from yunlang.indicators.core.audit.removal import removals
from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.framework import Framework, Node
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine, Run


def run(**changes: object) -> Run:
    return Engine(small_framework(), small_dataset()).run(Recipe().changed(changes))


def test_effective_weights_multiply_down_the_tree() -> None:
    found = {one.code: one for one in influences(run())}
    assert (found["input"].weight, found["input"].effective) == pytest.approx((2 / 3, 2 / 3))
    assert (found["students"].weight, found["students"].effective) == pytest.approx((2 / 3, 2 / 3 * 1 / 2 * 2 / 3))
    assert sum(one.effective for one in found.values() if one.level == 1) == pytest.approx(1)
    assert "index" not in found


def test_influence_is_the_variance_that_a_node_explains_on_its_own() -> None:
    found_run = run()
    scores = found_run.scores[0]
    for place, one in enumerate(influences(found_run)):
        expected = np.corrcoef(scores[:, place], scores[:, -1])[0, 1]
        assert one.correlation_with_index == pytest.approx(expected)
        assert one.explained == pytest.approx(expected**2)
    for level in (1, 2, 3):
        assert sum(one.influence for one in influences(found_run) if one.level == level) == pytest.approx(1)


def test_variance_is_shared_out_exactly_by_any_mean() -> None:
    for method in ("arithmetic", "geometric", "harmonic"):
        found_run = run(**{"aggregate.method": method, "normalise.range": [1, 100]})
        found = {one.code: one for one in influences(found_run)}
        assert sum(one.variance_share for one in found.values() if one.level == 1) == pytest.approx(1)
        assert found["input"].variance_share + found["output"].variance_share == pytest.approx(1)
    linear = run()
    index, place = linear.scores[0, :, -1], linear.framework.codes.index("waste")
    share = np.cov(linear.scores[0, :, place], index)[0, 1] / index.var(ddof=1)
    found = {one.code: one for one in influences(linear)}
    assert found["waste"].variance_share == pytest.approx(share * found["waste"].effective)


def test_no_mean_or_no_complete_values_no_shares_of_variance() -> None:
    assert all(math.isnan(one.variance_share) for one in influences(run(**{"aggregate.method": "median"})))
    engine = Engine(small_framework(), small_dataset(missing=0.1))
    gaps = engine.run(Recipe().changed({"impute.method": "none", "screen.availability": None}))
    assert all(math.isnan(one.variance_share) for one in influences(gaps))


def with_twin() -> tuple[Framework, Dataset]:
    """An indicator beside “waste” that says the same, in hundredths."""
    framework, data = small_framework(), small_dataset()
    twin = Node("litter", framework.by_code["waste"].name, parent="results", direction=-1, weight=0.05)
    place = data.indicators.index("waste")
    values = np.concatenate([data.values, data.values[:, :, place : place + 1] * 100 + 7], axis=-1)
    nodes = (*framework.nodes, twin)
    return replace(framework, nodes=nodes), replace(data, indicators=(*data.indicators, "litter"), values=values)


def test_an_indicator_that_only_repeats_another_is_redundant() -> None:
    engine = Engine(*with_twin())
    found_run = engine.run(Recipe())
    removed = removals(engine, found_run)
    found = {one.code: one for one in redundant(found_run, removed)}
    assert found["litter"].twin == "waste"
    assert found["litter"].correlation == pytest.approx(1)
    assert found["litter"].mean_shift <= 1
    assert "staff" not in found
    assert redundant(found_run, removed, RedundancyLimits(correlation=0.9, mean_shift=-1)) == ()
    assert len(redundant(found_run, removed, RedundancyLimits(correlation=0.0, mean_shift=100))) == 8
