"""Centralities beside NetworkX, and Poisson regression beside scikit-learn: the same numbers from other code."""

from __future__ import annotations

import networkx
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.linear_model import PoissonRegressor

from tests.indicators.core.links.strategies import link_matrices
from yunlang.indicators.core.links.eigenvector import eigenvector_centrality
from yunlang.indicators.core.links.gravity import gravity_fit
from yunlang.indicators.core.links.matrix import LinkMatrix, pair_places
from yunlang.indicators.core.links.paths import betweenness_centrality, closeness_centrality, lengths
from yunlang.indicators.core.links.shares import reciprocity
from yunlang.indicators.core.links.strength import degree, strength


def graph(links: LinkMatrix) -> networkx.DiGraph:
    made = networkx.DiGraph()
    made.add_nodes_from(links.codes)
    step = lengths(links.between)
    for row, column in np.argwhere(links.between > 0):
        size = links.values[row, column]
        made.add_edge(links.codes[row], links.codes[column], weight=size, length=step[row, column])
    return made


def listed(links: LinkMatrix, found: dict[str, float]) -> list[float]:
    return [found[code] for code in links.codes]


@st.composite
def uneven(draw: st.DrawFn) -> LinkMatrix:
    """Draw links of which no two ways are equally long, for NetworkX compares lengths digit by digit."""
    size = draw(st.integers(3, 7))
    there = draw(st.lists(st.booleans(), min_size=size * size, max_size=size * size))
    sizes = np.random.default_rng(draw(st.integers(0, 10**6))).uniform(0.5, 20, (size, size))
    return LinkMatrix(tuple(map(str, range(size))), np.where(np.reshape(there, (size, size)), sizes, 0.0))


@given(uneven())
def test_centralities_by_shortest_ways_agree_with_networkx(links: LinkMatrix) -> None:
    peer = graph(links)
    closeness = networkx.closeness_centrality(peer, distance="length")
    betweenness = networkx.betweenness_centrality(peer, weight="length")
    np.testing.assert_allclose(closeness_centrality(links), listed(links, closeness), atol=1e-9)
    np.testing.assert_allclose(betweenness_centrality(links), listed(links, betweenness), atol=1e-9)


@given(uneven())
def test_the_eigenvector_agrees_with_networkx_where_all_units_are_linked(links: LinkMatrix) -> None:
    whole = links.symmetrised()
    peer = graph(whole).to_undirected()
    assume(networkx.is_connected(peer))
    expected = np.array(listed(links, networkx.eigenvector_centrality_numpy(peer, weight="weight")))
    np.testing.assert_allclose(eigenvector_centrality(links), expected / expected.max(), atol=1e-7)


@given(link_matrices(directed=True, least=2))
def test_degrees_strengths_and_reciprocity_agree_with_networkx(links: LinkMatrix) -> None:
    peer = graph(links)
    assert degree(links, "out").tolist() == listed(links, dict(peer.out_degree()))
    assert degree(links, "in").tolist() == listed(links, dict(peer.in_degree()))
    assert strength(links, "out").tolist() == listed(links, dict(peer.out_degree(weight="weight")))
    there = LinkMatrix(links.codes, (links.values > 0).astype(float))
    if peer.number_of_edges():
        assert reciprocity(there) == pytest.approx(networkx.overall_reciprocity(peer))


@given(st.integers(0, 10**6), st.booleans())
def test_poisson_regression_agrees_with_scikit_learn(seed: int, directed: bool) -> None:
    random = np.random.default_rng(seed)
    masses, places = random.uniform(50, 20_000, 9), random.uniform(0, 400, (9, 2))
    ways = np.linalg.norm(places[:, None] - places, axis=-1) + np.eye(9)
    rates = 0.02 * np.sqrt(masses[:, None] * masses) / ways**0.5
    values = random.poisson(rates + rates.T).astype(float)
    values = values if directed else np.triu(values) + np.triu(values, 1).T
    links = LinkMatrix(tuple(map(str, range(9))), values, directed=directed)
    fit = gravity_fit(links, masses, ways)
    rows, columns = pair_places(9, directed=directed)
    ends = np.log(masses[rows]), np.log(masses[columns])
    inputs = np.column_stack([*(ends if directed else [sum(ends)]), np.log(ways[rows, columns])])
    middle, spread = inputs.mean(axis=0), inputs.std(axis=0)
    peer = PoissonRegressor(alpha=0, solver="newton-cholesky", tol=1e-10, max_iter=500)
    peer.fit((inputs - middle) / spread, values[rows, columns])
    expected = peer.predict((inputs - middle) / spread)
    np.testing.assert_allclose(fit.expected[rows, columns], expected, rtol=1e-6)
