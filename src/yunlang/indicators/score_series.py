"""Scores from period to period: a table, and the lines of a chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from yunlang.indicators.core.framework import Node
from yunlang.indicators.edition_views import EditionView, decimals, known
from yunlang.kit.language import Bilingual
from yunlang.registry.core.colours import COLOURS

_LINES = 9
_OTHERS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#D9C72B", "#8C8C8C", "ink")


@dataclass(frozen=True, slots=True)
class UnitScores:
    """One unit's scores, a value or None for each period."""

    unit: str
    label: Bilingual
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class ScoreSeries:
    """The scores of one node, for every period and unit.

    Attributes
    ----------
    drawn
        The units that the chart shows: the corridor's cities, or those that lead in the last period.
    """

    name: Bilingual
    periods: tuple[str, ...]
    units: tuple[UnitScores, ...]
    drawn: tuple[UnitScores, ...]
    places: int

    @property
    def rows(self) -> list[tuple[str, list[float | None]]]:
        """For each period, the latest first, the drawn units' scores."""
        places = range(len(self.periods) - 1, -1, -1)
        return [(self.periods[place], [one.values[place] for one in self.drawn]) for place in places]

    def chart(self, language: str) -> dict[str, Any]:
        """Return what the chart's script needs."""
        numbers = [value for one in self.drawn for value in one.values if value is not None]
        return {
            "periods": list(self.periods),
            "unit": self.name.text(language),
            "least": min([0.0, *numbers]),
            "series": [
                {
                    "name": one.label.text(language),
                    "colour": COLOURS.get(one.unit, _OTHERS[place % len(_OTHERS)]),
                    "chosen": False,
                    "values": [None if value is None else round(value, self.places) for value in one.values],
                }
                for place, one in enumerate(self.drawn)
            ],
        }


def score_series(view: EditionView, node: Node) -> ScoreSeries:
    """Return the scores of one node in all periods."""
    opened = view.opened
    scores = opened.scores[:, :, view.framework.codes.index(node.code)]
    units = [
        UnitScores(unit, view.labels[unit], tuple(known(value) for value in scores[:, place].tolist()))
        for place, unit in enumerate(opened.units)
    ]
    units.sort(key=lambda one: (one.values[-1] is None, -(one.values[-1] or 0.0)))
    order = list(view.members)
    members = sorted((one for one in units if one.unit in view.members), key=lambda one: order.index(one.unit))
    return ScoreSeries(
        name=node.name,
        periods=opened.periods,
        units=tuple(units),
        drawn=tuple(members or units[:_LINES]),
        places=decimals(scores),
    )
