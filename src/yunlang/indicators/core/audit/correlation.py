"""How indicators and groups go together, and which pairs speak against the framework."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special, stats

from yunlang.indicators.core.columns import Flags
from yunlang.indicators.core.correlation import correlations
from yunlang.indicators.core.framework import Floats, Framework
from yunlang.kit.language import Bilingual

CorrelationMethod = Literal["pearson", "spearman"]
CorrelationFlagKind = Literal["negative", "collinear", "weak", "opposed", "stronger_elsewhere"]
CORRELATION_FLAGS: dict[CorrelationFlagKind, Bilingual] = {
    "negative": Bilingual("与同组指标负相关", "negatively correlated with a sibling"),
    "collinear": Bilingual("高度相关，可能重复计算", "so highly correlated that it may count twice"),
    "weak": Bilingual("与所属分组相关较弱", "weakly correlated with its own group"),
    "opposed": Bilingual("与所属分组负相关", "negatively correlated with its own group"),
    "stronger_elsewhere": Bilingual("与其他分组的相关更强", "correlated more with another group than with its own"),
}


@dataclass(frozen=True, slots=True)
class CorrelationLimits:
    """When a pair is flagged.

    Attributes
    ----------
    collinear
        From what absolute correlation two indicators count as one.
    weak
        Below what correlation with its own group a node is weak.
    significance
        The p-value up to which a negative correlation of siblings is worth a flag.
    margin
        By how much another group must be closer than the own one.
    """

    collinear: float = 0.9
    weak: float = 0.3
    significance: float = 0.05
    margin: float = 0.0


@dataclass(frozen=True, slots=True)
class Correlations:
    """Correlations of columns.

    Attributes
    ----------
    coefficients, p_values, numbers
        Shape (columns, columns): the coefficients, the probability of one as far from 0 where there is none, and how
        many rows they rest on.
    """

    codes: tuple[str, ...]
    method: CorrelationMethod
    coefficients: Floats
    p_values: Floats
    numbers: Floats


@dataclass(frozen=True, slots=True)
class CorrelationFlag:
    """One pair worth a look; `other` is a sibling, the own group or another group, as the kind says."""

    kind: CorrelationFlagKind
    code: str
    other: str
    group: str
    coefficient: float
    p_value: float


def correlate(values: Floats, codes: Sequence[str], method: CorrelationMethod = "pearson") -> Correlations:
    """Return the correlations of columns, each pair over the rows that both have.

    P-values are two-sided, by Student's t with n − 2 degrees of freedom; for Spearman's ρ that is an approximation.

    Parameters
    ----------
    values
        Shape (rows, columns), NaN where nothing is known.
    """
    known = (~np.isnan(values)).astype(np.float64)
    numbers: Floats = known.T @ known
    coefficients = correlations(values) if method == "pearson" else _spearman(values)
    return Correlations(tuple(codes), method, coefficients, p_value(coefficients, numbers), numbers)


def p_value(coefficients: Floats, numbers: Floats) -> Floats:
    """Return the two-sided p-value of correlations over so many rows each; NaN of fewer than three rows."""
    free = np.where(numbers > 2, numbers - 2, np.nan)
    found: Floats = special.betainc(free / 2, 0.5, np.clip(1 - coefficients**2, 0.0, 1.0))
    return found


def _spearman(values: Floats) -> Floats:
    """Return the correlation of ranks, which are taken anew over the rows that both columns of a pair have.

    Columns known for the same rows are ranked together.
    """
    masks, which = np.unique(~np.isnan(values), axis=1, return_inverse=True)
    which = which.reshape(-1)
    found = np.full((values.shape[1], values.shape[1]), np.nan)
    for first in range(masks.shape[1]):
        for second in range(first, masks.shape[1]):
            rows = masks[:, first] & masks[:, second]
            left, right = np.flatnonzero(which == first), np.flatnonzero(which == second)
            if rows.sum() < 2:
                continue
            places = np.concatenate([left, right])
            ranked = stats.rankdata(values[rows][:, places], axis=0)
            part = correlations(ranked)[: len(left), len(left) :]
            found[np.ix_(left, right)], found[np.ix_(right, left)] = part, part.T
    return found


def correlation_flags(
    framework: Framework, scores: Floats, limits: CorrelationLimits | None = None, method: CorrelationMethod = "pearson"
) -> tuple[CorrelationFlag, ...]:
    """Return the pairs that speak against the framework.

    Siblings that are negatively correlated, any two indicators that are all but the same (the peer is COINr's
    `get_corr_flags`), nodes that hardly go with the group they count in, and indicators that go better with another
    group of the same kind than with their own (OECD & JRC, "Handbook on Constructing Composite Indicators", 2008,
    section 4; the JRC's statistical audits).

    Parameters
    ----------
    scores
        Shape (units, nodes), as a run gives them for one period.
    """
    limits = limits or CorrelationLimits()
    known = correlate(scores, framework.codes, method)
    place = {code: index for index, code in enumerate(framework.codes)}

    def flag(kind: CorrelationFlagKind, code: str, other: str) -> CorrelationFlag:
        at = place[code], place[other]
        group = framework.by_code[code].parent
        return CorrelationFlag(kind, code, other, group, float(known.coefficients[at]), float(known.p_values[at]))

    return (
        *_pairs(framework, known, limits, flag),
        *_with_own_group(framework, known, limits, flag),
        *_with_other_groups(framework, known, limits, flag),
    )


_Flagger = Callable[[CorrelationFlagKind, str, str], CorrelationFlag]


def _pairs(
    framework: Framework, known: Correlations, limits: CorrelationLimits, flag: _Flagger
) -> Iterator[CorrelationFlag]:
    codes = [node.code for node in framework.indicators]
    parents = np.array([node.parent for node in framework.indicators])
    size = len(codes)
    coefficients, p_values = known.coefficients[:size, :size], known.p_values[:size, :size]
    upper = np.triu(np.ones((size, size), dtype=bool), 1)
    siblings = parents[:, None] == parents[None, :]
    kinds: dict[CorrelationFlagKind, Flags] = {
        "negative": siblings & (coefficients < 0) & (p_values <= limits.significance),
        "collinear": np.abs(coefficients) >= limits.collinear,
    }
    for kind, raised in kinds.items():
        for one, other in np.argwhere(upper & raised):
            yield flag(kind, codes[one], codes[other])


def _with_own_group(
    framework: Framework, known: Correlations, limits: CorrelationLimits, flag: _Flagger
) -> Iterator[CorrelationFlag]:
    for group in framework.groups:
        if len(group.members) == 1:
            continue
        for member in group.members:
            coefficient = known.coefficients[member, group.position]
            if coefficient < limits.weak:
                yield flag("opposed" if coefficient < 0 else "weak", framework.codes[member], group.code)


def _with_other_groups(
    framework: Framework, known: Correlations, limits: CorrelationLimits, flag: _Flagger
) -> Iterator[CorrelationFlag]:
    """Compare with the closest of the other groups of the own one's level."""
    place = {code: index for index, code in enumerate(framework.codes)}
    for node in framework.indicators:
        level = framework.levels[node.parent]
        others = [group.code for group in framework.groups if group.level == level and group.code != node.parent]
        of_node = np.nan_to_num(known.coefficients[place[node.code]], nan=-1.0)
        closest = max(others, key=lambda code: float(of_node[place[code]]), default=None)
        if closest is not None and of_node[place[closest]] > of_node[place[node.parent]] + limits.margin:
            yield flag("stronger_elsewhere", node.code, closest)
