"""Where a unit stands: ranks by raw values and direction, distances from its peers, contributions to its score."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.indicators.examples import small_dataset, small_framework
from yunlang.indicators.core.audit.decomposition import distance_from_average
from yunlang.indicators.core.audit.strengths import profile
from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.errors import DatasetError
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine, Run


def run(data: Dataset | None = None, **changes: object) -> Run:
    return Engine(small_framework(), data or small_dataset()).run(Recipe().changed(changes))


def test_ranks_follow_raw_values_and_direction() -> None:
    data = small_dataset()
    found = {one.code: one for one in profile(run(data), "u4").standings}
    values = {code: data.values[0, :, place] for place, code in enumerate(data.indicators)}
    assert found["papers"].rank == 1 + (values["papers"] > values["papers"][4]).sum()
    assert found["waste"].rank == 1 + (values["waste"] < values["waste"][4]).sum()
    assert found["papers"].value == values["papers"][4]
    assert found["papers"].of == 12


def test_strengths_are_the_best_ranks_and_weaknesses_the_worst() -> None:
    found = profile(run(), "u4", number=3)
    ranks = sorted(one.rank for one in found.standings)
    assert [one.rank for one in found.strengths] == ranks[:3]
    assert [one.rank for one in found.weaknesses] == ranks[:-4:-1]
    assert [one.from_mean for one in found.above] == sorted((one.from_mean for one in found.above), reverse=True)
    assert all(one.from_mean > 0 for one in found.above)
    assert all(one.from_mean < 0 for one in found.below)


def test_peers_are_those_of_the_same_group() -> None:
    found_run = run()
    found = profile(found_run, "u4", grouping="side")
    assert found.peers == "west"
    peers = found_run.data.values[0, ::2]
    for place, one in enumerate(found.standings):
        assert one.of == 6
        assert one.from_median == pytest.approx(one.normalised - np.median(peers[:, place]))
        assert one.from_mean == pytest.approx((one.normalised - peers[:, place].mean()) / peers[:, place].std(ddof=1))


def test_contributions_are_to_the_distance_from_the_average_unit() -> None:
    found_run = run()
    found = profile(found_run, "u4")
    score = found_run.score()[0]
    assert sum(one.contribution for one in found.standings) == pytest.approx(score[4] - score.mean())
    assert distance_from_average(found_run, "u4").second == "u4"


def test_what_all_share_or_the_unit_lacks_is_no_strength() -> None:
    data = small_dataset()
    values = data.values.copy()
    values[0, ::2, 0] = 5.0
    values[0, 4, 1] = math.nan
    changed = Dataset(data.units, data.indicators, values, groupings=data.groupings, denominators=data.denominators)
    found = profile(
        run(changed, **{"impute.method": "none", "screen.availability": None}), "u4", grouping="side", number=9
    )
    told = {one.code for one in (*found.strengths, *found.weaknesses, *found.above, *found.below)}
    assert data.indicators[0] not in {one.code for one in (*found.strengths, *found.weaknesses)}
    assert data.indicators[1] not in told
    standing = {one.code: one for one in found.standings}
    assert math.isnan(standing[data.indicators[1]].rank)
    assert (standing[data.indicators[0]].rank, standing[data.indicators[0]].of) == (1, 6)


def test_units_that_screening_dropped_are_out_of_the_comparison() -> None:
    data = small_dataset()
    values = data.values.copy()
    values[0, 0] = math.nan
    values[0, 0, 0] = 1e6
    changed = Dataset(data.units, data.indicators, values, groupings=data.groupings, denominators=data.denominators)
    found_run = run(changed, **{"order": ["screen", "normalise"]})
    assert "u0" not in found_run.units
    assert {one.of for one in profile(found_run, "u4").standings} == {11}
    with pytest.raises(DatasetError):
        profile(found_run, "u0")


def test_an_unknown_grouping_is_named() -> None:
    with pytest.raises(DatasetError) as caught:
        profile(run(), "u4", grouping="nowhere")
    assert "grouping" in caught.value.fields
