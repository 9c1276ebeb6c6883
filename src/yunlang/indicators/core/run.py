"""A run of a recipe over data: every stage kept, with the settings used; a changed setting reruns only what it must."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from yunlang.indicators.core import columns
from yunlang.indicators.core.combination import combined, fixed_weights
from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.framework import Floats, Framework
from yunlang.indicators.core.preparation import PREPARE, Prepared
from yunlang.indicators.core.recipe import Recipe, Settings, digest_of
from yunlang.indicators.core.weights import weights_of

_KEPT_STATES = 64
_CONSTANTS_ALLOWED = ("none", "goalposts", "scaled", "fixed_base", "percent_change", "fraction_of_maximum")


@dataclass(frozen=True)
class Stage:
    """What one stage gave.

    Attributes
    ----------
    name
        As in a recipe, or ``raw``.
    data
        The units that are left, and their values.
    settings
        What the recipe says of this stage.
    notes
        What it did: who was dropped, how many values were filled in, what became of each column.
    """

    name: str
    data: Dataset
    settings: Mapping[str, Any]
    notes: Mapping[str, Any]


@dataclass(frozen=True)
class Run:
    """A recipe's outcome.

    Attributes
    ----------
    stages
        By name, in the order they ran; ``raw`` first.
    weights
        In force for each of `Framework.codes`, shape (nodes,).
    scores
        Of each of `Framework.codes`, shape (periods, units, nodes).
    inputs
        A SHA-256 over the framework and the data.
    weight_notes
        What is to be said of the weights: see `Weighed.notes`.
    """

    framework: Framework
    recipe: Recipe
    stages: Mapping[str, Stage]
    weights: Floats
    scores: Floats
    inputs: str
    weight_notes: Mapping[str, Any]

    @property
    def data(self) -> Dataset:
        """The units judged, and their normalised values."""
        return list(self.stages.values())[-1].data

    @property
    def units(self) -> tuple[str, ...]:
        """Codes of the units judged."""
        return self.data.units

    @property
    def periods(self) -> tuple[str, ...]:
        """The periods."""
        return self.data.periods

    def score(self, code: str | None = None) -> Floats:
        """Return one node's scores, the index's where none is named, shape (periods, units)."""
        place = self.framework.codes.index(code or self.framework.root.code)
        found: Floats = self.scores[:, :, place]
        return found

    def rank(self, code: str | None = None) -> Floats:
        """Return each unit's rank, 1 for the highest score, NaN for none; shape (periods, units)."""
        return columns.descending_ranks(self.score(code))


class Engine:
    """Runs recipes over one framework and one set of data, and remembers stages that it has computed.

    Parameters
    ----------
    framework, data
        Every indicator needs its column.

    Raises
    ------
    DatasetError
        Where one has none, or no value.
    """

    def __init__(self, framework: Framework, data: Dataset) -> None:
        self.framework = framework
        self.data = data.for_framework(framework)
        self.inputs = digest_of([_framework_facts(framework), self.data.digest()])
        self._states: OrderedDict[tuple[str, ...], Stage] = OrderedDict()

    def run(self, recipe: Recipe) -> Run:
        """Run a recipe.

        Raises
        ------
        DatasetError, RecipeError, StageError
            Where the data do not allow it.
        """
        stages = self.prepare(recipe)
        normalised = list(stages.values())[-1].data
        weighed = weights_of(self.framework, normalised.values, recipe)
        found = combined(self.framework, normalised.values, fixed_weights(weighed.weights), recipe.aggregate)
        scores = np.moveaxis(np.stack([one[0] for one in found]), 0, -1)
        return Run(self.framework, recipe, stages, weighed.weights, scores, self.inputs, weighed.notes)

    def prepare(self, recipe: Recipe) -> dict[str, Stage]:
        """Return the stages up to the normalised values, computing only what is not known from an earlier run."""
        if recipe.normalise.method not in _CONSTANTS_ALLOWED:
            self.data.refuse_constants()
        stages = {"raw": Stage("raw", self.data, {}, {})}
        key: tuple[str, ...] = ()
        data = self.data
        for name in recipe.order:
            settings = getattr(recipe, name)
            key = (*key, f"{name}:{settings.model_dump_json()}")
            stages[name] = self._known(key, name, data, settings)
            data = stages[name].data
        return stages

    def _known(self, key: tuple[str, ...], name: str, data: Dataset, settings: Settings) -> Stage:
        if key not in self._states:
            self._states[key] = self._compute(name, data, settings)
            while len(self._states) > _KEPT_STATES:
                self._states.popitem(last=False)
        self._states.move_to_end(key)
        return self._states[key]

    def _compute(self, name: str, data: Dataset, settings: Settings) -> Stage:
        prepared: Prepared = PREPARE[name](self.framework, data, settings)
        return Stage(name, prepared.applied(data), settings.model_dump(mode="json"), prepared.notes)


def _framework_facts(framework: Framework) -> list[list[Any]]:
    """Return what of a framework a result depends on."""
    return [
        [
            node.code, node.parent, node.is_indicator, node.direction, node.weight, node.denominator, node.target,
            None if (post := node.goalposts) is None else [post.low, post.high, post.scale, post.truncate],
        ]
        for node in framework.nodes
    ]  # fmt: skip
