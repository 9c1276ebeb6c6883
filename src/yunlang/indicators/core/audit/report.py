"""The whole audit of an index, as one result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from yunlang.indicators.core.audit.availability import UnitAvailability, unit_availability
from yunlang.indicators.core.audit.components import Components, components
from yunlang.indicators.core.audit.correlation import (
    CorrelationFlag,
    CorrelationLimits,
    CorrelationMethod,
    Correlations,
    correlate,
    correlation_flags,
)
from yunlang.indicators.core.audit.denominators import DenominatorCorrelation, denominator_correlations
from yunlang.indicators.core.audit.influence import Influence, Redundancy, RedundancyLimits, influences, redundant
from yunlang.indicators.core.audit.places import period_place
from yunlang.indicators.core.audit.plain import plain
from yunlang.indicators.core.audit.reliability import Reliability, reliability
from yunlang.indicators.core.audit.removal import Removal, removals
from yunlang.indicators.core.audit.statistics import IndicatorStatistics, StatisticsLimits, indicator_statistics
from yunlang.indicators.core.audit.trends import Trend, index_trends
from yunlang.indicators.core.audit.unit_removal import UnitRemoval, unit_removals
from yunlang.indicators.core.audit.weight_changes import FACTORS, WeightChange, weight_changes
from yunlang.indicators.core.framework import Floats
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine, Run
from yunlang.kit.language import Bilingual

UNITS_REMOVED_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class AuditLimits:
    """What the audit looks for, and how far it goes.

    Attributes
    ----------
    method
        Of the correlations.
    factors
        What weights are multiplied by.
    units_removed
        Up to how many units each is removed in turn, which costs a run each; with more none is, and the audit says so.
    """

    statistics: StatisticsLimits = field(default_factory=StatisticsLimits)
    correlation: CorrelationLimits = field(default_factory=CorrelationLimits)
    redundancy: RedundancyLimits = field(default_factory=RedundancyLimits)
    method: CorrelationMethod = "pearson"
    factors: tuple[float, ...] = FACTORS
    units_removed: int = UNITS_REMOVED_AT_MOST


@dataclass(frozen=True, slots=True)
class Audit:
    """What an index's data, structure and weights do to its ranking.

    Attributes
    ----------
    inputs, recipe
        SHA-256 over framework and data, and over the recipe.
    period, units
        Which one is audited, and the units judged, in the order that shifts are in.
    statistics, availability
        Of the raw values, by indicator and by unit.
    correlations
        Of the scores of all nodes, in the order of `Framework.codes`.
    reliability, components
        By group, of its members' scores; groups of one are left out, and of `components` those without data enough.
    trends
        Of the index's score by unit, where there are several periods.
    notes
        What was not done, and why.
    denominators
        Raw indicators that go with the size of units.
    """

    inputs: str
    recipe: str
    period: str
    units: tuple[str, ...]
    statistics: tuple[IndicatorStatistics, ...]
    availability: tuple[UnitAvailability, ...]
    correlations: Correlations
    correlation_flags: tuple[CorrelationFlag, ...]
    reliability: tuple[Reliability, ...]
    components: tuple[Components, ...]
    influences: tuple[Influence, ...]
    redundant: tuple[Redundancy, ...]
    removals: tuple[Removal, ...]
    weight_changes: tuple[WeightChange, ...]
    unit_removals: tuple[UnitRemoval, ...]
    trends: tuple[Trend, ...]
    notes: tuple[Bilingual, ...]
    denominators: tuple[DenominatorCorrelation, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return the audit as plain values, for JSON."""
        values: dict[str, Any] = plain(self)
        return values


def audit(engine: Engine, recipe: Recipe, *, period: str | None = None, limits: AuditLimits | None = None) -> Audit:
    """Audit a recipe over an engine's data.

    Parameters
    ----------
    period
        The last where None.

    Raises
    ------
    DatasetError, RecipeError, StageError
        Where the recipe cannot be run, or there is no such period.
    """
    limits = limits or AuditLimits()
    run = engine.run(recipe)
    place = period_place(run, period)
    period = run.periods[place]
    raw, scores = run.stages["raw"].data, run.scores[place]
    codes = [node.code for node in run.framework.indicators]
    removed = removals(engine, run, period=period)
    units = run.units if len(run.units) <= limits.units_removed else ()
    return Audit(
        inputs=run.inputs,
        recipe=recipe.digest(),
        period=period,
        units=run.units,
        statistics=indicator_statistics(raw.values[place], codes, limits.statistics),
        availability=unit_availability(run.framework, raw.values[place], raw.units),
        correlations=correlate(scores, run.framework.codes, limits.method),
        correlation_flags=correlation_flags(run.framework, scores, limits.correlation, limits.method),
        reliability=tuple(reliability(*one) for one in _groups(run, scores)),
        components=tuple(found for one in _groups(run, scores) if (found := components(*one)) is not None),
        influences=influences(run, period),
        redundant=redundant(run, removed, limits.redundancy, period),
        removals=removed,
        weight_changes=weight_changes(run, limits.factors, period),
        unit_removals=unit_removals(engine, run, units, period),
        trends=index_trends(run) if len(run.periods) > 1 else (),
        notes=_notes(run, limits, len(units)),
        denominators=denominator_correlations(
            raw.values[place], codes, {name: column[place] for name, column in raw.denominators.items()}
        ),
    )


def _groups(run: Run, scores: Floats) -> list[tuple[Floats, list[str], str]]:
    return [
        (scores[:, group.members], [run.framework.codes[place] for place in group.members], group.code)
        for group in run.framework.groups
        if len(group.members) > 1
    ]


def _notes(run: Run, limits: AuditLimits, removed: int) -> tuple[Bilingual, ...]:
    if removed or not run.units:
        return ()
    number = len(run.units)
    zh = f"单位多于 {limits.units_removed} 个（{number} 个），未逐一移除检验排名稳定性"
    en = f"with more than {limits.units_removed} units ({number}) none was removed to see whether the ranking holds"
    return (Bilingual(zh, en),)
