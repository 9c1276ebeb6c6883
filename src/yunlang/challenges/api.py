"""Open challenges for programs: the published list, and the calls for it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from yunlang.accounts.api import actor_of
from yunlang.challenges.core.rubric import rubric_of
from yunlang.challenges.core.vocabulary import CallStatus, ChallengeStatus
from yunlang.challenges.models import Call, Challenge
from yunlang.challenges.selectors import BUDGETS, call_get, calls_visible, challenge_get, challenges_listed
from yunlang.kit.api.paging import Order, Page, Paging, page_of
from yunlang.kit.api.reference import described, explained
from yunlang.kit.language import Bilingual
from yunlang.registry.api.values import (
    Id,
    Industry,
    Moment,
    Money,
    Name,
    OrganisationReference,
    PlainDecimal,
    given,
    name_of,
    organisation_reference,
)

router = Router(tags=["challenges"])
# Named for the reference, where other records have statuses of their own.
ChallengeStanding = StrEnum("ChallengeStanding", {one.name: one.value for one in ChallengeStatus})  # type: ignore[misc]
CallStanding = StrEnum("CallStanding", {one.name: one.value for one in CallStatus})  # type: ignore[misc]
BudgetClass = StrEnum("BudgetClass", {key.upper(): key for key in BUDGETS})  # type: ignore[misc]

_BY_PUBLICATION = Order("challenges", latest_by="published_at")
_BY_OPENING = Order("calls", latest_by="opens_at")


class ChallengeRow(BaseModel):
    """One item of the published list."""

    id: Id
    call: Id
    number: int = Field(examples=[1], **explained("在榜单中的编号。", "Its number within the list."))
    title: Name
    area: Industry = Field(examples=["new_energy"])
    organisation: OrganisationReference
    need: Id
    budget: Money
    horizon_months: int = Field(examples=[18])
    status: ChallengeStanding = Field(examples=["published"])
    published_at: Moment
    proposals_close_at: Moment
    winners_at_most: int = Field(examples=[2])
    ended_at: Moment | None = Field(examples=[None])
    illustrative: bool = Field(examples=[False], **explained("是否示例。", "Whether it is a sample."))


class ChallengeDetail(ChallengeRow):
    """A challenge with what is asked and how it is judged."""

    description: str = Field(examples=["现有电解液在 4.4 V 下循环 500 次容量保持率为 71%。"])
    acceptance_criteria: str = Field(examples=["4.4 V 下循环 500 次容量保持率 ≥ 85%。"])
    end_reason: str | None = Field(examples=[None])


class CriterionValue(BaseModel):
    """One thing that is judged from 0 to 100 points."""

    code: str = Field(examples=["demand"])
    name: Name
    weight: PlainDecimal


class CallRow(BaseModel):
    """A call for needs."""

    id: Id
    title: Name
    areas: list[Industry] = Field(examples=[["new_energy"]])
    opens_at: Moment
    closes_at: Moment
    screening_until: Moment
    status: CallStanding = Field(examples=["open"])
    listed_at: Moment | None = Field(examples=[None])
    illustrative: bool = Field(examples=[False])


class CallDetail(CallRow):
    """A call with its rubric."""

    summary: str | None = Field(examples=["面向走廊内企业。"])
    rubric: list[CriterionValue]
    reviewers_per_item: int = Field(examples=[3])
    end_reason: str | None = Field(examples=[None])


class ChallengeQuery(Paging):
    """What the list may be restricted to."""

    status: list[ChallengeStanding] = Field([], max_length=7, **explained("进展。", "Status.", example=["published"]))
    area: list[Industry] = Field([], max_length=7, **explained("领域。", "Area.", example=["new_energy"]))
    budget: list[BudgetClass] = Field([], max_length=4, **explained("出资档。", "Budget class.", example=["1m_5m"]))


class CallQuery(Paging):
    """What the list of calls may be restricted to."""

    status: list[CallStanding] = Field([], max_length=6, **explained("状态。", "Status.", example=["open"]))


def _challenge_values(row: Challenge) -> dict[str, Any]:
    names = ("id", "number", "area", "budget", "horizon_months", "status", "published_at", "proposals_close_at",
             "winners_at_most", "ended_at", "illustrative")  # fmt: skip
    need = row.nomination.need
    return {
        **{name: getattr(row, name) for name in names},
        "call": row.call_id,
        "need": need.pk,
        "title": name_of(row.label),
        "organisation": organisation_reference(need.organisation),
    }


def _challenge_row(row: Challenge) -> ChallengeRow:
    return ChallengeRow(**_challenge_values(row))


def _call_values(row: Call) -> dict[str, Any]:
    names = ("id", "areas", "opens_at", "closes_at", "screening_until", "status", "listed_at", "illustrative")
    return {**{name: getattr(row, name) for name in names}, "title": name_of(row.label)}


def _call_row(row: Call) -> CallRow:
    return CallRow(**_call_values(row))


@router.get(
    "/challenges",
    response=Page[ChallengeRow],
    **described(
        Bilingual("榜单", "List challenges"),
        Bilingual("已发榜的榜题，最近发布的在前。", "The challenges published so far, the latest first."),
    ),
)
def challenges_list(request: HttpRequest, query: Query[ChallengeQuery]) -> Any:
    """List the published challenges."""
    chosen = {"status": query.status, "area": query.area, "budget_class": query.budget}
    rows = challenges_listed().filter(**{f"{name}__in": values for name, values in chosen.items() if values})
    return page_of(request, rows, _BY_PUBLICATION, query, _challenge_row)


@router.get(
    "/challenges/{challenge_id}",
    response=ChallengeDetail,
    **described(
        Bilingual("一项榜题", "Get a challenge"),
        Bilingual("要解决的问题、出资、验收指标和期限。", "What is asked, the budget, the criteria and the days."),
    ),
)
def challenge_read(request: HttpRequest, challenge_id: UUID) -> Any:
    """Return one challenge."""
    row = challenge_get(challenge_id)
    return ChallengeDetail(
        **_challenge_values(row), description=row.description, acceptance_criteria=row.acceptance_criteria,
        end_reason=given(row.end_reason),
    )  # fmt: skip


@router.get(
    "/calls",
    response=Page[CallRow],
    **described(
        Bilingual("榜单征集", "List calls"),
        Bilingual("已公布的征集，最近开始的在前。", "The calls announced so far, the latest first."),
    ),
)
def calls_list(request: HttpRequest, query: Query[CallQuery]) -> Any:
    """List the calls."""
    rows = calls_visible(actor_of(request))
    if query.status:
        rows = rows.filter(status__in=query.status)
    return page_of(request, rows, _BY_OPENING, query, _call_row)


@router.get(
    "/calls/{call_id}",
    response=CallDetail,
    **described(
        Bilingual("一次征集", "Get a call"),
        Bilingual("领域、日期和评分标准。", "Areas, days and the rubric."),
    ),
)
def call_read(request: HttpRequest, call_id: UUID) -> Any:
    """Return one call."""
    row = call_get(actor_of(request), call_id)
    rubric = [
        CriterionValue(code=one.code, name=name_of(one.name), weight=str(one.weight)) for one in rubric_of(row.rubric)
    ]
    return CallDetail(
        **_call_values(row), rubric=rubric, reviewers_per_item=row.reviewers_per_item, summary=given(row.summary),
        end_reason=given(row.end_reason),
    )  # fmt: skip
