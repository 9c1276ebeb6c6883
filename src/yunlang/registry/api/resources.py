"""Resources of the nine kinds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import BaseModel, Field

from yunlang.accounts.api import actor_of
from yunlang.kit.api.paging import Page, page_of
from yunlang.kit.api.reference import described, explained
from yunlang.kit.fields import Field as FieldSpec
from yunlang.kit.fields import FieldType
from yunlang.kit.language import Bilingual
from yunlang.registry.api import listings as shared
from yunlang.registry.api.inputs import input_model
from yunlang.registry.api.values import Day, Id, Money, changes_of
from yunlang.registry.core.kinds import RESOURCE_KINDS, ResourceKind
from yunlang.registry.core.lifecycle import Step
from yunlang.registry.models import Resource
from yunlang.registry.services.listings import listing_fields

router = Router(tags=["resources"])

_KIND = FieldSpec("kind", Bilingual("要素类型", "kind"), FieldType.CHOICE, required=True, choices=RESOURCE_KINDS)
# What a body may hold is the union over the kinds; a field that its kind does not have is refused by name.
_FIELDS = tuple({spec.name: spec for kind in RESOURCE_KINDS for spec in listing_fields(Resource, kind)}.values())
ResourceDraft: type[BaseModel] = input_model(
    "ResourceDraft",
    "A resource to be listed. Which fields a kind has, `/vocabulary` tells.",
    (_KIND, *_FIELDS),
    example={
        "organisation": "0198c0de-6a52-7000-8000-3f1b5a2c9d10",
        "kind": "achievement",
        "title": "高电压电解液添加剂",
        "summary": "适用于高镍正极，4.4 V 下循环 500 次容量保持率 88%。",
        "trl": 6,
        "price": "1500000.00",
        "transfer_modes": ["licence", "equity"],
        "tags": ["电解液"],
    },
    required=("kind", "title"),
    others={"organisation": (Id, Field(..., **explained("为哪家机构发布。", "On whose behalf.")))},
)
ResourceChange: type[BaseModel] = input_model(
    "ResourceChange",
    "What is to change of a resource.",
    _FIELDS,
    example={"trl": 7, "price": None, "updated_at": "2026-11-22T02:50:00.123456Z"},
    others={"updated_at": shared.seen_at_field()},
)


class ResourceQuery(shared.ListingQuery):
    """What a list of resources may be restricted to."""

    kind: list[ResourceKind] = Field(
        [], max_length=20, **explained("要素类型。", "Kind of resource.", example=["achievement"])
    )
    trl_minimum: int | None = Field(None, ge=1, le=9, **explained("技术成熟度至少。", "TRL at least.", example=5))


class ExpertReference(BaseModel):
    """An expert, as a resource names them."""

    id: Id
    name: str = Field(examples=["张三"])


class ResourceRow(shared.ListingRow):
    """A resource."""

    kind: ResourceKind
    summary: str = Field(examples=["适用于高镍正极的高电压电解液添加剂。"])
    trl: int | None = Field(examples=[6])
    price: Money | None
    valid_from: Day | None
    valid_until: Day | None
    details: dict[str, str | int | bool | list[str]] = Field(
        description="What only this kind has; money and decimals as strings.",
        examples=[{"transfer_modes": ["licence"]}],
        json_schema_extra={"x-zh": "该类型特有的内容；金额与小数为字符串。"},
    )


class ResourceDetail(ResourceRow, shared.ListingState):
    """A resource with what its own address tells."""

    expert: ExpertReference | None


def _values(resource: Resource) -> dict[str, Any]:
    return shared.row_values(resource) | {
        "kind": resource.kind,
        "summary": resource.summary,
        "trl": resource.trl,
        "price": resource.price,
        "valid_from": resource.valid_from,
        "valid_until": resource.valid_until,
        "details": resource.details,
    }


def _row(resource: Resource) -> ResourceRow:
    return ResourceRow(**_values(resource))


def _detail(request: HttpRequest, resource: Resource) -> ResourceDetail:
    expert = resource.expert
    return ResourceDetail(
        **_values(resource),
        **shared.state_values(resource, actor_of(request)),
        expert=ExpertReference(id=expert.id, name=expert.name) if expert else None,
    )


@router.get(
    "/resources",
    response=Page[ResourceRow],
    **described(
        Bilingual("要素列表", "List resources"),
        Bilingual(
            "最新发布的在前；含草稿时按建立时间。",
            "Latest published first; by time of making where drafts are among them.",
        ),
    ),
)
def resources_list(request: HttpRequest, query: Query[ResourceQuery]) -> Any:
    """List resources."""
    filters = query.filters(kinds=query.kind, trl_minimum=query.trl_minimum)
    return page_of(
        request, shared.visible_listings(request, Resource, filters), shared.order_of(query.status), query, _row
    )


@router.post(
    "/resources",
    response={201: ResourceDetail},
    **described(
        Bilingual("登记要素（草稿）", "List a resource, as a draft"),
        Bilingual(
            "为您所在的机构建立草稿；只需类型和标题，其余在提交审核时检查。",
            "Start a draft for an organisation of yours. Kind and title will do; the rest is checked on submission.",
        ),
        refused=[404],
    ),
)
def resource_create(request: HttpRequest, body: ResourceDraft) -> Any:  # type: ignore[valid-type]
    """Start a draft."""
    return Status(201, _detail(request, shared.create(request, Resource, changes_of(body))))


@router.get(
    "/resources/{resource_id}",
    response=ResourceDetail,
    **described(
        Bilingual("一项要素", "Get a resource"),
        Bilingual("未公开的只有相关人员看得到。", "One not public is seen by those concerned only."),
    ),
)
def resource_get(request: HttpRequest, resource_id: UUID) -> Any:
    """Return one resource."""
    return _detail(request, shared.visible_listing(request, Resource, resource_id))


@router.patch(
    "/resources/{resource_id}",
    response=ResourceDetail,
    **described(
        Bilingual("修改要素草稿", "Change a draft resource"),
        Bilingual("只改所发送的字段；发送 null 即清空。", "Only the fields sent change; null makes one blank."),
    ),
)
def resource_update(request: HttpRequest, resource_id: UUID, body: ResourceChange) -> Any:  # type: ignore[valid-type]
    """Change a draft."""
    return _detail(request, shared.change(request, Resource, resource_id, changes_of(body)))


@router.delete(
    "/resources/{resource_id}",
    response={204: None},
    **described(
        Bilingual("删除要素草稿", "Delete a draft resource"),
        Bilingual(
            "只能删除从未发布过的草稿；发布过的请关闭。",
            "Only one that was never published; close one that was.",
        ),
    ),
)
def resource_discard(request: HttpRequest, resource_id: UUID) -> Any:
    """Delete a draft."""
    shared.discard(request, Resource, resource_id)
    return Status(204, None)


@router.post(
    "/resources/{resource_id}/steps/{step}",
    response=ResourceDetail,
    **described(
        Bilingual("要素的下一步", "Take a resource's next step"),
        Bilingual(
            "提交 submit、撤回 withdraw、发布 publish、退回 return、关闭 close、重新打开 reopen；退回须写原因。",
            "One of submit, withdraw, publish, return, close, reopen; a return says why.",
        ),
    ),
)
def resource_step(
    request: HttpRequest,
    resource_id: UUID,
    step: shared.ListingStep,
    body: shared.StepBody = shared.StepBody(),  # noqa: B008
) -> Any:
    """Take one step."""
    return _detail(request, shared.take_step(request, Resource, resource_id, Step(step), body.note))
