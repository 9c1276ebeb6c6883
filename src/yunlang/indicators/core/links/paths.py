"""Shortest paths through links: near are those who share much, and who stands in between is hard to go round."""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_triangular
from scipy.sparse.csgraph import shortest_path

from yunlang.indicators.core.links.matrix import Floats, LinkMatrix, Mask
from yunlang.indicators.core.links.periods import each_period

# Lengths are quotients, so that two equally long ways may differ in the last digits.
_TIE = 1e-9


def closeness_centrality(links: LinkMatrix) -> Floats:
    """Return how near each unit is to the others, by the ways that lead to it.

    A link's length is the mean of all links there are over the link itself, so that the measure has no unit. Where not
    all units can reach one, its closeness among those that can is multiplied by their share (Wasserman & Faust 1994).

    Returns
    -------
    ndarray
        Shape (n,) or (periods, n), at least 0; NaN for all where a link is not known.

    References
    ----------
    Newman, M. E. J. (2001). Scientific collaboration networks II. Physical Review E, 64, 016132.
    Opsahl, T., Agneessens, F., & Skvoretz, J. (2010). Node centrality in weighted networks. Social Networks, 32(3),
    245–251.
    """
    return each_period(links, _closeness)


def betweenness_centrality(links: LinkMatrix) -> Floats:
    """Return the share of shortest ways between other units that lead through each unit.

    Lengths are as in `closeness_centrality`; ways equally long share one.

    Returns
    -------
    ndarray
        Shape (n,) or (periods, n), between 0 and 1; 0 with fewer than three units, NaN for all where a link is not
        known.

    References
    ----------
    Freeman, L. C. (1977). A set of measures of centrality based on betweenness. Sociometry, 40(1), 35–41.
    Brandes, U. (2001). A faster algorithm for betweenness centrality. Journal of Mathematical Sociology, 25(2),
    163–177.
    """
    return each_period(links, _betweenness)


def lengths(values: Floats) -> Floats:
    """Return the length of each link, shape (n, n): infinite where there is none, 1 for a link of average size."""
    there = values > 0
    found = np.full(values.shape, np.inf)
    if there.any():
        found[there] = values[there].mean() / values[there]
    return found


def _closeness(values: Floats) -> Floats:
    size = len(values)
    ways = shortest_path(lengths(values), method="FW")
    reached = np.isfinite(ways)
    count = reached.sum(axis=0) - 1
    total = np.where(reached, ways, 0.0).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(count > 0, count / total * count / max(size - 1, 1), 0.0))


def _betweenness(values: Floats) -> Floats:
    size = len(values)
    if size < 3:
        return np.zeros(size)
    step = lengths(values)
    ways = shortest_path(step, method="FW")
    counts = _path_counts(step, ways)
    reached = np.isfinite(ways) & ~np.eye(size, dtype=bool)
    found = np.zeros(size)
    for middle in range(size):
        detour = ways[:, middle, np.newaxis] + ways[middle]
        through = reached & _same(detour, ways)
        through[middle] = through[:, middle] = False
        found[middle] = (np.outer(counts[:, middle], counts[middle])[through] / counts[through]).sum()
    return found / ((size - 1) * (size - 2))


def _path_counts(step: Floats, ways: Floats) -> Floats:
    """Return how many shortest ways lead from each unit to each, shape (n, n).

    Taken by distance from the start, the ways to a unit are the sum of those to the units just before it: a triangular
    system of ones, which floats solve exactly.
    """
    counts = np.empty_like(step)
    for start, row in enumerate(ways):
        order = np.argsort(row, kind="stable")
        near = row[order]
        before = _same(near[:, np.newaxis] + step[np.ix_(order, order)], near) & np.isfinite(near)
        first = (order == start).astype(np.float64)
        counts[start, order] = solve_triangular(-before.T.astype(np.float64), first, lower=True, unit_diagonal=True)
    return counts


def _same(way: Floats, shortest: Floats) -> Mask:
    """Tell which ways are no longer than the shortest, but for the last digits."""
    return np.asarray(way <= shortest * (1 + _TIE))
