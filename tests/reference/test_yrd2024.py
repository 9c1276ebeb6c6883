"""The Yangtze River Delta index of 2024, run by its shipped framework and recipe, against the published table."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from yunlang.indicators.core.run import Engine, Run
from yunlang.indicators.data_tables import dataset_read
from yunlang.indicators.shipped import dataset_shipped, delta_cities, framework_shipped, recipe_shipped

DIMENSIONS = {
    "yrd2024_innovation": "创新发展",
    "yrd2024_coordination": "协调发展",
    "yrd2024_green": "绿色发展",
    "yrd2024_openness": "开放发展",
    "yrd2024_sharing": "共享发展",
}
# A dimension is 20 times the mean of six figures rounded to 0.01, each off by up to 0.005: so are five of them added.
ROUNDING_OF_FIVE = 5 * 20 * 0.005


@pytest.fixture(scope="module")
def published(shared_data: Path) -> dict[str, dict[str, str]]:
    """Return the published scores by city."""
    with (shared_data / "cities" / "yrd2024_published_scores.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["cityName"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def run() -> Run:
    """Return the shipped recipe's outcome over the shipped figures."""
    return Engine(framework_shipped("yrd2024"), dataset_shipped("yrd2024")).run(recipe_shipped("yrd2024"))


def in_order_of(run: Run, published: dict[str, dict[str, str]], column: str) -> np.ndarray:
    names = delta_cities()
    return np.array([float(published[names[unit].zh][column]) for unit in run.units])


def test_shipped_figures_are_the_published_ones(shared_data: Path) -> None:
    framework = framework_shipped("yrd2024")
    shipped = dataset_shipped("yrd2024")
    read = dataset_read(shared_data / "cities" / "yrd2024_indicators.csv", framework).for_framework(framework)
    order = [read.units.index(name) for name in shipped.unit_names]
    assert len(order) == 41
    assert np.array_equal(shipped.for_framework(framework).values, read.choose_units(order).values)


def test_dimensions_agree_within_the_rounding_of_their_figures(run: Run, published: dict[str, dict[str, str]]) -> None:
    for code, name in DIMENSIONS.items():
        twenty_points = run.score(code)[0] / 5
        assert np.abs(twenty_points - in_order_of(run, published, name)).max() <= 0.08


def test_totals_agree_from_the_published_dimensions(published: dict[str, dict[str, str]]) -> None:
    code = "yrd2024_dimensions"
    run = Engine(framework_shipped(code), dataset_shipped(code)).run(recipe_shipped(code))
    for dimension, name in DIMENSIONS.items():
        place = run.stages["raw"].data.indicators.index(dimension)
        assert np.array_equal(run.stages["raw"].data.values[0, :, place], in_order_of(run, published, name))
    assert np.abs(run.score()[0] - in_order_of(run, published, "score")).max() <= 0.02


def test_totals_from_rounded_figures_stay_within_what_rounding_explains(
    run: Run, published: dict[str, dict[str, str]]
) -> None:
    off = np.abs(run.score()[0] - in_order_of(run, published, "score"))
    assert off.max() <= 0.15 < ROUNDING_OF_FIVE
    assert np.median(off) <= 0.05
