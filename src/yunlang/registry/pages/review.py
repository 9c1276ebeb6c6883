"""What waits for the corridor office: registrations, needs, resources, and organisations that may be one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_safe

from yunlang.accounts.permissions import may, require
from yunlang.kit.errors import ConflictError, NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.registry.models import (
    Expert,
    Membership,
    MergeCandidate,
    Need,
    Organisation,
    OrganisationLabel,
    Resource,
)
from yunlang.registry.pages.registration import organisation_steps
from yunlang.registry.pages.shelves import SHELVES, Shelf
from yunlang.registry.pages.steps import steps_for
from yunlang.registry.selectors.listings import review_queue
from yunlang.registry.selectors.organisations import merge_candidates, organisations_in_review
from yunlang.registry.services.merging import merge_reject, organisations_merge
from yunlang.registry.services.organisations import FORM_FIELDS

# A page for one sitting; what is beyond comes up as these are done.
_SITTING = 50

_COUNTED: tuple[tuple[Bilingual, Any], ...] = (
    (Bilingual("需求", "needs"), Need),
    (Bilingual("要素", "resources"), Resource),
    (Bilingual("专家", "experts"), Expert),
    (Bilingual("资质", "labels"), OrganisationLabel),
    (Bilingual("成员", "members"), Membership),
)


@login_required
@require_safe
def review_queue_page(request: HttpRequest) -> HttpResponse:
    """Show everything that waits, oldest first."""
    require(request.user, "registry.view_review_queue")
    registrations = organisations_in_review()
    waiting = review_queue()
    pairs = merge_candidates()
    shelves = [_waiting(request, shelf, waiting[name]) for name, shelf in SHELVES.items()]
    pair_count = pairs.count()
    context = {
        "organisations": [(one, organisation_steps(request.user, one)) for one in registrations[:_SITTING]],
        "organisation_count": len(registrations),
        "shelves": shelves,
        "pairs": pairs[:_SITTING],
        "pair_count": pair_count,
        "sitting": _SITTING,
        "total": len(registrations) + pair_count + sum(shelf["count"] for shelf in shelves),
    }
    return render(request, "registry/review.html", context)


def _waiting(request: HttpRequest, shelf: Shelf, listings: list[Any]) -> dict[str, Any]:
    rows = [_row(request, shelf, listing) for listing in listings[:_SITTING]]
    return {"shelf": shelf, "count": len(listings), "rows": rows}


def _row(request: HttpRequest, shelf: Shelf, listing: Any) -> tuple[Any, str, list[Any]]:
    actions = [(action, shelf.step_url(listing, action.step)) for action in steps_for(request.user, listing)]
    return listing, shelf.url(listing), actions


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def merge_page(request: HttpRequest, candidate_id: int) -> HttpResponse:
    """Compare two organisations that may be one, and decide."""
    require(request.user, "registry.view_review_queue")
    candidate = merge_candidates().filter(pk=candidate_id).first()
    if candidate is None:
        raise NotFoundError(what=Bilingual("待处理的合并建议", "an open merge proposal"))
    if request.method == "POST":
        return _decide(request, candidate)
    context = {
        "candidate": candidate,
        "pair": [candidate.first, candidate.second],
        "rows": _comparison(candidate),
        "counts": _counts(candidate),
        "may_decide": may(request.user, "registry.merge_organisations"),
    }
    return render(request, "registry/merge.html", context)


def _decide(request: HttpRequest, candidate: MergeCandidate) -> HttpResponse:
    choices = {"first": candidate.first_id, "second": candidate.second_id}
    decision, now = request.POST.get("decision", ""), timezone.now()
    try:
        if decision == "different":
            merge_reject(actor=request.user, candidate_id=candidate.pk, at=now)
            messages.success(request, gettext("已记为不同机构，不再提示。"))
        elif decision not in choices:
            messages.error(request, gettext("请选择要保留哪一家。"))
            return redirect("registry:merge", candidate.pk)
        else:
            kept = organisations_merge(actor=request.user, candidate_id=candidate.pk, keep_id=choices[decision], at=now)
            messages.success(request, gettext("已合并到 %(name)s。") % {"name": kept.name})
    except ConflictError as error:
        messages.error(request, error.text.text(get_language() or "zh-hans"))
        return redirect("registry:merge", candidate.pk)
    return redirect("registry:review")


def _comparison(candidate: MergeCandidate) -> list[dict[str, Any]]:
    """Return both organisations' facts row by row; a blank on one side is no difference, the other fills it."""
    rows = []
    for spec in FORM_FIELDS:
        first, second = (_comparable(one, spec.name) for one in (candidate.first, candidate.second))
        if first or second:
            rows.append(
                {"spec": spec, "first": first, "second": second, "differs": bool(first and second and first != second)}
            )
    return rows


def _comparable(organisation: Organisation, name: str) -> Any:
    if name == "city":
        return organisation.place
    value = getattr(organisation, name)
    return tuple(value) if isinstance(value, list) else value


def _counts(candidate: MergeCandidate) -> list[tuple[Bilingual, int, int]]:
    ids = [candidate.first_id, candidate.second_id]
    rows = []
    for label, model in _COUNTED:
        found = (
            model.objects.filter(organisation__in=ids)
            .order_by()
            .values_list("organisation")
            .annotate(count=Count("pk"))
        )
        counts = dict(found)
        rows.append((label, counts.get(ids[0], 0), counts.get(ids[1], 0)))
    return rows
