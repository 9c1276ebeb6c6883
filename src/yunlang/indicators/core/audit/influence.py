"""What weights come to: how much each node weighs in the index, and how much of the index's variance it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yunlang.indicators.core import columns
from yunlang.indicators.core.audit.correlation import correlate
from yunlang.indicators.core.audit.mean_shares import are_means, mean_contributions
from yunlang.indicators.core.audit.places import period_place
from yunlang.indicators.core.audit.reliability import covariances
from yunlang.indicators.core.audit.removal import Removal
from yunlang.indicators.core.framework import Floats
from yunlang.indicators.core.run import Run
from yunlang.indicators.core.stages.weighting_by_influence import effective


@dataclass(frozen=True, slots=True)
class Influence:
    """One node's weight and influence.

    Attributes
    ----------
    weight
        Its share among its siblings.
    effective
        What that comes to in the index; the indicators' sum to 1.
    correlation_with_parent, correlation_with_index
        Pearson's.
    explained
        The share of the index's variance that it explains on its own, R².
    influence
        The same as a share of the sum over its level: to be compared with `effective`.
    variance_share
        The covariance of its contribution with the index, over the index's variance; the indicators' sum to 1. Negative
        where it works against the others. NaN where the aggregation is no mean or a unit's values are incomplete.
    """

    code: str
    level: int
    weight: float
    effective: float
    correlation_with_parent: float
    correlation_with_index: float
    explained: float
    influence: float
    variance_share: float


@dataclass(frozen=True, slots=True)
class Redundancy:
    """An indicator that the ranking would not miss.

    Attributes
    ----------
    twin, correlation
        The other indicator that it goes with most closely.
    mean_shift
        Mean absolute shift of ranks without it.
    """

    code: str
    twin: str
    correlation: float
    mean_shift: float


@dataclass(frozen=True, slots=True)
class RedundancyLimits:
    """From what absolute correlation, and up to what mean absolute shift of ranks, an indicator is redundant."""

    correlation: float = 0.9
    mean_shift: float = 1.0


def influences(run: Run, period: str | None = None) -> tuple[Influence, ...]:
    """Return every node's weight and influence but the index's own.

    Paruolo, Saisana & Saltelli, "Ratings and rankings: voodoo or science?", Journal of the Royal Statistical Society A
    176 (2013). The peer for effective weights is COINr's `get_eff_weights`.
    """
    place = period_place(run, period)
    framework, scores = run.framework, run.scores[place]
    related = correlate(scores, framework.codes).coefficients
    weights = effective(framework.groups, run.weights)
    shares = _variance_shares(run, place)
    position = {code: index for index, code in enumerate(framework.codes)}
    found = []
    for code in framework.codes[:-1]:
        node, at = framework.by_code[code], position[code]
        siblings = [position[one.code] for one in framework.children[node.parent]]
        level = [index for index, one in enumerate(framework.codes) if framework.levels[one] == framework.levels[code]]
        explained = related[at, -1] ** 2
        under = [position[one] for one in framework.indicators_under(code)]
        found.append(
            Influence(
                code=code,
                level=framework.levels[code],
                weight=float(run.weights[at] / run.weights[siblings].sum()),
                effective=float(weights[at]),
                correlation_with_parent=float(related[at, position[node.parent]]),
                correlation_with_index=float(related[at, -1]),
                explained=float(explained),
                influence=float(explained / np.nansum(related[level, -1] ** 2)),
                variance_share=float(shares[under].sum()),
            )
        )
    return tuple(found)


def _variance_shares(run: Run, place: int) -> Floats:
    """Return each indicator's share of the index's variance, shape (indicators,), by exact contributions.

    Contributions are to each unit's distance from the average one; they sum to that, so that their covariances with the
    index sum to its variance.
    """
    normalised = run.data.values[place]
    index = run.scores[place, :, -1]
    nothing = np.full(normalised.shape[1], np.nan)
    if not are_means(run.framework, run.recipe.aggregate) or np.isnan(normalised).any():
        return nothing
    average = np.broadcast_to(columns.mean(normalised), normalised.shape)
    parts = mean_contributions(run.framework, run.recipe.aggregate, run.weights, average, normalised)
    covariance = covariances(np.column_stack([parts, index]))
    with np.errstate(invalid="ignore", divide="ignore"):
        shares: Floats = covariance[:-1, -1] / covariance[-1, -1]
    return shares


def redundant(
    run: Run, removals: Sequence[Removal], limits: RedundancyLimits | None = None, period: str | None = None
) -> tuple[Redundancy, ...]:
    """Return the indicators that go with another one closely and whose removal hardly moves anyone, most alike first.

    Parameters
    ----------
    removals
        What `removal.removals` found for the same run and period.
    """
    limits = limits or RedundancyLimits()
    codes = [node.code for node in run.framework.indicators]
    values = run.data.values[period_place(run, period)]
    related = np.abs(np.nan_to_num(correlate(values, codes).coefficients))
    np.fill_diagonal(related, -1.0)
    found = []
    for removal in removals:
        if not removal.is_indicator or removal.agreement is None:
            continue
        place = codes.index(removal.code)
        twin = int(related[place].argmax())
        if related[place, twin] >= limits.correlation and removal.agreement.mean_shift <= limits.mean_shift:
            close = float(related[place, twin])
            found.append(Redundancy(removal.code, codes[twin], close, removal.agreement.mean_shift))
    return tuple(sorted(found, key=lambda one: -one.correlation))
