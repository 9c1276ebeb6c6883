"""How scores and indicators develop over the periods: growth, and a straight line through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from yunlang.indicators.core.dataset import times_of
from yunlang.indicators.core.framework import Floats
from yunlang.indicators.core.run import Run


@dataclass(frozen=True, slots=True)
class Trends:
    """Trends of many series; every array but `times` has the shape of one period.

    Attributes
    ----------
    times
        When the periods are, shape (periods,): their names where those are numbers, years then; else 0, 1, 2, ….
    number
        How many values are known.
    first_time, last_time, first, last
        The first and the last known value, and when.
    growth
        Compound growth per unit of time between them (CAGR): 0.05 for 5 %. NaN where their ratio is not above 0 or
        there is only one.
    slope, intercept
        Of the least-squares line over `times`.
    p_value
        The two-sided probability of a slope as far from 0 where there is none; NaN of fewer than three values.
    explained
        The line's R².
    """

    times: Floats
    number: Floats
    first_time: Floats
    last_time: Floats
    first: Floats
    last: Floats
    growth: Floats
    slope: Floats
    intercept: Floats
    p_value: Floats
    explained: Floats


@dataclass(frozen=True, slots=True)
class Trend:
    """The trend of one series, as `Trends` has it."""

    unit: str
    code: str
    number: int
    first: float
    last: float
    growth: float
    slope: float
    p_value: float


def trends(values: Floats, times: Floats) -> Trends:
    """Return the trend of each series, missing values left out.

    CAGR as COINr's `CAGR`: (last / first)^(1 / time between) − 1, and 0 where both are the same.

    Parameters
    ----------
    values
        Shape (periods, …).
    times
        Shape (periods,), ascending.
    """
    known = ~np.isnan(values)
    number = known.sum(axis=0).astype(np.float64)
    when = times.reshape(-1, *(1,) * (values.ndim - 1))
    first_at, last_at = known.argmax(axis=0), len(times) - 1 - known[::-1].argmax(axis=0)
    first, last = _at(values, first_at), _at(values, last_at)
    some = number > 0
    first_time, last_time = np.where(some, times[first_at], np.nan), np.where(some, times[last_at], np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = last / first
        growth = np.where(ratio > 0, ratio, np.nan) ** (1 / (last_time - first_time)) - 1
        growth = np.where((number > 1) & (first == last), 0.0, np.where(number > 1, growth, np.nan))
        centre = np.where(known, when, 0.0).sum(axis=0) / number
        middle = np.where(known, values, 0.0).sum(axis=0) / number
        along = np.where(known, when - centre, 0.0)
        across = np.where(known, values - middle, 0.0)
        spread, both, total = (along**2).sum(axis=0), (along * across).sum(axis=0), (across**2).sum(axis=0)
        slope = np.where(spread > 0, both / spread, np.nan)
        left = np.where(known, across - slope * along, 0.0)
        unexplained = (left**2).sum(axis=0)
        explained = np.where(total > 0, 1 - unexplained / total, np.nan)
        chance = _p_value(explained, number)
    return Trends(
        times, number, first_time, last_time, first, last, growth, slope, middle - slope * centre, chance, explained
    )


def _at(values: Floats, place: np.ndarray) -> Floats:
    found: Floats = np.take_along_axis(values, place[None], axis=0)[0]
    return found


def _p_value(explained: Floats, number: Floats) -> Floats:
    """By Student's t with n − 2 degrees of freedom: of R² = t² / (t² + n − 2)."""
    free = np.where(number > 2, number - 2, np.nan)
    found: Floats = special.betainc(free / 2, 0.5, np.clip(1 - explained, 0.0, 1.0))
    return found


def score_trends(run: Run) -> Trends:
    """Return the trends of every node's score, shape (units, nodes)."""
    return trends(run.scores, times_of(run.periods))


def indicator_trends(run: Run) -> Trends:
    """Return the trends of indicators' raw values of the units judged, shape (units, indicators)."""
    data = run.stages["raw"].data
    rows = {unit: row for row, unit in enumerate(data.units)}
    return trends(data.values[:, [rows[unit] for unit in run.units]], times_of(run.periods))


def index_trends(run: Run) -> tuple[Trend, ...]:
    """Return the trend of each unit's score on the index."""
    found = trends(run.scores[:, :, -1:], times_of(run.periods))
    return rows_of(found, run.units, [run.framework.root.code])


def rows_of(found: Trends, units: Sequence[str], codes: Sequence[str]) -> tuple[Trend, ...]:
    """Return trends of shape (units, codes) one by one, for tables."""
    return tuple(
        Trend(
            unit, code, int(found.number[row, place]), *(
                float(column[row, place])
                for column in (found.first, found.last, found.growth, found.slope, found.p_value)
            ),
        )
        for row, unit in enumerate(units)
        for place, code in enumerate(codes)
    )  # fmt: skip
