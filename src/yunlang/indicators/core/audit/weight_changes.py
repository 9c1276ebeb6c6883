"""What the ranking would be with a weight changed: to nothing, by a part of it, or to that of its siblings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from yunlang.indicators.core.audit.places import period_place
from yunlang.indicators.core.audit.reduction import one_period
from yunlang.indicators.core.audit.removal import reason_of
from yunlang.indicators.core.audit.shifts import Agreement, agreement, rank_shifts
from yunlang.indicators.core.combination import combined, fixed_weights
from yunlang.indicators.core.framework import Floats
from yunlang.indicators.core.run import Run
from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual

WeightChangeKind = Literal["zero", "times", "equal", "all_equal"]
WEIGHT_CHANGES: dict[WeightChangeKind, Bilingual] = {
    "zero": Bilingual("权重设为 0", "its weight set to zero"),
    "times": Bilingual("权重乘以系数", "its weight multiplied"),
    "equal": Bilingual("组内等权", "its members weighted equally"),
    "all_equal": Bilingual("全部等权", "equal weights in every group"),
}
FACTORS = (0.75, 1.25)
# As many values as the scores of one pass may have; bounds memory where there are many units.
_VALUES_AT_ONCE = 1 << 22


@dataclass(frozen=True, slots=True)
class WeightChange:
    """The ranking under changed weights, beside the ranking under those in force.

    Attributes
    ----------
    code
        The node whose weight changes; the group whose members' weights do; the index where all do.
    factor
        What the weight is multiplied by; 0 for `zero`, NaN where weights become equal.
    agreement
        None where the index cannot be computed with these weights; `reason` says why.
    shifts
        By how many ranks each unit rises, in the order of the run's units.
    """

    code: str
    kind: WeightChangeKind
    factor: float
    agreement: Agreement | None
    shifts: Floats
    reason: Bilingual | None = None


def weight_changes(run: Run, factors: Sequence[float] = FACTORS, period: str | None = None) -> tuple[WeightChange, ...]:
    """Change weights one at a time, and compare the rankings.

    Nodes without siblings, whose weights play no part, are left out; so is the zero of one whose siblings all weigh
    nothing. All changes are aggregated together, as draws.

    Parameters
    ----------
    factors
        What each weight is multiplied by; its siblings keep theirs, so that its share changes by less.
    period
        The last where None.
    """
    place = period_place(run, period)
    changes = [*_single(run, factors), *_equal(run)]
    before = run.score()[place]
    outcomes = _outcomes(run, [one[3] for one in changes], place)
    found = []
    for (code, kind, factor, _), after in zip(changes, outcomes, strict=True):
        if isinstance(after, Bilingual):
            found.append(WeightChange(code, kind, factor, None, np.full(len(run.units), np.nan), after))
        else:
            same = agreement(before, after, run.units)
            found.append(WeightChange(code, kind, factor, same, rank_shifts(before, after)))
    return tuple(found)


_Change = tuple[str, WeightChangeKind, float, Floats]


def _single(run: Run, factors: Sequence[float]) -> list[_Change]:
    found: list[_Change] = []
    for group in run.framework.groups:
        total = run.weights[group.members].sum()
        for member in group.members:
            if len(group.members) == 1:
                continue
            for factor in (0.0, *factors):
                weights = run.weights.copy()
                weights[member] *= factor
                if factor > 0 or total > run.weights[member]:
                    kind: WeightChangeKind = "times" if factor > 0 else "zero"
                    found.append((run.framework.codes[member], kind, factor, weights))
    return found


def _equal(run: Run) -> list[_Change]:
    found: list[_Change] = []
    everywhere = run.weights.copy()
    for group in run.framework.groups:
        everywhere[group.members] = 1.0
        if len(group.members) > 1:
            weights = run.weights.copy()
            weights[group.members] = 1.0
            found.append((group.code, "equal", np.nan, weights))
    return [*found, (run.framework.root.code, "all_equal", np.nan, everywhere)]


def _outcomes(run: Run, weights: list[Floats], period: int) -> list[Floats | Bilingual]:
    """Return the index under each set of weights, or why it cannot be computed."""
    try:
        return list(_scores(run, weights, period))
    except DomainError as error:
        if len(weights) == 1:
            return [reason_of(error)]
    return [outcome for one in weights for outcome in _outcomes(run, [one], period)]


def _scores(run: Run, weights: list[Floats], period: int) -> Floats:
    """Return the index under each set of weights, shape (sets, units)."""
    normalised, row = one_period(run.framework, run.recipe, run.data.values, period)
    units = len(run.units)
    methods = {run.recipe.aggregate.of(group.level).method for group in run.framework.groups}
    # Outranking compares every two units.
    size = normalised.shape[0] * units * (units if "copeland" in methods else len(run.framework.codes))
    many = max(1, _VALUES_AT_ONCE // size)
    found = []
    for start in range(0, len(weights), many):
        drawn = np.array(weights[start : start + many])
        index = combined(run.framework, normalised, fixed_weights(drawn), run.recipe.aggregate)[-1]
        found.append(np.broadcast_to(index[:, row], (len(drawn), units)))
    return np.concatenate(found)
