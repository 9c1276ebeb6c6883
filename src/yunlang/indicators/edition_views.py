"""What the pages of an edition show: names, ranking, bars, marks on the map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from django.urls import reverse

from yunlang.indicators.core.framework import Floats, Node
from yunlang.indicators.edition_models import Edition
from yunlang.indicators.edition_selectors import Interval, OpenEdition
from yunlang.indicators.shipped import delta_cities
from yunlang.kit.language import Bilingual
from yunlang.registry.models import City
from yunlang.registry.selectors.corridor import cities
from yunlang.registry.selectors.corridor_map import CorridorMap, Mark, corridor_map

BAR_WIDTH = 120
INTERVAL_WIDTH = 160
_MARGIN = 4
_STEPS = 4
SCORE = Bilingual("得分", "score")
MISSING = "–"


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from the zero line: where it starts and how wide it is, in pixels of `BAR_WIDTH`."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class IntervalBar:
    """An interval of ranks as positions on a line of `INTERVAL_WIDTH` pixels."""

    interval: Interval
    low: float
    nominal: float
    high: float

    @property
    def width(self) -> float:
        """How long the interval is drawn; a sure rank is still seen."""
        return max(self.high - self.low, 2.0)

    @property
    def is_sure(self) -> bool:
        """Whether both ends are the same rank."""
        return round(self.interval.low) == round(self.interval.high)


@dataclass(frozen=True, slots=True)
class RankRow:
    """One unit in a ranking."""

    unit: str
    label: Bilingual
    is_member: bool
    rank: int | None
    score: float | None
    bar: Bar | None
    interval: IntervalBar | None
    pillars: tuple[float | None, ...]


class EditionView:
    """An edition with the names of its units, for one request."""

    def __init__(self, edition: Edition, opened: OpenEdition) -> None:
        self.edition = edition
        self.opened = opened
        self.framework = opened.framework

    @cached_property
    def members(self) -> dict[str, City]:
        """The corridor's cities by code."""
        return {city.adcode: city for city in cities()}

    @cached_property
    def labels(self) -> dict[str, Bilingual]:
        """Names of all units in both languages, as far as they are known."""
        known = _delta_names() | {code: city.label for code, city in self.members.items()}
        names = self.opened.names
        return {unit: known.get(unit, Bilingual(names[unit], names[unit])) for unit in self.opened.data.units}

    @cached_property
    def are_cities(self) -> bool:
        """Whether every unit is a city that the platform knows."""
        return set(self.opened.data.units) <= delta_cities().keys() | self.members.keys()

    @cached_property
    def pillars(self) -> tuple[Node, ...]:
        """The nodes right under the index."""
        return self.framework.children[self.framework.root.code]

    @cached_property
    def places(self) -> int:
        """How many decimals scores are shown with."""
        return decimals(self.opened.score_of(self.framework.root.code))

    def ranking(self, period: int = -1) -> list[RankRow]:
        """Return the units of one period, best first; those without a rank last."""
        opened = self.opened
        scores = opened.score_of(self.framework.root.code, period)
        ranks = opened.ranks[period]
        intervals = opened.intervals if period in (-1, len(opened.periods) - 1) else {}
        bars = bars_of(scores)
        pillars = np.stack([opened.score_of(node.code, period) for node in self.pillars], axis=-1)
        rows = [
            RankRow(
                unit=unit,
                label=self.labels[unit],
                is_member=unit in self.members,
                rank=whole(ranks[place]),
                score=known(scores[place]),
                bar=bars[place],
                interval=interval_bar(intervals.get(unit), ranks[place], len(opened.units)),
                pillars=tuple(known(value) for value in pillars[place]),
            )
            for place, unit in enumerate(opened.units)
        ]
        return sorted(rows, key=lambda row: (row.rank is None, row.rank or 0))

    def map(self, rows: Sequence[RankRow], language: str) -> CorridorMap | None:
        """Return the map of the member cities with their ranks; None where none of them is judged."""
        by_unit = {row.unit: row for row in rows if row.is_member}
        if not by_unit:
            return None
        scores = [row.score for row in by_unit.values() if row.score is not None]
        marks = []
        for code, city in self.members.items():
            row = by_unit.get(code)
            judged = row is not None and row.score is not None
            marks.append(
                Mark(
                    adcode=code,
                    name=city.label.text(language),
                    shown=f"{row.score:.{self.places}f}" if row and row.score is not None else MISSING,
                    step=_step(row.score, scores) if row and row.score is not None else 0,
                    address=self.unit_address(code) if judged else reverse("portal:city", args=[code]),
                )
            )
        return corridor_map(marks, SCORE)

    def unit_address(self, unit: str) -> str:
        """Return the address of a unit's profile."""
        return reverse("indicators:unit", args=[self.edition.index, self.edition.label, unit])


@cache
def _delta_names() -> dict[str, Bilingual]:
    """Return the delta's cities as people name them, without the word for city, like the corridor's own."""
    return {code: Bilingual(name.zh.removesuffix("市"), name.en) for code, name in delta_cities().items()}


def _step(score: float, scores: Sequence[float]) -> int:
    """Return the colour step of a score, from 1 for the lowest shown to 4 for the highest."""
    low, high = min(scores), max(scores)
    return _STEPS if high == low else 1 + min(_STEPS - 1, int(_STEPS * (score - low) / (high - low)))


def bars_of(scores: Floats) -> list[Bar | None]:
    """Return one bar for each score, all on one scale that includes zero."""
    finite = scores[~np.isnan(scores)]
    low, high = min(0.0, *finite.tolist(), 0.0), max(0.0, *finite.tolist(), 0.0)
    scale = BAR_WIDTH / (high - low) if high > low else 0.0
    return [
        None
        if math.isnan(score)
        else Bar(round((min(score, 0.0) - low) * scale, 1), round(max(abs(score) * scale, 1.0), 1))
        for score in scores.tolist()
    ]


def interval_bar(interval: Interval | None, rank: float, units: int) -> IntervalBar | None:
    """Return where an interval lies between the first rank and the last."""
    if interval is None or math.isnan(rank):
        return None

    def place(value: float) -> float:
        return round(_MARGIN + (value - 1) / max(units - 1, 1) * (INTERVAL_WIDTH - 2 * _MARGIN), 1)

    return IntervalBar(interval, place(interval.low), place(rank), place(interval.high))


def decimals(values: Floats) -> int:
    """Return how many decimals tell values apart without pretending more: two, or three where they are small."""
    largest = float(np.nanmax(np.abs(values), initial=0.0))
    return 2 if largest >= 2 else 3


def known(value: float) -> float | None:
    """Return a number, None for NaN."""
    return None if math.isnan(value) else float(value)


def whole(value: float) -> int | None:
    """Return a rank as a whole number, None for NaN."""
    return None if math.isnan(value) else int(value)
