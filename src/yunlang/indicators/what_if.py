"""What if: an edition's recipe with some weights and methods moved, as an address says, and the ranking beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import numpy as np

from yunlang.indicators.core.errors import DatasetError, RecipeError, StageError
from yunlang.indicators.core.framework import Floats, Framework, Node
from yunlang.indicators.core.recipe import STAGE_LABELS, STAGES, Recipe
from yunlang.indicators.core.run import Run
from yunlang.indicators.edition_selectors import OpenEdition
from yunlang.indicators.what_if_methods import HINTS, METHOD_FIELDS, OWN, MethodField
from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual

WEIGHT_PREFIX = "w."
_LARGEST_WEIGHT = 1_000.0
_NOT_A_NUMBER = Bilingual("请填 0 至 1000 之间的数", "Enter a number from 0 to 1000")
_NO_WEIGHT = Bilingual("各项权重都是 0，至少留一项大于 0", "All weights are 0; leave at least one above 0")
Errors = dict[str, list[Bilingual]]


@dataclass(frozen=True, slots=True)
class WeightField:
    """One weight to move, as a share of its group in per cent.

    Attributes
    ----------
    own
        As published, as the field shows it.
    value
        As typed, or as published.
    """

    node: Node
    name: str
    own: str
    value: str

    @property
    def is_moved(self) -> bool:
        """Whether it is not as published."""
        return self.value != self.own


@dataclass(frozen=True, slots=True)
class WeightGroup:
    """The weights of one group's members."""

    node: Node
    fields: tuple[WeightField, ...]

    @property
    def is_moved(self) -> bool:
        """Whether any of them is not as published."""
        return any(one.is_moved for one in self.fields)


@dataclass
class WhatIf:
    """A question put to an edition.

    Attributes
    ----------
    errors
        Reasons by the name of the field they belong to; with any, there is no run.
    """

    opened: OpenEdition
    typed: Mapping[str, str]
    errors: Errors = field(default_factory=dict)
    run: Run | None = None

    @cached_property
    def shares(self) -> Floats:
        """The published weights as shares of their group in per cent, by node."""
        framework, weights = self.opened.framework, self.opened.weights
        shares = np.full(len(framework.codes), 100.0)
        for group in framework.groups:
            members = weights[group.members]
            shares[group.members] = 100 * members / members.sum()
        return shares

    @cached_property
    def groups(self) -> tuple[WeightGroup, ...]:
        """All weights, the index's own group first, then top-down."""
        framework = self.opened.framework
        return tuple(
            WeightGroup(node, tuple(self._weight(child) for child in framework.children[node.code]))
            for node in reversed(framework.aggregates)
            if len(framework.children[node.code]) > 1
        )

    def _weight(self, node: Node) -> WeightField:
        name = f"{WEIGHT_PREFIX}{node.code}"
        own = shown_share(float(self.shares[self.opened.framework.codes.index(node.code)]))
        return WeightField(node, name, own, self.typed.get(name, "").strip() or own)

    @cached_property
    def methods(self) -> tuple[tuple[MethodField, str], ...]:
        """Each choice of a method, with what is chosen."""
        return tuple(
            (one, chosen if (chosen := self.typed.get(one.name, OWN)) in one.choices else OWN) for one in METHOD_FIELDS
        )

    @property
    def changes(self) -> dict[str, str]:
        """What differs from the edition, as the address says it."""
        chosen = {one.name: key for one, key in self.methods if key != OWN}
        weights = {one.name: one.value for group in self.groups for one in group.fields if one.is_moved}
        return chosen | weights

    @property
    def address(self) -> str:
        """The query string that asks the same."""
        return f"?{urlencode(self.changes)}" if self.changes else ""

    @property
    def weights_are_worked_out(self) -> bool:
        """Whether a method works the weights out, so that those typed play no part."""
        return dict(self.typed).get("weight", OWN) not in (OWN, "")

    def recipe(self) -> Recipe:
        """Return the recipe that is asked for.

        Raises
        ------
        RecipeError
            Where it is none.
        """
        settings: dict[str, Any] = {}
        for one, key in self.methods:
            if key != OWN:
                settings |= one.choices[key].settings
                settings["order"] = _with_stage(settings.get("order", self.opened.recipe.order), one.name)
        if not self.weights_are_worked_out and any(group.is_moved for group in self.groups):
            settings["weight"] = {"method": "given", "given": self._given()}
        return self.opened.recipe.changed(settings)

    def _given(self) -> dict[str, float]:
        """Return all weights: shares as they were published, to the last digit, where nobody moved them."""
        given = dict(zip(self.opened.framework.codes, self.shares.tolist(), strict=True))
        for group in self.groups:
            given |= {one.node.code: self._number(one) for one in group.fields if one.is_moved}
            if not self.errors and sum(given[one.node.code] for one in group.fields) <= 0:
                self.errors[group_name(group.node.code)] = [_NO_WEIGHT]
        return given

    def _number(self, one: WeightField) -> float:
        try:
            number = float(one.value)
        except ValueError:
            number = math.nan
        if not 0 <= number <= _LARGEST_WEIGHT:
            self.errors[one.name] = [_NOT_A_NUMBER]
            return 0.0
        return number

    def answer(self) -> None:
        """Run the recipe, or keep the reasons why it cannot be run."""
        try:
            recipe = self.recipe()
            if not self.errors:
                self.run = self.opened.run(recipe)
        except (RecipeError, DatasetError, StageError) as error:
            self.errors |= _by_field(error, self.opened.framework)


def group_name(code: str) -> str:
    """Return the name under which a form says what is wrong with all weights of a group."""
    return f"{WEIGHT_PREFIX}{code}-group"


def asked(opened: OpenEdition, typed: Mapping[str, str]) -> WhatIf:
    """Put a question to an edition, and have it answered."""
    question = WhatIf(opened, typed)
    question.answer()
    return question


def shown_share(share: float) -> str:
    """Return a share as its field shows it, with two decimals at most."""
    return f"{share:.2f}".rstrip("0").rstrip(".")


def _with_stage(order: Sequence[str], name: str) -> list[str]:
    """Return the order of stages with one in it: a method chosen for a stage that the recipe leaves out has it run."""
    if name in order or name not in STAGES:
        return list(order)
    later = STAGES[STAGES.index(name) :]
    place = next((place for place, stage in enumerate(order) if stage in later), len(order))
    return [*order[:place], name, *order[place:]]


def _by_field(error: DomainError, framework: Framework) -> Errors:
    """Return an error's reasons by the field that can mend it, each with what to do."""
    if isinstance(error, StageError):
        stage = error.details["stage"]
        name = next((key for key, label in STAGE_LABELS.items() if label == stage), "aggregate")
        return {name: [_with_hint(name, error.text)]}
    if isinstance(error, DatasetError):
        names = "、".join(framework.by_code[code].name.zh for code in error.fields if code in framework.by_code)
        english = ", ".join(framework.by_code[code].name.en for code in error.fields if code in framework.by_code)
        reason = next(iter(error.fields.values()))[0]
        return {"normalise": [_with_hint("constant", Bilingual(f"{names}：{reason.zh}。", f"{english}: {reason.en}."))]}
    found: Errors = {}
    for place, reasons in getattr(error, "fields", {}).items():
        stage, _, code = place.partition(".given.")
        name = group_name(code) if code else stage.partition(".")[0]
        found.setdefault(name, []).extend(reasons)
    return found


def _with_hint(name: str, reason: Bilingual) -> Bilingual:
    hint = HINTS.get(name)
    return Bilingual(f"{reason.zh}{hint.zh}", f"{reason.en} {hint.en}") if hint else reason


@dataclass(frozen=True, slots=True)
class Move:
    """One unit's rank as asked and as published.

    Attributes
    ----------
    shift
        By how many ranks it rises; negative where it falls.
    """

    unit: str
    rank: int | None
    before: int | None
    score: float | None
    shift: int | None


def moves_of(opened: OpenEdition, run: Run) -> list[Move]:
    """Return every unit's move in the last period, by its new rank."""
    ranks, scores = run.rank()[-1], run.score()[-1]
    now = {unit: (rank, score) for unit, rank, score in zip(run.units, ranks.tolist(), scores.tolist(), strict=True)}
    before = dict(zip(opened.units, opened.ranks[-1].tolist(), strict=True))
    moves = []
    for unit in opened.data.units:
        rank, score = now.get(unit, (math.nan, math.nan))
        old, new = _whole(before.get(unit, math.nan)), _whole(rank)
        shift = old - new if old is not None and new is not None else None
        if old is not None or new is not None:
            moves.append(Move(unit, new, old, None if math.isnan(score) else score, shift))
    return sorted(moves, key=lambda one: (one.rank is None, one.rank or 0, one.before or 0))


def _whole(value: float) -> int | None:
    return None if math.isnan(value) else int(value)
