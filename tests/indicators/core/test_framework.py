"""A framework: any depth, put in order, and every problem of it named at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.indicators.examples import named, small_framework, small_nodes
from yunlang.indicators.core.errors import FrameworkError
from yunlang.indicators.core.framework import Framework, Goalposts, Node


def test_groups_come_bottom_up_and_the_index_last() -> None:
    framework = small_framework()
    assert framework.root.code == "index"
    assert [group.code for group in framework.groups][-1] == "index"
    seen = {node.code for node in framework.indicators}
    for group in framework.groups:
        members = {framework.codes[place] for place in group.members}
        assert members <= seen
        seen.add(group.code)


def test_levels_count_from_the_indicators_up() -> None:
    levels = small_framework().levels
    assert (levels["staff"], levels["people"], levels["input"], levels["index"]) == (1, 2, 3, 4)
    assert levels["results"] == 2


def test_branches_may_differ_in_depth() -> None:
    nodes = (
        Node("index", named("指数"), is_indicator=False),
        Node("deep", named("深"), parent="index", is_indicator=False),
        Node("deeper", named("更深"), parent="deep", is_indicator=False),
        Node("a", named("a"), parent="deeper"),
        Node("b", named("b"), parent="index"),
    )
    framework = Framework("uneven", named("参差"), nodes)
    assert framework.levels["index"] == 4
    assert framework.pillar_of("a") == "deep"
    assert framework.pillar_of("b") == "b"
    assert framework.indicators_under("index") == ("a", "b")


def test_every_problem_is_named_at_once() -> None:
    nodes = [
        *small_nodes(),
        Node("staff", named("again"), parent="people"),
        Node("lost", named("lost"), parent="nowhere"),
        Node("child", named("child"), parent="papers"),
        Node("empty", named("empty"), parent="index", is_indicator=False),
        Node("odd", named("odd"), parent="money", direction=0, weight=-1, goalposts=Goalposts(3, 1)),
    ]
    with pytest.raises(FrameworkError) as refused:
        Framework("bad", named("bad"), tuple(nodes))
    assert set(refused.value.fields) == {"staff", "lost", "child", "empty", "odd"}
    assert len(refused.value.fields["odd"]) == 3
    assert "5" not in refused.value.text.en or "problem" in refused.value.text.en


def test_a_cycle_and_two_roots_are_refused() -> None:
    circle = (
        Node("x", named("x"), parent="y", is_indicator=False),
        Node("y", named("y"), parent="x", is_indicator=False),
    )
    with pytest.raises(FrameworkError) as refused:
        Framework("c", named("c"), (*small_nodes(), *circle, Node("second", named("s"))))
    assert {"x", "y"} <= set(refused.value.fields)
    assert any("second" in reason.en for reasons in refused.value.fields.values() for reason in reasons)


def test_weights_that_are_no_numbers_are_refused() -> None:
    nodes = [replace(node, weight=float("nan")) if node.code == "papers" else node for node in small_nodes()]
    with pytest.raises(FrameworkError) as refused:
        Framework("nan", named("nan"), tuple(nodes))
    assert set(refused.value.fields) == {"papers"}


def test_without_an_indicator_its_empty_groups_go_too() -> None:
    left = small_framework().without(["staff", "students"])
    assert {"staff", "students", "people"}.isdisjoint(left.codes)
    assert "money" in left.codes


def test_without_a_group_its_indicators_go_too() -> None:
    assert small_framework().without(["input"]).indicators_under("index") == ("patents", "papers", "waste")


def test_nothing_left_is_refused() -> None:
    with pytest.raises(FrameworkError):
        small_framework().without(["input", "output"])
