"""Contributions sum to the difference under every aggregation, and are what theory says where it says something."""

from __future__ import annotations

import math
from itertools import pairwise, permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.indicators.examples import named, small_dataset, small_framework
from yunlang.indicators.core.audit.decomposition import (
    Decomposition,
    change_between_periods,
    difference_between_units,
    distance_from_average,
)
from yunlang.indicators.core.audit.mean_shares import divided_difference, mean_contributions
from yunlang.indicators.core.audit.orders import ORDERS_AT_MOST, order_contributions, orders_of
from yunlang.indicators.core.combination import combined, fixed_weights
from yunlang.indicators.core.errors import DatasetError
from yunlang.indicators.core.framework import Framework, Node
from yunlang.indicators.core.recipe import Aggregate, Recipe
from yunlang.indicators.core.run import Engine, Run
from yunlang.indicators.core.stages.weighting_by_influence import effective

METHODS = [
    "arithmetic", "geometric", "harmonic", "generalised", "median", "ordered_weighted", "copeland", "topsis",
    "mazziotta_pareto", "adjusted_mazziotta_pareto", "benefit_of_doubt",
]  # fmt: skip
MEANS, DEAR = METHODS[:4], METHODS[-1:]


def run(method: str = "arithmetic", **aggregate: Any) -> Run:
    changes = {"normalise.range": [1, 100], "aggregate": {"method": method, **aggregate}}
    return Engine(small_framework(), small_dataset(periods=3)).run(Recipe().changed(changes))


def total(found: Decomposition) -> float:
    return sum(one.contribution for one in found.contributions)


@pytest.mark.parametrize("method", METHODS)
def test_contributions_sum_to_the_change_between_periods(method: str) -> None:
    found_run = run(method, exponent=0.5, orness=0.7)
    place = found_run.units.index("u5")
    found = change_between_periods(found_run, "u5", "2018")
    before, _, after = found_run.score()[:, place]
    assert (found.before, found.after) == pytest.approx((before, after), abs=1e-9)
    assert total(found) == pytest.approx(after - before, abs=1e-9)
    assert found.change == pytest.approx(after - before, abs=1e-9)
    assert found.groups["index"] == pytest.approx(found.change, abs=1e-9)
    assert found.groups["input"] + found.groups["output"] == pytest.approx(found.change, abs=1e-9)
    assert found.method == ("means" if method in MEANS else "some_orders" if method in DEAR else "all_orders")


@pytest.mark.parametrize("method", [method for method in METHODS if method not in DEAR])
def test_contributions_sum_to_the_difference_of_units_and_from_the_average(method: str) -> None:
    found_run = run(method, exponent=0.5, orness=0.7)
    score = found_run.score()[-1]
    mine, theirs = score[found_run.units.index("u5")], score[found_run.units.index("u8")]
    found = difference_between_units(found_run, "u5", "u8")
    assert (found.before, found.after) == pytest.approx((theirs, mine), abs=1e-9)
    assert total(found) == pytest.approx(mine - theirs, abs=1e-9)
    average = distance_from_average(found_run, "u5")
    assert average.after == pytest.approx(mine, abs=1e-9)
    assert total(average) == pytest.approx(average.change, abs=1e-9)


positive = st.floats(0.01, 100)


@st.composite
def two_states(draw: st.DrawFn) -> tuple[Aggregate, np.ndarray, np.ndarray, np.ndarray]:
    """A mean for each level, weights of all nodes, and values before and after, some of them unchanged or missing."""
    framework = small_framework()
    size = len(framework.indicators)
    method = st.sampled_from(MEANS)
    level = st.fixed_dictionaries({"method": method, "exponent": st.sampled_from([-2.0, -0.5, 0.0, 0.3, 2.0, 3.0])})
    settings = Aggregate.model_validate(draw(level) | {"by_level": draw(st.dictionaries(st.integers(2, 4), level))})
    before = np.array(draw(st.lists(positive, min_size=size, max_size=size)))
    after = np.array(draw(st.lists(positive, min_size=size, max_size=size)))
    same = np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    gone = np.array(draw(st.lists(st.integers(0, 5), min_size=size, max_size=size))) == 0
    after = np.where(same, before, after)
    before[gone], after[gone] = math.nan, math.nan
    number = len(framework.codes)
    return settings, np.array(draw(st.lists(positive, min_size=number, max_size=number))), before, after


@settings(max_examples=200)
@given(two_states())
def test_under_any_means_they_sum_whatever_the_values(
    states: tuple[Aggregate, np.ndarray, np.ndarray, np.ndarray],
) -> None:
    level, weights, before, after = states
    framework = small_framework()
    found = mean_contributions(framework, level, weights, before[None], after[None])[0]

    def index(values: np.ndarray) -> float:
        return float(combined(framework, values[None, None], fixed_weights(weights), level)[-1][0, 0, 0])

    if np.isnan(before).all():
        assert np.isnan(found).all()
        return
    assert found.sum() == pytest.approx(index(after) - index(before), abs=1e-9)
    assert (found[np.isnan(before) | (before == after)] == 0).all()
    # Means rise with each of their members, so contributions have the sign of the change.
    assert (found * np.nan_to_num(after - before) >= 0).all()


def test_under_the_arithmetic_mean_each_contributes_its_weight_times_its_difference() -> None:
    found_run = run()
    found = change_between_periods(found_run, "u1", "2018", "2019")
    weights = effective(found_run.framework.groups, found_run.weights)
    for place, one in enumerate(found.contributions):
        assert one.contribution == pytest.approx(weights[place] * (one.after - one.before), abs=1e-12)


def test_under_the_geometric_mean_it_is_the_logarithmic_mean_divisia_index() -> None:
    before, after, weights = np.array([2.0, 8.0]), np.array([3.0, 5.0]), np.array([1.0, 3.0, 1.0])
    nodes = (Node("index", named("x"), is_indicator=False), *(Node(c, named(c), parent="index") for c in "ab"))
    framework = Framework("f", named("f"), nodes)
    found = mean_contributions(framework, Aggregate(method="geometric"), weights, before[None], after[None])[0]
    start, end = (math.exp(float(np.log(values) @ weights[:2]) / 4) for values in (before, after))
    logarithmic_mean = (end - start) / math.log(end / start)
    assert found == pytest.approx(logarithmic_mean * weights[:2] / 4 * np.log(after / before))


@given(positive, positive, st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0, 3.0]))
def test_divided_differences_are_what_they_say(before: float, after: float, exponent: float) -> None:
    found = float(divided_difference(np.array([before]), np.array([after]), exponent)[0])
    if abs(after - before) > 1e-3 * before:
        power = (lambda x: math.log(x)) if exponent == 0 else (lambda x: x**exponent / abs(exponent))
        expected = (power(after) - power(before)) / (after - before)
        assert abs(found) == pytest.approx(abs(expected), rel=1e-6)
    near = float(divided_difference(np.array([before]), np.array([before * (1 + 1e-13)]), exponent)[0])
    still = float(divided_difference(np.array([before]), np.array([before]), exponent)[0])
    assert near == pytest.approx(still, rel=1e-9)


def test_zero_has_its_power_means_too() -> None:
    framework = small_framework()
    level = Aggregate(method="generalised", exponent=0.5)
    size = len(framework.indicators)
    before, after = np.zeros(size), np.arange(size, dtype=np.float64)
    found = mean_contributions(framework, level, framework.weights, before[None], after[None])[0]
    index = combined(framework, after[None, None], fixed_weights(framework.weights), level)[-1].item()
    assert found.sum() == pytest.approx(index)


def test_a_value_known_on_one_side_only_is_still_accounted_for() -> None:
    data = small_dataset(periods=2)
    values = data.values.copy()
    values[0, 4, 2] = math.nan
    object.__setattr__(data, "values", values)
    found_run = Engine(small_framework(), data).run(
        Recipe().changed({"impute.method": "none", "screen.availability": None})
    )
    found = change_between_periods(found_run, "u4", "2018")
    assert found.method == "all_orders"
    assert total(found) == pytest.approx(found_run.score()[1, 4] - found_run.score()[0, 4], abs=1e-9)
    assert math.isnan(found.contributions[2].before)


def flat(number: int) -> Framework:
    nodes = [Node("index", named("x"), is_indicator=False)]
    nodes += [Node(f"i{place}", named("x"), parent="index") for place in range(number)]
    return Framework("flat", named("x"), tuple(nodes))


def game(seed: int, number: int) -> tuple[np.ndarray, Any]:
    worth = np.random.default_rng(seed).normal(size=2**number)
    return worth, lambda states: worth[states @ (1 << np.arange(number))]


@given(st.integers(0, 1000), st.integers(2, 5))
def test_all_orders_of_one_group_give_the_shapley_value(seed: int, number: int) -> None:
    worth, evaluate = game(seed, number)
    found, complete = order_contributions(flat(number), evaluate)
    expected = np.zeros(number)
    for order in permutations(range(number)):
        state = 0
        for player in order:
            expected[player] += worth[state | 1 << player] - worth[state]
            state |= 1 << player
    assert complete
    assert found == pytest.approx(expected / math.factorial(number), abs=1e-9)


@given(st.integers(0, 1000), st.integers(7, 9))
def test_some_orders_sum_to_the_difference_too(seed: int, number: int) -> None:
    worth, evaluate = game(seed, number)
    found, complete = order_contributions(flat(number), evaluate)
    assert not complete
    assert found.sum() == pytest.approx(worth[-1] - worth[0], abs=1e-9)


@given(st.lists(st.floats(-5, 5), min_size=8, max_size=8))
def test_some_orders_give_what_each_adds_where_it_always_adds_the_same(worth: list[float]) -> None:
    found, _ = order_contributions(flat(8), lambda states: states @ np.array(worth))
    assert found == pytest.approx(worth, abs=1e-9)


def test_members_of_a_group_stay_together_in_every_order() -> None:
    framework = small_framework()
    for most in (ORDERS_AT_MOST, 1):
        found, complete = orders_of(framework, most, rotations=12)
        assert complete == (most > 1)
        for order in found:
            pillars = [framework.indicators[place].parent for place in order]
            changes = sum(one != other for one, other in pairwise(pillars))
            assert sorted(order.tolist()) == list(range(len(framework.indicators)))
            assert changes == 2


def test_two_units_differ_by_the_same_in_both_directions() -> None:
    for method in METHODS[:-1]:
        found_run = run(method)
        one, other = (difference_between_units(found_run, *pair) for pair in (("u1", "u2"), ("u2", "u1")))
        assert [part.contribution for part in one.contributions] == pytest.approx(
            [-part.contribution for part in other.contributions], abs=1e-9
        )


def test_unknown_units_and_periods_are_named() -> None:
    with pytest.raises(DatasetError) as caught:
        change_between_periods(run(), "u1", "1999")
    assert "1999" in caught.value.fields["period"][0].en
    with pytest.raises(DatasetError):
        difference_between_units(run(), "u1", "nobody")
