"""Units in the order of their ranks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from yunlang.indicators.core.run import Run

_PARTS_SHOWN = 16


@dataclass(frozen=True, slots=True)
class RankedUnit:
    """One unit in one period.

    Attributes
    ----------
    rank
        In the index, 1 for the highest score; None where the unit has no score.
    score
        In the index.
    parts
        The scores of the groups of `parts_of`, by code; None where there is none.
    """

    unit: str
    name: str
    period: str
    rank: int | None
    score: float | None
    parts: Mapping[str, float | None]


def ranking(run: Run, period: str | None = None) -> list[RankedUnit]:
    """Return the units of one period, the last where none is named, best first; those without a rank come last."""
    place = len(run.periods) - 1 if period is None else run.periods.index(period)
    ranks, scores = run.rank()[place].tolist(), run.score()[place].tolist()
    parts = {code: run.score(code)[place].tolist() for code in parts_of(run)}
    rows = [
        RankedUnit(
            unit=unit,
            name=run.data.unit_names[index],
            period=run.periods[place],
            rank=None if math.isnan(ranks[index]) else int(ranks[index]),
            score=_known(scores[index]),
            parts={code: _known(column[index]) for code, column in parts.items()},
        )
        for index, unit in enumerate(run.units)
    ]
    return sorted(rows, key=lambda row: (row.rank is None, row.rank or 0))


def parts_of(run: Run) -> tuple[str, ...]:
    """Return the codes of the groups below the index, from the top down, as many whole levels as can be read at once.

    Those right under the index, be they groups or indicators, are always among them.
    """
    framework = run.framework
    found = [node.code for node in framework.children[framework.root.code]]
    below = [node.code for node in reversed(framework.aggregates) if node.code not in {framework.root.code, *found}]
    by_level: dict[int, list[str]] = {}
    for code in reversed(below):
        by_level.setdefault(framework.levels[code], []).append(code)
    for level in sorted(by_level, reverse=True):
        if len(found) + len(by_level[level]) > _PARTS_SHOWN:
            break
        found += by_level[level]
    return tuple(found)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
