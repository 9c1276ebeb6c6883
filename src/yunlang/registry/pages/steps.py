"""The steps that the reader may take with a listing: shown on its page, taken by POST."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from yunlang.accounts.permissions import may, require
from yunlang.kit.errors import ConflictError, InvalidError
from yunlang.kit.language import Bilingual
from yunlang.registry.core.lifecycle import Status, Step, possible_steps
from yunlang.registry.models import Need, Resource
from yunlang.registry.pages.forms import form_page
from yunlang.registry.pages.redirects import back_to, reasons_of
from yunlang.registry.pages.shelves import Shelf
from yunlang.registry.selectors.listings import listing_get
from yunlang.registry.services import listings as services


@dataclass(frozen=True, slots=True)
class StepAction:
    """What a step is called, who may take it, and what to say when it is done."""

    step: Step
    permission: str
    service: Callable[..., Need | Resource]
    label: Bilingual
    done: Bilingual
    style: str = ""
    asks_note: bool = False
    hint: Bilingual | None = None


STEP_ACTIONS: dict[Step, StepAction] = {
    action.step: action
    for action in (
        StepAction(
            Step.SUBMIT, "registry.submit_listing", services.listing_submit,
            Bilingual("提交审核", "Submit for review"),
            Bilingual("已提交，走廊办公室审核后发布。", "Submitted. The corridor office reviews it first."),
            style="button-primary",
        ),
        StepAction(
            Step.WITHDRAW, "registry.submit_listing", services.listing_withdraw,
            Bilingual("撤回修改", "Withdraw to change it"),
            Bilingual("已撤回，可以继续修改。", "Withdrawn. You can change it now."),
        ),
        StepAction(
            Step.PUBLISH, "registry.review_listing", services.listing_publish,
            Bilingual("审核通过并发布", "Approve and publish"),
            Bilingual("已发布，所有人都能找到。", "Published. Everybody can find it."),
            style="button-primary",
        ),
        StepAction(
            Step.RETURN, "registry.review_listing", services.listing_return,
            Bilingual("退回修改", "Return for changes"),
            Bilingual("已退回，发布者会看到原因。", "Returned. Its author sees the reason."),
            asks_note=True,
        ),
        StepAction(
            Step.CLOSE, "registry.close_listing", services.listing_close,
            Bilingual("关闭", "Close"),
            Bilingual("已关闭，不再参加匹配；页面保留。", "Closed. It is no longer matched; its page stays."),
            style="button-danger",
            hint=Bilingual("关闭后不再参加匹配，页面保留。", "A closed one is no longer matched; its page stays."),
        ),
        StepAction(
            Step.REOPEN, "registry.close_listing", services.listing_reopen,
            Bilingual("重新编辑", "Edit again"),
            Bilingual("已转为草稿，修改后请重新提交审核。", "A draft again. Change it, then submit it for review."),
        ),
    )
}  # fmt: skip


def steps_for(actor: Any, listing: Need | Resource) -> list[StepAction]:
    """Return the steps that `actor` may take with `listing` now, in the order of a life."""
    found = [STEP_ACTIONS[step] for step in possible_steps(Status(listing.status)) if step in STEP_ACTIONS]
    allowed = {action.step: action for action in found if may(actor, action.permission, listing)}
    if Step.RETURN in allowed:
        # Whoever reviews gives a listing back with a reason rather than taking it back without one.
        allowed.pop(Step.WITHDRAW, None)
    return list(allowed.values())


@require_POST
@login_required
def listing_step(request: HttpRequest, shelf: Shelf, listing_id: UUID, step: str) -> HttpResponse:
    """Take one step and say what it did."""
    listing = listing_get(shelf.model, listing_id)
    action = STEP_ACTIONS[Step(step)]
    require(request.user, "registry.view_listing", listing)
    details = {"note": request.POST.get("note", "")} if action.asks_note else {}
    language = get_language() or "zh-hans"
    try:
        action.service(actor=request.user, model=shelf.model, listing_id=listing_id, at=timezone.now(), **details)
    except InvalidError as error:
        if action.step is Step.SUBMIT:
            return form_page(request, shelf, listing=listing, errors=error.fields, status=error.status)
        messages.error(request, reasons_of(error).text(language))
    except ConflictError as error:
        messages.error(request, error.text.text(language))
    else:
        messages.success(request, action.done.text(language))
    return redirect(back_to(request, shelf.url(listing)))
