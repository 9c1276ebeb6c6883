"""Frameworks, recipes and data that come with the product: whole, bilingual, and saying where they come from."""

from __future__ import annotations

import json

import numpy as np
import pytest

from yunlang.indicators.core.run import Engine
from yunlang.indicators.live import COUNT, DENOMINATORS, FIGURE
from yunlang.indicators.live_counts import COUNTS
from yunlang.indicators.shipped import (
    DATA,
    FRAMEWORKS,
    dataset_shipped,
    delta_cities,
    framework_shipped,
    recipe_shipped,
)
from yunlang.registry.importing.demo_edition import demo_folder

CORRIDOR = ("g60_2021", "g60_growth")
DELTA = ("yrd2024", "yrd2024_dimensions")


@pytest.fixture(scope="module")
def known_sources() -> set[str]:
    """Return the codes of the sources that the demo corridor brings."""
    lines = (demo_folder() / "sources.jsonl").read_text(encoding="utf-8").splitlines()
    return {json.loads(line)["code"] for line in lines}


@pytest.fixture(scope="module")
def known_figures() -> set[str]:
    """Return the codes of the figures of single cities that the demo corridor brings."""
    lines = (demo_folder() / "figures.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["code"] for row in map(json.loads, lines) if row["subject"].isdigit()}


def is_chinese(text: str) -> bool:
    """Tell whether a text has a Chinese character."""
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


def test_every_file_is_one_of_the_frameworks_shipped() -> None:
    names = {path.stem for path in DATA.glob("*.yaml") if not path.stem.endswith(("_recipe", "_checks"))}
    assert names == set(FRAMEWORKS)


@pytest.mark.parametrize("code", FRAMEWORKS)
def test_each_node_has_both_names_and_each_indicator_a_unit(code: str) -> None:
    framework = framework_shipped(code)
    assert framework.code == code
    for node in framework.nodes:
        assert is_chinese(node.name.zh), node.code
        assert node.name.en, node.code
        assert not is_chinese(node.name.en), node.code
    assert all(node.unit.zh and node.unit.en for node in framework.indicators)


@pytest.mark.parametrize("code", DELTA)
def test_the_delta_names_its_publication_throughout(code: str, known_sources: set[str]) -> None:
    framework = framework_shipped(code)
    assert {framework.source, *(node.source for node in framework.nodes)} == {"yrd2024_report"} <= known_sources


@pytest.mark.parametrize("code", CORRIDOR)
def test_each_indicator_of_the_corridor_names_a_figure_or_a_count_that_exists(
    code: str, known_figures: set[str], known_sources: set[str]
) -> None:
    framework = framework_shipped(code)
    assert framework.source in known_sources
    sources = [node.source for node in framework.indicators] + [DENOMINATORS[one][0] for one in framework.denominators]
    for source in sources:
        kind, _, name = source.partition(":")
        assert (kind == FIGURE and name in known_figures) or (kind == COUNT and name in COUNTS), source


def test_the_five_areas_of_2021_are_the_pillars() -> None:
    framework = framework_shipped("g60_2021")
    pillars = [node.name.zh for node in framework.children[framework.root.code]]
    assert pillars == ["创新研发投入", "创新产业发展", "创新资源集聚", "创新生态构建", "创新协作共享"]
    assert all(len(framework.indicators_under(pillar.code)) >= 3 for pillar in framework.children["g60"])


def test_counts_that_grow_with_a_city_are_divided() -> None:
    for node in framework_shipped("g60_2021").indicators:
        kind, _, name = node.source.partition(":")
        if kind == COUNT:
            assert bool(node.denominator) is not COUNTS[name].is_share, node.code


@pytest.mark.parametrize("code", DELTA)
def test_the_delta_is_complete_and_runs(code: str) -> None:
    data = dataset_shipped(code)
    assert set(data.units) == delta_cities().keys()
    assert len(data.units) == 41
    run = Engine(framework_shipped(code), data).run(recipe_shipped(code))
    assert not np.isnan(run.scores).any()
    assert ((run.score() > 0) & (run.score() <= 100)).all()


def test_names_of_the_delta_tell_cities_apart_in_both_languages() -> None:
    names = delta_cities()
    assert len({name.zh for name in names.values()}) == len({name.en for name in names.values()}) == 41
    assert dict(zip(dataset_shipped("yrd2024").units, dataset_shipped("yrd2024").unit_names, strict=True)) == {
        code: name.zh for code, name in names.items()
    }
