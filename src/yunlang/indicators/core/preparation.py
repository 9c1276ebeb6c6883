"""The stages before weighting, each from a recipe's settings to the pure function that does it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np

from yunlang.indicators.core import columns
from yunlang.indicators.core.columns import Flags
from yunlang.indicators.core.dataset import Dataset, times_of
from yunlang.indicators.core.errors import RecipeError, StageError
from yunlang.indicators.core.framework import Floats, Framework, Goalposts, Node
from yunlang.indicators.core.recipe import (
    STAGE_LABELS,
    Denominate,
    Impute,
    Normalise,
    NormaliseColumn,
    Screen,
    Treat,
    TreatColumn,
)
from yunlang.indicators.core.stages import imputation, normalisation, panel_imputation, treatment
from yunlang.indicators.core.stages.denomination import denominated
from yunlang.indicators.core.stages.expectation_maximisation import em
from yunlang.indicators.core.stages.screening import units_kept
from yunlang.kit.language import Bilingual

S = TypeVar("S", TreatColumn, NormaliseColumn)
Places = list[int] | slice


@dataclass(frozen=True)
class Prepared:
    """What a stage gives: new values, what it did, and the units that stay (None for all)."""

    values: Floats
    notes: Mapping[str, Any] = field(default_factory=dict)
    units: Flags | None = None

    def applied(self, data: Dataset) -> Dataset:
        """Return the data with these values, and only the units that stay."""
        if self.units is None:
            return replace(data, values=self.values)
        chosen = data.choose_units(np.flatnonzero(self.units).tolist())
        return replace(chosen, values=self.values[:, self.units])


def _denominate(framework: Framework, data: Dataset, settings: Denominate) -> Prepared:
    by = [node.denominator for node in framework.indicators]
    if settings.method == "none" or not any(by):
        return Prepared(data.values)
    divided = {node.code: node.denominator for node in framework.indicators if node.denominator}
    return Prepared(denominated(data.values, by, data.denominators), {"divided": divided})


def _impute(framework: Framework, data: Dataset, settings: Impute) -> Prepared:
    name, groups = grouping_of(data, settings)
    values = data.values
    compute: Callable[[], Floats] = {
        "none": lambda: values,
        "mean": lambda: imputation.mean(values),
        "median": lambda: imputation.median(values),
        "group_mean": lambda: imputation.group_mean(values, groups=groups),
        "group_median": lambda: imputation.group_median(values, groups=groups),
        "em": lambda: em(values),
        "nearest": lambda: imputation.nearest(values, neighbours=settings.neighbours),
        "last": lambda: panel_imputation.last(values),
        "latest": lambda: panel_imputation.latest(values, within=settings.within),
        "linear": lambda: panel_imputation.linear(values, times=times_of(data.periods).tolist()),
        "constant": lambda: panel_imputation.constant(values),
    }[settings.method]
    found = compute() if np.isnan(values).any() else values
    before, after = int(np.isnan(values).sum()), int(np.isnan(found).sum())
    notes = {"missing": before, "filled": before - after}
    return Prepared(found, notes | ({"group": name} if settings.method.startswith("group") else {}))


def grouping_of(data: Dataset, settings: Impute) -> tuple[str, tuple[str, ...]]:
    """Return the grouping that imputation uses, and each unit's group.

    Raises
    ------
    RecipeError
        Where the data have no such grouping.
    """
    if settings.group is not None and settings.group not in data.groupings:
        zh = f"数据中没有分组“{settings.group}”"
        raise RecipeError({"impute.group": [Bilingual(zh, f"the data have no grouping “{settings.group}”")]})
    name = settings.group or min(data.groupings, key=lambda one: len(set(data.groupings[one])), default="")
    return name, data.groupings.get(name, ("",) * len(data.units))


def _screen(framework: Framework, data: Dataset, settings: Screen) -> Prepared:
    kept = units_kept(data.values, availability=settings.availability, nonzero=settings.nonzero)
    if not kept.any():
        reason = Bilingual("没有单位满足数据要求", "no unit has data enough")
        raise StageError(stage=STAGE_LABELS["screen"], reason=reason)
    dropped = [unit for unit, stays in zip(data.units, kept, strict=True) if not stays]
    return Prepared(data.values, {"dropped": dropped}, None if kept.all() else kept)


def _treat(framework: Framework, data: Dataset, settings: Treat) -> Prepared:
    _require_known(framework, settings.by_indicator, "treat.by_indicator")
    values = _pooled(data.values) if settings.scope == "panel" else data.values
    parts: list[tuple[Places, Floats]] = []
    columns_treated: dict[str, Any] = {}
    for one, places in _same_settings(framework, settings.of):
        if one.method == "none":
            parts.append((places, values[:, :, places]))
            continue
        part = treatment.treated(
            values[:, :, places],
            limits=treatment.Limits(one.skewness, one.kurtosis, one.points if one.method == "winsorise" else 0),
            transformation=one.transformation, exponent=one.exponent, combine=one.combine,
        )  # fmt: skip
        parts.append((places, part.values))
        columns_treated |= _treated_columns(framework, one, places, part)
    found = _together(parts, values)
    restored = _unpooled(found, data.values.shape) if settings.scope == "panel" else found
    return Prepared(restored, {"treated": columns_treated})


def _treated_columns(
    framework: Framework, settings: TreatColumn, places: Places, part: treatment.Treated
) -> dict[str, dict[str, Any]]:
    """Return, for each column that did not pass, what was done: points pulled in by period, or the transformation."""
    codes = [node.code for node in _chosen(framework, places)]
    return {
        code: {
            "points": part.points[:, column].tolist(),
            "transformed": [bool(one) for one in part.outcome[:, column] == treatment.TRANSFORMED],
            "transformation": settings.transformation,
            "passes": part.passes[:, column].tolist(),
        }
        for column, code in enumerate(codes)
        if part.outcome[:, column].any()
    }


def _normalise(framework: Framework, data: Dataset, settings: Normalise) -> Prepared:
    _require_known(framework, settings.by_indicator, "normalise.by_indicator")
    pooled = settings.scope == "panel"
    parts: list[tuple[Places, Floats]] = []
    for one, places in _same_settings(framework, settings.of):
        compute = _normaliser(framework, data, one, places)
        part = data.values[:, :, places]
        # Methods that look along time keep the periods apart whatever the scope.
        apart = not pooled or one.method in ("fixed_base", "percent_change", "distance_to_reference")
        parts.append((places, compute(part) if apart else _unpooled(compute(_pooled(part)), part.shape)))
    return Prepared(_together(parts, data.values))


def _normaliser(
    framework: Framework, data: Dataset, settings: NormaliseColumn, places: Places
) -> Callable[[Floats], Floats]:
    nodes = _chosen(framework, places)
    directions = framework.directions[places]
    low, high = settings.range
    turned: dict[str, Callable[..., Floats]] = {
        "minmax": partial(normalisation.minmax, low=low, high=high),
        "zscore": partial(normalisation.zscore, mean=settings.mean, deviation=settings.deviation),
        "rank": normalisation.rank,
        "percentile_rank": normalisation.percentile_rank,
        "borda": normalisation.borda,
        "distance_to_maximum": normalisation.distance_to_maximum,
        "fraction_of_maximum": normalisation.fraction_of_maximum,
        "scaled": partial(normalisation.scaled, low=low, high=high),
        "none": lambda values: values,
    }
    if settings.method in turned:
        method = turned[settings.method]
        return lambda values: columns.by_blocks(lambda block, where, which: method(block * directions[which]), values)
    if settings.method == "distance_to_reference":
        unit = _position(data.units, str(settings.reference), "reference", "单位", "unit")
        return lambda values: normalisation.distance_to_reference(values * directions, unit=unit, cap=settings.cap)
    if settings.method == "distance_to_target":
        targets = _all_given({node.code: node.target for node in nodes}, "目标值", "target")
        return partial(
            normalisation.distance_to_target, targets=targets, directions=directions, cap=settings.cap
        )  # fmt: skip
    if settings.method == "goalposts":
        posts: list[Goalposts] = _all_given(
            {node.code: node.goalposts for node in nodes}, "目标区间", "pair of goalposts"
        )
        return partial(normalisation.goalposts, posts=posts, directions=directions)
    base = None if settings.base is None else _position(data.periods, settings.base, "base", "时期", "period")
    if settings.method == "fixed_base":
        return partial(normalisation.fixed_base, base=base or 0, directions=directions)
    return partial(normalisation.percent_change, base=base, directions=directions)


def _position(codes: tuple[str, ...], code: str, option: str, zh: str, en: str) -> int:
    if code not in codes:
        raise RecipeError({f"normalise.{option}": [Bilingual(f"没有{zh}“{code}”", f"there is no {en} “{code}”")]})
    return codes.index(code)


def _all_given(values: Mapping[str, Any], zh: str, en: str) -> list[Any]:
    without = [code for code, value in values.items() if value is None]
    if without:
        reason = Bilingual(
            f"这一方法需要每个指标的{zh}，缺少：{'、'.join(without)}",
            f"each indicator needs a {en}; without: {', '.join(without)}",
        )
        raise RecipeError({"normalise.method": [reason]})
    return list(values.values())


def _require_known(framework: Framework, by_indicator: Mapping[str, Any], place: str) -> None:
    known = {node.code for node in framework.indicators}
    problems = {
        f"{place}.{code}": [Bilingual("框架中没有这一指标", "the framework has no such indicator")]
        for code in by_indicator
        if code not in known
    }
    if problems:
        raise RecipeError(problems)


def _same_settings(framework: Framework, settings_of: Callable[[str], S]) -> list[tuple[S, Places]]:
    """Return the positions of indicators that share their settings, so that each method runs once over all of them."""
    found: dict[S, list[int]] = defaultdict(list)
    for place, node in enumerate(framework.indicators):
        found[settings_of(node.code)].append(place)
    if len(found) == 1:
        return [(next(iter(found)), slice(None))]
    return list(found.items())


def _chosen(framework: Framework, places: Places) -> list[Node]:
    nodes = list(framework.indicators)
    return nodes[places] if isinstance(places, slice) else [nodes[place] for place in places]


def _together(parts: list[tuple[Places, Floats]], like: Floats) -> Floats:
    """Return columns computed in parts as one array."""
    if len(parts) == 1:
        return parts[0][1]
    found = np.empty_like(like)
    for places, values in parts:
        found[:, :, places] = values
    return found


def _pooled(values: Floats) -> Floats:
    """Return a panel as one period with all of its units, shape (1, periods × units, indicators)."""
    periods, units, indicators = values.shape
    return values.transpose(2, 0, 1).reshape(1, indicators, periods * units).swapaxes(1, 2)


def _unpooled(pooled: Floats, shape: tuple[int, ...]) -> Floats:
    periods, units, indicators = shape
    restored: Floats = pooled[0].T.reshape(indicators, periods, units).transpose(1, 2, 0)
    return restored


PREPARE: dict[str, Callable[..., Prepared]] = {
    "denominate": _denominate,
    "impute": _impute,
    "screen": _screen,
    "treat": _treat,
    "normalise": _normalise,
}
