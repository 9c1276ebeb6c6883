"""How many partners each unit has, and how much it shares with them."""

from __future__ import annotations

from typing import Literal

import numpy as np

from yunlang.indicators.core.links.matrix import Floats, LinkMatrix

Direction = Literal["all", "out", "in"]


def strength(links: LinkMatrix, direction: Direction = "all") -> Floats:
    """Return the sum of each unit's links with other units.

    Parameters
    ----------
    direction
        ``out`` for what starts at the unit, ``in`` for what ends there, ``all`` for both together. Where links have no
        direction all three are the same.

    Returns
    -------
    ndarray
        Shape (n,) or (periods, n), in the unit of the links; NaN where one of the unit's links is not known.

    References
    ----------
    Barrat, A., Barthélemy, M., Pastor-Satorras, R., & Vespignani, A. (2004). The architecture of complex weighted
    networks. PNAS, 101(11), 3747–3752.
    """
    return _summed(links, links.between, direction)


def degree(links: LinkMatrix, direction: Direction = "all") -> Floats:
    """Return how many other units each unit is linked with.

    A partner that a unit is linked with both ways counts once in ``all``.

    Returns
    -------
    ndarray
        Shape (n,) or (periods, n), between 0 and n − 1; NaN where one of the unit's links is not known.

    References
    ----------
    Freeman, L. C. (1978). Centrality in social networks: conceptual clarification. Social Networks, 1(3), 215–239.
    """
    values = links.between
    if links.directed and direction == "all":
        values = values + np.swapaxes(values, -1, -2)
    there = np.where(np.isnan(values), np.nan, values > 0)
    return np.asarray(there.sum(axis=-2 if direction == "in" else -1))


def degree_centrality(links: LinkMatrix, direction: Direction = "all") -> Floats:
    """Return the share of the other units that each unit is linked with, between 0 and 1; shapes as in `degree`."""
    return degree(links, direction) / max(links.size - 1, 1)


def _summed(links: LinkMatrix, values: Floats, direction: Direction) -> Floats:
    if direction == "in":
        return np.asarray(values.sum(axis=-2))
    outgoing = np.asarray(values.sum(axis=-1))
    if direction == "out" or not links.directed:
        return outgoing
    return np.asarray(outgoing + values.sum(axis=-2))
