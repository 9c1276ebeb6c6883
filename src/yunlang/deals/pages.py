"""Pages of introductions: the list, one with its history and next actions, the form, the manager's tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yunlang.accounts.permissions import is_manager, is_office, may
from yunlang.deals import services
from yunlang.deals.core.introduction import SIDES, STATUSES, Progress, Side, Status, Step, possible_steps, usual_due
from yunlang.deals.history import introduction_history
from yunlang.deals.ledger_selectors import introduction_deal
from yunlang.deals.models import Introduction, Task
from yunlang.deals.permissions import SideOf
from yunlang.deals.selectors import (
    introduction_draft,
    introduction_get,
    introduction_status_counts,
    introductions_visible,
    managers,
    tasks_of_introduction,
    tasks_open,
)
from yunlang.kit.errors import ConflictError, InvalidError, NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.registry.pages.forms import typed_values
from yunlang.registry.pages.parameters import chosen_id, page_of
from yunlang.registry.pages.redirects import back_to, reasons_of

# A page for one sitting; what is beyond comes up as these are done.
_SITTING = 50
_OFFER_PAGES = {"resource": "registry:resource", "expert": "registry:expert", "organisation": "registry:organisation"}


@dataclass(frozen=True, slots=True)
class Milestone:
    """One status on the way, and when it was reached."""

    label: Bilingual
    at: datetime | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class Action:
    """A step that the reader may take now: how it is called, where it is taken, what it asks."""

    label: Bilingual
    url: str
    side: str = ""
    asks_due: bool = False
    due: date | None = None
    asks_reason: bool = False
    style: str = ""


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as a list shows it."""

    task: Task
    is_overdue: bool

    @property
    def introduction_url(self) -> str:
        """Where its introduction has its page."""
        return introduction_url(self.task.introduction_id)


def introduction_url(introduction_id: UUID) -> str:
    """Return the address of an introduction's page."""
    return reverse("deals:introduction", args=[introduction_id])


@login_required
@require_safe
def introduction_list(request: HttpRequest) -> HttpResponse:
    """List the introductions that concern the reader."""
    status = request.GET.get("status", "")
    status = status if status in STATUSES else ""
    visible = introductions_visible(request.user)
    counts = introduction_status_counts(visible)
    page = page_of(visible.filter(status=status) if status else visible, request.GET)
    today = timezone.localdate()
    context = {
        "statuses": [(key, label, counts.get(key, 0), key == status) for key, label in STATUSES.items()],
        "status": status,
        "total": sum(counts.values()),
        "open": sum(counts.get(key, 0) for key in counts if key not in (Status.SIGNED, Status.DECLINED)),
        "signed": counts.get(Status.SIGNED, 0),
        "page": page,
        "count": page.paginator.count,
        "rows": [(row, introduction_url(row.pk), _is_past(row.due, today)) for row in page.object_list],
    }
    return render(request, "deals/introduction_list.html", context)


@login_required
@require_safe
def introduction_page(request: HttpRequest, introduction_id: UUID) -> HttpResponse:
    """Show one introduction: both sides, how far it is, what to do next, what was done."""
    return _introduction_page(request, introduction_get(request.user, introduction_id))


def _introduction_page(
    request: HttpRequest, introduction: Introduction, *, error: InvalidError | None = None
) -> HttpResponse:
    today = timezone.localdate()
    deal, may_open = introduction_deal(request.user, introduction)
    sees_tasks = may(request.user, "deals.view_tasks", introduction)
    keeps_tasks = may(request.user, "deals.keep_tasks", introduction) and introduction.status != Status.DECLINED
    context = {
        "introduction": introduction,
        "parties": [_party(introduction, side) for side in Side],
        "offer_url": reverse(_OFFER_PAGES[introduction.offer_kind], args=[introduction.offer.pk]),
        "milestones": _milestones(introduction),
        "is_overdue": _is_past(introduction.due, today),
        "actions": _actions(request.user, introduction, today),
        "deal": deal,
        "may_open_deal": may_open,
        "may_take": _may_take(request.user, introduction),
        "managers": _others(introduction) if _may_hand_on(request.user, introduction) else [],
        "may_reschedule": introduction.due is not None and may(request.user, "deals.advance", introduction),
        "keeps_tasks": keeps_tasks,
        "sees_tasks": sees_tasks,
        "tasks": [_task_row(task, today) for task in tasks_of_introduction(introduction)] if sees_tasks else [],
        "task_rows": _rows(services.TASK_FIELDS, request, error),
        "fields": services.TASK_FIELDS,
        "errors": error.fields if error else {},
        "deeds": introduction_history(introduction, with_tasks=sees_tasks),
    }
    return render(request, "deals/introduction_detail.html", context, status=error.status if error else 200)


def _party(introduction: Introduction, side: Side) -> dict[str, Any]:
    agreed_at = introduction.need_agreed_at if side is Side.NEED else introduction.offer_agreed_at
    return {"label": SIDES[side], "organisation": introduction.parties[side], "agreed_at": agreed_at}


def _milestones(introduction: Introduction) -> list[Milestone]:
    course = [Status.PROPOSED, Status.ACCEPTED, Status.MEETING, Status.SIGNED]
    reached = {status: getattr(introduction, f"{status}_at") for status in Status}
    if introduction.status == Status.DECLINED:
        course = [*(status for status in course if reached[status]), Status.DECLINED]
    return [Milestone(_REACHED[status], reached[status], status == introduction.status) for status in course]


_REACHED: dict[Status, Bilingual] = {
    Status.PROPOSED: Bilingual("提出", "Proposed"),
    Status.ACCEPTED: Bilingual("双方同意", "Both agreed"),
    Status.MEETING: Bilingual("会面", "Meeting"),
    Status.SIGNED: Bilingual("签约", "Signed"),
    Status.DECLINED: Bilingual("未成", "Declined"),
}
_AGREES: dict[Side, Bilingual] = {
    Side.NEED: Bilingual("记录需求方同意", "Record that the need's side agrees"),
    Side.OFFER: Bilingual("记录供给方同意", "Record that the offering side agrees"),
}
_ACCEPTS = Bilingual("同意对接", "Accept")
_MEETS = Bilingual("记录会面", "Record the meeting")
_SIGNS = Bilingual("记录签约", "Record the signature")
_DECLINES = Bilingual("婉拒或终止", "Decline")


def _actions(actor: Any, introduction: Introduction, today: date) -> list[Action]:
    """Return the steps that the reader may take now; only the first is the page's primary one."""
    progress, found = introduction.progress, []
    for step in possible_steps(progress):
        url = reverse("deals:introduction_step", args=[introduction.pk, step])
        if step is Step.ACCEPT:
            found += _agreements(actor, introduction, progress, url)
        elif step is Step.DECLINE:
            if may(actor, "deals.decline", introduction):
                found.append(Action(_DECLINES, url, asks_reason=True))
        elif may(actor, "deals.advance", introduction):
            label = _MEETS if step is Step.MEET else _SIGNS
            due = usual_due(Status.MEETING, today) if step is Step.MEET else None
            found.append(Action(label, url, asks_due=due is not None, due=due, style="button-primary"))
    return found


def _agreements(actor: Any, introduction: Introduction, progress: Progress, url: str) -> list[Action]:
    guides = may(actor, "deals.advance", introduction)
    sides = [side for side in progress.asked if may(actor, "deals.accept", SideOf(introduction, side))]
    return [
        Action(_AGREES[side] if guides else _ACCEPTS, url, side=side, style="" if place else "button-primary")
        for place, side in enumerate(sides)
    ]


def _may_take(actor: Any, introduction: Introduction) -> bool:
    open_to_all = introduction.manager_id is None and introduction.progress.is_open
    return open_to_all and is_manager(actor) and may(actor, "deals.assign", introduction)


def _may_hand_on(actor: Any, introduction: Introduction) -> bool:
    return introduction.progress.is_open and may(actor, "deals.assign", introduction)


def _others(introduction: Introduction) -> list[Any]:
    return [one for one in managers() if one.pk != introduction.manager_id]


def _is_past(due: date | None, today: date) -> bool:
    return due is not None and due < today


def _task_row(task: Task, today: date) -> TaskRow:
    return TaskRow(task, task.done_at is None and _is_past(task.due, today))


def _rows(fields: Any, request: HttpRequest, error: InvalidError | None, **initial: Any) -> list[tuple[Any, ...]]:
    typed = typed_values(request.POST, fields) if request.method == "POST" else initial
    reasons = error.fields if error else {}
    return [(spec, typed.get(spec.name), reasons.get(spec.name, [])) for spec in fields]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def introduction_new(request: HttpRequest) -> HttpResponse:
    """Ask why the two fit and by when they should answer, and propose the introduction."""
    asked = request.POST if request.method == "POST" else request.GET
    need_id, offer_id = chosen_id(asked, "need"), chosen_id(asked, "offer")
    if need_id is None or offer_id is None:
        raise NotFoundError(what=Bilingual("要对接的需求和供给", "what is to be introduced"))
    pair = introduction_draft(request.user, need_id, asked.get("kind", ""), offer_id)
    if request.method != "POST":
        return _form(request, pair)
    raw = typed_values(request.POST, services.PROPOSAL_FIELDS)
    try:
        made = services.introduction_propose(
            actor=request.user, need_id=need_id, offer_kind=pair.offer_kind, offer_id=offer_id, at=timezone.now(),
            reason=str(raw["reason"]), due=raw["due"],
        )  # fmt: skip
    except InvalidError as error:
        return _form(request, pair, error=error)
    except ConflictError as error:
        return _form(request, pair, conflict=error)
    messages.success(request, gettext("已提出对接，双方会在工作台看到。"))
    return redirect(introduction_url(made.pk))


def _form(
    request: HttpRequest,
    pair: Introduction,
    *,
    error: InvalidError | None = None,
    conflict: ConflictError | None = None,
) -> HttpResponse:
    refused = error or conflict
    context = {
        "pair": pair,
        "parties": [_party(pair, side) for side in Side],
        "rows": _rows(services.PROPOSAL_FIELDS, request, error, due=usual_due(Status.PROPOSED, timezone.localdate())),
        "fields": services.PROPOSAL_FIELDS,
        "errors": error.fields if error else {},
        "conflict": conflict,
        "match_url": f"{reverse('registry:need', args=[pair.need_id])}match/",
    }
    return render(request, "deals/introduction_form.html", context, status=refused.status if refused else 200)


_DONE: dict[Step, Bilingual] = {
    Step.ACCEPT: Bilingual("已记录同意。", "The agreement is recorded."),
    Step.MEET: Bilingual(
        "已记录会面，请按期报告洽谈结果。", "The meeting is recorded. Report the result by the day named."
    ),
    Step.SIGN: Bilingual("已记录签约。", "The signature is recorded."),
    Step.DECLINE: Bilingual("已结束对接，原因双方都能看到。", "The introduction has ended; both sides see why."),
}


@require_POST
@login_required
def introduction_step(request: HttpRequest, introduction_id: UUID, step: str) -> HttpResponse:
    """Take one step and say what it did."""
    introduction_get(request.user, introduction_id)
    typed, act = request.POST, {"actor": request.user, "introduction_id": introduction_id, "at": timezone.now()}
    side = Side(typed["side"]) if typed.get("side") in SIDES else None
    deeds: dict[Step, Callable[[], Introduction]] = {
        Step.ACCEPT: lambda: services.introduction_accept(side=side, **act),
        Step.MEET: lambda: services.introduction_meet(due=typed.get("due", ""), **act),
        Step.SIGN: lambda: services.introduction_sign(**act),
        Step.DECLINE: lambda: services.introduction_decline(reason=typed.get("reason", ""), **act),
    }
    return _done(request, introduction_id, deeds[Step(step)], _DONE[Step(step)])


@require_POST
@login_required
def introduction_assign(request: HttpRequest, introduction_id: UUID) -> HttpResponse:
    """Take an introduction over, or hand it on."""
    introduction_get(request.user, introduction_id)
    manager_id = chosen_id(request.POST, "manager") or request.user.pk
    done = Bilingual("已确定负责的科创经理人。", "The technology manager responsible is set.")
    return _done(
        request, introduction_id,
        lambda: services.introduction_assign(
            actor=request.user, introduction_id=introduction_id, manager_id=manager_id
        ),
        done,
    )  # fmt: skip


@require_POST
@login_required
def introduction_reschedule(request: HttpRequest, introduction_id: UUID) -> HttpResponse:
    """Set another day for the next step."""
    introduction_get(request.user, introduction_id)
    act = {"actor": request.user, "introduction_id": introduction_id, "at": timezone.now()}
    due = request.POST.get("due", "")
    done = Bilingual("已改期。", "The new day is set.")
    return _done(request, introduction_id, lambda: services.introduction_reschedule(due=due, **act), done)


@require_POST
@login_required
def task_new(request: HttpRequest, introduction_id: UUID) -> HttpResponse:
    """Write down a task."""
    introduction = introduction_get(request.user, introduction_id)
    raw = typed_values(request.POST, services.TASK_FIELDS)
    try:
        services.task_add(
            actor=request.user, introduction_id=introduction_id, title=str(raw["title"]), due=raw["due"],
            at=timezone.now(),
        )  # fmt: skip
    except InvalidError as error:
        return _introduction_page(request, introduction, error=error)
    messages.success(request, gettext("已添加任务。"))
    return redirect(introduction_url(introduction_id))


@require_POST
@login_required
def task_done(request: HttpRequest, introduction_id: UUID, task_id: UUID) -> HttpResponse:
    """Finish a task."""
    introduction_get(request.user, introduction_id)
    done = Bilingual("任务已办结。", "The task is done.")
    return _done(
        request, introduction_id,
        lambda: services.task_finish(actor=request.user, task_id=task_id, at=timezone.now()),
        done,
    )  # fmt: skip


def _done(request: HttpRequest, introduction_id: UUID, deed: Callable[[], Any], said: Bilingual) -> HttpResponse:
    language = get_language() or "zh-hans"
    try:
        deed()
    except InvalidError as error:
        messages.error(request, reasons_of(error).text(language))
    except ConflictError as error:
        messages.error(request, error.text.text(language))
    else:
        messages.success(request, said.text(language))
    return redirect(back_to(request, introduction_url(introduction_id)))


def workbench_section(request: HttpRequest) -> tuple[str, dict[str, Any]] | None:
    """Return the introductions on the reader's workbench: a manager's tasks, or those that wait for an answer."""
    guides = is_manager(request.user) or is_office(request.user)
    today = timezone.localdate()
    tasks = tasks_open(request.user)
    shown = list(tasks[:_SITTING]) if guides else []
    waiting = [] if guides else _waiting(request.user, today)
    if not (guides or waiting):
        return None
    rows = [_task_row(task, today) for task in shown]
    return "deals/_workbench.html", {
        "guides": guides,
        "tasks": rows,
        "count": tasks.count() if len(rows) == _SITTING else len(rows),
        "overdue": sum(row.is_overdue for row in rows),
        "waiting": waiting,
        "sitting": _SITTING,
    }


def _waiting(actor: Any, today: date) -> list[tuple[Introduction, str, bool]]:
    rows = introductions_visible(actor).filter(status=Status.PROPOSED)[:_SITTING]
    return [(row, introduction_url(row.pk), _is_past(row.due, today)) for row in rows if _awaits(actor, row)]


def _awaits(actor: Any, introduction: Introduction) -> bool:
    return any(may(actor, "deals.accept", SideOf(introduction, side)) for side in introduction.progress.asked)
