"""The example of COINr's sensitivity vignette: our indices lie within the bounds that it publishes."""

from __future__ import annotations

from pathlib import Path

import pytest

from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine
from yunlang.indicators.core.uncertainty.analysis import analyse, explain_variance
from yunlang.indicators.core.uncertainty.plan import usual_plan
from yunlang.indicators.data_tables import dataset_read
from yunlang.indicators.framework_files import framework_read

# 90% bounds of the total indices, from the README beside the reference files.
BOUNDS = {
    "treat.points": (0.033, 0.061),
    "normalise": (0.186, 0.370),
    "weights": (0.141, 0.218),
    "aggregate.method": (0.407, 0.834),
}


@pytest.fixture(scope="module")
def asem(coinr: Path) -> Engine:
    framework = framework_read(coinr / "asem_framework.csv")
    return Engine(framework, dataset_read(coinr / "asem_data.csv", framework))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_total_indices_lie_within_the_published_bounds(asem: Engine, seed: int) -> None:
    recipe = Recipe()
    found = explain_variance(asem, recipe, usual_plan(asem.framework, recipe), base=1024, seed=seed, resamples=50)
    for name, value in zip(found.names, found.indices.total_order, strict=True):
        low, high = BOUNDS[name]
        assert low <= value <= high, name
    assert found.failures == ()


def test_the_leader_stays_the_leader(asem: Engine) -> None:
    recipe = Recipe()
    found = analyse(asem, recipe, usual_plan(asem.framework, recipe), replicates=1000, seed=0)
    by_unit = {one.unit: one for one in found.intervals}
    assert (by_unit["CHE"].nominal, by_unit["CHE"].q95) == (1.0, 1.0)
    assert found.failed == 0
    assert found.without_effect == ()
