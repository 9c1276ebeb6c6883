"""Principal components agree with scikit-learn's on standardised values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from yunlang.indicators.core.audit.components import components


def sample(seed: int, rows: int = 30, members: int = 4) -> np.ndarray:
    generator = np.random.default_rng(seed)
    common = generator.normal(size=(rows, 1))
    return common * generator.uniform(0.2, 2, size=members) + generator.normal(size=(rows, members))


def names(values: np.ndarray) -> list[str]:
    return [str(place) for place in range(values.shape[1])]


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(2, 6))
def test_eigenvalues_and_loadings_are_those_of_scikit_learn(seed: int, members: int) -> None:
    values = sample(seed, members=members)
    found = components(values, names(values), "g")
    assert found is not None
    standardised = (values - values.mean(axis=0)) / values.std(axis=0, ddof=1)
    peer = PCA().fit(standardised)
    assert found.eigenvalues == pytest.approx(peer.explained_variance_, abs=1e-9)
    assert found.explained == pytest.approx(peer.explained_variance_ratio_, abs=1e-9)
    loadings = peer.components_.T * np.sqrt(peer.explained_variance_)
    assert np.abs(found.loadings) == pytest.approx(np.abs(loadings), abs=1e-6)
    assert found.loadings @ found.loadings.T == pytest.approx(np.corrcoef(values.T), abs=1e-9)
    assert (found.loadings.max(axis=0) >= np.abs(found.loadings).max(axis=0) - 1e-12).all()


def test_how_many_components_are_kept_and_needed() -> None:
    generator = np.random.default_rng(1)
    one, other = generator.normal(size=(2, 200, 1))
    values = np.hstack([one + 0.1 * generator.normal(size=(200, 2)), other + 0.1 * generator.normal(size=(200, 2))])
    found = components(values, names(values))
    assert found is not None
    assert (found.kaiser, found.needed) == (2, 2)
    assert found.cumulative[-1] == pytest.approx(1.0)


def test_rows_with_gaps_are_left_out() -> None:
    values = sample(2)
    values[0, 0] = math.nan
    found, complete = components(values, names(values)), components(values[1:], names(values))
    assert found is not None
    assert complete is not None
    assert found.rows == len(values) - 1
    assert found.eigenvalues == pytest.approx(complete.eigenvalues)


def test_adequacy_of_two_members_is_one_half_whatever_they_are() -> None:
    values = sample(3, members=2)
    found = components(values, names(values))
    assert found is not None
    assert found.adequacy == pytest.approx(0.5)


def test_sphericity_tells_members_that_go_together_from_members_that_do_not() -> None:
    generator = np.random.default_rng(4)
    apart = components(generator.normal(size=(100, 4)), ["a", "b", "c", "d"])
    together = components(sample(4, rows=100), ["a", "b", "c", "d"])
    assert apart is not None
    assert together is not None
    assert together.sphericity < 1e-6 < 0.01 < apart.sphericity


def test_members_that_determine_each_other_have_no_adequacy() -> None:
    values = sample(5, members=2)
    found = components(np.column_stack([values, values.sum(axis=1)]), ["a", "b", "c"])
    assert found is not None
    assert math.isnan(found.adequacy)


@pytest.mark.parametrize("values", [np.ones((5, 2)), np.full((5, 2), np.nan), np.arange(10.0).reshape(10, 1)])
def test_values_without_anything_to_tell_apart_have_no_components(values: np.ndarray) -> None:
    assert components(values, names(values)) is None
