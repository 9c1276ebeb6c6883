"""Whether the members of a group measure one thing: Cronbach's alpha."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yunlang.indicators.core.correlation import correlations
from yunlang.indicators.core.framework import Floats


@dataclass(frozen=True, slots=True)
class ItemReliability:
    """What one member does to its group's reliability.

    Attributes
    ----------
    alpha_without
        Alpha of the others; NaN where only one is left.
    correlation_with_rest
        With the sum of the others.
    """

    code: str
    alpha_without: float
    correlation_with_rest: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """A group's reliability.

    Attributes
    ----------
    alpha
        Of the values as they are.
    standardised
        Of values brought to the same variance: from correlations alone.
    """

    code: str
    alpha: float
    standardised: float
    items: tuple[ItemReliability, ...]


def reliability(values: Floats, codes: Sequence[str], group: str = "") -> Reliability:
    """Return Cronbach's alpha of a group, and what it would be without each member.

    k / (k − 1) · (1 − Σ variances / Σ covariances); covariances are taken over the rows that both members have, as
    COINr's `get_cronbach` does. Cronbach, "Coefficient alpha and the internal structure of tests", Psychometrika 16
    (1951).

    Parameters
    ----------
    values
        Shape (units, members), pointing in the same direction.
    """
    covariance = covariances(values)
    members = range(len(codes))
    items = []
    for place in members:
        rest = [other for other in members if other != place]
        among = covariance[np.ix_(rest, rest)]
        with np.errstate(invalid="ignore", divide="ignore"):
            shared = covariance[place, rest].sum() / np.sqrt(covariance[place, place] * among.sum())
        items.append(ItemReliability(codes[place], alpha_of(among), float(shared) if rest else np.nan))
    return Reliability(group, alpha_of(covariance), alpha_of(correlations(values)), tuple(items))


def alpha_of(covariance: Floats) -> float:
    """Return alpha from covariances; NaN of fewer than two members, or where their sum does not vary."""
    number, total = len(covariance), covariance.sum()
    if number < 2 or not total > 0:
        return np.nan
    return float(number / (number - 1) * (1 - np.trace(covariance) / total))


def covariances(values: Floats) -> Floats:
    """Return the covariances with n − 1 of each pair of columns over the rows that both have.

    Parameters
    ----------
    values
        Shape (rows, columns).

    Returns
    -------
    Shape (columns, columns); NaN of fewer than two rows.
    """
    known = ~np.isnan(values)
    flags = known.astype(np.float64)
    # Centred first: sums of products of large numbers that differ little would cancel.
    with np.errstate(invalid="ignore"):
        centre = np.where(known, values, 0.0).sum(axis=0) / known.sum(axis=0)
    shifted = np.where(known, values - centre, 0.0)
    both, sums = flags.T @ flags, shifted.T @ flags
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (shifted.T @ shifted - sums * sums.T / both) / (both - 1)
    return np.where(both > 1, found, np.nan)
