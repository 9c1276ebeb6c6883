"""The REST API of indices: editions, their scores and ranks, and every stage."""

from __future__ import annotations

import math
from typing import Any

from django.http import HttpRequest
from ninja import Path, Router
from pydantic import BaseModel, Field

from yunlang.accounts.api import actor_of
from yunlang.indicators.core.recipe import STAGE_LABELS, STAGES
from yunlang.indicators.edition_models import Edition
from yunlang.indicators.edition_selectors import EDITION, edition_at, edition_open, editions_by_index
from yunlang.indicators.edition_views import EditionView, whole
from yunlang.kit.api.reference import described
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.registry.api.values import Moment, Name, name_of

router = Router(tags=["indices"])

_INDEX = Path(..., max_length=40, pattern="^[a-z0-9][a-z0-9-]*$", example="yrd")
_LABEL = Path(..., max_length=40, pattern="^[0-9A-Za-z][0-9A-Za-z.-]*$", example="2024")
_STAGE = Path(..., pattern=f"^(raw|{'|'.join(STAGES)})$", example="normalise")
_HASH = "36bf6fed21f1d17982ed78b8ae43cb9575f7703c99e68c8edc3d09a1a542b930"


class EditionRow(BaseModel):
    """One edition of an index."""

    index: str = Field(examples=["yrd"])
    label: str = Field(examples=["2024"])
    title: Name
    status: str = Field(examples=["published"])
    published_at: Moment | None
    inputs: str = Field(
        examples=[_HASH], description="SHA-256 over framework and data.",
        json_schema_extra={"x-zh": "框架与数据的 SHA-256。"},
    )  # fmt: skip
    recipe_digest: str = Field(
        examples=[_HASH], description="SHA-256 over the recipe.", json_schema_extra={"x-zh": "计算方案的 SHA-256。"}
    )
    engine: str = Field(
        examples=["0.1.0"], description="Version that computed it.", json_schema_extra={"x-zh": "计算所用的版本。"}
    )


class IndexRow(BaseModel):
    """An index with its published editions, the latest first."""

    code: str = Field(examples=["yrd"])
    editions: list[EditionRow]


class IndexList(BaseModel):
    """All indices that have a published edition."""

    items: list[IndexRow]


class IndexNode(BaseModel):
    """An indicator or a group of a framework."""

    code: str = Field(examples=["yrd2024_innovation"])
    name: Name
    parent: str | None = Field(examples=["yrd2024_score"])
    is_indicator: bool
    weight: float = Field(
        examples=[0.2], description="In force, relative to its siblings.",
        json_schema_extra={"x-zh": "实际所用的权重，与同级相比。"},
    )  # fmt: skip


class RankInterval(BaseModel):
    """Where a unit ranks when weights and methods vary: 5 %, mean and 95 %, in the last period."""

    low: float = Field(examples=[2.0])
    mean: float = Field(examples=[2.4])
    high: float = Field(examples=[4.0])


class UnitResult(BaseModel):
    """One unit in one period."""

    unit: str = Field(examples=["330100"])
    name: Name
    period: str = Field(examples=["2024"])
    rank: int | None = Field(examples=[3])
    interval: RankInterval | None
    scores: dict[str, float | None] = Field(
        examples=[{"yrd2024_innovation": 91.83, "yrd2024_score": 81.83}], description="By group; the index included.",
        json_schema_extra={"x-zh": "按分组，含总指数。"},
    )  # fmt: skip


class EditionDetail(EditionRow):
    """An edition with everything it says."""

    root: str = Field(examples=["yrd2024_score"])
    nodes: list[IndexNode]
    results: list[UnitResult]


class StageRow(BaseModel):
    """One unit's values in one period, null where nothing is known."""

    unit: str = Field(examples=["330100"])
    period: str = Field(examples=["2024"])
    values: dict[str, float | None] = Field(examples=[{"yrd2024_papers": 100.0}])


class StageTable(BaseModel):
    """What one stage gave."""

    name: str = Field(examples=["normalise"])
    label: Name
    rows: list[StageRow]


def _row(edition: Edition) -> dict[str, Any]:
    return {
        "index": edition.index,
        "label": edition.label,
        "title": name_of(edition.title),
        "status": edition.status,
        "published_at": edition.published_at,
        "inputs": edition.inputs,
        "recipe_digest": edition.recipe_digest,
        "engine": edition.engine,
    }


def _numbers(codes: tuple[str, ...], values: list[float]) -> dict[str, float | None]:
    return {code: None if math.isnan(value) else value for code, value in zip(codes, values, strict=True)}


@router.get(
    "/indices",
    response=IndexList,
    **described(
        Bilingual("指数", "List the indices"),
        Bilingual("每个指数及其已发布的版本。", "Each index with its published editions."),
    ),
)
def indices_list(request: HttpRequest) -> Any:
    """List indices."""
    return IndexList(
        items=[
            IndexRow(code=editions[0].index, editions=[EditionRow(**_row(edition)) for edition in editions])
            for editions in editions_by_index()
        ]
    )


@router.get(
    "/indices/{index}/{label}",
    response=EditionDetail,
    **described(
        Bilingual("一版指数", "Get an edition"),
        Bilingual("框架、权重，以及每个单位的得分、名次和名次范围。",
                  "The framework, the weights, and each unit's scores, rank and interval of ranks."),
    ),
)  # fmt: skip
def edition_detail(request: HttpRequest, index: str = _INDEX, label: str = _LABEL) -> Any:
    """Return one edition."""
    edition = edition_at(index, label, actor_of(request))
    view = EditionView(edition, edition_open(edition))
    opened, framework = view.opened, view.framework
    weights = dict(zip(framework.codes, opened.weights.tolist(), strict=True))
    nodes = [
        IndexNode(code=node.code, name=name_of(node.name), parent=node.parent or None, is_indicator=node.is_indicator,
                  weight=weights[node.code])
        for node in framework.nodes
    ]  # fmt: skip
    results = [one for place in range(len(opened.periods)) for one in _results(view, place)]
    return EditionDetail(**_row(edition), root=framework.root.code, nodes=nodes, results=results)


def _results(view: EditionView, period: int) -> list[UnitResult]:
    opened = view.opened
    codes = tuple(node.code for node in view.framework.aggregates)
    intervals = opened.intervals if period == len(opened.periods) - 1 else {}
    found = []
    for place, unit in enumerate(opened.units):
        interval = intervals.get(unit)
        found.append(
            UnitResult(
                unit=unit,
                name=name_of(view.labels[unit]),
                period=opened.periods[period],
                rank=whole(opened.ranks[period, place]),
                interval=RankInterval(low=interval.low, mean=interval.mean, high=interval.high) if interval else None,
                scores=_numbers(codes, opened.scores[period, place, -len(codes) :].tolist()),
            )
        )
    return found


@router.get(
    "/indices/{index}/{label}/stages/{name}",
    response=StageTable,
    **described(
        Bilingual("一版指数的一个步骤", "Get a stage of an edition"),
        Bilingual("这一步之后每个单位的各项指标。", "Each unit's indicators as that stage left them."),
    ),
)
def stage_detail(request: HttpRequest, index: str = _INDEX, label: str = _LABEL, name: str = _STAGE) -> Any:
    """Return one stage."""
    edition = edition_at(index, label, actor_of(request))
    stage = edition_open(edition).run().stages.get(name)
    if stage is None:
        raise NotFoundError(what=EDITION)
    data = stage.data
    rows = [
        StageRow(unit=unit, period=period, values=_numbers(data.indicators, data.values[time, place].tolist()))
        for time, period in enumerate(data.periods)
        for place, unit in enumerate(data.units)
    ]
    return StageTable(name=name, label=name_of(STAGE_LABELS[name]), rows=rows)
