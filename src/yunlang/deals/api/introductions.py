"""Introductions and tasks for programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from ninja import Status as Answer
from pydantic import BaseModel, Field

from yunlang.accounts.api import actor_of, signed_in_actor
from yunlang.accounts.permissions import may
from yunlang.deals.api.values import (
    IntroductionDetail,
    IntroductionRow,
    IntroductionSide,
    IntroductionStatus,
    IntroductionStep,
    OfferKind,
    TaskRow,
    introduction_row,
    introduction_values,
    task_row,
)
from yunlang.deals.core.introduction import Side, Step
from yunlang.deals.selectors import introduction_get, introductions_visible, tasks_of_introduction, tasks_open
from yunlang.deals.services import (
    DECLINE_FIELDS,
    PROPOSAL_FIELDS,
    RESCHEDULE_FIELDS,
    TASK_FIELDS,
    introduction_accept,
    introduction_assign,
    introduction_decline,
    introduction_meet,
    introduction_propose,
    introduction_reschedule,
    introduction_sign,
    task_add,
    task_finish,
)
from yunlang.kit.api.paging import Order, Page, Paging, page_of
from yunlang.kit.api.reference import described, explained
from yunlang.kit.errors import InvalidError
from yunlang.kit.language import Bilingual
from yunlang.registry.api.inputs import input_model
from yunlang.registry.api.values import (
    Id,
)

router = Router(tags=["deals"])

_BY_PROPOSAL = Order("introductions", latest_by="proposed_at")
_NOT_TAKEN = Bilingual("这一步不需要此项", "this step takes no such value")
# What each step takes beside its name.
_TAKES: dict[Step, set[str]] = {
    Step.ACCEPT: {"side"}, Step.MEET: {"due"}, Step.SIGN: set(), Step.DECLINE: {"reason"},
}  # fmt: skip

IntroductionDraft: type[BaseModel] = input_model(
    "IntroductionDraft",
    "Two to be introduced to each other.",
    PROPOSAL_FIELDS,
    example={
        "need": "0198c0de-6a52-7000-8000-3f1b5a2c9d10",
        "offer_kind": "resource",
        "offer": "0198c0de-6a52-7000-8000-3f1b5a2c9d11",
        "reason": "配方对口，且同在湖州。",
        "due": "2027-06-30",
    },
    others={
        "need": (Id, Field(..., **explained("需求。", "The need."))),
        "offer_kind": (OfferKind, Field(..., **explained("供给是要素、专家还是机构。", "What kind of offer it is."))),
        "offer": (Id, Field(..., **explained("要素、专家或机构。", "The resource, expert or organisation."))),
    },
)
StepBody: type[BaseModel] = input_model(
    "IntroductionStepBody",
    "What a step needs to know.",
    (PROPOSAL_FIELDS[1], DECLINE_FIELDS[0]),
    example={"side": "offer"},
    others={
        "side": (
            IntroductionSide | None,
            Field(
                None,
                **explained("哪一方同意；本方成员可不填。", "Which side agrees; its own members may leave it out."),
            ),
        )
    },
)
TaskDraft: type[BaseModel] = input_model(
    "TaskDraft", "Something to be done.", TASK_FIELDS, example={"title": "寄样品", "due": "2027-06-30"},
    required=("title", "due"),
)  # fmt: skip
DueBody: type[BaseModel] = input_model(
    "DueBody", "When the next step is due.", RESCHEDULE_FIELDS, example={"due": "2027-06-30"}, required=("due",)
)


class IntroductionQuery(Paging):
    """What a list of introductions may be restricted to."""

    status: list[IntroductionStatus] = Field([], max_length=5, **explained("状态。", "Status.", example=["proposed"]))
    need: UUID | None = Field(None, **explained("需求。", "The need."))


class ManagerBody(BaseModel):
    """Who is to be responsible."""

    manager: Id


def _detail(request: HttpRequest, introduction_id: UUID) -> IntroductionDetail:
    actor = actor_of(request)
    row = introduction_get(actor, introduction_id)
    tasks = tasks_of_introduction(row) if may(actor, "deals.view_tasks", row) else []
    return IntroductionDetail(**introduction_values(row), tasks=[task_row(task) for task in tasks])


@router.get(
    "/introductions",
    response=Page[IntroductionRow],
    **described(
        Bilingual("对接列表", "List introductions"),
        Bilingual("您可以看到的对接，最近提出的在前。", "The introductions that you may see, the latest first."),
        sign_in=True,
    ),
)
def introductions_list(request: HttpRequest, query: Query[IntroductionQuery]) -> Any:
    """List introductions."""
    rows = introductions_visible(signed_in_actor(request))
    if query.status:
        rows = rows.filter(status__in=query.status)
    if query.need:
        rows = rows.filter(need=query.need)
    return page_of(request, rows, _BY_PROPOSAL, query, introduction_row)


@router.post(
    "/introductions",
    response={201: IntroductionDetail},
    **described(
        Bilingual("提出对接", "Propose an introduction"),
        Bilingual(
            "把一项需求介绍给要素、专家或机构；科创经理人、走廊办公室和双方成员可以提出。",
            "Introduce a need to a resource, an expert or an organisation. Technology managers, the corridor office "
            "and members of either side may.",
        ),
        refused=[404],
    ),
)
def introduction_create(request: HttpRequest, body: IntroductionDraft) -> Any:  # type: ignore[valid-type]
    """Propose an introduction."""
    sent: Any = body
    made = introduction_propose(
        actor=actor_of(request), need_id=sent.need, offer_kind=str(sent.offer_kind), offer_id=sent.offer,
        reason=sent.reason or "", due=sent.due, at=timezone.now(),
    )  # fmt: skip
    return Answer(201, _detail(request, made.id))


@router.get(
    "/introductions/{introduction_id}",
    response=IntroductionDetail,
    **described(
        Bilingual("一项对接", "Get an introduction"),
        Bilingual("双方、进展、期限和任务。", "Both sides, how far it is, what is due, and the tasks."),
        sign_in=True,
    ),
)
def introduction_read(request: HttpRequest, introduction_id: UUID) -> Any:
    """Return one introduction."""
    signed_in_actor(request)
    return _detail(request, introduction_id)


@router.post(
    "/introductions/{introduction_id}/steps/{step}",
    response=IntroductionDetail,
    **described(
        Bilingual("对接的下一步", "Take an introduction's next step"),
        Bilingual(
            "同意 accept、会面 meet、签约 sign、婉拒或终止 decline；decline 须写原因。",
            "One of accept, meet, sign, decline; the last says why.",
        ),
    ),
)
def introduction_step(
    request: HttpRequest,
    introduction_id: UUID,
    step: IntroductionStep,  # type: ignore[valid-type]
    body: StepBody,  # type: ignore[valid-type]
) -> Any:
    """Take one step."""
    actor, taken = actor_of(request), Step(step)
    introduction_get(actor, introduction_id)
    given_values: dict[str, Any] = body.model_dump(exclude_none=True)  # type: ignore[attr-defined]
    sent = given_values | ({"side": Side(given_values["side"])} if "side" in given_values else {})
    if strange := sent.keys() - _TAKES[taken]:
        raise InvalidError({name: [_NOT_TAKEN] for name in sorted(strange)})
    act: dict[str, Any] = {"actor": actor, "introduction_id": introduction_id, "at": timezone.now()}
    if taken is Step.DECLINE:
        introduction_decline(**act, reason=sent.get("reason", ""))
    else:
        _SERVICES[taken](**act, **sent)
    return _detail(request, introduction_id)


_SERVICES: dict[Step, Any] = {
    Step.ACCEPT: introduction_accept, Step.MEET: introduction_meet, Step.SIGN: introduction_sign,
}  # fmt: skip


@router.put(
    "/introductions/{introduction_id}/manager",
    response={204: None},
    **described(
        Bilingual("确定负责人", "Set who is responsible"),
        Bilingual(
            "由一位科创经理人负责；无人负责的，科创经理人可以接手。",
            "Make a technology manager responsible; a manager may take over what nobody looks after.",
        ),
    ),
)
def introduction_manager(request: HttpRequest, introduction_id: UUID, body: ManagerBody) -> Any:
    """Make a manager responsible."""
    introduction_get(actor_of(request), introduction_id)
    introduction_assign(actor=actor_of(request), introduction_id=introduction_id, manager_id=body.manager)
    return Answer(204, None)


@router.put(
    "/introductions/{introduction_id}/due",
    response=IntroductionDetail,
    **described(
        Bilingual("改期", "Reschedule"),
        Bilingual("下一步改到另一天，随之产生的任务一并改期。", "Set another day for the next step and its tasks."),
    ),
)
def introduction_due(
    request: HttpRequest,
    introduction_id: UUID,
    body: DueBody,  # type: ignore[valid-type]
) -> Any:
    """Set another day."""
    introduction_get(actor_of(request), introduction_id)
    sent: Any = body
    introduction_reschedule(actor=actor_of(request), introduction_id=introduction_id, due=sent.due, at=timezone.now())
    return _detail(request, introduction_id)


@router.post(
    "/introductions/{introduction_id}/tasks",
    response={201: TaskRow},
    **described(
        Bilingual("添加任务", "Add a task"), Bilingual("负责的科创经理人的任务。", "For the manager responsible.")
    ),
)
def introduction_task_create(
    request: HttpRequest,
    introduction_id: UUID,
    body: TaskDraft,  # type: ignore[valid-type]
) -> Any:
    """Add a task."""
    introduction_get(actor_of(request), introduction_id)
    sent: Any = body
    made = task_add(
        actor=actor_of(request), introduction_id=introduction_id, title=sent.title, due=sent.due, at=timezone.now()
    )
    return Answer(201, task_row(made))


@router.get(
    "/tasks",
    response=list[TaskRow],
    **described(
        Bilingual("我的任务", "List my tasks"),
        Bilingual(
            "科创经理人的待办任务，最早到期的在前，最多 200 条。",
            "A technology manager's open tasks, the oldest due first, at most 200.",
        ),
        sign_in=True,
    ),
)
def tasks_list(request: HttpRequest) -> Any:
    """List open tasks."""
    return [task_row(task) for task in tasks_open(signed_in_actor(request))[:200]]


@router.post(
    "/tasks/{task_id}/finish",
    response=TaskRow,
    **described(Bilingual("办结任务", "Finish a task"), Bilingual("每项任务办结一次。", "Each task is finished once.")),
)
def task_finished(request: HttpRequest, task_id: UUID) -> Any:
    """Finish a task."""
    return task_row(task_finish(actor=actor_of(request), task_id=task_id, at=timezone.now()))
