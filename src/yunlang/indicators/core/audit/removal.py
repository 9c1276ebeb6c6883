"""What the ranking would be without an indicator, or without a whole group of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yunlang.indicators.core.audit.places import period_place
from yunlang.indicators.core.audit.reduction import scores_without
from yunlang.indicators.core.audit.shifts import Agreement, agreement, rank_shifts
from yunlang.indicators.core.framework import Floats
from yunlang.indicators.core.run import Engine, Run
from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual


@dataclass(frozen=True, slots=True)
class Removal:
    """The ranking without one node, beside the ranking with it.

    Attributes
    ----------
    agreement
        None where the index cannot be computed without it; `reason` says why.
    shifts
        By how many ranks each unit rises without it, in the order of the run's units; NaN where either side does not
        rank it.
    """

    code: str
    is_indicator: bool
    agreement: Agreement | None
    shifts: Floats
    reason: Bilingual | None = None


def removals(
    engine: Engine, run: Run, codes: Sequence[str] | None = None, period: str | None = None
) -> tuple[Removal, ...]:
    """Remove nodes one at a time, and compare the rankings.

    The node is taken out of the framework, so that every stage that looks at several indicators is judged without it:
    screening, imputation, weights worked out from the data. For given weights and an arithmetic mean that is the same
    as a weight of zero, which is what COINr's `remove_elements` does.

    Parameters
    ----------
    engine, run
        The run to compare with, and the engine that made it.
    codes
        Indicators or groups; every one but the index itself where None.
    period
        The last where None.
    """
    place = period_place(run, period)
    root = run.framework.root.code
    chosen = [code for code in run.framework.codes if code != root] if codes is None else codes
    before = run.score()[place]
    return tuple(_removal(engine, run, code, place, before) for code in chosen)


def _removal(engine: Engine, run: Run, code: str, place: int, before: Floats) -> Removal:
    is_indicator = run.framework.by_code[code].is_indicator
    try:
        units, scores = scores_without(engine, run, [code], place)
    except DomainError as error:
        nothing = np.full(len(run.units), np.nan)
        return Removal(code, is_indicator, None, nothing, reason_of(error))
    after = aligned(units, scores, run.units)
    return Removal(code, is_indicator, agreement(before, after, run.units), rank_shifts(before, after))


def aligned(units: Sequence[str], scores: Floats, wanted: Sequence[str]) -> Floats:
    """Return the scores of some units in another order; NaN for a unit that has none."""
    if tuple(units) == tuple(wanted):
        return scores
    known = dict(zip(units, scores.tolist(), strict=True))
    return np.array([known.get(unit, np.nan) for unit in wanted])


def reason_of(error: DomainError) -> Bilingual:
    """Return what an error says, its problems included where it names several."""
    fields: dict[str, list[Bilingual]] = getattr(error, "fields", {})
    reasons = [(place, reason) for place, found in fields.items() for reason in found]
    if not reasons:
        return error.text
    zh = "；".join(f"{place}：{reason.zh}" for place, reason in reasons)
    return Bilingual(zh, "; ".join(f"{place}: {reason.en}" for place, reason in reasons))
