"""Assigning reviewers: never a conflict, always as even as can be, the same for the same seed."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, product

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yunlang.challenges.core.assignment import Conflict, Item, Judge, ReviewersLackingError, assign, conflicts


def loads(found: dict[object, tuple[object, ...]], judges: list[Judge]) -> list[int]:
    given = Counter(judge for chosen in found.values() for judge in chosen)
    return sorted(judge.load + given[judge.key] for judge in judges)


@pytest.mark.parametrize(
    ("judge", "reasons"),
    [
        (Judge("j"), ()),
        (Judge("j", organisation="applicant"), (Conflict.SAME_ORGANISATION,)),
        (Judge("j", memberships=frozenset({"applicant"})), (Conflict.MEMBER,)),
        (Judge("j", worked_for=frozenset({"applicant"})), (Conflict.AUTHOR,)),
        (Judge("j", people=frozenset({"writer"})), (Conflict.AUTHOR,)),
        (Judge("j", declared=frozenset({"item"})), (Conflict.DECLARED,)),
        (Judge("j", city="330500"), ()),
        (Judge("j", organisation="other", memberships=frozenset({"other"}), people=frozenset({"reader"})), ()),
    ],
)
def test_each_conflict_of_interest_is_named(judge: Judge, reasons: tuple[Conflict, ...]) -> None:
    item = Item("item", frozenset({"applicant"}), frozenset({"writer"}), frozenset({"330500"}))
    assert conflicts(item, judge) == reasons


def test_the_same_city_counts_only_when_asked_and_only_where_it_is_known() -> None:
    item = Item("item", cities=frozenset({"330500"}))
    assert conflicts(item, Judge("j", city="330500"), avoid_same_city=True) == (Conflict.SAME_CITY,)
    assert conflicts(item, Judge("j"), avoid_same_city=True) == ()


ITEMS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=6)
JUDGES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=6)


@settings(max_examples=25)
@given(ITEMS, JUDGES, st.integers(0, 3))
def test_an_assignment_is_complete_and_clean_or_says_exactly_what_is_missing(
    raw_items: list[tuple[int, int]], raw_judges: list[tuple[int, int]], seed: int
) -> None:
    items = [Item(n, frozenset({whose}), wanted=wanted) for n, (whose, wanted) in enumerate(raw_items)]
    judges = [Judge(f"j{n}", organisation=whose, load=load) for n, (whose, load) in enumerate(raw_judges)]
    free = {item.key: [one for one in judges if not conflicts(item, one)] for item in items}
    short = {item.key: item.wanted - len(free[item.key]) for item in items if item.wanted > len(free[item.key])}
    if short:
        with pytest.raises(ReviewersLackingError) as refused:
            assign(items, judges, seed=seed)
        assert refused.value.lacking == short
        return
    found = assign(items, judges, seed=seed)
    by_key = {judge.key: judge for judge in judges}
    for item in items:
        assert len(set(found[item.key])) == len(found[item.key]) == item.wanted
        assert all(not conflicts(item, by_key[key]) for key in found[item.key])
    assert assign(items, judges, seed=seed) == found


@settings(max_examples=15)
@given(st.lists(st.integers(0, 2), min_size=1, max_size=3), st.lists(st.integers(0, 2), min_size=2, max_size=3))
def test_no_assignment_at_all_is_more_even(whose_items: list[int], whose_judges: list[int]) -> None:
    items = [Item(n, frozenset({whose})) for n, whose in enumerate(whose_items)]
    judges = [Judge(f"j{n}", organisation=whose, load=n % 2) for n, whose in enumerate(whose_judges)]
    free = [[one for one in judges if not conflicts(item, one)] for item in items]
    every = [Counter(one.key for one in chosen) for chosen in product(*free)]
    if not every:
        return
    squares = min(sum((one.load + given[one.key]) ** 2 for one in judges) for given in every)
    assert sum(load**2 for load in loads(assign(items, judges, seed=1), judges)) == squares


def test_a_large_round_costs_what_the_network_simplex_finds() -> None:
    items = [Item(n, frozenset({n % 7}), wanted=3) for n in range(40)]
    judges = [Judge(f"j{n}", organisation=n % 7) for n in range(18)]
    graph = networkx.DiGraph()
    graph.add_node("source", demand=-120)
    graph.add_node("sink", demand=120)
    for item, judge in product(items, judges):
        if not conflicts(item, judge):
            graph.add_edge(("item", item.key), ("judge", judge.key), capacity=1, weight=0)
    for item in items:
        graph.add_edge("source", ("item", item.key), capacity=3, weight=0)
    for judge, step in product(judges, range(1, 41)):
        graph.add_edge(("judge", judge.key), ("step", judge.key, step), capacity=1, weight=2 * step - 1)
        graph.add_edge(("step", judge.key, step), "sink", capacity=1, weight=0)
    best = networkx.min_cost_flow_cost(graph)
    assert sum(load**2 for load in loads(assign(items, judges, seed=1), judges)) == best


def test_among_even_assignments_the_own_area_comes_first_and_then_the_seed() -> None:
    items = [Item(area, area=area) for area in ("biomedicine", "new_materials", "new_energy")]
    judges = [Judge(f"of {item.area}", area=item.area) for item in items]
    assert assign(items, judges, seed=3) == {item.key: (f"of {item.area}",) for item in items}
    alike = [Judge(n) for n in range(6)]
    drawn = {tuple(sorted(assign([Item("i", wanted=3)], alike, seed=seed)["i"])) for seed in range(30)}
    assert len(drawn) > 5
    assert drawn <= set(combinations(range(6), 3))


def test_who_has_reviewed_an_item_is_not_given_it_again_and_an_item_that_wants_nobody_gets_nobody() -> None:
    judges = [Judge("first", engaged=frozenset({"i"})), Judge("second", load=9)]
    assert assign([Item("i")], judges, seed=0) == {"i": ("second",)}
    assert assign([Item("i", wanted=0)], judges, seed=0) == {"i": ()}
    assert assign([], judges, seed=0) == {}
    with pytest.raises(ReviewersLackingError, match="2"):
        assign([Item("i", wanted=2)], [], seed=0)
