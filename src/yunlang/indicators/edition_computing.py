"""An edition's content, computed from framework, data and recipe: the same every time."""

from __future__ import annotations

from typing import Any

from yunlang import __version__
from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.framework import Framework
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine
from yunlang.indicators.core.uncertainty.analysis import analyse
from yunlang.indicators.core.uncertainty.plan import usual_plan
from yunlang.indicators.edition_facts import data_facts, data_of, framework_facts, results_facts
from yunlang.indicators.framework_files import framework_of

# How often an edition's ranking is computed with its method varied, and from which seed: the same for all editions.
REPLICATES = 1_000
SEED = 20_241_122


def edition_computed(framework: Framework, data: Dataset, recipe: Recipe) -> dict[str, Any]:
    """Return an edition's columns, computed from the very values that are kept."""
    facts = framework_facts(framework)
    engine = Engine(framework_of(facts), data_of(data_facts(data)))
    run = engine.run(recipe)
    plan = usual_plan(engine.framework, recipe)
    uncertainty = analyse(engine, recipe, plan, replicates=REPLICATES, seed=SEED)
    return {
        "framework": facts,
        "recipe": recipe.plain(),
        "data": data_facts(engine.data),
        "inputs": run.inputs,
        "recipe_digest": recipe.digest(),
        "results": results_facts(run) | {"uncertainty": uncertainty.plain()},
        "engine": __version__,
    }
