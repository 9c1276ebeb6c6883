"""Coupling coordination: its formulas, bounds and levels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.indicators.core.links.coupling import LEVELS, coordination_level, coupling_coordination
from yunlang.indicators.core.links.errors import SubsystemError

SCORES = st.lists(st.floats(0, 1, allow_subnormal=False), min_size=2, max_size=6)


def test_two_subsystems_by_hand() -> None:
    found = coupling_coordination([0.4, 0.9])
    assert found.coupling == pytest.approx(2 * math.sqrt(0.36) / 1.3)
    assert found.development == pytest.approx(0.65)
    assert found.coordination == pytest.approx(math.sqrt(1.2 / 1.3 * 0.65))


def test_weights_move_development_and_not_coupling() -> None:
    even, uneven = coupling_coordination([0.4, 0.9, 0.5]), coupling_coordination([0.4, 0.9, 0.5], [2, 1, 1])
    assert uneven.coupling == even.coupling
    assert uneven.development == pytest.approx(0.55)


@given(SCORES)
def test_all_three_lie_between_nothing_and_all(scores: list[float]) -> None:
    found = coupling_coordination(scores)
    assert 0 <= found.development <= 1
    assert 0 <= found.coordination <= 1
    assert np.isnan(found.coupling) == (sum(scores) == 0)
    assert np.isnan(found.coupling) or 0 <= found.coupling <= 1


@given(SCORES)
def test_the_order_of_subsystems_does_not_matter(scores: list[float]) -> None:
    ordered = sorted(scores)
    for name in ("coupling", "development", "coordination"):
        found, other = (getattr(coupling_coordination(one), name) for one in (scores, ordered))
        assert found == pytest.approx(other, nan_ok=True)


@given(st.floats(0.01, 1), st.integers(2, 6))
def test_equal_subsystems_are_wholly_coupled(score: float, count: int) -> None:
    found = coupling_coordination([score] * count)
    assert found.coupling == pytest.approx(1)
    assert found.coordination == pytest.approx(math.sqrt(score))


def test_one_subsystem_at_zero_uncouples_all_and_nothing_at_all_is_not_coordinated() -> None:
    assert coupling_coordination([0, 0.9]).coordination == 0
    nothing = coupling_coordination([0, 0])
    assert np.isnan(nothing.coupling)
    assert nothing.coordination == 0


def test_many_units_at_once_and_what_is_not_known() -> None:
    found = coupling_coordination([[0.4, 0.9], [0.5, np.nan]])
    assert found.coordination[0] == coupling_coordination([0.4, 0.9]).coordination
    assert np.isnan([found.coupling[1], found.development[1], found.coordination[1]]).all()


@pytest.mark.parametrize(
    ("scores", "weights"),
    [([0.5], None), ([0.5, 1.1], None), ([0.5, -0.1], None), ([0.5, 0.5], [1]), ([0.5, 0.5], [1, -1]),
     ([0.5, 0.5], [0, 0]), ([0.5, 0.5], [1, np.nan]), (0.5, None)],
)  # fmt: skip
def test_other_scores_and_weights_are_refused(scores: object, weights: object) -> None:
    with pytest.raises(SubsystemError):
        coupling_coordination(scores, weights)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("degree", "level"), [(0, 0), (0.0999, 0), (0.1, 1), (0.3, 3), (0.7, 7), (0.8999, 8), (0.9, 9), (1, 9)]
)
def test_each_tenth_has_its_level(degree: float, level: int) -> None:
    assert coordination_level(degree) is LEVELS[level]
    assert coordination_level(math.nan) is None
