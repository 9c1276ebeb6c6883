"""One unit's profile: where it stands in each pillar, what it is strong and weak in, what moved its score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from yunlang.indicators.core import columns
from yunlang.indicators.core.audit.decomposition import change_between_periods, distance_from_average
from yunlang.indicators.core.audit.strengths import profile
from yunlang.indicators.core.framework import Floats, Node
from yunlang.indicators.core.links.coupling import coordination_level, coupling_coordination
from yunlang.indicators.core.run import Run
from yunlang.indicators.edition_selectors import edition_before, edition_open
from yunlang.indicators.edition_views import Bar, EditionView, IntervalBar, bars_of, interval_bar, known, whole
from yunlang.kit.language import Bilingual
from yunlang.registry.core.colours import COLOURS

_SHOWN = 5
_MEDIAN = Bilingual("各单位中位数", "median of all")


@dataclass(frozen=True, slots=True)
class NodeStanding:
    """A unit's score and rank on one pillar, beside everybody's."""

    node: Node
    score: float | None
    rank: int | None
    of: int
    median: float | None
    best: float | None


@dataclass(frozen=True, slots=True)
class IndicatorStanding:
    """A unit's value of one indicator, what it scores, and how that ranks."""

    node: Node
    pillar: Node
    value: float | None
    places: int
    score: float | None
    rank: int | None
    of: int


@dataclass(frozen=True, slots=True)
class Part:
    """What one node contributes to a difference of scores, with its bar."""

    node: Node
    contribution: float
    bar: Bar | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of scores taken apart: the pillars' parts, and the indicators' that matter most."""

    first: str
    second: str
    before: float
    after: float
    change: float
    pillars: tuple[Part, ...]
    indicators: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class NodeChange:
    """A node's score in the edition before and in this one."""

    node: Node
    before: float | None
    after: float | None
    change: float | None


@dataclass(frozen=True, slots=True)
class Coordination:
    """How evenly a unit's pillars are developed: 耦合协调度, from 0 to 1, and what that level is called."""

    degree: float
    level: Bilingual


@dataclass(frozen=True, slots=True)
class Profile:
    """What the page of one unit shows."""

    unit: str
    label: Bilingual
    rank: int | None
    score: float | None
    of: int
    interval: IntervalBar | None
    places: int
    pillars: tuple[NodeStanding, ...]
    coordination: Coordination | None
    indicators: tuple[IndicatorStanding, ...]
    strengths: tuple[IndicatorStanding, ...]
    weaknesses: tuple[IndicatorStanding, ...]
    against_average: Difference | None
    against_before: Difference | None
    edition_before: Any
    edition_changes: tuple[NodeChange, ...]

    def chart(self, language: str) -> dict[str, Any] | None:
        """Return what the radar's script needs; None where fewer than three pillars have a score."""
        shown = [one for one in self.pillars if one.score is not None]
        if len(shown) < 3:
            return None
        numbers = [value for one in shown for value in (one.score, one.best, one.median) if value is not None]
        return {
            "kind": "radar",
            "least": min(0.0, *numbers),
            "most": max(numbers),
            "axes": [one.node.name.text(language) for one in shown],
            "series": [
                {"name": _MEDIAN.text(language), "colour": "ink", "values": _rounded(one.median for one in shown)},
                {
                    "name": self.label.text(language),
                    "colour": COLOURS.get(self.unit, "accent"),
                    "chosen": True,
                    "values": _rounded(one.score for one in shown),
                },
            ],
        }


def _rounded(values: Any) -> list[float | None]:
    return [None if value is None else round(value, 3) for value in values]


def profile_of(view: EditionView, unit: str, period: int) -> Profile:
    """Return the profile of one unit in one period."""
    opened, framework = view.opened, view.framework
    run = opened.run()
    place = opened.units.index(unit)
    scores = opened.score_of(framework.root.code, period)
    before = edition_before(view.edition) if view.edition.is_published else None
    last = period == len(opened.periods) - 1
    rank = opened.ranks[period, place]
    indicators = {one.node.code: one for one in _indicators(view, run, unit, period)}
    standings = profile(run, unit, number=_SHOWN, period=run.periods[period])
    pillars = tuple(_standing(view, node, place, period) for node in view.pillars)
    return Profile(
        unit=unit,
        label=view.labels[unit],
        rank=whole(rank),
        score=known(scores[place]),
        of=int(np.count_nonzero(~np.isnan(scores))),
        interval=interval_bar(opened.intervals.get(unit) if last else None, rank, len(opened.units)),
        places=view.places,
        pillars=pillars,
        coordination=_coordination([one.score for one in pillars]),
        indicators=tuple(indicators.values()),
        strengths=tuple(indicators[one.code] for one in standings.strengths),
        weaknesses=tuple(indicators[one.code] for one in standings.weaknesses),
        against_average=_against_average(run, unit, period),
        against_before=_against_before(run, unit, period),
        edition_before=before,
        edition_changes=_edition_changes(view, before, unit) if before else (),
    )


def _coordination(scores: Sequence[float | None]) -> Coordination | None:
    """Return how coordinated pillars are; None where they do not lie between 0 and 100, or are not all known."""
    known_scores = [score for score in scores if score is not None]
    if len(known_scores) < max(2, len(scores)) or not all(0 <= score <= 100 for score in known_scores):
        return None
    degree = float(coupling_coordination([score / 100 for score in known_scores]).coordination)
    level = coordination_level(degree)
    return None if level is None else Coordination(degree, level)


def _standing(view: EditionView, node: Node, place: int, period: int) -> NodeStanding:
    scores = view.opened.score_of(node.code, period)
    some = scores[~np.isnan(scores)]
    return NodeStanding(
        node=node,
        score=known(scores[place]),
        rank=whole(columns.descending_ranks(scores)[place]),
        of=len(some),
        median=float(np.median(some)) if len(some) else None,
        best=float(some.max()) if len(some) else None,
    )


def _indicators(view: EditionView, run: Run, unit: str, period: int) -> tuple[IndicatorStanding, ...]:
    # What is divided is shown, and has its unit, as it is compared.
    measured = run.stages.get("denominate", run.stages["raw"]).data
    values = measured.values[period, measured.units.index(unit)]
    normalised = run.data.values[period]
    ranks = columns.descending_ranks(normalised, axis=0)
    place = run.units.index(unit)
    counts = np.count_nonzero(~np.isnan(normalised), axis=0)
    framework = view.framework
    return tuple(
        IndicatorStanding(
            node=node,
            pillar=framework.by_code[framework.pillar_of(node.code)],
            value=known(values[column]),
            places=_value_places(measured.values[period, :, column]),
            score=known(normalised[place, column]),
            rank=whole(ranks[place, column]),
            of=int(counts[column]),
        )
        for column, node in enumerate(framework.indicators)
    )


def _value_places(values: Floats) -> int:
    """Return how many decimals a column of raw values needs, four at most."""
    some = values[~np.isnan(values)]
    return next((places for places in range(4) if np.allclose(some, np.round(some, places), rtol=1e-9, atol=0)), 4)


def _against_average(run: Run, unit: str, period: int) -> Difference | None:
    found = distance_from_average(run, unit, run.periods[period])
    return None if np.isnan(found.change) else _difference(run, found)


def _against_before(run: Run, unit: str, period: int) -> Difference | None:
    if period == 0:
        return None
    found = change_between_periods(run, unit, run.periods[period - 1], run.periods[period])
    return None if np.isnan(found.change) else _difference(run, found)


def _difference(run: Run, found: Any) -> Difference:
    framework = run.framework
    pillars = [node for node in framework.children[framework.root.code] if node.code in found.groups]
    indicators = sorted(found.contributions, key=lambda one: -abs(one.contribution))[: 2 * _SHOWN]
    indicators.sort(key=lambda one: -one.contribution)
    parts = _parts(
        [*pillars, *(framework.by_code[one.code] for one in indicators)],
        [*(found.groups[node.code] for node in pillars), *(one.contribution for one in indicators)],
    )
    return Difference(
        first=found.first,
        second=found.second,
        before=found.before,
        after=found.after,
        change=found.change,
        pillars=parts[: len(pillars)],
        indicators=parts[len(pillars) :],
    )


def _parts(nodes: Sequence[Node], contributions: Sequence[float]) -> tuple[Part, ...]:
    """Return parts with bars on one scale."""
    bars = bars_of(np.array(contributions, dtype=np.float64))
    return tuple(Part(*one) for one in zip(nodes, contributions, bars, strict=True))


def _edition_changes(view: EditionView, before: Any, unit: str) -> tuple[NodeChange, ...]:
    """Compare the last periods of two editions, node by node, as far as both have them."""
    earlier = edition_open(before)
    if unit not in earlier.units:
        return ()
    was, here = earlier.units.index(unit), view.opened.units.index(unit)
    changes = []
    for node in (view.framework.root, *view.pillars):
        if node.code in earlier.framework.codes:
            old, new = known(earlier.score_of(node.code)[was]), known(view.opened.score_of(node.code)[here])
            changes.append(NodeChange(node, old, new, new - old if old is not None and new is not None else None))
    return tuple(changes)
