"""How far a network hangs on few of its units, and how unevenly something is spread over units."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from yunlang.indicators.core.links.errors import InequalityError
from yunlang.indicators.core.links.matrix import Floats, LinkMatrix, single
from yunlang.indicators.core.links.strength import degree, strength


def degree_centralisation(links: LinkMatrix) -> Floats:
    """Return how near the network is to a star, in which one unit is linked with all and the others with it alone.

    Returns
    -------
    ndarray
        Scalar or shape (periods,), between 0 (all have as many partners) and 1 (a star); NaN with fewer than three
        units, or where a link is not known.

    References
    ----------
    Freeman (1978), Centrality in social networks: conceptual clarification.
    """
    partners = degree(links.symmetrised())
    return _over(partners.max(axis=-1) * links.size - partners.sum(axis=-1), (links.size - 1) * (links.size - 2))


def strength_centralisation(links: LinkMatrix) -> Floats:
    """Return Freeman's centralisation of strengths: differences to the strongest over the most there can be.

    The strongest unit's links end at others, so the differences add up to at most n − 2 times its strength; they do so
    in a star, and where two units alone are linked.

    Returns
    -------
    ndarray
        Scalar or shape (periods,), between 0 (all equally strong) and 1; NaN with fewer than three units, where
        nothing is linked or a link is not known.

    References
    ----------
    Freeman (1978), for valued links.
    """
    strengths = strength(links.symmetrised())
    most = strengths.max(axis=-1)
    return _over(most * links.size - strengths.sum(axis=-1), most * (links.size - 2))


def gini(values: ArrayLike) -> Floats:
    """Return the Gini coefficient along the last axis.

    Parameters
    ----------
    values
        Shape (…, n), at least 0; those that are not known (NaN) are left out.

    Returns
    -------
    ndarray
        Shape (…), from 0 (all equal) to (m − 1)/m with m known values; NaN where none is known or all are zero.

    Raises
    ------
    InequalityError
        When a value is below zero or infinite.

    References
    ----------
    Gini, C. (1912). Variabilità e mutabilità. Bologna; Sen, A. (1973). On Economic Inequality. Oxford, §2.6.
    """
    ordered = np.sort(_amounts(values), axis=-1)
    known = ~np.isnan(ordered)
    count = known.sum(axis=-1)
    ranks = np.arange(1, ordered.shape[-1] + 1)
    spread = np.where(known, (2 * ranks - count[..., np.newaxis] - 1) * np.nan_to_num(ordered), 0.0).sum(axis=-1)
    return _over(spread, count * np.nansum(ordered, axis=-1))


def theil(values: ArrayLike) -> Floats:
    """Return Theil's T along the last axis.

    Parameters
    ----------
    values
        Shape (…, n), at least 0; those that are not known (NaN) are left out. A zero adds nothing.

    Returns
    -------
    ndarray
        Shape (…), from 0 (all equal) to ln m with m known values; NaN where none is known or all are zero.

    Raises
    ------
    InequalityError
        When a value is below zero or infinite.

    References
    ----------
    Theil, H. (1967). Economics and Information Theory. North-Holland, ch. 4.
    """
    amounts = _amounts(values)
    count = (~np.isnan(amounts)).sum(axis=-1)
    shares = _over(np.nan_to_num(amounts), np.nansum(amounts, axis=-1)[..., np.newaxis])
    logs = np.log(shares * count[..., np.newaxis], where=shares > 0, out=np.zeros_like(shares))
    return np.asarray(np.maximum((shares * logs).sum(axis=-1), 0.0))


def _amounts(values: ArrayLike) -> Floats:
    amounts = single(values)
    if (amounts < 0).any() or np.isinf(amounts).any():
        raise InequalityError
    return amounts


def _over(part: ArrayLike, whole: ArrayLike) -> Floats:
    """Return a quotient, NaN where nothing is divided by."""
    below = np.asarray(whole, dtype=np.float64)
    return np.asarray(np.asarray(part) / np.where(below > 0, below, np.nan))
