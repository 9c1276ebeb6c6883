"""Origin–destination matrices from single records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from yunlang.indicators.core.links.errors import RepeatedLinkError, UnknownUnitError
from yunlang.indicators.core.links.matrix import LinkMatrix


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """One link: from where, to where, how much, and when."""

    origin: str
    destination: str
    value: float
    period: str = ""


def matrix_from_records(
    records: Iterable[LinkRecord],
    codes: Sequence[str],
    *,
    directed: bool = True,
    periods: Sequence[str] = (),
    absent: float = np.nan,
) -> LinkMatrix:
    """Return the matrix that records make up.

    Parameters
    ----------
    records
        Each link at most once in a period; where links have no direction, in either order.
    codes
        The units, in the order wanted.
    periods
        The periods, in the order wanted; none for records that name no period.
    absent
        What a link is that no record names: NaN where it is not known, 0 where the records are complete.

    Raises
    ------
    UnknownUnitError
        When a record names a unit or period that is not given.
    RepeatedLinkError
        When two records name one link.
    LinkError
        As `LinkMatrix` raises.
    """
    units = {code: place for place, code in enumerate(codes)}
    times = {period: place for place, period in enumerate(periods or ("",))}
    values = np.full((len(times), len(codes), len(codes)), absent, dtype=np.float64)
    seen: set[tuple[int, int, int]] = set()
    for record in records:
        place = _place(record, units, times)
        mirrored = (place[0], place[2], place[1])
        if place in seen or (not directed and mirrored in seen):
            raise RepeatedLinkError(origin=record.origin, destination=record.destination, period=record.period or "–")
        seen.add(place)
        values[place] = record.value
        if not directed:
            values[mirrored] = record.value
    return LinkMatrix(tuple(codes), values if periods else values[0], directed=directed, periods=tuple(periods))


def _place(record: LinkRecord, units: dict[str, int], times: dict[str, int]) -> tuple[int, int, int]:
    for code, known in ((record.period, times), (record.origin, units), (record.destination, units)):
        if code not in known:
            raise UnknownUnitError(code=code or "–")
    return times[record.period], units[record.origin], units[record.destination]
