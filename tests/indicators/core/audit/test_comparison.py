"""Two rankings side by side."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.indicators.examples import UNITS, small_dataset, small_framework
from yunlang.indicators.core.audit.comparison import compare
from yunlang.indicators.core.errors import DatasetError
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine


def test_two_recipes_over_the_same_data() -> None:
    engine = Engine(small_framework(), small_dataset())
    first, second = engine.run(Recipe()), engine.run(Recipe().changed({"normalise.method": "rank"}))
    found = compare(first, second, largest=2)
    assert [place.first_rank for place in found.places] == sorted(first.rank()[0].tolist())
    by_unit = {place.unit: place for place in found.places}
    for row, unit in enumerate(UNITS):
        assert by_unit[unit].first_score == first.score()[0, row]
        assert by_unit[unit].second_rank == second.rank()[0, row]
        assert by_unit[unit].shift == first.rank()[0, row] - second.rank()[0, row]
    assert found.correlation == pytest.approx(np.corrcoef(first.score()[0], second.score()[0])[0, 1])
    assert found.agreement.units == len(UNITS)
    assert (found.only_first, found.only_second) == ((), ())


def test_the_largest_moves_come_first() -> None:
    engine = Engine(small_framework(), small_dataset())
    found = compare(engine.run(Recipe()), engine.run(Recipe().changed({"weight.given": {"output": 50.0}})), largest=3)
    shifts = [place.shift for place in found.places]
    assert [place.shift for place in found.rising] == sorted((one for one in shifts if one > 0), reverse=True)[:3]
    assert [place.shift for place in found.falling] == sorted(one for one in shifts if one < 0)[:3]


def test_two_periods_of_one_run_and_one_node_of_it() -> None:
    run = Engine(small_framework(), small_dataset(periods=2)).run(Recipe())
    found = compare(run, run, code="people", first_period="2018")
    place = run.framework.codes.index("people")
    by_unit = {one.unit: one for one in found.places}
    assert by_unit["u7"].first_score == run.scores[0, 7, place]
    assert by_unit["u7"].second_score == run.scores[1, 7, place]
    assert found.code == "people"


def test_units_of_one_side_alone_are_named_and_keep_the_others_ranks() -> None:
    data = small_dataset()
    whole = Engine(small_framework(), data).run(Recipe())
    part = Engine(small_framework(), data.choose_units(range(1, 12))).run(Recipe())
    found = compare(whole, part)
    assert (found.only_first, found.only_second) == (("u0",), ())
    missing = next(place for place in found.places if place.unit == "u0")
    assert math.isnan(missing.second_rank)
    assert math.isnan(missing.shift)
    assert found.agreement.units == 11
    turned = compare(part, whole)
    assert (turned.only_first, turned.only_second) == ((), ("u0",))
    assert turned.places[-1].unit == "u0"


def test_an_unknown_node_or_period_is_named() -> None:
    run = Engine(small_framework(), small_dataset()).run(Recipe())
    with pytest.raises(DatasetError) as caught:
        compare(run, run, code="nothing")
    assert "node" in caught.value.fields
    with pytest.raises(DatasetError):
        compare(run, run, first_period="1999")
