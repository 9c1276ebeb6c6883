"""A plan: which settings of a recipe are uncertain, and what they might have been."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from yunlang.indicators.core.framework import Framework
from yunlang.indicators.core.recipe import Document, Recipe, Settings


class Alternatives(Settings):
    """A setting that might have been any of several values.

    Attributes
    ----------
    setting
        ``stage.option``, or a stage whose settings are then replaced by a mapping.
    values
        Each as likely as its probability says; all alike where none are given.
    """

    kind: Literal["alternatives"] = "alternatives"
    name: str = ""
    setting: str
    values: list[Any] = Field(min_length=1, max_length=10_000)
    probabilities: list[Annotated[float, Field(ge=0)]] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.probabilities is not None and (
            len(self.probabilities) != len(self.values) or not sum(self.probabilities) > 0
        ):
            raise ValueError("probabilities_fit")
        return self


class Between(Settings):
    """A setting that might have been any number between two, taken in equal steps.

    Attributes
    ----------
    steps
        How many values stand for the range: each is computed once, so more of them cost more time.
    """

    kind: Literal["between"] = "between"
    name: str = ""
    setting: str
    low: float
    high: float
    steps: int = Field(default=20, ge=2, le=1_000)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.low >= self.high:
            raise ValueError("range_order")
        return self


class NoisyWeights(Settings):
    """Weights that might each have been somewhat larger or smaller.

    Attributes
    ----------
    levels
        Levels of the nodes whose weights vary; every level above the indicators where None.
    factor
        A weight varies evenly between (1 − factor) and (1 + factor) times what it is.
    draws
        How many sets of weights are drawn.
    """

    kind: Literal["weights"] = "weights"
    name: str = "weights"
    levels: tuple[int, ...] | None = None
    factor: float = Field(default=0.25, gt=0, le=1)
    draws: int = Field(default=100, ge=2, le=100_000)


class DrawnImputation(Settings):
    """Values filled in that might each have been another one, as far as their group varies.

    Attributes
    ----------
    draws
        How many complete sets of data are drawn.
    """

    kind: Literal["imputation"] = "imputation"
    name: str = "imputation"
    draws: int = Field(default=20, ge=2, le=1_000)


Uncertain = Annotated[Alternatives | Between | NoisyWeights | DrawnImputation, Field(discriminator="kind")]


class Plan(Document):
    """Everything about a recipe that is uncertain, as data."""

    inputs: list[Uncertain] = Field(min_length=1, max_length=100)

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [name_of(one) for one in self.inputs]
        if len(set(names)) < len(names):
            raise ValueError("input_twice")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """What each input is called."""
        return tuple(name_of(one) for one in self.inputs)


def name_of(uncertain: Alternatives | Between | NoisyWeights | DrawnImputation) -> str:
    """Return what an input is called: its own name, or the setting that varies."""
    return uncertain.name or getattr(uncertain, "setting", "")


def usual_plan(framework: Framework, recipe: Recipe) -> Plan:
    """Return the four variations of COINr's sensitivity vignette, for any framework.

    How many points may be winsorised (1–5), min–max to 1–100 or z-scores with mean 10 and deviation 2, weights above
    the indicators by ±25% (100 sets), arithmetic or geometric mean. Scopes and exceptions of the recipe are kept.
    """
    normalise = recipe.normalise.model_dump(mode="json")
    return Plan(
        inputs=[
            Alternatives(setting="treat.points", values=[1, 2, 3, 4, 5]),
            Alternatives(
                setting="normalise",
                values=[
                    normalise | {"method": "minmax", "range": [1, 100]},
                    normalise | {"method": "zscore", "mean": 10, "deviation": 2},
                ],
            ),
            NoisyWeights(levels=tuple(range(2, framework.levels[framework.root.code]))),
            Alternatives(setting="aggregate.method", values=["arithmetic", "geometric"]),
        ]
    )
