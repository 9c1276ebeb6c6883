"""The answer to «how sure is this ranking»: rank intervals, what drives them, what has no effect, what fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from yunlang.indicators.core import columns
from yunlang.indicators.core.framework import Floats
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine
from yunlang.indicators.core.uncertainty.plan import Plan
from yunlang.indicators.core.uncertainty.replicates import Failure, Replicates, Rows
from yunlang.indicators.core.uncertainty.sobol import SobolIndices, design_of, sobol_indices

Ranks = npt.NDArray[np.float32]
TAIL = 0.05
_RANK_BYTES = 64 << 20
_CROSSED = 128


@dataclass(frozen=True, slots=True)
class RankInterval:
    """One unit's rank: in the recipe itself, and over the replicates. NaN where it never had one."""

    unit: str
    nominal: float
    mean: float
    median: float
    q5: float
    q95: float


@dataclass(frozen=True, slots=True)
class Effect:
    """What one input does when it alone changes, wherever the others happen to be.

    Attributes
    ----------
    moves_scores, moves_ranks
        Whether any of its alternatives changes any score, or any rank.
    shift
        The mean absolute shift of ranks that a change brings; NaN where nothing could be computed.
    """

    name: str
    moves_scores: bool
    moves_ranks: bool
    shift: float


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """How sure a ranking is.

    Attributes
    ----------
    replicates
        How many were computed, the failed ones included.
    intervals
        One for each unit of the data, in their order.
    effects
        One for each input of the plan.
    failures
        Every combination of settings that could not be computed.
    """

    replicates: int
    seed: int
    intervals: tuple[RankInterval, ...]
    effects: tuple[Effect, ...]
    failures: tuple[Failure, ...]

    @property
    def without_effect(self) -> tuple[str, ...]:
        """Inputs that change no score at all; one of which nothing could be computed is not among them."""
        return tuple(one.name for one in self.effects if not one.moves_scores and not np.isnan(one.shift))

    @property
    def failed(self) -> int:
        """How many replicates could not be computed."""
        return sum(one.replicates for one in self.failures)

    def plain(self) -> dict[str, Any]:
        """Return plain values: the same from every run with this seed."""
        return {
            "replicates": self.replicates,
            "seed": self.seed,
            "units": [
                {"unit": one.unit, **{name: _number(getattr(one, name)) for name in RANK_NAMES}}
                for one in self.intervals
            ],
            "effects": [
                {"name": one.name, "moves_scores": one.moves_scores, "moves_ranks": one.moves_ranks,
                 "shift": _number(one.shift)}
                for one in self.effects
            ],
            "no_effect": list(self.without_effect),
            "failed": self.failed,
            "failures": [
                {"settings": dict(one.settings), "zh": one.reason.zh, "en": one.reason.en,
                 "replicates": one.replicates}
                for one in self.failures
            ],
        }  # fmt: skip


RANK_NAMES = ("nominal", "mean", "median", "q5", "q95")


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """Which inputs an outcome's variance comes from.

    Attributes
    ----------
    evaluations
        How many replicates the design took.
    indices
        Of the mean absolute shift of ranks against the recipe's own.
    """

    names: tuple[str, ...]
    base: int
    evaluations: int
    indices: SobolIndices
    failures: tuple[Failure, ...]

    def plain(self) -> dict[str, Any]:
        """Return plain values, by input."""
        return {
            "base": self.base,
            "evaluations": self.evaluations,
            "inputs": [
                {
                    "name": name,
                    **{
                        field: _number(getattr(self.indices, field)[place])
                        for field in (
                            "first_order",
                            "first_low",
                            "first_high",
                            "total_order",
                            "total_low",
                            "total_high",
                        )
                    },
                }
                for place, name in enumerate(self.names)
            ],
        }


def analyse(
    engine: Engine, recipe: Recipe, plan: Plan, *, replicates: int, seed: int, code: str | None = None,
    period: int = -1,
) -> Uncertainty:  # fmt: skip
    """Vary everything uncertain at once, and see where each unit ranks.

    Parameters
    ----------
    replicates
        At least 2.
    code
        The node that is ranked by; the index where None.
    period
        The period's position; the last where not given.

    Raises
    ------
    DatasetError, RecipeError, StageError
        Where the recipe itself cannot be computed, or the plan names what does not exist.
    """
    runs = Replicates(engine, recipe, plan, code=code, period=period, seed=seed)
    nominal = _nominal(engine, recipe, runs)
    points = np.random.default_rng(seed).random((replicates, len(plan.inputs)))
    rows = runs.rows_of(points)
    most = max(_CROSSED, *(len(one.shares) for one in runs.inputs))
    effects = _effects(runs, np.resize(rows, (most, rows.shape[1])))
    # Only what the replicates themselves meet counts among their failures.
    runs.failures.clear()
    ranks = _ranks(runs.scores(rows))
    return Uncertainty(
        replicates=replicates,
        seed=seed,
        intervals=_intervals(engine.data.units, columns.descending_ranks(nominal), ranks),
        effects=effects,
        failures=merged(runs.failures),
    )


def explain_variance(
    engine: Engine, recipe: Recipe, plan: Plan, *, base: int, seed: int, code: str | None = None, period: int = -1,
    resamples: int = 500,
) -> Sensitivity:  # fmt: skip
    """Estimate how much of the ranking's shifts each input accounts for, alone and with the others.

    Parameters
    ----------
    base
        Points of the design, a power of two or rounded up to one; base × (inputs + 2) replicates are computed.
    """
    runs = Replicates(engine, recipe, plan, code=code, period=period, seed=seed)
    nominal = columns.descending_ranks(_nominal(engine, recipe, runs))
    generator = np.random.default_rng(seed)
    design = design_of(len(plan.inputs), base, generator)
    ranks = _ranks(runs.scores(runs.rows_of(design.points)))
    shifts = _shift(ranks, nominal)
    indices = sobol_indices(shifts, design, generator=generator, resamples=resamples)
    return Sensitivity(plan.names, len(design.first), len(ranks), indices, merged(runs.failures))


def _nominal(engine: Engine, recipe: Recipe, runs: Replicates) -> Floats:
    """Return the recipe's own scores, shape (units of the data,)."""
    run = engine.run(recipe)
    found = np.full(len(engine.data.units), np.nan)
    found[engine.data.places_of(run.units)] = run.scores[runs.period, :, runs.node]
    return found


def _effects(runs: Replicates, rows: Rows) -> tuple[Effect, ...]:
    """Change each input alone, from where the others happen to be, through all of its alternatives."""
    before = runs.scores(rows)
    found = []
    for place, one in enumerate(runs.inputs):
        crossed = rows.copy()
        crossed[:, place] = np.arange(len(rows)) % len(one.shares)
        after = runs.scores(crossed)
        # A replicate that failed says nothing of what its settings would have done.
        both = ~np.isnan(before).all(axis=1) & ~np.isnan(after).all(axis=1)
        same = np.isclose(before[both], after[both], rtol=1e-12, atol=0, equal_nan=True).all()
        shifts = _shift(_ranks(after[both]), _ranks(before[both]))
        known = shifts[~np.isnan(shifts)]
        found.append(
            Effect(one.name, not bool(same), bool((known > 0).any()), float(known.mean()) if len(known) else np.nan)
        )
    return tuple(found)


def _ranks(scores: Floats) -> Ranks:
    """Return ranks as they are kept for many replicates: four bytes hold every whole number up to sixteen million."""
    ranks = np.empty(scores.shape, dtype=np.float32)
    size = max(1, _RANK_BYTES // (8 * max(1, scores.shape[1])))
    for start in range(0, len(scores), size):
        ranks[start : start + size] = columns.descending_ranks(scores[start : start + size])
    return ranks


def _shift(ranks: Ranks, nominal: Floats | Ranks) -> Floats:
    """Return the mean absolute shift of ranks in each replicate, over the units ranked in both; NaN of none."""
    shifts = np.abs(ranks - nominal)
    number = np.count_nonzero(~np.isnan(shifts), axis=1)
    return np.where(number > 0, np.nansum(shifts, axis=1) / np.maximum(number, 1), np.nan)


def _intervals(units: Sequence[str], nominal: Floats, ranks: Ranks) -> tuple[RankInterval, ...]:
    ordered = np.sort(ranks.T, axis=1)
    number = np.count_nonzero(~np.isnan(ordered), axis=1)
    with np.errstate(invalid="ignore"):
        means = np.nansum(ordered, axis=1, dtype=np.float64) / np.where(number > 0, number, np.nan)
    quantiles = [_quantile(ordered, number, share) for share in (0.5, TAIL, 1 - TAIL)]
    return tuple(
        RankInterval(unit, *(float(value) for value in values))
        for unit, *values in zip(units, nominal, means, *quantiles, strict=True)
    )


def _quantile(ordered: Ranks, number: np.ndarray, share: float) -> Floats:
    """Return a quantile of each sorted row, between the two nearest values (type 7), NaN of none."""
    place = share * np.maximum(number - 1, 0)
    lower = np.floor(place).astype(np.intp)
    upper = np.minimum(lower + 1, np.maximum(number - 1, 0))
    rows = np.arange(len(ordered))
    low, high = ordered[rows, lower].astype(np.float64), ordered[rows, upper].astype(np.float64)
    return np.where(number > 0, low + (place - lower) * (high - low), np.nan)


def merged(failures: Sequence[Failure]) -> tuple[Failure, ...]:
    """Return failures with those of the same settings and reason added up."""
    found: dict[tuple[Any, ...], Failure] = {}
    for one in failures:
        key = (tuple(one.settings.items()), one.reason)
        before = found.get(key)
        found[key] = Failure(one.settings, one.reason, one.replicates + (before.replicates if before else 0))
    return tuple(found.values())


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
