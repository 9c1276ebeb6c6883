"""Measures of the network: hand-computed cases, bounds, and what must not change them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.indicators.core.links.strategies import AMOUNTS, link_matrices, of, with_order
from yunlang.indicators.core.links.concentration import degree_centralisation, gini, strength_centralisation, theil
from yunlang.indicators.core.links.density import density, valued_density
from yunlang.indicators.core.links.eigenvector import eigenvector_centrality
from yunlang.indicators.core.links.errors import InequalityError, LinkMaximumError
from yunlang.indicators.core.links.matrix import Floats, LinkMatrix
from yunlang.indicators.core.links.paths import betweenness_centrality, closeness_centrality
from yunlang.indicators.core.links.shares import cross_share, reciprocity, unit_cross_shares
from yunlang.indicators.core.links.strength import degree, degree_centrality, strength

Measure = Callable[[LinkMatrix], Floats]
NAN = np.nan
OF_NETWORK: list[Measure] = [
    density, degree_centralisation, strength_centralisation, cross_share, reciprocity,
    lambda links: gini(strength(links)),
]  # fmt: skip
OF_UNITS: list[Measure] = [
    degree_centrality, eigenvector_centrality, closeness_centrality, betweenness_centrality, unit_cross_shares,
]  # fmt: skip
STAR = [[0, 2, 2, 2], [2, 0, 0, 0], [2, 0, 0, 0], [2, 0, 0, 0]]
RING = [[0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]]


def test_strength_and_degree_by_direction() -> None:
    links = of([[9, 1, 2], [0, 9, 4], [0, 3, 9]])
    assert strength(links, "out").tolist() == [3, 4, 3]
    assert strength(links, "in").tolist() == [0, 4, 6]
    assert strength(links).tolist() == [3, 8, 9]
    assert degree(links, "out").tolist() == [2, 1, 1]
    assert degree(links, "in").tolist() == [0, 2, 2]
    assert degree(links).tolist() == [2, 2, 2]


def test_density_counts_links_there_are_of_those_there_could_be() -> None:
    assert density(of([[0, 1, 0], [0, 0, 5], [0, 0, 0]])) == pytest.approx(2 / 6)
    assert density(of(RING, directed=False)) == pytest.approx(4 / 6)
    assert valued_density(of([[0, 1, 0], [0, 0, 5], [0, 0, 0]]), 10) == pytest.approx(6 / 60)


def test_density_is_of_the_known_links() -> None:
    assert density(of([[0, NAN], [1, 0]])) == 1
    assert np.isnan(density(of([[0, NAN], [NAN, 0]])))


@pytest.mark.parametrize("maximum", [0, -1, 4.9, NAN])
def test_no_link_exceeds_the_maximum_of_a_valued_density(maximum: float) -> None:
    with pytest.raises(LinkMaximumError):
        valued_density(of([[0, 5], [0, 0]]), maximum)


def test_a_star_is_wholly_centralised_and_a_ring_not_at_all() -> None:
    for measure in (degree_centralisation, strength_centralisation):
        assert measure(of(STAR, directed=False)) == pytest.approx(1)
        assert measure(of(RING, directed=False)) == pytest.approx(0)


def test_the_middle_of_a_star_stands_between_all_others() -> None:
    links = of(STAR, directed=False)
    assert betweenness_centrality(links).tolist() == [1, 0, 0, 0]
    assert closeness_centrality(links) == pytest.approx([1, 3 / 5, 3 / 5, 3 / 5])
    assert eigenvector_centrality(links) == pytest.approx([1, *[1 / np.sqrt(3)] * 3])


def test_ways_equally_long_share_one() -> None:
    assert betweenness_centrality(of(RING, directed=False)) == pytest.approx([1 / 6] * 4)


def test_parts_that_are_not_linked_share_the_eigenvector_when_they_are_alike() -> None:
    twins = [[0, 3, 0, 0], [3, 0, 0, 0], [0, 0, 0, 3], [0, 0, 3, 0]]
    assert eigenvector_centrality(of(twins, directed=False)) == pytest.approx([1, 1, 1, 1])


def test_shares_of_links_that_cross() -> None:
    links = of([[6, 1, 0], [2, 0, 0], [0, 0, 0]])
    assert cross_share(links) == pytest.approx(3 / 9)
    assert unit_cross_shares(links) == pytest.approx([3 / 9, 1, NAN], nan_ok=True)


def test_reciprocity_is_what_comes_back() -> None:
    assert reciprocity(of([[0, 3], [1, 0]])) == pytest.approx(2 / 4)
    assert reciprocity(of([[0, 3], [0, 0]])) == 0
    assert reciprocity(of([[0, 3, NAN], [3, 0, 7], [9, 7, 0]])) == 1


def test_gini_and_theil_of_known_values() -> None:
    assert gini([1, 3]) == pytest.approx(0.25)
    assert gini([0, 0, 0, 8]) == pytest.approx(0.75)
    assert theil([0, 0, 0, 8]) == pytest.approx(np.log(4))
    assert theil([1, 3]) == pytest.approx((0.5 * np.log(0.5) + 1.5 * np.log(1.5)) / 2)
    assert gini([[1, 3], [5, 5]]) == pytest.approx([0.25, 0])


@pytest.mark.parametrize("measure", [gini, theil])
def test_inequality_is_of_known_values_and_has_none_where_there_is_nothing(measure: Callable[..., Floats]) -> None:
    assert measure([1, NAN, 3]) == pytest.approx(measure([1, 3]))
    for nothing in ([0, 0], [NAN, NAN]):
        assert np.isnan(measure(nothing))
    for wrong in ([1, -1], [1, np.inf]):
        with pytest.raises(InequalityError):
            measure(wrong)


@given(st.lists(AMOUNTS, min_size=1, max_size=12), st.sampled_from([0.25, 3, 1e6]))
def test_inequality_is_bounded_and_has_no_unit(values: list[float], scale: float) -> None:
    assume(sum(values) > 0)
    assert -1e-12 <= gini(values) <= 1 - 1 / len(values) + 1e-12
    assert 0 <= theil(values) <= np.log(len(values)) + 1e-12
    for measure in (gini, theil):
        assert measure(np.array(values) * scale) == pytest.approx(measure(values), abs=1e-12)
        assert measure([*values, *values]) == pytest.approx(measure(values), abs=1e-12)


@pytest.mark.parametrize("measure", OF_NETWORK + OF_UNITS)
@given(drawn=with_order(link_matrices(unknown=True)))
def test_the_order_of_units_does_not_matter(measure: Measure, drawn: tuple[LinkMatrix, list[int]]) -> None:
    links, order = drawn
    found, moved = measure(links), measure(links.reordered([links.codes[place] for place in order]))
    np.testing.assert_allclose(moved, found[order] if found.ndim else found, atol=1e-9)


@pytest.mark.parametrize("measure", OF_NETWORK + OF_UNITS)
@given(links=link_matrices(unknown=True), scale=st.sampled_from([0.25, 3.0, 1e6]))
def test_the_unit_of_the_links_does_not_matter(measure: Measure, links: LinkMatrix, scale: float) -> None:
    scaled = LinkMatrix(links.codes, links.values * scale, directed=links.directed)
    np.testing.assert_allclose(measure(scaled), measure(links), atol=1e-9)


@pytest.mark.parametrize("measure", [one for one in OF_NETWORK + OF_UNITS if one is not closeness_centrality])
@given(links=link_matrices(unknown=True))
def test_what_is_a_share_lies_between_nothing_and_all(measure: Measure, links: LinkMatrix) -> None:
    found = measure(links)
    known = found[~np.isnan(found)]
    assert ((known >= -1e-9) & (known <= 1 + 1e-9)).all()


@pytest.mark.parametrize("measure", [eigenvector_centrality, closeness_centrality, betweenness_centrality])
@given(links=link_matrices(least=3, unknown=True))
def test_a_measure_of_the_graph_is_not_known_where_a_link_is_not(measure: Measure, links: LinkMatrix) -> None:
    assert np.isnan(measure(links)).all() == np.isnan(links.between).any()


@given(link_matrices(unknown=True))
def test_a_sum_is_not_known_where_a_part_is_not(links: LinkMatrix) -> None:
    for direction, axis in (("out", -1), ("in", -2)):
        unknown = np.isnan(links.between).any(axis=axis)
        assert (np.isnan(strength(links, direction)) == unknown).all()  # type: ignore[arg-type]
        assert (np.isnan(degree(links, direction)) == unknown).all()  # type: ignore[arg-type]


@given(link_matrices())
def test_what_goes_out_comes_in(links: LinkMatrix) -> None:
    assert strength(links, "out").sum() == strength(links, "in").sum()
    assert strength(links).sum() == strength(links.symmetrised()).sum()


@given(link_matrices(directed=False, least=2))
def test_links_without_direction_are_wholly_returned(links: LinkMatrix) -> None:
    found = reciprocity(links)
    assert np.isnan(found) if not links.between.any() else found == 1


@pytest.mark.parametrize("measure", OF_NETWORK + OF_UNITS)
@given(first=link_matrices(least=4, most=4, directed=True), second=link_matrices(least=4, most=4, directed=True))
def test_several_periods_at_once_are_each_period_alone(measure: Measure, first: LinkMatrix, second: LinkMatrix) -> None:
    both = LinkMatrix(first.codes, np.stack([first.values, second.values]), periods=("2024", "2025"))
    np.testing.assert_array_equal(measure(both), np.stack([measure(first), measure(second)]))
