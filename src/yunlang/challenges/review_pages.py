"""Pages of reviewers, and the office's pages of rounds and of who reviews."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yunlang.accounts.permissions import may, require
from yunlang.challenges import review_services as services
from yunlang.challenges.core.assignment import CONFLICTS
from yunlang.challenges.core.vocabulary import AssignmentStatus, ReviewerStatus
from yunlang.challenges.fields import INVITATION_FIELDS, REASON_FIELDS, score_fields
from yunlang.challenges.models import ReviewAssignment, Reviewer, ReviewRound
from yunlang.challenges.page_forms import (
    Refusal,
    call_url,
    challenge_url,
    done,
    form_answer,
    form_rows,
    nomination_url,
    review_url,
    round_url,
    said,
)
from yunlang.challenges.review_rounds import rubric_of_round
from yunlang.challenges.review_selectors import (
    invitations_of,
    others_reviews,
    review_get,
    reviewers_all,
    reviews_of,
    round_of,
    round_table,
    subject_of,
    subjects_reviewed,
)
from yunlang.challenges.selectors import nominations_of_actor, standing_told
from yunlang.kit.errors import ConflictError, InvalidError
from yunlang.kit.language import Bilingual
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Expert
from yunlang.registry.pages.forms import typed_values
from yunlang.registry.pages.parameters import chosen_id, free_text, page_of

_FOUND = 10


@login_required
@require_safe
def reviews_page(request: HttpRequest) -> HttpResponse:
    """Show a reviewer's invitations and reviews."""
    mine = list(reviews_of(request.user))
    subjects = subjects_reviewed([one for one in mine if one.status != AssignmentStatus.CONFLICT])
    context = {
        "invitations": invitations_of(request.user),
        "rows": [(one, review_url(one.pk), subjects.get(one.subject_id)) for one in mine],
        "waiting": sum(one.status == AssignmentStatus.ASSIGNED and not one.round.is_closed for one in mine),
    }
    return render(request, "challenges/reviews.html", context)


@login_required
@require_POST
def invitation_answer(request: HttpRequest, reviewer_id: UUID) -> HttpResponse:
    """Accept or decline an invitation to review."""
    accepts = request.POST.get("answer") == "accept"
    service = services.reviewer_accept if accepts else services.reviewer_decline
    words = Bilingual("已接受邀请，谢谢。", "Accepted. Thank you.") if accepts else Bilingual("已谢绝。", "Declined.")
    deed = _deed(request, service, reviewer_id=reviewer_id)
    return done(request, deed, words, reverse("challenges:reviews"))


def _deed(request: HttpRequest, service: Callable[..., Any], **named: Any) -> Callable[[], Any]:
    return lambda: service(actor=request.user, at=timezone.now(), **named)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review_page(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """Show what is to be judged, without names, and the form of the scores, which saves as it goes."""
    assignment = review_get(request.user, assignment_id)
    if request.method != "POST":
        return _review_page(request, assignment)
    fields = score_fields(rubric_of_round(assignment.round), complete=False)
    submits = request.POST.get("do") == "submit"
    service = services.scores_submit if submits else services.scores_save
    refused: Refusal | None = None
    try:
        service(
            actor=request.user, assignment_id=assignment.pk, raw=typed_values(request.POST, fields), at=timezone.now()
        )
    except (InvalidError, ConflictError) as error:
        refused = error
    if getattr(request, "htmx", False):
        wrong = refused.fields if isinstance(refused, InvalidError) else {}
        named = [(spec, wrong[spec.name]) for spec in fields if spec.name in wrong]
        context = {"saved_at": None if refused else timezone.now(), "error": refused, "wrong": named}
        return render(request, "challenges/_review_saved.html", context)
    if refused:
        return _review_page(request, assignment, refused)
    said(request, Bilingual("评审已提交。", "The review is submitted.") if submits else Bilingual("已保存。", "Saved."))
    return redirect(reverse("challenges:reviews") if submits else review_url(assignment.pk))


def _review_page(request: HttpRequest, assignment: ReviewAssignment, refused: Refusal | None = None) -> HttpResponse:
    steps_back = assignment.status == AssignmentStatus.CONFLICT
    rubric = rubric_of_round(assignment.round)
    context = {
        "assignment": assignment,
        "subject": None if steps_back else subject_of(assignment),
        "is_open": assignment.status == AssignmentStatus.ASSIGNED and not assignment.round.is_closed,
        "rubric": rubric,
        "others": others_reviews(assignment),
        "conflict_url": reverse("challenges:review_conflict", args=[assignment.pk]),
        **form_rows(request, score_fields(rubric, complete=True), services.review_values(assignment), refused),
    }
    return render(request, "challenges/review_form.html", context, status=refused.status if refused else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review_conflict(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """Ask for the reason of a conflict of interest, and step back."""
    assignment = review_get(request.user, assignment_id)
    refused: Refusal | None = None
    if request.method == "POST":
        raw = typed_values(request.POST, REASON_FIELDS)
        try:
            services.conflict_declare(actor=request.user, assignment_id=assignment.pk, raw=raw, at=timezone.now())
        except (InvalidError, ConflictError) as error:
            refused = error
        else:
            said(request, Bilingual("已回避。", "You have stepped back from this review."))
            return redirect("challenges:reviews")
    context = {
        "title": Bilingual("申请回避", "Declare a conflict of interest"),
        "back_url": review_url(assignment.pk),
        "back_label": Bilingual("评审", "Review"),
        "submit": Bilingual("确认回避", "Step back"),
        "style": "button-danger",
        "hint": Bilingual("已打的分会删除，由办公室另行安排专家。", "Scores so far go; somebody else is found."),
    }  # fmt: skip
    return form_answer(request, REASON_FIELDS, context, refused=refused)


@login_required
@require_safe
def round_page(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Show the office a round: who reviews what, conflicts, scores with their spread and outliers, ranks."""
    review_round = round_of(request.user, round_id)
    table = round_table(request.user, review_round)
    context = {
        "round": review_round,
        "table": table,
        "rows": [(row, _subject_url(row.subject)) for row in table.by_rank],
        "conflict_labels": CONFLICTS,
        "parent": (review_round.call or review_round.challenge),
        "parent_url": _parent_url(review_round),
        "may_keep": may(request.user, "challenges.keep_calls"),
        "submitted": table.counts.get(AssignmentStatus.SUBMITTED, 0),
        "waiting": table.counts.get(AssignmentStatus.ASSIGNED, 0),
    }
    return render(request, "challenges/round_detail.html", context)


def _subject_url(subject: Any) -> str:
    return nomination_url(subject.id) if subject.kind == "nomination" else ""


def _parent_url(review_round: ReviewRound) -> str:
    if review_round.call_id is not None:
        return call_url(review_round.call_id)
    return challenge_url(review_round.challenge_id) if review_round.challenge_id is not None else ""


@login_required
@require_POST
def round_assign(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Give every item the reviewers that it lacks."""
    deed = _deed(request, services.reviews_assign, round_id=round_id)
    return done(request, deed, Bilingual("评审已分配。", "The reviews are assigned."), round_url(round_id))


@login_required
@require_POST
def round_close(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Take no more scores."""
    deed = _deed(request, services.round_close, round_id=round_id)
    return done(request, deed, Bilingual("本轮评审已截止。", "The round is closed."), round_url(round_id))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reviewers_page(request: HttpRequest) -> HttpResponse:
    """Show the office who reviews, and invite experts of the registry."""
    rows = reviewers_all(request.user)
    may_keep = may(request.user, "challenges.keep_calls")
    refused: Refusal | None = None
    asked = request.POST if request.method == "POST" else request.GET
    expert = _expert(chosen_id(asked, "expert"))
    if request.method == "POST":
        require(request.user, "challenges.keep_calls")
        raw = typed_values(request.POST, INVITATION_FIELDS)
        expert_id = expert.pk if expert else chosen_id(request.POST, "expert")
        try:
            services.reviewer_invite(actor=request.user, expert_id=expert_id, raw=raw, at=timezone.now())  # type: ignore[arg-type]
        except (InvalidError, ConflictError) as error:
            refused = error
        else:
            said(request, Bilingual("邀请已发出。", "The invitation is sent."))
            return redirect("challenges:reviewers")
    name = free_text(request.GET, "name")
    page = page_of(rows, request.GET)
    context = {
        "page": page,
        "count": page.paginator.count,
        "reviewers": page.object_list,
        "may_keep": may_keep,
        "name": name,
        "found": _experts_like(name) if name and may_keep else [],
        "expert": expert,
        **form_rows(request, INVITATION_FIELDS, {}, refused),
    }
    return render(request, "challenges/reviewers.html", context, status=refused.status if refused else 200)


def _expert(expert_id: UUID | None) -> Expert | None:
    rows = Expert.objects.select_related("organisation")
    return rows.filter(pk=expert_id, status=Status.PUBLISHED).first() if expert_id else None


def _experts_like(name: str) -> list[Expert]:
    """Return experts by name who were not asked yet, or have declined."""
    asked = Reviewer.objects.exclude(status=ReviewerStatus.DECLINED).values("expert")
    rows = Expert.objects.filter(name__icontains=name, status=Status.PUBLISHED).exclude(pk__in=asked)
    return list(rows.select_related("organisation").order_by("name", "pk")[:_FOUND])


def workbench_section(request: HttpRequest) -> tuple[str, dict[str, Any]] | None:
    """Return the reviews and invitations that wait for the reader, and what the reader's organisations put forward."""
    invitations = list(invitations_of(request.user))
    waiting = reviews_of(request.user).filter(status=AssignmentStatus.ASSIGNED, round__closed_at=None)
    rows = [(one, review_url(one.pk)) for one in waiting[:_FOUND]]
    nominations = [
        (one, nomination_url(one.pk), standing_told(request.user, one))
        for one in nominations_of_actor(request.user)[:_FOUND]
    ]
    if not (invitations or rows or nominations):
        return None
    return "challenges/_workbench.html", {
        "invitations": invitations, "rows": rows, "count": waiting.count(), "nominations": nominations,
    }  # fmt: skip
