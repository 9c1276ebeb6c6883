"""A recipe and a framework with some nodes left out, and the scores they give, without computing anew what stays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from yunlang.indicators.core.combination import combined, fixed_weights, looks_across_periods
from yunlang.indicators.core.framework import Floats, Framework
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine, Run
from yunlang.indicators.core.stages.screening import units_kept
from yunlang.indicators.core.weights import given_weights, weights_of

# These look at other indicators to fill a gap, so that one left out changes the rest.
_IMPUTE_ACROSS = ("em", "nearest")


def scores_without(engine: Engine, run: Run, codes: Iterable[str], period: int) -> tuple[tuple[str, ...], Floats]:
    """Return the units judged, and their scores on the index, with some nodes left out, as if they had never been in.

    Stages that treat each indicator by itself are not run again. Weights that were optimised stay as they are; weights
    worked out from the data otherwise are worked out anew.

    Returns
    -------
    Codes of units, and scores of shape (units,).

    Raises
    ------
    FrameworkError, RecipeError, StageError, DatasetError
        Where nothing is left, or the recipe cannot be run on it.
    """
    framework = run.framework.without(codes)
    recipe = recipe_without(run.recipe, run.framework, framework)
    places = [run.framework.codes.index(node.code) for node in framework.indicators]
    if not _stages_stand(run, places):
        again = Engine(framework, engine.data).run(recipe)
        return again.units, again.score()[period]
    part, row = one_period(framework, recipe, run.data.values, period)
    weights = _weights_left(run, framework, recipe, places)
    return run.units, combined(framework, part[:, :, places], fixed_weights(weights), recipe.aggregate)[-1][0, row]


def _weights_left(run: Run, framework: Framework, recipe: Recipe, places: list[int]) -> Floats:
    match recipe.weight.method:
        case "optimised":
            return run.weights[[run.framework.codes.index(code) for code in framework.codes]]
        case "given":
            return given_weights(framework, recipe.weight)
        case _:
            return weights_of(framework, run.data.values[:, :, places], recipe).weights


def one_period(framework: Framework, recipe: Recipe, normalised: Floats, period: int) -> tuple[Floats, int]:
    """Return as many of the periods as aggregating one of them needs, and where that one is among them."""
    if looks_across_periods(framework, recipe.aggregate):
        return normalised, period
    return normalised[period : period + 1], 0


def _stages_stand(run: Run, places: list[int]) -> bool:
    """Tell whether what is left of the normalised values is what the stages would give again."""
    names = list(run.stages)
    if "impute" in names and run.recipe.impute.method in _IMPUTE_ACROSS:
        return False
    if "screen" not in names:
        return True
    before = run.stages[names[names.index("screen") - 1]].data
    settings = run.recipe.screen
    if settings.nonzero is None and (settings.availability is None or not np.isnan(before.values).any()):
        return True
    kept = units_kept(before.values[:, :, places], availability=settings.availability, nonzero=settings.nonzero)
    return tuple(np.array(before.units)[kept]) == run.stages["screen"].data.units


def recipe_without(recipe: Recipe, framework: Framework, reduced: Framework) -> Recipe:
    """Return a recipe that says nothing of what a reduced framework has not; experts' tables lose its rows and columns.

    Parameters
    ----------
    framework, reduced
        The whole one, and the one with nodes left out.
    """
    values = recipe.plain()
    for stage in ("treat", "normalise"):
        named = values[stage]["by_indicator"]
        values[stage]["by_indicator"] = {code: one for code, one in named.items() if code in reduced.by_code}
    weight = values["weight"]
    weight["given"] = {code: one for code, one in weight["given"].items() if code in reduced.by_code}
    weight["matrices"] = _tables_without(weight["matrices"], framework, reduced, rows=True)
    weight["points"] = _tables_without(weight["points"], framework, reduced, rows=False)
    return Recipe.of(values)


def _tables_without(
    tables: dict[str, Any], framework: Framework, reduced: Framework, *, rows: bool
) -> dict[str, list[list[float]]]:
    found = {}
    for code, table in tables.items():
        if code not in reduced.by_code:
            continue
        kept = [place for place, node in enumerate(framework.children[code]) if node.code in reduced.by_code]
        lines = [line for place, line in enumerate(table) if place in kept] if rows else table
        found[code] = [[line[place] for place in kept] for line in lines]
    return found
