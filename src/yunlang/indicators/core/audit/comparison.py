"""Two runs side by side: two recipes over the same data, two editions, or two periods of one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from yunlang.indicators.core.audit.places import node_place, period_place
from yunlang.indicators.core.audit.removal import aligned
from yunlang.indicators.core.audit.shifts import Agreement, agreement
from yunlang.indicators.core.columns import descending_ranks
from yunlang.indicators.core.framework import Floats
from yunlang.indicators.core.run import Run


@dataclass(frozen=True, slots=True)
class Place:
    """One unit in two rankings.

    Attributes
    ----------
    first_score, second_score, first_rank, second_rank
        NaN where a run does not judge it.
    shift
        By how many ranks it rises from the first to the second.
    """

    unit: str
    name: str
    first_score: float
    second_score: float
    first_rank: float
    second_rank: float
    shift: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two rankings.

    Attributes
    ----------
    code
        The node compared.
    places
        Every unit of either, by first rank, those that the first does not rank last.
    agreement
        Over the units in both, with ranks as each run gives them.
    correlation
        Pearson's of the scores; NaN where they do not vary.
    rising, falling
        The largest moves, as many as asked for.
    only_first, only_second
        Units that one run alone ranks.
    """

    code: str
    places: tuple[Place, ...]
    agreement: Agreement
    correlation: float
    rising: tuple[Place, ...]
    falling: tuple[Place, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]


def compare(
    first: Run,
    second: Run,
    *,
    code: str | None = None,
    first_period: str | None = None,
    second_period: str | None = None,
    largest: int = 5,
) -> Comparison:
    """Compare two rankings on one node, the index where None.

    The peer is COINr's `compare_coins`.

    Parameters
    ----------
    first_period, second_period
        The last of each run where None.
    largest
        How many of the largest moves to return in each direction.

    Raises
    ------
    DatasetError
        Where a run has no such node or period.
    """
    names = dict(zip((*second.units, *first.units), (*second.data.unit_names, *first.data.unit_names), strict=True))
    return compare_scores(
        code or first.framework.root.code,
        names,
        (first.units, _scores(first, code, first_period)),
        (second.units, _scores(second, code, second_period)),
        largest=largest,
    )


def compare_scores(
    code: str,
    names: Mapping[str, str],
    first: tuple[Sequence[str], Floats],
    second: tuple[Sequence[str], Floats],
    *,
    largest: int = 5,
) -> Comparison:
    """Compare two rankings by their units and scores, each of shape (units,).

    Parameters
    ----------
    names
        Of every unit of either.
    """
    units = tuple(dict.fromkeys((*first[0], *second[0])))
    one, other = aligned(*first, units), aligned(*second, units)
    ranks = descending_ranks(one), descending_ranks(other)
    places = [
        Place(
            unit, names[unit], float(one[row]), float(other[row]), float(ranks[0][row]), float(ranks[1][row]),
            float(ranks[0][row] - ranks[1][row]),
        )
        for row, unit in enumerate(units)
    ]  # fmt: skip
    places.sort(key=lambda place: (np.isnan(place.first_rank), np.nan_to_num(place.first_rank), place.unit))
    moves = sorted((place for place in places if not np.isnan(place.shift)), key=lambda place: -place.shift)
    return Comparison(
        code=code,
        places=tuple(places),
        agreement=agreement(one, other, units),
        correlation=_pearson(one, other),
        rising=tuple(place for place in moves[:largest] if place.shift > 0),
        falling=tuple(place for place in moves[::-1][:largest] if place.shift < 0),
        only_first=tuple(place.unit for place in places if np.isnan(place.second_rank) > np.isnan(place.first_rank)),
        only_second=tuple(place.unit for place in places if np.isnan(place.first_rank) > np.isnan(place.second_rank)),
    )


def _scores(run: Run, code: str | None, period: str | None) -> Floats:
    scores: Floats = run.scores[period_place(run, period), :, node_place(run, code)]
    return scores


def _pearson(one: Floats, other: Floats) -> float:
    known = ~(np.isnan(one) | np.isnan(other))
    one, other = one[known], other[known]
    if len(one) < 2 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan")
    return float(np.corrcoef(one, other)[0, 1])
