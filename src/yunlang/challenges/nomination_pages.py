"""Putting a need forward, one nomination, and the office's decision on it."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from yunlang.accounts.permissions import may
from yunlang.challenges.core.vocabulary import CallStatus, NominationStatus
from yunlang.challenges.fields import DECISION_FIELDS, NOMINATION_FIELDS
from yunlang.challenges.models import Call, Nomination
from yunlang.challenges.nomination_services import (
    nomination_submit,
    nomination_withdraw,
    screening_decide,
    takes_nominations,
)
from yunlang.challenges.page_forms import (
    Refusal,
    call_url,
    challenge_url,
    done,
    form_answer,
    form_rows,
    nomination_url,
    said,
)
from yunlang.challenges.selectors import (
    calls_open,
    need_nominable,
    need_nominations,
    nomination_get,
    note_told,
    standing_told,
)
from yunlang.kit.errors import ConflictError, InvalidError
from yunlang.kit.language import Bilingual
from yunlang.registry.models import Need
from yunlang.registry.pages.forms import typed_values
from yunlang.registry.pages.parameters import chosen_id


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def need_nominate(request: HttpRequest, need_id: UUID) -> HttpResponse:
    """Choose a call, then say what solving the need is worth and how that is judged."""
    need = need_nominable(request.user, need_id)
    asked = request.POST if request.method == "POST" else request.GET
    standing, now = need_nominations(need.pk), timezone.now()
    calls = [call for call in calls_open(now) if takes_nominations(call, now)]
    call_id = chosen_id(asked, "call")
    open_to = [call for call in calls if call.pk not in standing]
    call = next((one for one in calls if one.pk == call_id), open_to[0] if len(open_to) == 1 and not standing else None)
    if call is None:
        context = {
            "need": need,
            "calls": open_to,
            "standing": [(one, nomination_url(one.pk), standing_told(request.user, one)) for one in standing.values()],
        }
        return render(request, "challenges/nominate_choose.html", context)
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            made = nomination_submit(
                actor=request.user, call_id=call.pk, need_id=need.pk,
                raw=typed_values(request.POST, NOMINATION_FIELDS), at=now,
            )  # fmt: skip
        except (InvalidError, ConflictError) as error:
            refused = error
        else:
            said(request, Bilingual("需求已申报。", "The need is put forward."))
            return redirect(nomination_url(made.pk))
    return _nominate_form(request, need, call, refused)


def _nominate_form(request: HttpRequest, need: Need, call: Call, refused: Refusal | None) -> HttpResponse:
    initial = {"area": need.industry if need.industry in call.areas else "", "budget": need.budget}
    context = {
        "title": Bilingual("申报榜单", "Put the need forward"),
        "back_url": reverse("registry:need", args=[need.pk]),
        "back_label": Bilingual(need.title, need.title_en or need.title),
        "submit": Bilingual("提交申报", "Submit"),
        "hidden": [("call", call.pk)],
        "facts": [(Bilingual("征集", "call"), call.label), (Bilingual("需求", "need"), need.title)],
        "hint": Bilingual(
            "评审专家看不到申报单位名称；截止前可以撤回。",
            "Reviewers do not see who applies. You may withdraw until the call closes.",
        ),
    }
    return form_answer(request, NOMINATION_FIELDS, context, initial=initial, refused=refused)


@login_required
@require_safe
def nomination_page(request: HttpRequest, nomination_id: UUID) -> HttpResponse:
    """Show one nomination to its organisation and to the office."""
    return _nomination_page(request, nomination_get(request.user, nomination_id))


def _nomination_page(request: HttpRequest, nomination: Nomination, refused: Refusal | None = None) -> HttpResponse:
    call = nomination.call
    decides = may(request.user, "challenges.keep_calls") and call.status == CallStatus.SCREENING
    review_round = getattr(call, "screening_round", None)
    is_live = nomination.status != NominationStatus.WITHDRAWN
    challenge = getattr(nomination, "challenge", None)
    context = {
        "nomination": nomination,
        "need": nomination.need,
        "call_url": call_url(call.pk),
        "standing": standing_told(request.user, nomination),
        "note": note_told(request.user, nomination),
        "may_withdraw": nomination.status == NominationStatus.SUBMITTED
        and call.status == CallStatus.OPEN
        and may(request.user, "challenges.withdraw_nomination", nomination),
        "decides": decides and is_live and review_round is not None and review_round.is_closed,
        "challenge_url": challenge_url(challenge.pk) if challenge else "",
        **form_rows(request, DECISION_FIELDS, {"note": nomination.decision_note}, refused),
    }
    status = refused.status if refused else 200
    return render(request, "challenges/nomination_detail.html", context, status=status)


@login_required
@require_http_methods(["POST"])
def nomination_withdraw_step(request: HttpRequest, nomination_id: UUID) -> HttpResponse:
    """Take a nomination back."""
    nomination_get(request.user, nomination_id)
    words = Bilingual("申报已撤回。", "The nomination is withdrawn.")

    def deed() -> Nomination:
        return nomination_withdraw(actor=request.user, nomination_id=nomination_id, at=timezone.now())

    return done(request, deed, words, nomination_url(nomination_id))


@login_required
@require_http_methods(["POST"])
def nomination_decide(request: HttpRequest, nomination_id: UUID) -> HttpResponse:
    """Decide whether a nomination goes on the list."""
    nomination = nomination_get(request.user, nomination_id)
    try:
        screening_decide(
            actor=request.user, nomination_id=nomination_id, chosen=request.POST.get("decision") == "in",
            raw=typed_values(request.POST, DECISION_FIELDS), at=timezone.now(),
        )  # fmt: skip
    except (InvalidError, ConflictError) as error:
        return _nomination_page(request, nomination, error)
    said(request, Bilingual("决定已记录，发榜时一并告知。", "The decision is kept; it is told with the list."))
    return redirect(call_url(nomination.call_id))
