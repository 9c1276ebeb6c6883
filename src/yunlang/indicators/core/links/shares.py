"""What part of all links leads from one unit to another, and what part is returned."""

from __future__ import annotations

import numpy as np

from yunlang.indicators.core.links.matrix import Floats, LinkMatrix


def cross_share(links: LinkMatrix) -> Floats:
    """Return the share of all links that leads from one unit to another, each link counted once.

    Returns
    -------
    ndarray
        Scalar or shape (periods,), between 0 and 1; NaN where nothing is linked, or where what stays inside a unit or
        goes to another is not known.
    """
    crossing = links.pair_values().sum(axis=-1)
    return _share(crossing, crossing + links.inside.sum(axis=-1))


def unit_cross_shares(links: LinkMatrix) -> Floats:
    """Return the share of each unit's own links that other units have part in.

    Returns
    -------
    ndarray
        Shape (n,) or (periods, n), between 0 and 1; NaN where a unit has no link, or one of its links is not known.
    """
    crossing = links.symmetrised().between.sum(axis=-1)
    return _share(crossing, crossing + links.inside)


def reciprocity(links: LinkMatrix) -> Floats:
    """Return the share of what goes between units that is returned: of each pair, twice the smaller way.

    Pairs of which one way is not known are left out.

    Returns
    -------
    ndarray
        Scalar or shape (periods,), from 0 (nothing comes back) to 1 (as much both ways, always so where links have no
        direction); NaN where nothing is linked.

    References
    ----------
    Squartini, T., Picciolo, F., Ruzzenenti, F., & Garlaschelli, D. (2013). Reciprocity of weighted networks. Scientific
    Reports, 3, 2729.
    """
    values = links.between
    other = np.swapaxes(values, -1, -2)
    known = ~np.isnan(values + other)
    returned = np.where(known, np.fmin(values, other), 0.0).sum(axis=(-2, -1))
    return _share(returned, np.where(known, values, 0.0).sum(axis=(-2, -1)))


def _share(part: Floats, whole: Floats) -> Floats:
    return np.asarray(part / np.where(np.asarray(whole) > 0, whole, np.nan))
