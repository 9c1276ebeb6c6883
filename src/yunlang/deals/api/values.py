"""The small pieces that answers about introductions are made of."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, Field

from yunlang.deals.core.introduction import Side, Status, Step
from yunlang.deals.models import OFFER_KINDS, Introduction, Task
from yunlang.registry.api.values import (
    Day,
    Id,
    Moment,
    Name,
    OrganisationReference,
    given,
    name_of,
    organisation_reference,
)

OfferKind = StrEnum("OfferKind", {key.upper(): key for key in OFFER_KINDS})  # type: ignore[misc]
# Named for the reference, where other records have statuses and steps of their own.
IntroductionStatus = StrEnum("IntroductionStatus", {one.name: one.value for one in Status})  # type: ignore[misc]
IntroductionStep = StrEnum("IntroductionStep", {one.name: one.value for one in Step})  # type: ignore[misc]
IntroductionSide = StrEnum("IntroductionSide", {one.name: one.value for one in Side})  # type: ignore[misc]


class TaskRow(BaseModel):
    """A task."""

    id: Id
    introduction: Id
    code: str | None = Field(
        examples=["ask_need"],
        description="Set where the task follows from the introduction's status.",
        json_schema_extra={"x-zh": "由对接状态产生的任务才有。"},
    )
    title: Name
    due: Day
    done_at: Moment | None = Field(examples=[None])


class Party(BaseModel):
    """One side, and whether it has agreed."""

    organisation: OrganisationReference
    agreed_at: Moment | None = Field(examples=[None])


class Offer(BaseModel):
    """What is offered."""

    kind: OfferKind  # type: ignore[valid-type]
    id: Id
    title: str = Field(examples=["高电压电解液添加剂"])


class Person(BaseModel):
    """A person, by name."""

    id: Id
    name: str = Field(examples=["李经理"])


class IntroductionRow(BaseModel):
    """An introduction."""

    id: Id
    need: Id
    need_title: str = Field(examples=["高镍三元动力电解液"])
    offer: Offer
    status: IntroductionStatus = Field(examples=["proposed"])
    reason: str | None = Field(examples=["配方对口，且同在湖州。"])
    decline_reason: str | None = Field(examples=[None])
    due: Day | None
    need_side: Party
    offer_side: Party
    manager: Person | None
    proposed_at: Moment
    accepted_at: Moment | None = Field(examples=[None])
    meeting_at: Moment | None = Field(examples=[None])
    signed_at: Moment | None = Field(examples=[None])
    declined_at: Moment | None = Field(examples=[None])


class IntroductionDetail(IntroductionRow):
    """An introduction with its tasks."""

    tasks: list[TaskRow] = Field(
        description="Those of the manager responsible; the two sides are shown none.",
        json_schema_extra={"x-zh": "负责的科创经理人的任务；双方看不到。"},
    )


def task_row(task: Task) -> TaskRow:
    """Return a task as the API writes it."""
    return TaskRow(
        id=task.id,
        introduction=task.introduction_id,
        code=given(task.code),
        title=name_of(task.label),
        due=task.due,
        done_at=task.done_at,
    )


def introduction_values(row: Introduction) -> dict[str, Any]:
    """Return what every answer about an introduction tells."""
    parties = row.parties
    return {
        "id": row.id,
        "need": row.need_id,
        "need_title": row.need.title,
        "offer": Offer(kind=OfferKind(row.offer_kind), id=row.offer.pk, title=str(row.offer)),
        "reason": given(row.reason),
        "decline_reason": given(row.decline_reason),
        "need_side": Party(organisation=organisation_reference(parties[Side.NEED]), agreed_at=row.need_agreed_at),
        "offer_side": Party(organisation=organisation_reference(parties[Side.OFFER]), agreed_at=row.offer_agreed_at),
        "manager": Person(id=row.manager.id, name=row.manager.name) if row.manager else None,
        **{name: getattr(row, name) for name in ("status", "due", *(f"{status}_at" for status in Status))},
    }


def introduction_row(row: Introduction) -> IntroductionRow:
    """Return an introduction as a list writes it."""
    return IntroductionRow(**introduction_values(row))
