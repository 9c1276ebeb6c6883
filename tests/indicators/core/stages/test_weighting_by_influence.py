"""What weights come to, and weights that even out what nodes come to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yunlang.indicators.core.correlation import correlations
from yunlang.indicators.core.errors import StageError
from yunlang.indicators.core.framework import Framework, Node
from yunlang.indicators.core.stages.aggregation import arithmetic
from yunlang.indicators.core.stages.weighting_by_influence import effective, influence, optimised
from yunlang.kit.language import Bilingual

NAME = Bilingual("名", "name")
MEMBERS = np.array([0, 1, 2])


def tree() -> Framework:
    """Return an index of two pillars, of one and of two indicators."""
    nodes = [
        Node("x", NAME, parent="p", weight=3),
        Node("y", NAME, parent="q", weight=1),
        Node("z", NAME, parent="q", weight=3),
        Node("p", NAME, parent="index", is_indicator=False, weight=1),
        Node("q", NAME, parent="index", is_indicator=False, weight=4),
        Node("index", NAME, is_indicator=False, weight=7),
    ]
    return Framework("f", NAME, tuple(nodes))


def members_of_unequal_noise() -> np.ndarray:
    generator = np.random.default_rng(3)
    return generator.normal(size=(80, 1)) + generator.normal(size=(80, 3)) * [0.3, 1, 2]


def flat(values: np.ndarray):
    """Return the scores of members that go straight into an index."""
    return lambda weights: np.column_stack([values, arithmetic(values, weights[: values.shape[1]])])


def test_a_nodes_weight_in_the_index_is_the_product_of_shares_on_the_way_up() -> None:
    found = effective(tree().groups, tree().weights)
    np.testing.assert_allclose(found, [1 / 5, 1 / 4 * 4 / 5, 3 / 4 * 4 / 5, 1 / 5, 4 / 5, 1])


@given(st.lists(st.floats(0.01, 100), min_size=6, max_size=6))
def test_indicators_weights_in_the_index_sum_to_one(weights: list[float]) -> None:
    several = np.array([weights, weights[::-1]])
    found = effective(tree().groups, several)
    np.testing.assert_allclose(found[:, :3].sum(axis=1), 1)
    np.testing.assert_allclose(found[0], effective(tree().groups, several[0]))


def test_a_group_without_any_weight_leaves_its_members_none() -> None:
    weights = np.array([1.0, 0, 0, 1, 1, 1])
    np.testing.assert_allclose(effective(tree().groups, weights), [0.5, 0, 0, 0.5, 0.5, 1])


def test_influence_is_the_share_of_variance_that_a_line_explains() -> None:
    values = members_of_unequal_noise()
    scores = flat(values)(np.array([1.0, 1, 1, 1]))
    found = influence(scores, index=3)
    for member in range(3):
        line = np.polyfit(values[:, member], scores[:, 3], 1)
        left = scores[:, 3] - np.polyval(line, values[:, member])
        assert found[member] == pytest.approx(1 - left.var() / scores[:, 3].var())
    assert found[3] == pytest.approx(1)


@pytest.mark.parametrize("targets", [None, [10, 9, 10], [5.0, 4.0, 4.0]])
def test_optimised_weights_give_the_influence_asked_for(targets: list[float] | None) -> None:
    values = members_of_unequal_noise()
    before = np.array([1.0, 1.0, 1.0, 9.0])
    found = optimised(flat(values), before, members=MEMBERS, index=3, targets=targets)
    wanted = np.array(targets or [1, 1, 1])
    assert found.reached
    np.testing.assert_allclose(found.shares, wanted / wanted.sum(), atol=1e-6)
    np.testing.assert_allclose(found.targets, wanted / wanted.sum())
    assert (found.weights >= 0).all()
    assert found.weights[:3].sum() == pytest.approx(1)
    assert found.weights[3] == 9
    index = arithmetic(values, found.weights[:3])
    expected = [np.corrcoef(values[:, member], index)[0, 1] for member in range(3)]
    np.testing.assert_allclose(found.correlations, expected)
    np.testing.assert_array_equal(before, [1, 1, 1, 9])


def test_optimising_twice_gives_the_same_weights() -> None:
    values = members_of_unequal_noise()
    one, other = (optimised(flat(values), np.ones(4), members=MEMBERS, index=3) for _ in range(2))
    np.testing.assert_array_equal(one.weights, other.weights)


def test_an_influence_out_of_reach_is_said_to_be() -> None:
    # Both members are the same: whatever the weights, they correlate alike.
    column = np.arange(9.0) ** 2
    found = optimised(flat(np.column_stack([column, column])), np.ones(3), members=MEMBERS[:2], index=2, targets=[1, 3])
    assert not found.reached
    np.testing.assert_allclose(found.shares, 0.5)


@pytest.mark.parametrize("targets", [[1, 1], [1, 0, 1], [1, np.nan, 1]])
def test_targets_that_are_none_are_refused(targets: list[float]) -> None:
    with pytest.raises(StageError, match="目标影响力"):
        optimised(flat(members_of_unequal_noise()), np.ones(4), members=MEMBERS, index=3, targets=targets)


def test_nodes_that_do_not_vary_cannot_be_balanced() -> None:
    values = members_of_unequal_noise()
    values[:, 1] = 5
    with pytest.raises(StageError, match="没有变化"):
        optimised(flat(values), np.ones(4), members=MEMBERS, index=3)


@given(seed=st.integers(0, 999), shift=st.sampled_from([0.0, 1e6]))
@settings(max_examples=30)
def test_correlations_are_those_of_the_rows_a_pair_has(seed: int, shift: float) -> None:
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(2, 12, 4)) + shift
    values[generator.random(values.shape) < 0.2] = np.nan
    found = correlations(values)
    for table, matrix in zip(values, found, strict=True):
        for one in range(4):
            for other in range(4):
                both = ~np.isnan(table[:, one]) & ~np.isnan(table[:, other])
                expected = np.corrcoef(table[both][:, [one, other]], rowvar=False)[0, 1] if both.sum() > 1 else np.nan
                assert matrix[one, other] == pytest.approx(expected, abs=1e-6, nan_ok=True)


def test_a_column_that_does_not_vary_correlates_with_nothing() -> None:
    found = correlations(np.array([[0.1, 1.0, 5.0], [0.1, 2.0, np.nan], [0.1, 4.0, np.nan]]))
    assert np.isnan(found[0]).all()
    assert np.isnan(found[2]).all()
    assert found[1, 1] == pytest.approx(1)
