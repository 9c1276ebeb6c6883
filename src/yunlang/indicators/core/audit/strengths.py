"""Where a unit stands in each indicator, and in which it stands best and worst."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yunlang.indicators.core import columns
from yunlang.indicators.core.audit.decomposition import distance_from_average
from yunlang.indicators.core.audit.places import period_place, unit_place
from yunlang.indicators.core.errors import DatasetError
from yunlang.indicators.core.framework import Floats
from yunlang.indicators.core.run import Run
from yunlang.kit.language import Bilingual


@dataclass(frozen=True, slots=True)
class Standing:
    """A unit's place in one indicator.

    Attributes
    ----------
    value, normalised
        Before any stage, and on the common scale.
    rank, of
        Among the peers that have a value, 1 for the best; and how many those are.
    from_mean
        How many standard deviations above the mean of the peers the normalised value lies.
    from_median
        By how much it exceeds the peers' median, on the common scale.
    contribution
        To the distance of the unit's score from the average unit's, in points of the index.
    """

    code: str
    value: float
    normalised: float
    rank: float
    of: int
    from_mean: float
    from_median: float
    contribution: float


@dataclass(frozen=True, slots=True)
class Profile:
    """A unit's standing.

    Attributes
    ----------
    peers
        The group that it is compared with; empty for all units.
    standings
        By indicator, in the framework's order.
    strengths, weaknesses
        The best and the worst of them, by rank.
    above, below
        The farthest above and below the peers' mean, in standard deviations.
    """

    unit: str
    peers: str
    standings: tuple[Standing, ...]
    strengths: tuple[Standing, ...]
    weaknesses: tuple[Standing, ...]
    above: tuple[Standing, ...]
    below: tuple[Standing, ...]


def profile(run: Run, unit: str, *, number: int = 5, grouping: str | None = None, period: str | None = None) -> Profile:
    """Return a unit's strengths and weaknesses.

    Ranks are of raw values, turned by direction; the peer is COINr's `get_str_weak`. An indicator in which all peers
    are level is neither a strength nor a weakness.

    Parameters
    ----------
    number
        How many strengths and weaknesses to return, at most.
    grouping
        The grouping of units whose members with the same group are the peers; all units where None.

    Raises
    ------
    DatasetError
        Where the run has no such unit, period or grouping.
    """
    place, row = period_place(run, period), unit_place(run, unit)
    peers, group = _peers(run, row, grouping)
    standings = _standings(run, unit, row, peers, place)
    known = [one for one in standings if not np.isnan(one.rank) and one.of > 1]
    level = {
        node.code for node, alike in zip(run.framework.indicators, _level(run, peers, place), strict=True) if alike
    }
    told = [one for one in known if one.code not in level]
    by_rank = sorted(told, key=lambda one: one.rank)
    by_distance = sorted((one for one in told if not np.isnan(one.from_mean)), key=lambda one: -one.from_mean)
    return Profile(
        unit=unit,
        peers=group,
        standings=standings,
        strengths=tuple(by_rank[:number]),
        weaknesses=tuple(by_rank[::-1][:number]),
        above=tuple(one for one in by_distance[:number] if one.from_mean > 0),
        below=tuple(one for one in by_distance[::-1][:number] if one.from_mean < 0),
    )


def _peers(run: Run, row: int, grouping: str | None) -> tuple[Sequence[int], str]:
    if grouping is None:
        return range(len(run.units)), ""
    if grouping not in run.data.groupings:
        reason = Bilingual(f"数据中没有分组“{grouping}”", f"the data have no grouping “{grouping}”")
        raise DatasetError({"grouping": [reason]})
    groups = run.data.groupings[grouping]
    return [place for place, group in enumerate(groups) if group == groups[row]], groups[row]


def _raw(run: Run, place: int) -> Floats:
    """Return the raw values of the units judged, turned so that more is better, shape (units, indicators)."""
    data = run.stages["raw"].data
    rows = {unit: row for row, unit in enumerate(data.units)}
    values: Floats = data.values[place][[rows[unit] for unit in run.units]]
    return values


def _level(run: Run, peers: Sequence[int], place: int) -> np.ndarray:
    values = _raw(run, place)[list(peers)]
    alike: np.ndarray = columns.least(values)[0] == columns.greatest(values)[0]
    return alike


def _standings(run: Run, unit: str, row: int, peers: Sequence[int], place: int) -> tuple[Standing, ...]:
    raw = _raw(run, place)
    among, position = list(peers), list(peers).index(row)
    ranks = columns.ranks(-(raw * run.framework.directions)[among])[position]
    numbers = columns.count(raw[among])[0]
    normalised = run.data.values[place][among]
    own = normalised[position]
    with np.errstate(invalid="ignore", divide="ignore"):
        from_mean = (own - columns.mean(normalised)[0]) / columns.deviation(normalised)[0]
    from_median = own - columns.median(normalised)[0]
    contributions = distance_from_average(run, unit, run.periods[place]).contributions
    return tuple(
        Standing(
            code=node.code,
            value=float(raw[row, column]),
            normalised=float(own[column]),
            rank=float(ranks[column]),
            of=int(numbers[column]),
            from_mean=float(from_mean[column]),
            from_median=float(from_median[column]),
            contribution=contributions[column].contribution,
        )
        for column, node in enumerate(run.framework.indicators)
    )
