"""Experts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from yunlang.accounts.api import actor_of
from yunlang.accounts.permissions import may
from yunlang.kit.api.paging import Order, Page, Paging, page_of
from yunlang.kit.api.reference import described, explained
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.registry.api.values import (
    CITY_CODE,
    CityReference,
    Id,
    Industry,
    Moment,
    OrganisationReference,
    city_reference,
    given,
    organisation_reference,
)
from yunlang.registry.models import Expert
from yunlang.registry.selectors.organisations import ExpertFilters, expert_get, experts

router = Router(tags=["experts"])

_LATEST = Order("experts", tie="-id")


class ExpertQuery(Paging):
    """What the list of experts may be restricted to; a parameter given twice means either."""

    city: list[str] = Field([], max_length=20, **CITY_CODE)
    industry: list[Industry] = Field(
        [], max_length=20, **explained("产业。", "Leading industry.", example=["new_materials"])
    )  # type: ignore[valid-type]
    organisation: UUID | None = Field(None, **explained("所在机构。", "The organisation."))
    name: str = Field("", max_length=100, **explained("姓名的一部分。", "Part of the name."))


class ExpertDetail(BaseModel):
    """A person with competence."""

    id: Id
    name: str = Field(examples=["张三"])
    title: str | None = Field(examples=["教授"])
    fields: list[str] = Field(examples=[["电解液", "固态电池"]])
    industry: str | None = Field(examples=["new_materials"])
    summary: str | None = Field(examples=["从事高电压电解液研究。"])
    organisation: OrganisationReference
    city: CityReference | None = Field(
        description="Of the organisation.", json_schema_extra={"x-zh": "所在机构的城市。"}
    )
    created_at: Moment
    updated_at: Moment


class ExpertRow(ExpertDetail):
    """A person with competence, in a list."""

    resource_count: int = Field(
        description="Published resources.", examples=[3], json_schema_extra={"x-zh": "已发布的要素数。"}
    )


def _values(expert: Expert) -> dict[str, Any]:
    return {
        "id": expert.id,
        "name": expert.name,
        "title": given(expert.title),
        "fields": expert.fields,
        "industry": given(expert.industry),
        "summary": given(expert.summary),
        "organisation": organisation_reference(expert.organisation),
        "city": city_reference(expert.organisation.city),
        "created_at": expert.created_at,
        "updated_at": expert.updated_at,
    }


def _row(expert: Expert) -> ExpertRow:
    return ExpertRow(**_values(expert), resource_count=expert.resource_count)  # type: ignore[attr-defined]


def visible_expert(request: HttpRequest, expert_id: UUID) -> Expert:
    """Return one expert.

    Raises
    ------
    NotFoundError
        When there is none that the caller may know of.
    """
    expert = expert_get(expert_id)
    if not may(actor_of(request), "registry.view_listing", expert):
        raise NotFoundError(what=Bilingual("专家", "expert"))
    return expert


@router.get(
    "/experts",
    response=Page[ExpertRow],
    **described(Bilingual("专家列表", "List experts"), Bilingual("最新登记的在前。", "Latest registered first.")),
)
def experts_list(request: HttpRequest, query: Query[ExpertQuery]) -> Any:
    """List experts."""
    filters = ExpertFilters(
        cities=query.city, industries=query.industry, organisation_id=query.organisation, name=query.name
    )
    return page_of(request, experts(filters), _LATEST, query, _row)


@router.get(
    "/experts/{expert_id}",
    response=ExpertDetail,
    **described(
        Bilingual("一位专家", "Get an expert"),
        Bilingual("所在机构与研究方向。", "With organisation and fields of research."),
    ),
)
def expert_detail(request: HttpRequest, expert_id: UUID) -> Any:
    """Return one expert."""
    return ExpertDetail(**_values(visible_expert(request, expert_id)))
