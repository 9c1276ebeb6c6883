"""An edition's content, computed from framework, data and recipe: the same every time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yunlang import __version__
from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.framework import Framework
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine
from yunlang.indicators.core.uncertainty.analysis import analyse, explain_variance
from yunlang.indicators.core.uncertainty.plan import Alternatives, NoisyWeights, Plan
from yunlang.indicators.edition_facts import data_facts, data_of, framework_facts, results_facts
from yunlang.indicators.framework_files import framework_of
from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual

# How often an edition's ranking is computed with its method varied, and from which seed: the same for all editions.
REPLICATES = 1_000
SEED = 20_241_122
# Points of the design that Sobol indices are estimated from.
SOBOL_BASE = 512

# These ask how far each unit has come; another method would ask something else, not the same less surely.
_OF_CHANGE = ("fixed_base", "percent_change")


def edition_computed(
    framework: Framework, data: Dataset, recipe: Recipe, *, uncertainty: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return an edition's columns, computed from the very values that are kept.

    Parameters
    ----------
    uncertainty
        What an edition says of how its uncertainty was computed: the plan, the seed and the number of replicates are
        taken from it, so that an edition computes again whatever is varied in new ones.
    """
    facts = framework_facts(framework)
    engine = Engine(framework_of(facts), data_of(data_facts(data)))
    run = engine.run(recipe)
    return {
        "framework": facts,
        "recipe": recipe.plain(),
        "data": data_facts(engine.data),
        "inputs": run.inputs,
        "recipe_digest": recipe.digest(),
        "results": results_facts(run) | {"uncertainty": _uncertainty(engine, recipe, uncertainty)},
        "engine": __version__,
    }


def _uncertainty(engine: Engine, recipe: Recipe, known: Mapping[str, Any] | None) -> dict[str, Any]:
    if known is None:
        plan, left_out = edition_plan(engine, recipe)
        replicates, seed, base = REPLICATES, SEED, SOBOL_BASE
    else:
        plan, left_out = Plan.of(known["plan"]), known["left_out"]
        replicates, seed, base = known["replicates"], known["seed"], known["sensitivity"]["base"]
    found = analyse(engine, recipe, plan, replicates=replicates, seed=seed)
    explained = explain_variance(engine, recipe, plan, base=base, seed=seed)
    return found.plain() | {"plan": plan.plain(), "left_out": left_out, "sensitivity": explained.plain()}


def edition_plan(engine: Engine, recipe: Recipe) -> tuple[Plan, list[dict[str, str]]]:
    """Return what is varied to see how sure a ranking is, and the alternatives that these data do not allow.

    Weights by ±25 %; how many outliers are pulled in; how indicators are normalised; how far a weak indicator can be
    made up for by a strong one.
    """
    levels = tuple(range(1, engine.framework.levels[engine.framework.root.code]))
    inputs: list[Any] = [NoisyWeights(levels=levels)]
    left_out: list[dict[str, str]] = []
    for setting, values in _alternatives(recipe).items():
        possible = []
        for value in values:
            try:
                engine.run(recipe.changed({setting: value}))
            except DomainError as error:
                reason = reason_of(error)
                left_out.append({"setting": setting, "method": _method(value), "zh": reason.zh, "en": reason.en})
            else:
                possible.append(value)
        if len(possible) > 1:
            inputs.append(Alternatives(setting=setting, values=possible))
    return Plan(inputs=inputs), left_out


def _alternatives(recipe: Recipe) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    if "treat" in recipe.order and recipe.treat.method == "winsorise":
        found["treat.points"] = [1, 2, 3, 4, 5]
    if "normalise" in recipe.order and recipe.normalise.method not in _OF_CHANGE:
        own = recipe.normalise.model_dump(mode="json")
        others: list[dict[str, Any]] = [
            {"method": "minmax", "range": [1, 100]},
            {"method": "zscore", "mean": 100, "deviation": 10},
            {"method": "fraction_of_maximum"},
        ]
        found["normalise"] = [own, *(own | one for one in others if one["method"] != own["method"])]
    own = recipe.aggregate.model_dump(mode="json")
    means: list[dict[str, Any]] = [
        {"method": "arithmetic"},
        {"method": "generalised", "exponent": 0.5},
        {"method": "geometric"},
    ]
    found["aggregate"] = [own, *(own | one for one in means if one["method"] != own["method"])]
    return found


def _method(value: Any) -> str:
    return str(value["method"]) if isinstance(value, dict) else str(value)


def reason_of(error: DomainError) -> Bilingual:
    """Return an error's first reason: the text itself, or what is wrong with the first place it names."""
    for place, reasons in getattr(error, "fields", {}).items():
        return Bilingual("{place}：{reason}", "{place}: {reason}").format(place=place, reason=reasons[0])
    return error.text
