"""Checks of published figures over the API."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from yunlang.indicators.core.figures import Estimate, Outcome, Quantity
from yunlang.indicators.core.figures.kinds import KINDS
from yunlang.indicators.core.figures.model import VERDICTS
from yunlang.indicators.figure_selectors import figure_outcomes, verdict_counts
from yunlang.kit.api.reference import described, explained
from yunlang.kit.language import Bilingual
from yunlang.registry.api.values import Name, PlainDecimal, name_of, name_or_none, plain_decimal

router = Router(tags=["corridor"])

FigureCheckKind = StrEnum("FigureCheckKind", {key.upper(): key for key in KINDS})  # type: ignore[misc]
FigureVerdict = StrEnum("FigureVerdict", {key.upper(): key for key in VERDICTS})  # type: ignore[misc]
_STEP = Decimal("0.000001")


class FigureRange(BaseModel):
    """A number and what it may be: `high` is null where nothing bounds it."""

    low: PlainDecimal
    value: PlainDecimal
    high: PlainDecimal | None


class CheckedFigure(BaseModel):
    """One figure that a check used."""

    area: str = Field(examples=["corridor"])
    code: str = Field(examples=["rd_spending_growth"])
    name: Name
    period: str = Field(examples=["2018/2023"])
    qualifier: str | None = Field(examples=["about"])
    range: FigureRange
    unit: Name | None
    source: str = Field(examples=["ecosystem_conference_2024"])
    source_title: Name


class FigureCheckRow(BaseModel):
    """What one check found."""

    code: str = Field(examples=["rd_growth_yearly"])
    kind: FigureCheckKind
    question: Name
    verdict: FigureVerdict
    provisional: bool = Field(
        description="Whether a figure of another period stood in for a missing one.",
        json_schema_extra={"x-zh": "是否以其他时期的数字代替缺少的数字。"},
    )
    published: CheckedFigure | None
    computed: FigureRange | None
    unit: Name | None
    tolerance: Name | None
    working: list[Name]
    missing: list[Name]
    remarks: list[Name]
    note: Name | None
    inputs: list[CheckedFigure]


class FigureCheckList(BaseModel):
    """Every check, and how many found what."""

    agrees: int = Field(examples=[22])
    contradicts: int = Field(examples=[1])
    unchecked: int = Field(examples=[9])
    items: list[FigureCheckRow]


class FigureCheckQuery(BaseModel):
    """Which checks."""

    area: str = Field(
        "",
        pattern="^([0-9]{6}|corridor|yangtze_delta|elsewhere|city)?$",
        **explained(
            "只看对这一范围的数据的核对：corridor、yangtze_delta、elsewhere、city 或城市行政区划代码。",
            "Only checks of figures about one area: `corridor`, `yangtze_delta`, `elsewhere`, `city` or a city's code.",
            example="corridor",
        ),
    )


@router.get(
    "/figures/checks",
    response=FigureCheckList,
    **described(
        Bilingual("公布的数据彼此对得上吗", "Check published figures"),
        Bilingual(
            "把公布的数据相互推算，并与公开的全国和各国数据比较；写明相符、不符或缺什么而无法核对，附算式和来源。",
            "Recomputes published figures from each other and from public references; says which agree, which "
            "contradict and which cannot be checked for want of what, with the working and the sources.",
        ),
    ),
)
def figure_checks_list(request: HttpRequest, query: Query[FigureCheckQuery]) -> Any:
    """Run the checks."""
    outcomes = figure_outcomes(query.area)
    counts = {verdict.value: count for verdict, count in verdict_counts(outcomes).items()}
    return FigureCheckList(**counts, items=[outcome_row(one) for one in outcomes])


def outcome_row(outcome: Outcome) -> FigureCheckRow:
    """Return an outcome as the API writes it."""
    check = outcome.check
    return FigureCheckRow(
        code=check.code,
        kind=FigureCheckKind(check.kind),
        question=name_of(check.question),
        verdict=FigureVerdict(outcome.verdict),
        provisional=outcome.provisional,
        published=_figure(outcome.published) if outcome.published else None,
        computed=_range(outcome.computed) if outcome.computed else None,
        unit=name_or_none(outcome.unit),
        tolerance=name_or_none(outcome.tolerance),
        working=[name_of(line) for line in outcome.working],
        missing=[name_of(line) for line in outcome.missing],
        remarks=[name_of(line) for line in outcome.remarks],
        note=name_or_none(check.note),
        inputs=[_figure(one) for one in outcome.inputs],
    )


def _figure(one: Quantity) -> CheckedFigure:
    return CheckedFigure(
        area=one.area,
        code=one.code,
        name=name_of(one.label),
        period=one.period,
        qualifier=one.qualifier or None,
        range=_range(one.estimate),
        unit=name_or_none(one.unit),
        source=one.source,
        source_title=name_of(one.source_label),
    )


def _range(estimate: Estimate) -> FigureRange:
    return FigureRange(
        low=_decimal(estimate.low),
        value=_decimal(estimate.value),
        high=None if estimate.is_open else _decimal(estimate.high),
    )


def _decimal(value: Decimal) -> str:
    return plain_decimal(value.quantize(_STEP))
