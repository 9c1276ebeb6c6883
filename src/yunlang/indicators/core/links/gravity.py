"""Gravity models: the links that the sizes of two units and their distance let expect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from yunlang.indicators.core.links.errors import GravityDataError, GravityNotFittedError
from yunlang.indicators.core.links.matrix import Floats, LinkMatrix, Mask, off_diagonal, pair_places, single
from yunlang.indicators.core.links.poisson import poisson_coefficients
from yunlang.kit.language import Bilingual

Method = Literal["ols", "ppml"]

_MASSES, _DISTANCES = Bilingual("规模", "masses"), Bilingual("距离", "distances")
_TOO_FEW = Bilingual(
    "可用的联系为 {links} 条，少于待估参数加一（{needed}）", "{links} links can be used, {needed} are needed"
)
_UNDETERMINED = Bilingual(
    "规模或距离没有足够的差异，参数无法确定", "masses or distances do not differ enough to tell their effects apart"
)


@dataclass(frozen=True, slots=True, eq=False)
class GravityFit:
    """A fitted gravity model.

    Attributes
    ----------
    method
        ``ols`` or ``ppml``.
    constant
        The logarithm of the link between units of mass 1 at distance 1.
    origin, destination
        Elasticities of the link to the masses of its ends; the same where links have no direction.
    distance
        Elasticity to the distance, in most networks below zero.
    standard_errors
        Of the coefficients fitted, robust to unequal variances (HC1), in the order constant, origin, destination,
        distance, or constant, mass, distance where links have no direction.
    expected
        Shape (n, n): the links expected between different units; NaN on the diagonal and where a mass is not known.
    used
        How many links it was fitted to.
    """

    method: Method
    constant: float
    origin: float
    destination: float
    distance: float
    standard_errors: tuple[float, ...]
    expected: Floats
    used: int


def gravity_fit(links: LinkMatrix, masses: ArrayLike, distances: ArrayLike, *, method: Method = "ppml") -> GravityFit:
    """Fit T_ij = exp(c) · M_i^a · M_j^b · d_ij^g to the links between different units of one period.

    Parameters
    ----------
    links
        A single matrix. Links that are not known are left out; so are, by ``ols``, those of zero, which have no
        logarithm.
    masses
        Shape (n,), positive, in any unit; NaN where not known, which leaves the unit's links out.
    distances
        Shape (n, n), positive between different units, in any unit.
    method
        ``ols`` regresses the logarithm of links; its expectation is the exponential of the fitted logarithm, biased
        where the variance depends on masses or distance. ``ppml``, Poisson pseudo-maximum likelihood, takes zeros, is
        consistent for any variance, and expects as much in all as there was.

    Raises
    ------
    GravityDataError
        When masses or distances are not positive, or of another shape than the links.
    GravityNotFittedError
        When there are too few links, masses or distances do not differ, or the likelihood has no maximum.

    References
    ----------
    Tinbergen, J. (1962). Shaping the World Economy. Twentieth Century Fund.
    Santos Silva, J. M. C., & Tenreyro, S. (2006). The log of gravity. Review of Economics and Statistics, 88(4),
    641–658.
    """
    sizes, ways = _data(links, masses, distances)
    rows, columns = pair_places(links.size, directed=links.directed)
    design, values = _design(links, sizes, ways), links.values[rows, columns]
    pairs = design[rows, columns]
    usable = ~np.isnan(values) & ~np.isnan(pairs).any(axis=-1)
    if method == "ols":
        usable &= values > 0
    coefficients, errors = _fitted(pairs[usable], values[usable], method)
    expected = np.exp(design @ coefficients)
    np.fill_diagonal(expected, np.nan)
    origin, destination = coefficients[1], coefficients[-2]
    return GravityFit(
        method, float(coefficients[0]), float(origin), float(destination), float(coefficients[-1]),
        tuple(map(float, errors)), expected, int(usable.sum()),
    )  # fmt: skip


def observed_over_expected(links: LinkMatrix, expected: ArrayLike) -> Floats:
    """Return how many times as strong each link is as expected.

    Parameters
    ----------
    expected
        Shape of the links' values, positive; NaN where nothing is expected.

    Returns
    -------
    ndarray
        Shape of the links' values, NaN on the diagonal, and where a link or its expectation is not known.
    """
    wanted = single(expected)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(wanted > 0, links.values / wanted, np.nan)
    return np.asarray(np.where(off_diagonal(links.size), found, np.nan))


def _data(links: LinkMatrix, masses: ArrayLike, distances: ArrayLike) -> tuple[Floats, Floats]:
    sizes, ways = single(masses), single(distances)
    if sizes.shape != (links.size,) or bool((sizes <= 0).any()) or bool(np.isinf(sizes).any()):
        raise GravityDataError(what=_MASSES, expected=(links.size,))
    expected = (links.size, links.size)
    if links.values.shape != expected or ways.shape != expected or not _positive(ways):
        raise GravityDataError(what=_DISTANCES, expected=expected)
    np.fill_diagonal(ways, np.nan)
    return sizes, ways


def _positive(ways: Floats) -> bool:
    between: Mask = off_diagonal(len(ways))
    return bool(((ways[between] > 0) & np.isfinite(ways[between])).all())


def _design(links: LinkMatrix, sizes: Floats, ways: Floats) -> Floats:
    """Return the regressors of every pair, shape (n, n, 4), or (n, n, 3) where links have no direction."""
    logs, far = np.log(sizes), np.log(ways)
    start, end = np.broadcast_arrays(logs[:, np.newaxis], logs)
    ones = np.ones_like(far)
    return np.stack([ones, start, end, far] if links.directed else [ones, start + end, far], axis=-1)


def _fitted(pairs: Floats, values: Floats, method: Method) -> tuple[Floats, Floats]:
    needed = pairs.shape[1] + 1
    if len(pairs) < needed:
        raise GravityNotFittedError(reason=_TOO_FEW.format(links=len(pairs), needed=needed))
    if np.linalg.matrix_rank(pairs - pairs.mean(axis=0)) < pairs.shape[1] - 1:
        raise GravityNotFittedError(reason=_UNDETERMINED)
    if method == "ols":
        coefficients = np.linalg.lstsq(pairs, np.log(values), rcond=None)[0]
        residuals, weights = np.log(values) - pairs @ coefficients, np.ones(len(values))
    else:
        coefficients = poisson_coefficients(pairs, values)
        weights = np.exp(pairs @ coefficients)
        residuals = values - weights
    return np.asarray(coefficients, dtype=np.float64), _robust_errors(pairs, residuals, weights)


def _robust_errors(pairs: Floats, residuals: Floats, weights: Floats) -> Floats:
    """Return standard errors by the sandwich (White 1980) with the correction n / (n − k)."""
    count, size = pairs.shape
    bread = np.linalg.pinv(pairs.T @ (weights[:, np.newaxis] * pairs))
    filling = pairs.T @ (np.square(residuals)[:, np.newaxis] * pairs)
    return np.asarray(np.sqrt(np.clip(np.diagonal(bread @ filling @ bread) * count / (count - size), 0.0, None)))
