"""The data of an index: what was measured for which unit and when."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from yunlang.indicators.core.errors import DatasetError
from yunlang.indicators.core.framework import Floats, Framework
from yunlang.kit.language import Bilingual


@dataclass(frozen=True)
class Dataset:
    """Values of indicators, units by periods.

    Parameters
    ----------
    units, unit_names
        Codes, and names to show; as many as there are units.
    indicators
        Codes of the columns.
    periods
        In their order; one where time plays no part.
    values
        Shape (periods, units, indicators), NaN where nothing is known. Kept with a column's units side by side in
        memory, which is how every stage reads them.
    groupings
        For each way of grouping, each unit's group; empty where unknown.
    denominators
        Columns to divide by, each of shape (periods, units).

    Raises
    ------
    DatasetError
        Where shapes differ, or a unit, an indicator or a period comes twice.
    """

    units: tuple[str, ...]
    indicators: tuple[str, ...]
    values: Floats
    periods: tuple[str, ...] = ("",)
    unit_names: tuple[str, ...] = ()
    groupings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    denominators: Mapping[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shape = (len(self.periods), len(self.units), len(self.indicators))
        problems: dict[str, list[Bilingual]] = {}
        if self.values.shape != shape:
            reason = Bilingual(
                f"数值的形状应为 {shape}，而非 {self.values.shape}", f"values of shape {shape} are needed"
            )
            raise DatasetError({"values": [reason]})
        for place, codes in (("units", self.units), ("indicators", self.indicators), ("periods", self.periods)):
            twice = sorted({code for code in codes if codes.count(code) > 1}) if len(set(codes)) < len(codes) else []
            for code in twice:
                problems.setdefault(place, []).append(Bilingual(f"“{code}”重复", f"“{code}” comes twice"))
        if problems:
            raise DatasetError(problems)
        object.__setattr__(self, "values", by_column(self.values))
        if not self.unit_names:
            object.__setattr__(self, "unit_names", self.units)

    @property
    def is_panel(self) -> bool:
        """Whether there is more than one period."""
        return len(self.periods) > 1

    def for_framework(self, framework: Framework) -> Self:
        """Return the columns that a framework's indicators need, in its order.

        Raises
        ------
        DatasetError
            With every indicator that has no column or no value at all, and every denominator that is missing.
        """
        place = {code: index for index, code in enumerate(self.indicators)}
        problems: dict[str, list[Bilingual]] = {}
        for node in framework.indicators:
            if node.code not in place:
                problems[node.code] = [Bilingual("数据中没有这一指标的列", "the data have no such column")]
            elif np.isnan(self.values[:, :, place[node.code]]).all():
                problems[node.code] = [Bilingual("全部缺失", "all values are missing")]
            if node.denominator and node.denominator not in self.denominators:
                text = Bilingual(
                    f"缺少分母“{node.denominator}”一列", f"its denominator “{node.denominator}” has no column"
                )
                problems.setdefault(node.code, []).append(text)
        if problems:
            raise DatasetError(problems)
        codes = tuple(node.code for node in framework.indicators)
        return replace(self, indicators=codes, values=self.values[:, :, [place[code] for code in codes]])

    def refuse_constants(self) -> None:
        """Refuse columns whose known values are all alike, which no comparison of units can use.

        Raises
        ------
        DatasetError
            With every one of them.
        """
        reason = Bilingual("全部数值相同，无法比较", "the column is constant, nothing can be compared")
        if len(self.units) > 1 and self.constants:
            raise DatasetError({code: [reason] for code in self.constants})

    @cached_property
    def constants(self) -> tuple[str, ...]:
        """Indicators whose known values are all alike; found once, for every run over these data asks."""
        flat = self.values.reshape(-1, len(self.indicators))
        with np.errstate(invalid="ignore"):
            alike = np.fmax.reduce(flat, axis=0) == np.fmin.reduce(flat, axis=0)
        return tuple(code for code, same in zip(self.indicators, alike, strict=True) if same)

    def choose_units(self, chosen: Sequence[int]) -> Self:
        """Return some of the units, by position."""
        places = list(chosen)
        return replace(
            self,
            units=tuple(self.units[place] for place in places),
            unit_names=tuple(self.unit_names[place] for place in places),
            values=self.values[:, places, :],
            groupings={name: tuple(groups[place] for place in places) for name, groups in self.groupings.items()},
            denominators={name: column[:, places] for name, column in self.denominators.items()},
        )

    def places_of(self, units: Sequence[str]) -> npt.NDArray[np.intp]:
        """Return the positions of units by their codes."""
        places = {unit: place for place, unit in enumerate(self.units)}
        return np.array([places[unit] for unit in units], dtype=np.intp)

    def digest(self) -> str:
        """Return a SHA-256 over everything that a result can depend on."""
        sums = hashlib.sha256()
        for words in (self.units, self.indicators, self.periods):
            sums.update("\x1f".join(words).encode() + b"\x1e")
        sums.update(np.ascontiguousarray(self.values).tobytes())
        for name in sorted(self.groupings):
            sums.update("\x1f".join((name, *self.groupings[name])).encode() + b"\x1e")
        for name in sorted(self.denominators):
            sums.update(name.encode() + np.ascontiguousarray(self.denominators[name]).tobytes())
        return sums.hexdigest()


def by_column(values: Floats) -> Floats:
    """Return the values, units lying side by side in memory for each period and indicator; no copy where they do."""
    floats = np.asarray(values, dtype=np.float64)
    return np.ascontiguousarray(floats.swapaxes(-1, -2)).swapaxes(-1, -2)


def times_of(periods: Sequence[str]) -> Floats:
    """Return when periods are: the numbers they are named by, or their positions where one's name is no number."""
    try:
        return np.array([float(period) for period in periods])
    except ValueError:
        return np.arange(len(periods), dtype=np.float64)
