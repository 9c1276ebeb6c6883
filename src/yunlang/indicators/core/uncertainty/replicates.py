"""Replicates of an index: one for each row of a table that says which alternative of each uncertain input holds.

Nothing is rebuilt for a replicate. The rows are sorted by what they share: stages up to the normalised values are
computed once for each combination of alternatives that touches them, and all rows of a combination are then aggregated
together, their weights side by side in one array.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from yunlang.indicators.core.combination import combined, fixed_weights, looks_across_periods
from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.errors import RecipeError
from yunlang.indicators.core.framework import Floats, Framework
from yunlang.indicators.core.preparation import PREPARE, grouping_of
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine
from yunlang.indicators.core.stages import imputation
from yunlang.indicators.core.uncertainty.plan import Alternatives, Between, DrawnImputation, NoisyWeights, Plan, name_of
from yunlang.indicators.core.weights import weights_of
from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual

Rows = npt.NDArray[np.intp]
CHUNK_BYTES = 32 << 20
_OPEN = -1
"""In a combination: an input that it leaves open, since its rows differ by weights alone."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A combination of settings that cannot be computed.

    Attributes
    ----------
    settings
        What varied, by input, as words.
    replicates
        How many replicates that cost.
    """

    settings: Mapping[str, str]
    reason: Bilingual
    replicates: int


@dataclass(frozen=True, slots=True)
class _Input:
    """One uncertain input: how likely each alternative is, and what it changes of the recipe."""

    name: str
    shares: Floats
    settings: tuple[Mapping[str, Any], ...] | None


class Replicates:
    """Computes scores for rows of alternatives.

    Parameters
    ----------
    code
        The node whose scores are wanted; the index where None.
    period
        The period's position.
    seed
        Of the weights and values that are drawn, once, when this is made.

    Raises
    ------
    RecipeError
        Where the plan names a setting that does not exist, or levels without nodes.
    """

    def __init__(
        self, engine: Engine, recipe: Recipe, plan: Plan, *, code: str | None = None, period: int = -1, seed: int = 0
    ) -> None:
        self.engine, self.recipe, self.plan = engine, recipe, plan
        self.node = engine.framework.codes.index(code or engine.framework.root.code)
        self.period = range(len(engine.data.periods))[period]
        generator = np.random.default_rng(seed)
        self.noise = [_noise(engine.framework, one, generator) for one in plan.inputs]
        self.seeds = generator.integers(0, 2**32, size=len(plan.inputs))
        self.inputs = tuple(_input(one, recipe) for one in plan.inputs)
        self.failures: list[Failure] = []
        self._drawn: dict[tuple[str, int], list[Dataset]] = {}

    def rows_of(self, points: Floats) -> Rows:
        """Return which alternative of each input points of the unit cube stand for, shape (rows, inputs)."""
        columns = [
            np.minimum(np.searchsorted(np.cumsum(one.shares), points[:, place], side="right"), len(one.shares) - 1)
            for place, one in enumerate(self.inputs)
        ]
        return np.stack(columns, axis=1).astype(np.intp)

    def scores(self, rows: Rows) -> Floats:
        """Return scores of shape (rows, units), NaN for units left out and for rows that failed.

        Units are the engine's. What fails is added to `failures`.
        """
        found = np.full((len(rows), len(self.engine.data.units)), np.nan)
        for combination, places in self._combinations(rows):
            try:
                recipe, data = self._prepared(combination)
                weights = weights_of(self.engine.framework, data.values, recipe).weights
            except DomainError as error:
                self._fail(combination, error, len(places))
                continue
            kept = self.engine.data.places_of(data.units)
            for chunk in self._chunks(places, len(kept)):
                outcome = self._aggregated(data, weights * self._factors(rows[chunk]), recipe, combination)
                found[np.ix_(chunk, kept)] = outcome
        return found

    def _combinations(self, rows: Rows) -> Iterator[tuple[tuple[int, ...], Rows]]:
        """Give what shares everything but noisy weights, and the rows that do."""
        shared = rows.copy()
        for place, one in enumerate(self.plan.inputs):
            if isinstance(one, NoisyWeights):
                shared[:, place] = _OPEN
        unique, inverse = np.unique(shared, axis=0, return_inverse=True)
        order = np.argsort(inverse.ravel(), kind="stable")
        ends = np.cumsum(np.bincount(inverse.ravel(), minlength=len(unique)))
        for number, end in enumerate(ends):
            start = ends[number - 1] if number else 0
            yield tuple(int(one) for one in unique[number]), order[start:end]

    def _prepared(self, combination: tuple[int, ...]) -> tuple[Recipe, Dataset]:
        """Return the recipe that a combination stands for, and the normalised values of the period it is about."""
        changes: dict[str, Any] = {}
        draw: tuple[DrawnImputation, int, int] | None = None
        for place, (chosen, one) in enumerate(zip(combination, self.inputs, strict=True)):
            uncertain = self.plan.inputs[place]
            if one.settings is not None:
                changes |= one.settings[chosen]
            if isinstance(uncertain, DrawnImputation):
                draw = (uncertain, place, chosen)
        recipe = self.recipe.changed(changes) if changes else self.recipe
        stages = self.engine.prepare(recipe)
        data = list(stages.values())[-1].data
        if draw is not None:
            data = self._with_draw(recipe, *draw)
        # Only the adjusted Mazziotta–Pareto index looks at the other periods when it aggregates.
        if not looks_across_periods(self.engine.framework, recipe.aggregate):
            data = _one_period(data, self.period)
        return recipe, data

    def _with_draw(self, recipe: Recipe, uncertain: DrawnImputation, place: int, chosen: int) -> Dataset:
        """Return the normalised values that follow from one drawn set of imputed ones."""
        key = (recipe.digest(), place)
        if key not in self._drawn:
            self._drawn[key] = list(self._draws(recipe, uncertain, place))
        return self._drawn[key][chosen]

    def _draws(self, recipe: Recipe, uncertain: DrawnImputation, place: int) -> Iterator[Dataset]:
        stages = self.engine.prepare(recipe)
        names = list(stages)
        before, after = stages[names[names.index("impute") - 1]].data, stages["impute"].data
        draws = imputation.drawn(
            before.values, after.values, groups=grouping_of(before, recipe.impute)[1],
            generator=np.random.default_rng(self.seeds[place]), draws=uncertain.draws,
        )  # fmt: skip
        for number in range(uncertain.draws):
            values = after.values.copy(order="K")
            values[draws.cells] = draws.values[number]
            data = replace(after, values=values)
            for name in names[names.index("impute") + 1 :]:
                data = PREPARE[name](self.engine.framework, data, getattr(recipe, name)).applied(data)
            yield data

    def _factors(self, rows: Rows) -> Floats:
        """Return what the weights are multiplied by in each row, shape (rows, nodes)."""
        factors = np.ones((len(rows), len(self.engine.framework.codes)))
        for place, noise in enumerate(self.noise):
            if noise is not None:
                factors *= noise[rows[:, place]]
        return factors

    def _chunks(self, places: Rows, units: int) -> Iterator[Rows]:
        """Cut rows so that what is computed at once stays within `CHUNK_BYTES`."""
        framework = self.engine.framework
        widest = max(len(group.members) for group in framework.groups)
        of_one_row = 8 * units * (len(framework.groups) + 3 * widest)
        size = max(1, CHUNK_BYTES // of_one_row)
        for start in range(0, len(places), size):
            yield places[start : start + size]

    def _aggregated(self, data: Dataset, weights: Floats, recipe: Recipe, combination: tuple[int, ...]) -> Floats:
        """Return scores of shape (rows, units); rows that fail are left out and reported, the others kept."""
        period = self.period if len(data.periods) > 1 else 0
        outcome = np.full((len(weights), len(data.units)), np.nan)
        left = np.arange(len(weights))
        while len(left):
            try:
                found = combined(self.engine.framework, data.values, fixed_weights(weights[left]), recipe.aggregate)
            except DomainError as error:
                failing = getattr(error, "draws", None)
                if failing is None or len(failing) < len(left):
                    failing = np.ones(len(left), dtype=bool)
                self._fail(combination, error, int(failing.sum()))
                left = left[~failing]
            else:
                outcome[left] = found[self.node][:, period]
                break
        return outcome

    def _fail(self, combination: tuple[int, ...], error: DomainError, replicates: int) -> None:
        reason = error.text
        for place, reasons in getattr(error, "fields", {}).items():
            reason = Bilingual(f"{reason.zh}{place}：{reasons[0].zh}", f"{reason.en} {place}: {reasons[0].en}")
        self.failures.append(Failure(self._words_of(combination), reason, replicates))

    def _words_of(self, combination: tuple[int, ...]) -> dict[str, str]:
        """Return what a combination sets, by input; nothing of what it leaves open."""
        return {
            one.name: f"#{chosen + 1}" if one.settings is None else _words(one.settings[chosen])
            for chosen, one in zip(combination, self.inputs, strict=True)
            if chosen != _OPEN
        }


def _words(settings: Mapping[str, Any]) -> str:
    """Return settings as a person reads them: the value alone, or what a stage's mapping says of its method."""
    return ", ".join(
        str(value["method"]) if isinstance(value, Mapping) and "method" in value else str(value)
        for value in settings.values()
    )


def _input(uncertain: Alternatives | Between | NoisyWeights | DrawnImputation, recipe: Recipe) -> _Input:
    """Return an input, its settings checked against the recipe."""
    if isinstance(uncertain, NoisyWeights | DrawnImputation):
        if isinstance(uncertain, DrawnImputation) and "impute" not in recipe.order:
            raise RecipeError({uncertain.name: [Bilingual("方案不含插补步骤", "the recipe does not impute")]})
        return _Input(name_of(uncertain), np.full(uncertain.draws, 1 / uncertain.draws), None)
    values = (
        uncertain.values
        if isinstance(uncertain, Alternatives)
        else np.linspace(uncertain.low, uncertain.high, uncertain.steps).tolist()
    )
    shares = np.ones(len(values))
    if isinstance(uncertain, Alternatives) and uncertain.probabilities is not None:
        shares = np.array(uncertain.probabilities)
    settings = tuple({uncertain.setting: value} for value in values)
    for one in settings:
        recipe.changed(one)
    return _Input(name_of(uncertain), shares / shares.sum(), settings)


def _noise(
    framework: Framework, uncertain: Alternatives | Between | NoisyWeights | DrawnImputation,
    generator: np.random.Generator,
) -> Floats | None:  # fmt: skip
    """Return what weights are multiplied by in each drawn set, shape (draws, nodes); None for other inputs."""
    if not isinstance(uncertain, NoisyWeights):
        return None
    top = framework.levels[framework.root.code]
    levels = set(range(2, top)) if uncertain.levels is None else set(uncertain.levels)
    varies = np.array([framework.levels[code] in levels for code in framework.codes])
    if not varies.any():
        reason = Bilingual("框架中没有这些层级", "the framework has no such levels")
        raise RecipeError({uncertain.name: [reason]})
    drawn = generator.uniform(1 - uncertain.factor, 1 + uncertain.factor, size=(uncertain.draws, len(varies)))
    return np.where(varies, drawn, 1.0)


def _one_period(data: Dataset, period: int) -> Dataset:
    if not data.is_panel:
        return data
    return replace(
        data,
        periods=data.periods[period : period + 1],
        values=data.values[period : period + 1],
        denominators={name: column[period : period + 1] for name, column in data.denominators.items()},
    )
