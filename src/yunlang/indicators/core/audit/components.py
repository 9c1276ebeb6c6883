"""How many things a group measures: principal components of its members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from yunlang.indicators.core.correlation import correlations
from yunlang.indicators.core.framework import Floats

# OECD & JRC, Handbook (2008), section 4.1: components kept have an eigenvalue of 1 and together explain 60 %.
SHARE_EXPLAINED = 0.6


@dataclass(frozen=True, slots=True)
class Components:
    """The principal components of a group's members.

    Attributes
    ----------
    code, members
        The group, and its members in the order of `loadings`.
    rows
        How many units are complete and were used.
    eigenvalues, explained, cumulative
        By component, greatest first: variances, their shares, and the shares summed up.
    loadings
        Correlations of members with components, shape (members, components); each component points to where its
        largest loading is positive.
    kaiser
        How many eigenvalues are at least 1.
    needed
        The fewest components that explain `SHARE_EXPLAINED` together.
    adequacy
        The Kaiser–Meyer–Olkin measure, from 0 to 1; NaN where members determine each other.
    sphericity
        The p-value of Bartlett's test that the members do not correlate at all; NaN likewise.
    """

    code: str
    members: tuple[str, ...]
    rows: int
    eigenvalues: Floats
    explained: Floats
    cumulative: Floats
    loadings: Floats
    kaiser: int
    needed: int
    adequacy: float
    sphericity: float


def components(values: Floats, codes: Sequence[str], group: str = "") -> Components | None:
    """Return the principal components of the correlations of complete rows; None where those do not suffice.

    None where fewer than three rows are complete, or a member does not vary in them. The peer is COINr's `get_PCA`.

    Parameters
    ----------
    values
        Shape (units, members).
    """
    complete = values[~np.isnan(values).any(axis=1)]
    if len(complete) < 3 or len(codes) < 2:
        return None
    related = correlations(complete)
    if np.isnan(related).any():
        return None
    parts, vectors = np.linalg.eigh(related)
    eigenvalues = np.clip(parts[::-1], 0.0, None)
    vectors = vectors[:, ::-1]
    largest = np.abs(vectors).argmax(axis=0)
    loadings = vectors * np.sign(vectors[largest, range(len(codes))]) * np.sqrt(eigenvalues)
    explained = eigenvalues / eigenvalues.sum()
    cumulative = np.cumsum(explained)
    # Members that do not correlate at all have eigenvalues of 1, but for rounding.
    kaiser = int((eigenvalues >= 1 - 1e-9).sum())
    needed = int(np.argmax(cumulative >= SHARE_EXPLAINED - 1e-12)) + 1
    adequacy, sphericity = _adequacy(related), _sphericity(related, len(complete))
    return Components(
        group, tuple(codes), len(complete), eigenvalues, explained, cumulative, loadings, kaiser, needed, adequacy,
        sphericity,
    )  # fmt: skip


def _adequacy(related: Floats) -> float:
    """Return Σr² / (Σr² + Σp²) over pairs, p being partial correlations (Kaiser, 1974)."""
    if np.linalg.cond(related) > 1e12:
        return np.nan
    inverse = np.linalg.inv(related)
    scale = np.sqrt(np.diag(inverse))
    apart = ~np.eye(len(related), dtype=bool)
    simple = (related[apart] ** 2).sum()
    partial = ((inverse / np.outer(scale, scale))[apart] ** 2).sum()
    return float(simple / (simple + partial)) if simple + partial > 0 else np.nan


def _sphericity(related: Floats, rows: int) -> float:
    """Bartlett, "Tests of significance in factor analysis", British Journal of Psychology 3 (1950)."""
    members = len(related)
    sign, logarithm = np.linalg.slogdet(related)
    if sign <= 0:
        return np.nan
    statistic = -(rows - 1 - (2 * members + 5) / 6) * logarithm
    return float(stats.chi2.sf(max(statistic, 0.0), members * (members - 1) / 2))
