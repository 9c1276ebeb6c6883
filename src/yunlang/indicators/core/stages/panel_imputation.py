"""Imputation along time: what a unit's own other periods say about one that is missing.

Every method takes values of shape (periods, units, indicators), periods in their order, and returns a new array of that
shape in which known values are what they were. A cell for which nothing can be said stays NaN.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from yunlang.indicators.core.errors import StageError
from yunlang.indicators.core.framework import Floats, Integers
from yunlang.indicators.core.stages.imputation import STAGE, filled
from yunlang.kit.language import Bilingual


def last(values: Floats) -> Floats:
    """Carry the last known value forward."""
    return latest(values, within=None)


def latest(values: Floats, *, within: int | None) -> Floats:
    """Carry the last known value forward, but not for long.

    Parameters
    ----------
    within
        For how many periods at most; None for any number.

    Raises
    ------
    StageError
        Where `within` is negative.
    """
    if within is not None and within < 0:
        raise StageError(stage=STAGE, reason=Bilingual("期数不能为负", "a number of periods is not negative"))
    before, _ = _known_periods(values)
    here = np.arange(len(values))[:, None, None]
    usable = before >= 0
    if within is not None:
        usable &= here - before <= within
    return filled(values, np.where(usable, _taken(values, before), np.nan))


def linear(values: Floats, *, times: Sequence[float] | None = None, hold_ends: bool = False) -> Floats:
    """Draw a straight line between the known values before and after.

    Parameters
    ----------
    times
        When each period is, ascending; None for periods of equal length.
    hold_ends
        Whether the first and the last known value also stand before and after them; else those periods stay NaN.

    Raises
    ------
    StageError
        Where the times do not ascend, or are not as many as the periods.
    """
    when = np.arange(len(values), dtype=np.float64) if times is None else np.asarray(times, dtype=np.float64)
    if len(when) != len(values) or not (np.diff(when) > 0).all():
        reason = Bilingual("各期的时间应逐期递增，每期一个", "times ascend, one for each period")
        raise StageError(stage=STAGE, reason=reason)
    before, after = _known_periods(values)
    inside = (before >= 0) & (after < len(values))
    earlier, later = _taken(values, before), _taken(values, after)
    start, end = when[np.maximum(before, 0)], when[np.minimum(after, len(values) - 1)]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (when[:, None, None] - start) / (end - start)
    found = filled(values, np.where(inside, earlier * (1 - share) + later * share, np.nan))
    return constant(found) if hold_ends else found


def constant(values: Floats) -> Floats:
    """Hold each known value until the next one, and the first one for the periods before it."""
    before, after = _known_periods(values)
    from_before = np.where(before >= 0, _taken(values, before), np.nan)
    from_after = np.where(after < len(values), _taken(values, after), np.nan)
    return filled(values, np.where(before >= 0, from_before, from_after))


def _known_periods(values: Floats) -> tuple[Integers, Integers]:
    """Return for each cell the last period up to it, and the first from it on, with a known value.

    -1, or the number of periods, where there is none.
    """
    known = ~np.isnan(values)
    here = np.arange(len(values), dtype=np.intp)[:, None, None]
    before = np.maximum.accumulate(np.where(known, here, -1), axis=0)
    after = np.minimum.accumulate(np.where(known, here, len(values))[::-1], axis=0)[::-1]
    return before, after


def _taken(values: Floats, periods: Integers) -> Floats:
    """Return the values at the given periods; those out of range are the nearest."""
    return np.take_along_axis(values, np.clip(periods, 0, len(values) - 1), axis=0)
