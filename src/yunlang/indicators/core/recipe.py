"""A recipe: the stages of an index and their settings, as data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from yunlang.indicators.core.errors import RecipeError
from yunlang.indicators.core.reasons import UNKNOWN, WHOLE, reasons_of
from yunlang.kit.language import Bilingual

StageName = Literal["denominate", "impute", "screen", "treat", "normalise"]
STAGES: tuple[StageName, ...] = get_args(StageName)
STAGE_LABELS: dict[str, Bilingual] = {
    "raw": Bilingual("原始数据", "raw data"),
    "denominate": Bilingual("除以规模", "denominate"),
    "impute": Bilingual("插补", "impute"),
    "screen": Bilingual("筛选单位", "screen units"),
    "treat": Bilingual("处理离群值", "treat outliers"),
    "normalise": Bilingual("无量纲化", "normalise"),
    "weight": Bilingual("赋权", "weight"),
    "aggregate": Bilingual("合成", "aggregate"),
}
Scope = Literal["period", "panel"]
Share = Annotated[float, Field(ge=0, le=1)]


def _listed(value: Any) -> Any:
    """Take ``1,100`` from a command line or a form for a list."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


class Settings(BaseModel):
    """Settings of one stage; an unknown one is a problem, never passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Document(Settings):
    """Settings that are a file of their own."""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Check plain values, as a file or a form gives them.

        Raises
        ------
        RecipeError
            With every problem.
        """
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise RecipeError(reasons_of(error)) from error

    def plain(self) -> dict[str, Any]:
        """Return the settings as plain values that `of` takes back."""
        values: dict[str, Any] = self.model_dump(mode="json")
        return values


class Denominate(Settings):
    """Whether indicators are divided by the denominators that the framework names."""

    method: Literal["framework", "none"] = "framework"


class Impute(Settings):
    """How missing values are filled.

    Attributes
    ----------
    group
        The grouping of units whose mean or median is taken; None for the coarsest one of the data (fewest groups, so
        that each has values enough), and for all units where the data have none.
    within
        How many periods back ``latest`` may look.
    neighbours
        How many of the units most alike ``nearest`` takes.
    """

    method: Literal[
        "none",
        "mean",
        "median",
        "group_mean",
        "group_median",
        "em",
        "nearest",
        "last",
        "latest",
        "linear",
        "constant",
    ] = "group_mean"
    group: str | None = None
    within: int = Field(default=1, ge=1)
    neighbours: int = Field(default=5, ge=1)


class Screen(Settings):
    """Which units stay.

    Attributes
    ----------
    availability, nonzero
        The least share of a unit's values that are known, or known and not zero; None for any.
    """

    availability: Share | None = 0.9
    nonzero: Share | None = None


class TreatColumn(Settings):
    """How one column's outliers are treated.

    Attributes
    ----------
    method
        ``winsorise`` pulls in extreme values, and transforms where that is not enough; ``transform`` only transforms;
        both leave alone a column whose |skewness| or kurtosis is below its limit.
    points
        How many values may be pulled in.
    transformation, exponent
        And lambda for Box and Cox.
    combine
        Transform what winsorising left rather than the original column.
    """

    method: Literal["winsorise", "transform", "none"] = "winsorise"
    skewness: float = Field(default=2.0, gt=0)
    kurtosis: float = 3.5
    points: int | None = Field(default=5, ge=0)
    transformation: Literal["log_ct", "log_ct_plus", "log_gii", "box_cox", "none"] = "log_ct"
    exponent: float = 0.0
    combine: bool = False


class Treat(TreatColumn):
    """How outliers are treated; `by_indicator` differs from the rest by what it names."""

    scope: Scope = "period"
    by_indicator: dict[str, dict[str, Any]] = Field(default_factory=dict)

    def of(self, code: str) -> TreatColumn:
        """Return one indicator's settings."""
        common = self.model_dump(exclude={"scope", "by_indicator"})
        return TreatColumn.model_validate(common | self.by_indicator.get(code, {}))


class NormaliseColumn(Settings):
    """How one column is brought onto the common scale.

    Attributes
    ----------
    range
        Ends of ``minmax``, or what ``scaled`` maps to 0 and 100.
    mean, deviation
        What ``zscore`` gives each column.
    cap
        Whether what goes beyond a target or a reference scores 1.
    reference
        The unit that ``distance_to_reference`` compares with.
    base
        The period that ``fixed_base`` sets to 100, or ``percent_change`` counts from; the first, or the one before.
    """

    method: Literal[
        "minmax", "zscore", "rank", "percentile_rank", "borda", "goalposts", "distance_to_target",
        "distance_to_maximum", "distance_to_reference", "fraction_of_maximum", "scaled", "fixed_base",
        "percent_change", "none",
    ] = "minmax"  # fmt: skip
    range: Annotated[tuple[float, float], BeforeValidator(_listed)] = (0.0, 100.0)
    mean: float = 0.0
    deviation: float = Field(default=1.0, gt=0)
    cap: bool = False
    reference: str | None = None
    base: str | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.range[0] >= self.range[1]:
            raise ValueError("range_order")
        if self.method == "distance_to_reference" and not self.reference:
            raise ValueError("reference_missing")
        return self


class Normalise(NormaliseColumn):
    """How columns are normalised; `by_indicator` differs from the rest by what it names."""

    scope: Scope = "period"
    by_indicator: dict[str, dict[str, Any]] = Field(default_factory=dict)

    def of(self, code: str) -> NormaliseColumn:
        """Return one indicator's settings."""
        common = self.model_dump(exclude={"scope", "by_indicator"})
        return NormaliseColumn.model_validate(common | self.by_indicator.get(code, {}))


class Weight(Settings):
    """Where weights come from.

    Attributes
    ----------
    method
        Of all groups whose members lie on one of `levels` (every level where None); the others keep given weights.
    given
        Weights by code that take the place of the framework's.
    matrices
        For ``ahp``: pairwise comparisons of a group's members, by the group's code.
    points
        For ``budget``: each expert's points for a group's members, by the group's code.
    """

    method: Literal["given", "equal", "pca", "first_component", "entropy", "critic", "ahp", "budget", "optimised"] = (
        "given"
    )
    levels: Annotated[tuple[int, ...] | None, BeforeValidator(_listed)] = None
    given: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = Field(default_factory=dict)
    matrices: dict[str, list[list[float]]] = Field(default_factory=dict)
    points: dict[str, list[list[float]]] = Field(default_factory=dict)


class AggregateLevel(Settings):
    """How the members of a group become one score.

    Attributes
    ----------
    exponent
        Of ``generalised``.
    orness
        Of ``ordered_weighted``: 1 takes the best member, 0.5 the mean, 0 the worst.
    penalty
        Of ``mazziotta_pareto``: -1 or 1.
    bounds
        Of ``benefit_of_doubt``: the least and the greatest share of each member in a unit's score.
    availability
        The least share of members that must be known; None for any.
    """

    method: Literal[
        "arithmetic", "geometric", "harmonic", "generalised", "median", "ordered_weighted", "copeland", "topsis",
        "mazziotta_pareto", "adjusted_mazziotta_pareto", "benefit_of_doubt",
    ] = "arithmetic"  # fmt: skip
    exponent: float = 1.0
    orness: Share = 0.5
    penalty: Literal[-1, 1] = -1
    bounds: Annotated[tuple[Share, Share] | None, BeforeValidator(_listed)] = None
    availability: Share | None = None


class Aggregate(AggregateLevel):
    """How groups are aggregated; `by_level` differs from the rest by what it names for groups of that level."""

    by_level: dict[int, dict[str, Any]] = Field(default_factory=dict)

    def of(self, level: int) -> AggregateLevel:
        """Return the settings of the groups on one level (2 for the lowest)."""
        common = self.model_dump(exclude={"by_level"})
        return AggregateLevel.model_validate(common | self.by_level.get(level, {}))


class Recipe(Document):
    """All of an index's settings.

    Attributes
    ----------
    order
        The stages before weighting, in the order they run; one left out does not run.
    """

    order: Annotated[tuple[StageName, ...], BeforeValidator(_listed)] = STAGES
    denominate: Denominate = Denominate()
    impute: Impute = Impute()
    screen: Screen = Screen()
    treat: Treat = Treat()
    normalise: Normalise = Normalise()
    weight: Weight = Weight()
    aggregate: Aggregate = Aggregate()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(set(self.order)) < len(self.order):
            raise ValueError("order_twice")
        if "normalise" in self.order and self.order[-1] != "normalise":
            raise ValueError("order_normalise_last")
        problems = {
            **_exceptions("treat.by_indicator", self.treat.by_indicator, self.treat.of),
            **_exceptions("normalise.by_indicator", self.normalise.by_indicator, self.normalise.of),
            **_exceptions("aggregate.by_level", self.aggregate.by_level, self.aggregate.of),
        }
        if problems:
            raise RecipeError(problems)
        return self

    def changed(self, settings: Mapping[str, Any]) -> Self:
        """Return the recipe with some settings changed, ``{"normalise.method": "zscore", …}``.

        A stage's own name replaces it whole by a mapping of settings; `screen` and the like. An unknown name is a
        problem.
        """
        values = self.model_dump(mode="json")
        problems: dict[str, list[Bilingual]] = {}
        for path, value in settings.items():
            *stage, name = path.split(".")
            place: Any = values
            for number, part in enumerate(stage):
                if number == 2 and stage[1] in _OPEN and isinstance(place, dict):
                    place.setdefault(part, {})
                place = place.get(part) if isinstance(place, dict) else None
            known = isinstance(place, dict) and (name in place or _is_open(path))
            if not known:
                problems.setdefault(path, []).append(UNKNOWN)
                continue
            if not stage and isinstance(value, Mapping):
                place[name] = dict(value)
            else:
                place[name] = value
        if problems:
            raise RecipeError(problems)
        return type(self).of(values)

    def digest(self) -> str:
        """Return a SHA-256 over all settings."""
        return digest_of(self.plain())


_OPEN = ("by_indicator", "by_level", "given", "matrices", "points")


def _is_open(path: str) -> bool:
    """Tell whether a path names something that users name: an indicator, a level, a group."""
    return any(f".{name}." in path for name in _OPEN)


def _exceptions(place: str, named: Iterable[Any], settings_of: Callable[[Any], Settings]) -> dict[str, list[Bilingual]]:
    """Return what is wrong with exceptions from a stage's settings, by place."""
    problems: dict[str, list[Bilingual]] = {}
    for name in named:
        try:
            settings_of(name)
        except ValidationError as error:
            for option, reasons in reasons_of(error).items():
                problems[f"{place}.{name}" + ("" if option == WHOLE else f".{option}")] = reasons
    return problems


def digest_of(values: Any) -> str:
    """Return a SHA-256 over plain values, the same for the same values in any order of keys."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def parse_settings(words: Iterable[str]) -> dict[str, Any]:
    """Return ``STAGE.OPTION=VALUE`` words as settings for `Recipe.changed`; ``order`` has no option.

    A value may be a JSON list or object; ``null`` stands for none given.

    Raises
    ------
    RecipeError
        With every word that is none.
    """
    settings: dict[str, Any] = {}
    problems: dict[str, list[Bilingual]] = {}
    for word in words:
        path, sign, value = (part.strip() for part in word.partition("="))
        if not sign or ("." not in path.strip(".") and path != "order"):
            form = Bilingual(
                "应写作 步骤.选项=值，如 normalise.method=zscore",
                "write STAGE.OPTION=VALUE, e.g. normalise.method=zscore",
            )
            problems[word] = [form]
            continue
        try:
            settings[path] = json.loads(value) if value.startswith(("[", "{")) or value == "null" else value
        except (ValueError, RecursionError):
            problems[word] = [Bilingual("不是有效的 JSON", "this is no valid JSON")]
    if problems:
        raise RecipeError(problems)
    return settings
