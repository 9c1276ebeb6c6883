"""A unit's index in states between two: some indicators come from one table of values, the rest from another."""

from __future__ import annotations

import numpy as np

from yunlang.indicators.core.combination import aggregated, looks_across_periods
from yunlang.indicators.core.framework import Floats, Group, Integers
from yunlang.indicators.core.run import Run

# Each unit's score rests on its own values alone; the others' need not be looked at.
_BY_UNIT = {"arithmetic", "geometric", "harmonic", "generalised", "median", "ordered_weighted"}
_VALUES_AT_ONCE = 1 << 22


def methods_of(run: Run) -> set[str]:
    """Return the methods by which groups are aggregated."""
    return {run.recipe.aggregate.of(group.level).method for group in run.framework.groups}


def mixed_scores(run: Run, before: Floats, after: Floats, row: int, states: np.ndarray) -> Floats:
    """Return one unit's index in each state.

    Every group is aggregated once for each combination of its members' states, however many states of the whole share
    it.

    Parameters
    ----------
    before, after
        Normalised values, shape (units, indicators).
    row
        The unit's position.
    states
        Which indicators are those of `after`, shape (states, indicators).

    Returns
    -------
    Shape (states,).
    """
    if methods_of(run) <= _BY_UNIT:
        before, after, row = before[row : row + 1], after[row : row + 1], 0
    tables = np.stack([before, after])
    # Of each node: its scores in the combinations that occur, (combinations, units), and each state's combination.
    scores: list[Floats] = [tables[:, :, place] for place in range(before.shape[1])]
    which: list[Integers] = [states[:, place].astype(np.intp) for place in range(before.shape[1])]
    for group in run.framework.groups:
        keys = np.stack([which[place] for place in group.members], axis=1)
        combinations, inverse = np.unique(keys, axis=0, return_inverse=True)
        members = [scores[place][combinations[:, column]] for column, place in enumerate(group.members)]
        scores.append(_group_scores(run, group, np.stack(members, axis=-1)))
        which.append(inverse.reshape(-1))
    found: Floats = scores[-1][which[-1], row]
    return found


def _group_scores(run: Run, group: Group, members: Floats) -> Floats:
    """Return a group's scores from its members', shape (combinations, units, members), a part of them at a time."""
    settings = run.recipe.aggregate.of(group.level)
    weights = run.weights[None, group.members]
    units = members.shape[1]
    # Where ends are taken over all periods, those of the run lie beside each combination.
    beside = (
        run.scores[None, :, :, group.members] if looks_across_periods(run.framework, run.recipe.aggregate) else None
    )
    periods = 1 if beside is None else 1 + beside.shape[1]
    size = periods * units * (units if settings.method == "copeland" else len(group.members))
    many = max(1, _VALUES_AT_ONCE // size)
    found = []
    for start in range(0, len(members), many):
        part = members[start : start + many, None]
        if beside is not None:
            part = np.concatenate([np.broadcast_to(beside, (len(part), *beside.shape[1:])), part], axis=1)
        found.append(aggregated(part, weights, settings)[:, -1])
    return np.concatenate(found)
