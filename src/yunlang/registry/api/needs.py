"""Needs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import BaseModel, Field

from yunlang.accounts.api import actor_of
from yunlang.kit.api.paging import Page, page_of
from yunlang.kit.api.reference import described, explained
from yunlang.kit.language import Bilingual
from yunlang.registry.api import listings as shared
from yunlang.registry.api.inputs import input_model
from yunlang.registry.api.values import Day, Id, Money, changes_of
from yunlang.registry.core.kinds import NEED_KINDS, NeedKind
from yunlang.registry.core.lifecycle import Step
from yunlang.registry.models import Need
from yunlang.registry.services.listings import listing_fields

router = Router(tags=["needs"])

_FIELDS = listing_fields(Need, next(iter(NEED_KINDS)))
_LATER = tuple(spec for spec in _FIELDS if spec.name != "kind")
NeedDraft: type[BaseModel] = input_model(
    "NeedDraft",
    "A need to be posted.",
    _FIELDS,
    example={
        "organisation": "0198c0de-6a52-7000-8000-3f1b5a2c9d10",
        "kind": "technology",
        "title": "高镍三元动力电解液",
        "description": "现有电解液在 4.4 V 下循环 500 次容量保持率为 71%，需达到 85% 以上。",
        "city": "330500",
        "industry": "new_materials",
        "budget": "2000000.00",
        "deadline": "2027-06-30",
        "trl_minimum": 5,
        "tags": ["电解液", "动力电池"],
    },
    required=("kind", "title"),
    others={"organisation": (Id, Field(..., **explained("为哪家机构发布。", "On whose behalf.")))},
)
NeedChange: type[BaseModel] = input_model(
    "NeedChange",
    "What is to change of a need.",
    _LATER,
    example={"budget": "3000000.00", "deadline": None, "updated_at": "2026-11-22T02:50:00.123456Z"},
    others={"updated_at": shared.seen_at_field()},
)


class NeedQuery(shared.ListingQuery):
    """What a list of needs may be restricted to."""

    kind: list[NeedKind] = Field([], max_length=20, **explained("需求类型。", "Kind of need.", example=["technology"]))


class NeedRow(shared.ListingRow):
    """A need."""

    kind: NeedKind
    title_en: str | None = Field(examples=["High-nickel ternary power-battery electrolyte"])
    description: str = Field(examples=["现有电解液在 4.4 V 下循环 500 次容量保持率为 71%，需达到 85% 以上。"])
    budget: Money | None
    deadline: Day | None
    trl_minimum: int | None = Field(examples=[5])


class NeedDetail(NeedRow, shared.ListingState):
    """A need with what its own address tells."""


def _values(need: Need) -> dict[str, Any]:
    return shared.row_values(need) | {
        "kind": need.kind,
        "title_en": need.title_en or None,
        "description": need.description,
        "budget": need.budget,
        "deadline": need.deadline,
        "trl_minimum": need.trl_minimum,
    }


def _row(need: Need) -> NeedRow:
    return NeedRow(**_values(need))


def _detail(request: HttpRequest, need: Need) -> NeedDetail:
    return NeedDetail(**_values(need), **shared.state_values(need, actor_of(request)))


@router.get(
    "/needs",
    response=Page[NeedRow],
    **described(
        Bilingual("需求列表", "List needs"),
        Bilingual(
            "最新发布的在前；含草稿时按建立时间。",
            "Latest published first; by time of making where drafts are among them.",
        ),
    ),
)
def needs_list(request: HttpRequest, query: Query[NeedQuery]) -> Any:
    """List needs."""
    found = shared.visible_listings(request, Need, query.filters(kinds=query.kind))
    return page_of(request, found, shared.order_of(query.status), query, _row)


@router.post(
    "/needs",
    response={201: NeedDetail},
    **described(
        Bilingual("发布需求（草稿）", "Post a need, as a draft"),
        Bilingual(
            "为您所在的机构建立草稿；只需类型和标题，其余在提交审核时检查。",
            "Start a draft for an organisation of yours. Kind and title will do; the rest is checked on submission.",
        ),
        refused=[404],
    ),
)
def need_create(request: HttpRequest, body: NeedDraft) -> Any:  # type: ignore[valid-type]
    """Start a draft."""
    return Status(201, _detail(request, shared.create(request, Need, changes_of(body))))


@router.get(
    "/needs/{need_id}",
    response=NeedDetail,
    **described(
        Bilingual("一条需求", "Get a need"),
        Bilingual("未公开的只有相关人员看得到。", "One not public is seen by those concerned only."),
    ),
)
def need_get(request: HttpRequest, need_id: UUID) -> Any:
    """Return one need."""
    return _detail(request, shared.visible_listing(request, Need, need_id))


@router.patch(
    "/needs/{need_id}",
    response=NeedDetail,
    **described(
        Bilingual("修改需求草稿", "Change a draft need"),
        Bilingual("只改所发送的字段；发送 null 即清空。", "Only the fields sent change; null makes one blank."),
    ),
)
def need_update(request: HttpRequest, need_id: UUID, body: NeedChange) -> Any:  # type: ignore[valid-type]
    """Change a draft."""
    return _detail(request, shared.change(request, Need, need_id, changes_of(body)))


@router.delete(
    "/needs/{need_id}",
    response={204: None},
    **described(
        Bilingual("删除需求草稿", "Delete a draft need"),
        Bilingual(
            "只能删除从未发布过的草稿；发布过的请关闭。",
            "Only one that was never published; close one that was.",
        ),
    ),
)
def need_discard(request: HttpRequest, need_id: UUID) -> Any:
    """Delete a draft."""
    shared.discard(request, Need, need_id)
    return Status(204, None)


@router.post(
    "/needs/{need_id}/steps/{step}",
    response=NeedDetail,
    **described(
        Bilingual("需求的下一步", "Take a need's next step"),
        Bilingual(
            "提交 submit、撤回 withdraw、发布 publish、退回 return、关闭 close、重新打开 reopen；退回须写原因。",
            "One of submit, withdraw, publish, return, close, reopen; a return says why.",
        ),
    ),
)
def need_step(
    request: HttpRequest,
    need_id: UUID,
    step: shared.ListingStep,
    body: shared.StepBody = shared.StepBody(),  # noqa: B008
) -> Any:
    """Take one step."""
    return _detail(request, shared.take_step(request, Need, need_id, Step(step), body.note))
