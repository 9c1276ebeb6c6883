"""Whether the ranking of the others holds when a unit is not there: rank reversal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yunlang.indicators.core.audit.places import period_place, unit_place
from yunlang.indicators.core.audit.removal import aligned, reason_of
from yunlang.indicators.core.audit.shifts import Agreement, agreement
from yunlang.indicators.core.framework import Floats
from yunlang.indicators.core.run import Engine, Run
from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual


@dataclass(frozen=True, slots=True)
class UnitRemoval:
    """The ranking of the others without one unit, beside their ranking among themselves with it.

    Attributes
    ----------
    agreement
        None where the index cannot be computed without the unit; `reason` says why.
    reversals
        How many pairs of the others change their order.
    """

    unit: str
    agreement: Agreement | None
    reversals: int
    reason: Bilingual | None = None


def unit_removals(
    engine: Engine, run: Run, units: Sequence[str] | None = None, period: str | None = None
) -> tuple[UnitRemoval, ...]:
    """Remove units one at a time, run the whole recipe on the others, and compare their order.

    Parameters
    ----------
    engine, run
        The run to compare with, and the engine that made it.
    units
        Every unit judged where None; each one costs a run.
    period
        The last where None.
    """
    place = period_place(run, period)
    return tuple(_removal(engine, run, unit, place) for unit in (run.units if units is None else units))


def _removal(engine: Engine, run: Run, unit: str, period: int) -> UnitRemoval:
    place = unit_place(run, unit)
    others = [other for other, code in enumerate(engine.data.units) if code != unit]
    try:
        again = Engine(run.framework, engine.data.choose_units(others)).run(run.recipe)
    except DomainError as error:
        return UnitRemoval(unit, None, 0, reason_of(error))
    left = [*run.units[:place], *run.units[place + 1 :]]
    before = np.delete(run.score()[period], place)
    after = aligned(again.units, again.score()[period], left)
    return UnitRemoval(unit, agreement(before, after, left), reversals(before, after))


def reversals(before: Floats, after: Floats) -> int:
    """Return how many pairs of units change their order; a pair that is level on either side does not count.

    Parameters
    ----------
    before, after
        Scores, shape (units,); units that lack either play no part.
    """
    known = ~(np.isnan(before) | np.isnan(after))
    one, other = before[known], after[known]
    total = 0
    for place in range(len(one) - 1):
        total += int(((one[place + 1 :] - one[place]) * (other[place + 1 :] - other[place]) < 0).sum())
    return total
