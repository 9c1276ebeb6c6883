"""What happens to introductions and their tasks. One function is one business action in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from psycopg.errors import UniqueViolation

from yunlang.accounts.models import User
from yunlang.accounts.permissions import require
from yunlang.accounts.roles import Role
from yunlang.deals.core.introduction import (
    Progress,
    Side,
    Status,
    Step,
    StepImpossibleError,
    advanced,
    proposed,
    tasks_of,
    usual_due,
)
from yunlang.deals.models import Introduction, Task
from yunlang.deals.pairs import pair_check, pair_of
from yunlang.deals.permissions import SideOf, sides_of
from yunlang.kit.audit import Actor, audit_record
from yunlang.kit.errors import ConflictError, InvalidError, NotFoundError
from yunlang.kit.fields import Field, FieldType, parse_record
from yunlang.kit.language import Bilingual

PROPOSAL_FIELDS: tuple[Field, ...] = (
    Field(
        "reason", Bilingual("推荐理由", "why they fit"), FieldType.TEXT, max_length=1_000,
        help=Bilingual("双方都会看到，写清为什么值得一谈。", "Both sides read it: why it is worth their time."),
    ),
    Field("due", Bilingual("下一步期限", "next step due"), FieldType.DATE),
)  # fmt: skip
DECLINE_FIELDS: tuple[Field, ...] = (
    Field("reason", Bilingual("原因", "reason"), FieldType.TEXT, required=True, max_length=1_000),
)
TASK_FIELDS: tuple[Field, ...] = (
    Field("title", Bilingual("任务", "task"), required=True, max_length=200),
    Field("due", Bilingual("期限", "due"), FieldType.DATE, required=True),
)
RESCHEDULE_FIELDS: tuple[Field, ...] = (replace(PROPOSAL_FIELDS[1], required=True),)
_DUE_FIELDS: tuple[Field, ...] = (PROPOSAL_FIELDS[1],)
_INTRODUCTION = Bilingual("该对接", "this introduction")


class IntroductionExistsError(ConflictError):
    """An introduction of these two is under way."""

    code = "introduction_exists"
    message = Bilingual(
        "这两者已有一项对接在办，请在“对接”中查看进展。",
        "These two are being introduced already. See how far it is under Introductions.",
    )


class TaskDoneError(ConflictError):
    """Somebody finished the task before."""

    code = "task_done"
    message = Bilingual("这项任务此前已办结。", "This task was finished before.")


@transaction.atomic
def introduction_propose(
    *, actor: Actor, need_id: UUID, offer_kind: str, offer_id: UUID, at: datetime, reason: str = "", due: object = None
) -> Introduction:
    """Propose to bring a need and a resource, an expert or an organisation together.

    A technology manager who proposes is responsible for it; whoever proposes as a member of one side has agreed for
    that side. `due` is the day by which both are to have answered, a week from now unless named.

    Raises
    ------
    NotFoundError
        When the need or the offer does not exist.
    NotOfferedError
        When one of them is not published.
    IntroductionExistsError
        When the two are being introduced already.
    """
    introduction = Introduction(proposed_at=at, **pair_of(need_id, offer_kind, offer_id, lock=True))
    require(actor, "deals.propose", introduction)
    introduction.proposed_by_id = actor.actor_id
    pair_check(introduction)
    values = _parsed(PROPOSAL_FIELDS, {"reason": reason, "due": due}, at)
    progress = proposed(frozenset(sides_of(actor, introduction)))
    introduction.reason = values["reason"] or ""
    introduction.manager_id = actor.actor_id if getattr(actor, "role", None) == Role.MANAGER else None
    _stand(introduction, progress, at, due=values["due"])
    try:
        with transaction.atomic():
            introduction.save(force_insert=True)
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise IntroductionExistsError from error
        raise
    _plan_tasks(introduction, at)
    _audit(
        actor, introduction, "introduction_propose",
        after={"need": str(need_id), offer_kind: str(offer_id), "status": introduction.status, "due": introduction.due,
               "agreed": sorted(progress.agreed), **_given(note=introduction.reason)},
    )  # fmt: skip
    return introduction


@transaction.atomic
def introduction_accept(*, actor: Actor, introduction_id: UUID, at: datetime, side: Side | None = None) -> Introduction:
    """Record that a side agrees: the actor's own, or the one that the manager has asked. With both it is accepted.

    Raises
    ------
    InvalidError
        When `side` is left out and does not follow from the actor's membership.
    AlreadyAgreedError, StepImpossibleError
    """
    introduction = _locked(introduction_id)
    if side is None:
        require(actor, "deals.accept", introduction)
        side = _own_side(actor, introduction)
    require(actor, "deals.accept", SideOf(introduction, side))
    return _step(actor, introduction, Step.ACCEPT, at, side=side)


@transaction.atomic
def introduction_meet(*, actor: Actor, introduction_id: UUID, at: datetime, due: object = None) -> Introduction:
    """Record that the two sides meet; `due` is the day by which the result is to be reported."""
    introduction = _locked(introduction_id)
    require(actor, "deals.advance", introduction)
    return _step(actor, introduction, Step.MEET, at, due=due)


@transaction.atomic
def introduction_sign(*, actor: Actor, introduction_id: UUID, at: datetime) -> Introduction:
    """Record that the two sides have signed."""
    introduction = _locked(introduction_id)
    require(actor, "deals.advance", introduction)
    return _step(actor, introduction, Step.SIGN, at)


@transaction.atomic
def introduction_decline(*, actor: Actor, introduction_id: UUID, reason: str, at: datetime) -> Introduction:
    """End an introduction without a deal, with the reason."""
    introduction = _locked(introduction_id)
    require(actor, "deals.decline", introduction)
    introduction.decline_reason = _parsed(DECLINE_FIELDS, {"reason": reason}, at)["reason"]
    return _step(actor, introduction, Step.DECLINE, at, note=introduction.decline_reason)


@transaction.atomic
def introduction_reschedule(*, actor: Actor, introduction_id: UUID, due: object, at: datetime) -> Introduction:
    """Set another day for the next step; the tasks that follow from where it stands move with it.

    Raises
    ------
    StepImpossibleError
        When nothing more is to come.
    """
    introduction = _locked(introduction_id)
    require(actor, "deals.advance", introduction)
    values = _parsed(RESCHEDULE_FIELDS, {"due": due}, at)
    if introduction.due is None:
        raise StepImpossibleError(status=introduction.status_label)
    before, introduction.due, introduction.updated_at = introduction.due, values["due"], at
    if before == introduction.due:
        return introduction
    introduction.save(update_fields=["due", "updated_at"])
    introduction.tasks.filter(done_at=None).exclude(code="").update(due=introduction.due, updated_at=at)
    _audit(
        actor, introduction, "introduction_reschedule", before={"due": before}, after={"due": introduction.due}
    )  # fmt: skip
    return introduction


@transaction.atomic
def introduction_assign(*, actor: Actor, introduction_id: UUID, manager_id: UUID) -> Introduction:
    """Make a technology manager responsible: oneself for one that nobody looks after, or another one."""
    introduction = _locked(introduction_id)
    require(actor, "deals.assign", introduction)
    if not introduction.progress.is_open:
        raise StepImpossibleError(status=introduction.status_label)
    manager = User.objects.filter(pk=manager_id, role=Role.MANAGER, is_active=True).first()
    if manager is None:
        raise InvalidError({"manager": [Bilingual("请选择一位科创经理人", "Choose a technology manager")]})
    before = introduction.manager
    if before == manager:
        return introduction
    introduction.manager = manager
    introduction.save(update_fields=["manager"])
    _audit(
        actor, introduction, "introduction_assign",
        before={"manager": before.name if before else None}, after={"manager": manager.name},
    )  # fmt: skip
    return introduction


@transaction.atomic
def task_add(*, actor: Actor, introduction_id: UUID, title: str, due: object, at: datetime) -> Task:
    """Write down something more to be done for an introduction."""
    introduction = _locked(introduction_id)
    require(actor, "deals.keep_tasks", introduction)
    if introduction.status == Status.DECLINED:
        raise ConflictError
    values = _parsed(TASK_FIELDS, {"title": title, "due": due}, at)
    task = Task.objects.create(introduction=introduction, **values)
    _audit(actor, introduction, "task_add", after={"task": task.title, "due": task.due})
    return task


@transaction.atomic
def task_finish(*, actor: Actor, task_id: UUID, at: datetime) -> Task:
    """Record that a task is done. Where the introduction stands is another matter, with steps of its own.

    Raises
    ------
    TaskDoneError
        When it was done before.
    """
    introduction_id = Task.objects.filter(pk=task_id).values_list("introduction_id", flat=True).first()
    if introduction_id is None:
        raise NotFoundError(what=Bilingual("该任务", "this task"))
    introduction = _locked(introduction_id)
    require(actor, "deals.keep_tasks", introduction)
    task = introduction.tasks.get(pk=task_id)
    if task.done_at is not None:
        raise TaskDoneError
    task.done_at = task.updated_at = at
    task.save(update_fields=["done_at", "updated_at"])
    _audit(actor, introduction, "task_finish", after={"task": task.label.zh, "code": task.code})
    return task


def _locked(introduction_id: UUID) -> Introduction:
    """Return an introduction, held until the transaction ends."""
    found = Introduction.objects.select_for_update().filter(pk=introduction_id).first()
    if found is None:
        raise NotFoundError(what=_INTRODUCTION)
    return found


def _own_side(actor: Actor, introduction: Introduction) -> Side:
    own = sides_of(actor, introduction)
    asked = [side for side in introduction.progress.asked if side in own]
    if not own:
        raise InvalidError({"side": [Bilingual("请写明是哪一方同意", "Say which side agrees")]})
    return asked[0] if asked else own[0]


def _step(
    actor: Actor,
    introduction: Introduction,
    step: Step,
    at: datetime,
    *,
    side: Side | None = None,
    due: object = None,
    note: str = "",
) -> Introduction:
    before = introduction.progress
    progress = advanced(before, step, side)
    _stand(introduction, progress, at, due=_parsed(_DUE_FIELDS, {"due": due}, at)["due"])
    introduction.save()
    _plan_tasks(introduction, at)
    _audit(
        actor, introduction, f"introduction_{step}", before={"status": str(before.status)},
        after={"status": introduction.status, "due": introduction.due, **_given(side=side, note=note)},
    )  # fmt: skip
    return introduction


def _stand(introduction: Introduction, progress: Progress, at: datetime, *, due: date | None) -> None:
    """Write down where the introduction stands since `at`, and when the next step is due."""
    moved = introduction.status != progress.status
    introduction.status = progress.status
    introduction.updated_at = at
    for side in progress.agreed - introduction.progress.agreed:
        setattr(introduction, f"{side}_agreed_at", at)
    if moved:
        setattr(introduction, f"{progress.status}_at", at)
    if not progress.is_open:
        introduction.due = None
    elif moved or due or introduction.due is None:
        introduction.due = due or usual_due(progress.status, timezone.localtime(at).date())


def _plan_tasks(introduction: Introduction, at: datetime) -> None:
    """Have the tasks be those of where the introduction stands: what is done with is finished, what is new begins."""
    wanted = tasks_of(introduction.progress)
    known = set(introduction.tasks.exclude(code="").values_list("code", flat=True))
    if introduction.status != Status.DECLINED:
        past = introduction.tasks.filter(done_at=None).exclude(code="").exclude(code__in=wanted)
        past.update(done_at=at, updated_at=at)
    if introduction.due is not None:
        due = introduction.due
        new = [Task(introduction=introduction, code=code, due=due) for code in wanted if code not in known]
        Task.objects.bulk_create(new)


def _parsed(fields: tuple[Field, ...], raw: dict[str, object], at: datetime) -> dict[str, Any]:
    values, reasons = parse_record(fields, raw)
    due = values.get("due")
    if due is not None and due < timezone.localtime(at).date():
        reasons["due"] = Bilingual("日期已过，请写今天或以后的日期", "has passed; name today or a later day")
    if reasons:
        raise InvalidError({name: [reason] for name, reason in reasons.items()})
    return values


def _given(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value}


def _audit(
    actor: Actor,
    introduction: Introduction,
    action: str,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    audit_record(
        actor=actor, action=action, object_kind="introduction", object_id=introduction.id, before=before, after=after
    )
