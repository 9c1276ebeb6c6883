"""The corridor's indices fed from the platform: published figures of the nine cities, and what the platform counts.

A framework names where each indicator comes from: ``figure:CODE`` is a figure of the registry, ``count:NAME`` one of
`live_counts.COUNTS`. What is not known stays missing; nothing is taken from an earlier period or from another city.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Count
from django.utils import timezone

from yunlang.indicators.core.columns import Flags
from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.errors import DatasetError, FrameworkError
from yunlang.indicators.core.framework import Floats, Framework
from yunlang.indicators.live_counts import COUNTS, Tally
from yunlang.kit.language import Bilingual
from yunlang.registry.models import City, Figure, Source
from yunlang.registry.selectors.corridor import cities

FIGURE, COUNT = "figure", "count"
# What indicators are divided by: where it comes from, and how much of it makes one unit.
DENOMINATORS: dict[str, tuple[str, float]] = {
    "population": ("figure:population", 100.0),
    "gdp": ("figure:gdp", 1_000.0),
    "organisations": ("count:organisations", 100.0),
}


@dataclass(frozen=True, slots=True)
class LiveSource:
    """Where one indicator comes from, and how far that reaches.

    Attributes
    ----------
    code
        The indicator's.
    kind, name
        As its source says: ``figure`` and the figure's code, or ``count`` and what is counted.
    label
        What it is, in words.
    publications
        Where the figures were published; none for counts.
    period
        The last period used; the day, for counts. Empty where there is nothing.
    lacking
        The cities of which it, or what it is divided by, is not known then.
    """

    code: str
    kind: str
    name: str
    label: Bilingual
    publications: tuple[Source, ...]
    period: str
    lacking: tuple[City, ...]


@dataclass(frozen=True, slots=True)
class Live:
    """A framework's data as they are now, and where they come from."""

    data: Dataset
    sources: tuple[LiveSource, ...]


Series = dict[str, dict[str, Figure]]
"""One figure's values by period and city."""


def live_dataset(framework: Framework, *, periods: Sequence[str] = ()) -> Dataset:
    """Return what is known of the nine cities: a panel over `periods`, or without any the latest of everything."""
    return live_read(framework, periods=periods).data


def live_sources(framework: Framework, *, periods: Sequence[str] = ()) -> tuple[LiveSource, ...]:
    """Return where each indicator comes from, its last period, and the cities that lack it then."""
    return live_read(framework, periods=periods).sources


def live_read(framework: Framework, *, periods: Sequence[str] = ()) -> Live:
    """Return a framework's data and sources, from a query for the cities, one for figures, and one for each count.

    Parameters
    ----------
    periods
        The years of a panel. Without any, each figure gives its latest period; figures that are divided and what
        divides them give the latest that all of them have.

    Raises
    ------
    FrameworkError
        With every source or denominator that the platform does not know, and every count in a panel: counts know no
        past.
    """
    wanted = {node.code: _parsed(node.source) for node in framework.indicators}
    divisors = {code: _parsed(DENOMINATORS.get(code, ("", 0.0))[0]) for code in framework.denominators}
    _check(wanted | divisors, is_panel=bool(periods))
    nine = cities()
    figures = _figures(name for kind, name in (wanted | divisors).values() if kind == FIGURE)
    chosen = _periods(framework, wanted, divisors, figures)
    columns = _Columns(nine, figures, chosen, periods)
    data = Dataset(
        units=tuple(city.adcode for city in nine),
        indicators=tuple(wanted),
        values=np.stack([columns.of(source) for source in wanted.values()], axis=-1),
        periods=tuple(periods) or ("",),
        unit_names=tuple(city.name_zh for city in nine),
        denominators={code: columns.of(source) / DENOMINATORS[code][1] for code, source in divisors.items()},
    )
    sources = tuple(
        _source(
            code, source, figures.get(source[1], {}), periods[-1] if periods else chosen.get(source[1], ""), lacking
        )
        for (code, source), lacking in zip(wanted.items(), _lacking(framework, data, nine), strict=True)
    )
    return Live(data, sources)


def _parsed(source: str) -> tuple[str, str]:
    kind, _, name = source.partition(":")
    return kind, name


def _check(sources: Mapping[str, tuple[str, str]], *, is_panel: bool) -> None:
    problems: dict[str, list[Bilingual]] = {}
    for code, (kind, name) in sources.items():
        if kind == COUNT and is_panel:
            problems[code] = [Bilingual("平台计数没有历史数据", "what the platform counts has no past")]
        elif not (kind == FIGURE and name) and not (kind == COUNT and name in COUNTS):
            zh = "来源应写作 figure:代码 或 count:名称，且为平台所知"
            problems[code] = [Bilingual(zh, "its source is neither figure:CODE nor count:NAME that the platform knows")]
    if problems:
        raise FrameworkError(problems)


def _figures(codes: Iterable[str]) -> dict[str, Series]:
    """Return the figures of cities by code, period and city, in one query."""
    found: dict[str, Series] = {}
    rows = Figure.objects.filter(code__in=set(codes)).exclude(city=None).select_related("source").order_by("id")
    for figure in rows:
        # Where two sources give the same value's period, the first counts, as on the pages of figures.
        found.setdefault(figure.code, {}).setdefault(figure.period, {}).setdefault(str(figure.city_id), figure)
    return found


def _periods(
    framework: Framework,
    wanted: Mapping[str, tuple[str, str]],
    divisors: Mapping[str, tuple[str, str]],
    figures: Mapping[str, Series],
) -> dict[str, str]:
    """Return the period that each figure is taken from."""
    latest = {name: max(series, key=_end) for name, series in figures.items()}
    divided = {wanted[node.code] for node in framework.indicators if node.denominator}
    together = {name for kind, name in divided | set(divisors.values()) if kind == FIGURE and name in figures}
    yearly = {name for name in together if len(figures[name]) > 1}
    shared = set.intersection(*(set(figures[name]) for name in yearly)) if yearly else set()
    last = max(shared, default="", key=_end)
    return latest | dict.fromkeys(yearly if last else (), last)


def _end(period: str) -> tuple[str, str]:
    return period.rpartition("/")[2], period


class _Columns:
    """Values over periods and cities of what a source names."""

    def __init__(
        self, nine: Sequence[City], figures: Mapping[str, Series], chosen: Mapping[str, str], periods: Sequence[str]
    ) -> None:
        self._nine, self._figures, self._chosen, self._periods = nine, figures, chosen, periods
        self._tally = Tally()

    def of(self, source: tuple[str, str]) -> Floats:
        """Return the values, shape (periods, cities)."""
        kind, name = source
        return np.array([self._counts(name)] if kind == COUNT else self._values(name), dtype=np.float64)

    def _counts(self, name: str) -> list[float]:
        count = COUNTS[name]
        numbers = count.of(self._tally)
        absent = math.nan if count.is_share else 0.0
        return [numbers.get(city.adcode, absent) for city in self._nine]

    def _values(self, name: str) -> list[list[float]]:
        series = self._figures.get(name, {})
        rows = [series.get(period, {}) for period in self._periods or [self._chosen.get(name, "")]]
        return [
            [float(row[city.adcode].value) if city.adcode in row else math.nan for city in self._nine] for row in rows
        ]


def _missing(framework: Framework, data: Dataset) -> Flags:
    """Tell where an indicator, or what it is divided by, is not known; shape (periods, cities, indicators)."""
    missing = np.isnan(data.values)
    for place, code in enumerate(data.indicators):
        if divisor := framework.by_code[code].denominator:
            missing[:, :, place] |= np.isnan(data.denominators[divisor])
    return missing


def _lacking(framework: Framework, data: Dataset, nine: Sequence[City]) -> list[tuple[City, ...]]:
    """Return the cities that lack each indicator in the last period."""
    last = _missing(framework, data)[-1]
    return [tuple(city for city, missing in zip(nine, column, strict=True) if missing) for column in last.T]


def _source(code: str, source: tuple[str, str], series: Series, period: str, lacking: tuple[City, ...]) -> LiveSource:
    kind, name = source
    if kind == COUNT:
        return LiveSource(code, kind, name, COUNTS[name].label, (), timezone.localdate().isoformat(), lacking)
    used = list(series.get(period, {}).values())
    publications = {figure.source.code: figure.source for figure in used}
    label = used[0].label if used else Bilingual(name, name)
    return LiveSource(code, kind, name, label, tuple(publications.values()), period if used else "", lacking)


def computable(framework: Framework, data: Dataset) -> Framework:
    """Return the framework without the indicators that `uncomputable` names.

    They come back by themselves with the first data: nobody has to change the framework.

    Raises
    ------
    FrameworkError
        Where nothing is left.
    """
    return framework.without(uncomputable(framework, data))


def uncomputable(framework: Framework, data: Dataset) -> dict[str, Bilingual]:
    """Return the indicators that cannot tell cities apart yet, and why."""
    reasons: dict[str, Bilingual] = {}
    there = ~_missing(framework, data)
    for place, code in enumerate(data.indicators):
        known = data.values[:, :, place][there[:, :, place]]
        if not known.size:
            reasons[code] = Bilingual("各城市均无数据", "no city has data")
        elif there[:, :, place].any(axis=0).sum() == 1:
            reasons[code] = Bilingual("只有一个城市有数据", "only one city has data")
        elif (known == known[0]).all():
            reasons[code] = Bilingual("各城市数值相同", "all cities have the same value")
    return reasons


def total_of(data: Dataset, code: str, name: str) -> Dataset:
    """Return one unit: the sum of those units of which everything is known in every period.

    Only for indicators that add up. Units with gaps are left out of all sums, so that the total grows by what the same
    units have grown throughout.

    Raises
    ------
    DatasetError
        Where there is no such unit.
    """
    complete = ~np.isnan(data.values).any(axis=(0, 2))
    if not complete.any():
        raise DatasetError({code: [Bilingual("没有数据齐全的单位", "no unit is known throughout")]})
    return Dataset(
        units=(code,),
        indicators=data.indicators,
        values=data.values[:, complete].sum(axis=1, keepdims=True),
        periods=data.periods,
        unit_names=(name,),
    )


def live_years(framework: Framework, *, since: str) -> tuple[str, ...]:
    """Return the years, from one on, in which every one of a framework's figures is known of some city."""
    codes = {name for kind, name in (_parsed(node.source) for node in framework.indicators) if kind == FIGURE}
    rows = Figure.objects.filter(code__in=codes, period__regex="^[0-9]{4}$", period__gte=since).exclude(city=None)
    counted = rows.order_by("period").values("period").annotate(codes=Count("code", distinct=True))
    return tuple(row["period"] for row in counted if row["codes"] == len(codes))
