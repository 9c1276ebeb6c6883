"""Public pages: the list of challenges, one challenge, and calls."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from yunlang.accounts.permissions import may
from yunlang.challenges.call_pages import call_actions
from yunlang.challenges.core.rubric import rubric_of
from yunlang.challenges.core.vocabulary import CHALLENGE_STATUSES, CallStatus, NominationStatus
from yunlang.challenges.models import Call, Challenge
from yunlang.challenges.nomination_services import takes_nominations
from yunlang.challenges.page_forms import call_url, challenge_url, nomination_url, round_url
from yunlang.challenges.selectors import (
    BUDGETS,
    FACETS,
    call_get,
    calls_open,
    calls_visible,
    challenge_facets,
    challenge_get,
    challenges_listed,
    list_totals,
    nomination_counts,
    nominations_of,
    standing_told,
)
from yunlang.kit.language import Bilingual
from yunlang.registry.core.kinds import INDUSTRIES
from yunlang.registry.pages.parameters import chips, chosen, facet, page_of

_TITLES: dict[str, Bilingual] = {
    "status": Bilingual("进展", "Status"),
    "area": Bilingual("领域", "Area"),
    "budget_class": Bilingual("出资", "Budget"),
}
_LABELS = {
    "status": CHALLENGE_STATUSES,
    "area": INDUSTRIES,
    "budget_class": {key: label for key, (label, _, _) in BUDGETS.items()},
}


@require_safe
def challenge_list(request: HttpRequest) -> HttpResponse:
    """List the challenges, narrowed by the address, and the calls that take nominations."""
    picked = {name: chosen(request.GET, name, _LABELS[name]) for name in FACETS}
    every = challenges_listed()
    counts = challenge_facets(every, picked)
    rows = every.filter(**{f"{name}__in": values for name, values in picked.items() if values})
    page = page_of(rows, request.GET, count=counts.total)
    context = {
        "page": page,
        "count": counts.total,
        "rows": [(one, challenge_url(one.pk)) for one in page.object_list],
        "facets": [facet(_TITLES[name], name, _LABELS[name], counts[name], picked[name]) for name in FACETS],
        "chips": [chip for name in FACETS for chip in chips(request, name, picked[name], _LABELS[name])],
        "totals": list_totals(),
        "calls": [(call, call_url(call.pk)) for call in calls_open(timezone.now())],
        "may_keep": may(request.user, "challenges.keep_calls"),
    }
    return render(request, "challenges/challenge_list.html", context)


@require_safe
def challenge_page(request: HttpRequest, challenge_id: UUID) -> HttpResponse:
    """Show one challenge: what is asked, what it is worth, how it is judged."""
    challenge = challenge_get(challenge_id)
    return render(request, "challenges/challenge_detail.html", challenge_context(request, challenge))


def challenge_context(request: HttpRequest, challenge: Challenge) -> dict[str, Any]:
    """Return what the page of a challenge shows."""
    need = challenge.nomination.need
    return {
        "challenge": challenge,
        "call_url": call_url(challenge.call_id),
        "need": need,
        "organisation": need.organisation.merged_into or need.organisation,
        "rubric": rubric_of(challenge.call.rubric),
        "takes_proposals": challenge.status == "published" and challenge.proposals_close_at >= timezone.now(),
    }


@require_safe
def call_list(request: HttpRequest) -> HttpResponse:
    """List the calls that the reader may see."""
    visible = calls_visible(request.user)
    page = page_of(visible, request.GET)
    counts = nomination_counts(list(page.object_list))
    sees_counts = may(request.user, "challenges.view_reviews")
    context = {
        "page": page,
        "count": page.paginator.count,
        "rows": [(call, call_url(call.pk), counts.get(call.pk, 0) if sees_counts else None)
                 for call in page.object_list],
        "may_keep": may(request.user, "challenges.keep_calls"),
        "sees_reviewers": sees_counts,
    }  # fmt: skip
    return render(request, "challenges/call_list.html", context)


@require_safe
def call_page(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Show one call: areas, days, rubric; to the office its nominations and what to do next."""
    call = call_get(request.user, call_id)
    nominations = list(nominations_of(request.user, call))
    sees_all = may(request.user, "challenges.view_reviews")
    context = {
        "call": call,
        "rubric": rubric_of(call.rubric),
        "steps": _steps(call),
        "actions": call_actions(request.user, call, nominations),
        "round_url": _round_url(call) if sees_all else "",
        "undecided": any(one.status == NominationStatus.SUBMITTED for one in nominations),
        "nominations": [(one, nomination_url(one.pk), standing_told(request.user, one)) for one in nominations],
        "sees_all": sees_all,
        "challenges": [(one, challenge_url(one.pk)) for one in challenges_listed().filter(call=call)],
        "takes_nominations": takes_nominations(call, timezone.now()),
    }
    return render(request, "challenges/call_detail.html", context)


def _round_url(call: Call) -> str:
    found = getattr(call, "screening_round", None)
    return round_url(found.pk) if found else ""


def _steps(call: Call) -> list[tuple[Bilingual, bool, bool]]:
    """Return the course of a call: each status, whether it is the present one, whether it has been passed."""
    course = [CallStatus.OPEN, CallStatus.SCREENING, CallStatus.LISTED, CallStatus.CLOSED]
    labels = [Call(status=one).status_label for one in course]
    if call.status in (CallStatus.DRAFT, CallStatus.WITHDRAWN):
        return [(call.status_label, True, False)]
    now = course.index(CallStatus(call.status))
    return [(label, place == now, place < now) for place, label in enumerate(labels)]
