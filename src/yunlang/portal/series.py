"""Figures of the cities as series: a table by period, and the same numbers for a chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from yunlang.kit.language import Bilingual
from yunlang.registry.core.colours import COLOURS
from yunlang.registry.models import City, Figure, Source

_PLACES_MAXIMUM = 2
_PLACES_OF_SMALL = 4


@dataclass(frozen=True, slots=True)
class Remark:
    """What must be known of some figures: whose, and from when to when."""

    cities: tuple[City, ...]
    first: str
    last: str
    note: Bilingual


@dataclass(frozen=True, slots=True)
class CitySeries:
    """One kind of figure, by period and city.

    Attributes
    ----------
    cities
        Those that have any value, in the corridor's order.
    rows
        For each period, oldest first: the period and one figure or None per city.
    sources
        Every publication that a value comes from.
    remarks
        Every note on any of the values.
    """

    label: Bilingual
    unit: Bilingual
    cities: tuple[City, ...]
    rows: tuple[tuple[str, tuple[Figure | None, ...]], ...]
    sources: tuple[Source, ...]
    remarks: tuple[Remark, ...]

    @property
    def latest_first(self) -> tuple[tuple[str, tuple[Figure | None, ...]], ...]:
        """The rows as a table shows them."""
        return self.rows[::-1]

    @property
    def places(self) -> int:
        """How many decimal places the table shows."""
        return common_places([one.value for _, row in self.rows for one in row if one is not None])

    def chart(self, *, language: str, chosen: str = "") -> dict[str, Any]:
        """Return what the chart's script needs; `chosen` is the adcode of the city that stands out."""
        return {
            "periods": [period for period, _ in self.rows],
            "unit": self.unit.text(language),
            "series": [
                {
                    "name": city.label.text(language),
                    "colour": COLOURS.get(city.adcode, "ink"),
                    "chosen": city.adcode == chosen,
                    "values": [float(row[index].value) if row[index] else None for _, row in self.rows],  # type: ignore[union-attr]
                }
                for index, city in enumerate(self.cities)
            ],
        }


@dataclass(frozen=True, slots=True)
class ComparedColumn:
    """Each city's latest figure of one kind, by adcode; the period where all share it."""

    label: Bilingual
    unit: Bilingual
    source: Source
    period: str
    places: int
    by_city: dict[str, Figure]

    @classmethod
    def of(cls, by_city: dict[str, Figure]) -> ComparedColumn:
        """Arrange figures of one code."""
        figures = list(by_city.values())
        periods = {figure.period for figure in figures}
        return cls(
            label=figures[0].label,
            unit=figures[0].unit,
            source=figures[0].source,
            period=periods.pop() if len(periods) == 1 else "",
            places=common_places([figure.value for figure in figures]),
            by_city=by_city,
        )


def common_places(values: Sequence[Decimal]) -> int:
    """Return how many decimal places line these values up: what they have, within reason for their size."""
    limit = _PLACES_OF_SMALL if max(abs(value) for value in values) < 10 else _PLACES_MAXIMUM
    return min(limit, max(max(0, -int(value.normalize().as_tuple().exponent)) for value in values))


def city_series(figures: Sequence[Figure]) -> CitySeries | None:
    """Arrange figures of one code; where two sources give the same value's period, the first counts. None of none."""
    if not figures:
        return None
    by_place: dict[tuple[str, str], Figure] = {}
    for figure in figures:
        if figure.city is not None:
            by_place.setdefault((figure.period, figure.city.adcode), figure)
    cities = sorted({figure.city for figure in by_place.values() if figure.city}, key=lambda city: city.order)
    periods = sorted({period for period, _ in by_place})
    return CitySeries(
        label=figures[-1].label,
        unit=figures[-1].unit,
        cities=tuple(cities),
        rows=tuple((period, tuple(by_place.get((period, city.adcode)) for city in cities)) for period in periods),
        sources=tuple({figure.source.code: figure.source for figure in by_place.values()}.values()),
        remarks=_remarks(list(by_place.values())),
    )


def _remarks(figures: Sequence[Figure]) -> tuple[Remark, ...]:
    noted: dict[Bilingual, list[Figure]] = {}
    for figure in figures:
        if figure.note.zh:
            noted.setdefault(figure.note, []).append(figure)
    return tuple(
        Remark(
            cities=tuple(sorted({one.city for one in those if one.city}, key=lambda city: city.order)),
            first=min(one.period for one in those),
            last=max(one.period for one in those),
            note=note,
        )
        for note, those in noted.items()
    )


def latest(figures: Sequence[Figure]) -> list[Figure]:
    """Return one figure for each code's latest period, in the order of codes; of several sources the newest counts."""
    last: dict[str, Figure] = {}
    for figure in figures:
        held = last.setdefault(figure.code, figure)
        if _recency(figure) > _recency(held):
            last[figure.code] = figure
    return list(last.values())


def _recency(figure: Figure) -> tuple[str, str, str]:
    return figure.period.rpartition("/")[2], figure.period, figure.source.dated
