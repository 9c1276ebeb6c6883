"""Who is linked with those who are well linked."""

from __future__ import annotations

import numpy as np

from yunlang.indicators.core.links.matrix import Floats, LinkMatrix
from yunlang.indicators.core.links.periods import each_period

_TIE = 1e-9


def eigenvector_centrality(links: LinkMatrix) -> Floats:
    """Return each unit's share in the dominant eigenvector of the links, those of both directions taken together.

    Several parts of a network that are not linked with each other and whose eigenvalues are the same share the vector
    equally, so that the result depends on nothing but the links.

    Returns
    -------
    ndarray
        Shape (n,) or (periods, n), between 0 and 1, the largest 1; zero for all where nothing is linked; NaN for all
        where a link is not known. Without unit: ten times the links, the same centrality.

    References
    ----------
    Bonacich, P. (1972). Factoring and weighting approaches to status scores and clique identification. Journal of
    Mathematical Sociology, 2(1), 113–120.
    """
    return each_period(links.symmetrised(), _dominant)


def _dominant(values: Floats) -> Floats:
    largest = values.max(initial=0.0)
    if largest == 0.0:
        return np.zeros(len(values))
    eigenvalues, vectors = np.linalg.eigh(values / largest)
    leading = vectors[:, eigenvalues >= eigenvalues[-1] * (1 - _TIE)]
    # The even vector, seen in the space of the leading ones, has no sign or turn to choose.
    shares = np.clip(leading @ leading.sum(axis=0), 0.0, None)
    return np.asarray(shares / shares.max())
