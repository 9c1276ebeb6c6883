"""How much of what could be linked is linked."""

from __future__ import annotations

import numpy as np

from yunlang.indicators.core.links.errors import LinkMaximumError
from yunlang.indicators.core.links.matrix import Floats, LinkMatrix


def density(links: LinkMatrix) -> Floats:
    """Return the share of pairs of units that are linked at all.

    Returns
    -------
    ndarray
        Scalar or shape (periods,), between 0 and 1, of the pairs whose link is known; NaN where none is.

    References
    ----------
    Wasserman, S., & Faust, K. (1994). Social Network Analysis. Cambridge University Press, §4.1.3, §4.3.3.
    """
    pairs = links.pair_values()
    return _mean_of_known(np.where(np.isnan(pairs), np.nan, pairs > 0))


def valued_density(links: LinkMatrix, maximum: float) -> Floats:
    """Return the mean link between different units, as a share of the largest that could be.

    Parameters
    ----------
    maximum
        The largest link there could be, in the unit of the links.

    Returns
    -------
    ndarray
        Scalar or shape (periods,), between 0 and 1, of the pairs whose link is known; NaN where none is.

    Raises
    ------
    LinkMaximumError
        When `maximum` is not positive, or a link exceeds it.

    References
    ----------
    Wasserman & Faust (1994), §4.4.2.
    """
    pairs = links.pair_values()
    largest = float(np.nanmax(pairs, initial=0.0))
    if not maximum > 0 or largest > maximum:
        raise LinkMaximumError(maximum=f"{maximum:g}", found=f"{largest:g}")
    return _mean_of_known(pairs / maximum)


def _mean_of_known(pairs: Floats) -> Floats:
    known = ~np.isnan(pairs)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nansum(pairs, axis=-1) / np.where(known.any(axis=-1), known.sum(axis=-1), np.nan))
