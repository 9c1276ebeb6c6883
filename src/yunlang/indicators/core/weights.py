"""The weights in force: given, or worked out from the data group by group, bottom-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from yunlang.indicators.core.combination import combined
from yunlang.indicators.core.errors import RecipeError
from yunlang.indicators.core.framework import Floats, Framework, Group
from yunlang.indicators.core.recipe import Recipe, Weight
from yunlang.indicators.core.stages import weighting, weighting_by_experts
from yunlang.indicators.core.stages.weighting_by_influence import optimised
from yunlang.kit.language import Bilingual


@dataclass(frozen=True, slots=True)
class Weighed:
    """Weights in force, and what is to be said of them.

    Attributes
    ----------
    weights
        For each of `Framework.codes`, shape (nodes,); those worked out from the data sum to one in each group.
    notes
        For ``ahp``, the consistency ratio of each group's comparisons; up to 0.1 is taken for consistent.
    """

    weights: Floats
    notes: Mapping[str, Any] = field(default_factory=dict)


def given_weights(framework: Framework, settings: Weight) -> Floats:
    """Return the framework's weights with the recipe's own in their place, shape (nodes,).

    Raises
    ------
    RecipeError
        Where the recipe weighs what the framework does not have, or leaves a group without any weight.
    """
    problems: dict[str, list[Bilingual]] = {}
    weights = framework.weights.copy()
    for code, weight in settings.given.items():
        if code in framework.by_code:
            weights[framework.codes.index(code)] = weight
        else:
            problems[f"weight.given.{code}"] = [Bilingual("框架中没有这一项", "the framework has no such node")]
    for group in framework.groups:
        if not weights[group.members].sum() > 0:
            reason = Bilingual("各下级的权重都为 0", "all of its members weigh nothing")
            problems[f"weight.given.{group.code}"] = [reason]
    if problems:
        raise RecipeError(problems)
    return weights


def weights_of(framework: Framework, normalised: Floats, recipe: Recipe) -> Weighed:
    """Return the weights in force.

    Parameters
    ----------
    normalised
        Shape (periods, units, indicators); data-driven weights take all periods together, so that one set serves them.
    """
    settings = recipe.weight
    weights = given_weights(framework, settings)
    if settings.method == "given":
        return Weighed(weights)
    if settings.method == "optimised":
        return Weighed(_optimised(framework, normalised, recipe, weights))
    missing = _missing_judgements(framework, settings)
    if missing:
        raise RecipeError(missing)

    def weigher(group: Group, members: Floats) -> Floats:
        if _applies(group, framework, settings):
            rows = members[0].reshape(-1, members.shape[-1])
            weights[group.members] = _worked_out(settings, group, rows)
        return weights[None, group.members]

    combined(framework, normalised, weigher, recipe.aggregate)
    return Weighed(weights, _consistency(settings))


def _consistency(settings: Weight) -> dict[str, Any]:
    if settings.method != "ahp":
        return {}
    judged = {code: weighting_by_experts.ahp(np.array(rows)) for code, rows in settings.matrices.items()}
    return {"consistency": {code: one.consistency_ratio for code, one in judged.items()}}


def _applies(group: Group, framework: Framework, settings: Weight) -> bool:
    levels = {framework.levels[framework.codes[place]] for place in group.members}
    return settings.levels is None or bool(levels & set(settings.levels))


def _worked_out(settings: Weight, group: Group, rows: Floats) -> Floats:
    """Return one group's weights from its members' scores, shape (units × periods, members)."""
    if rows.shape[1] == 1:
        return np.ones(1)
    match settings.method:
        case "equal":
            return weighting.equal(rows)
        case "pca":
            return weighting.principal_components(rows)
        case "first_component":
            return weighting.first_component(rows)
        case "entropy":
            return weighting.entropy(rows)
        case "critic":
            return weighting.critic(rows)
        case "ahp":
            return weighting_by_experts.ahp(np.array(settings.matrices[group.code])).weights
        case _:
            return weighting_by_experts.budget_allocation(np.array(settings.points[group.code]))


def _missing_judgements(framework: Framework, settings: Weight) -> dict[str, list[Bilingual]]:
    """Return what experts still have to say, and what they said that has another number of members."""
    name = {"ahp": "matrices", "budget": "points"}.get(settings.method)
    if name is None:
        return {}
    judged: dict[str, list[list[float]]] = getattr(settings, name)
    problems: dict[str, list[Bilingual]] = {}
    for group in framework.groups:
        size = len(group.members)
        if size == 1 or not _applies(group, framework, settings):
            continue
        rows = judged.get(group.code)
        place = f"weight.{name}.{group.code}"
        if rows is None:
            problems[place] = [Bilingual("缺少专家判断", "the experts' judgement is missing")]
        elif any(len(row) != size for row in rows) or (name == "matrices" and len(rows) != size):
            problems[place] = [Bilingual(f"应有 {size} 列", f"it needs {size} columns, one for each member")]
    return problems


def _optimised(framework: Framework, normalised: Floats, recipe: Recipe, weights: Floats) -> Floats:
    """Return weights by which all nodes of a level, the lowest where unnamed, correlate alike with the index."""
    level = (recipe.weight.levels or (1,))[0]
    places = np.array([place for place, code in enumerate(framework.codes) if framework.levels[code] == level])

    def scores_of(tried: Floats) -> Floats:
        found = combined(framework, normalised, lambda group, members: tried[None, group.members], recipe.aggregate)
        return np.stack([one[0].ravel() for one in found], axis=-1)

    return optimised(scores_of, weights, members=places, index=len(framework.codes) - 1).weights
