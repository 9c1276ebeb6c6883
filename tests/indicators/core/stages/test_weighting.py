"""Weights from the data themselves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.indicators.core.strategies import order_of, seeds, tables
from yunlang.indicators.core.errors import StageError
from yunlang.indicators.core.stages import weighting

METHODS = [
    weighting.equal,
    weighting.entropy,
    weighting.critic,
    weighting.principal_components,
    weighting.first_component,
]
by_data = pytest.mark.parametrize("method", METHODS, ids=lambda method: method.__name__)
Method = Callable[[np.ndarray], np.ndarray]


def correlated(rows: int = 60) -> np.ndarray:
    """Two factors, three members on the one and two on the other."""
    generator = np.random.default_rng(7)
    one, other = generator.normal(size=(2, rows))
    noise = generator.normal(size=(rows, 5)) * [0.2, 0.5, 0.8, 0.3, 0.6]
    return np.column_stack([one, one, one, other, other]) + noise


@by_data
@given(values=tables(units=(3, 9)))
@settings(max_examples=40, deadline=None)
def test_weights_are_never_negative_and_sum_to_one_or_the_method_says_why_not(
    method: Method, values: np.ndarray
) -> None:
    try:
        weights = method(values)
    except StageError:
        assert method in (weighting.principal_components, weighting.first_component)
        complete = values[~np.isnan(values).any(axis=1)]
        assert len(complete) < 3 or (np.ptp(complete, axis=0) == 0).any()
        return
    assert weights.shape == (values.shape[1],)
    assert (weights >= 0).all()
    assert weights.sum() == pytest.approx(1)


@by_data
@given(seed=seeds)
@settings(max_examples=20, deadline=None)
def test_weights_follow_the_members_and_ignore_the_order_of_units(method: Method, seed: int) -> None:
    values = correlated()
    members, units = order_of(5, seed), order_of(len(values), seed)
    np.testing.assert_allclose(method(values[units][:, members]), method(values)[members], rtol=1e-6)


@by_data
@given(slope=st.floats(0.1, 50), shift=st.floats(-100, 100))
@settings(max_examples=20, deadline=None)
def test_weights_do_not_depend_on_a_common_scale(method: Method, slope: float, shift: float) -> None:
    values = correlated()
    np.testing.assert_allclose(method(values * slope + shift), method(values), rtol=1e-6)


@by_data
def test_a_single_member_has_all_the_weight(method: Method) -> None:
    np.testing.assert_array_equal(method(np.array([[1.0], [np.nan], [3.0]])), [1.0])


def test_given_weights_are_scaled() -> None:
    np.testing.assert_allclose(weighting.given([2, 1, 1, 0]), [0.5, 0.25, 0.25, 0])


@pytest.mark.parametrize("weights", [[0, 0], [1, -1], [1, np.nan], [np.inf, 1]])
def test_given_weights_that_are_none_are_refused(weights: list[float]) -> None:
    with pytest.raises(StageError) as caught:
        weighting.given(weights)
    assert caught.value.text.en == "weight: weights are numbers of at least 0, one of them above 0."
    assert caught.value.text.zh.startswith("赋权：")


def test_entropy_by_hand() -> None:
    # Shares 0, 1/2, 1/2 and 0, 0, 1: entropies ln 2 / ln 3 and 0.
    values = np.array([[1.0, 5.0], [3.0, 5.0], [3.0, 9.0]])
    even, single = 1 - np.log(2) / np.log(3), 1.0
    np.testing.assert_allclose(weighting.entropy(values), [even / (even + single), single / (even + single)])


def test_entropy_leaves_missing_values_out() -> None:
    values = np.array([[1.0, 5.0], [3.0, 5.0], [3.0, 9.0]])
    longer = np.vstack([values, [[np.nan, 7.0]]])
    shares = np.array([0, 0, 0.5, 1]) / 1.5
    known = shares[shares > 0]
    other = 1 + (known * np.log(known)).sum() / np.log(4)
    even = 1 - np.log(2) / np.log(3)
    np.testing.assert_allclose(weighting.entropy(longer), [even / (even + other), other / (even + other)])


def test_critic_by_hand() -> None:
    values = np.array([[0.0, 10.0, 1.0], [5.0, 5.0, 9.0], [10.0, 0.0, 5.0], [2.0, 9.0, 3.0]])
    scaled = (values - values.min(axis=0)) / np.ptp(values, axis=0)
    information = scaled.std(axis=0, ddof=1) * (1 - np.corrcoef(values, rowvar=False)).sum(axis=1)
    np.testing.assert_allclose(weighting.critic(values), information / information.sum())


@pytest.mark.parametrize("method", [weighting.entropy, weighting.critic])
def test_a_member_that_does_not_vary_says_nothing(method: Method) -> None:
    values = np.column_stack([correlated()[:, 0], np.full(60, 4.2), correlated()[:, 3]])
    weights = method(values)
    assert weights[1] == 0
    assert (weights[[0, 2]] > 0).all()


@pytest.mark.parametrize("method", [weighting.entropy, weighting.critic])
def test_members_that_all_say_nothing_weigh_the_same(method: Method) -> None:
    np.testing.assert_allclose(method(np.full((4, 3), 0.3)), 1 / 3)


def test_components_that_are_members_themselves_weigh_the_same() -> None:
    # A full factorial: no member correlates with another.
    values = np.array([[a, b, c] for a in (0.0, 1.0) for b in (0.0, 1.0) for c in (0.0, 1.0)])
    np.testing.assert_allclose(weighting.principal_components(values), 1 / 3)


def test_rotated_components_weigh_members_by_squared_loadings() -> None:
    # A member, and a pair that does not correlate with it: each is one component, whose loadings are known.
    first, second = np.array([2.0, 2.0, -1.0, -3.0]), np.array([1.0, -1.0, 3.0, -3.0])
    values = np.array([[alone, *pair] for alone in (-1.0, 1.0) for pair in zip(first, second, strict=True)])
    weights = weighting.principal_components(values)
    # The single member loads 1 on its component, the two others √((1 + r) / 2) on theirs.
    related = (1 + abs(np.corrcoef(first, second)[0, 1])) / 2
    np.testing.assert_allclose(weights, np.array([1, related, related]) / (1 + 2 * related))


def test_the_rotation_is_the_best_of_all_angles() -> None:
    values = correlated()
    parts, vectors = np.linalg.eigh(np.corrcoef(values, rowvar=False))
    loadings = vectors[:, -2:] * np.sqrt(parts[-2:])
    length = np.sqrt((loadings**2).sum(axis=1, keepdims=True))

    def turned(angle: float) -> np.ndarray:
        return loadings @ [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]

    # Kaiser's criterion: the variance of the squared loadings on each component.
    best = max(np.linspace(0, np.pi / 2, 20001), key=lambda angle: ((turned(angle) / length) ** 2).var(axis=0).sum())
    squares = (turned(best) ** 2).max(axis=1)
    np.testing.assert_allclose(weighting.principal_components(values), squares / squares.sum(), atol=1e-4)


def test_rotation_finds_the_two_factors() -> None:
    weights = weighting.principal_components(correlated())
    # Within each factor, the less noise the more weight.
    assert weights[0] > weights[1] > weights[2]
    assert weights[3] > weights[4]


def test_the_first_component_is_that_of_the_correlations() -> None:
    values = correlated()[:, :3] * [1, 10, 100]
    _, _, vectors = np.linalg.svd((values - values.mean(axis=0)) / values.std(axis=0))
    loadings = np.abs(vectors[0])
    np.testing.assert_allclose(weighting.first_component(values), loadings / loadings.sum())


@pytest.mark.parametrize("method", [weighting.principal_components, weighting.first_component])
def test_components_use_complete_rows_only(method: Method) -> None:
    values = correlated()
    holed = np.vstack([values, np.where(np.eye(5, dtype=bool), np.nan, 77.0)])
    np.testing.assert_allclose(method(holed), method(values), rtol=1e-6)
    with pytest.raises(StageError, match="不足三行"):
        method(holed[-5:])
    with pytest.raises(StageError, match="都有变化"):
        method(np.column_stack([values[:, 0], np.ones(len(values))]))
