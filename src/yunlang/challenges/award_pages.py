"""The office's pages on the way to an award: the plan of stages, the decision, who goes on, and the end without one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from yunlang.accounts.permissions import require
from yunlang.challenges import award_services, conclusion_services, milestone_services
from yunlang.challenges.award_state import awards_of, milestone_rows, runner_of
from yunlang.challenges.core.milestones import MOST_STAGES
from yunlang.challenges.fields import REASON_FIELDS
from yunlang.challenges.models import Challenge, Stage
from yunlang.challenges.page_forms import Refusal, challenge_url, said
from yunlang.challenges.proposal_fields import (
    AWARD_AMOUNT,
    REFUSAL_REASON,
    STAGE_FIELDS,
    STAGES_OFFERED,
    THRESHOLD,
)
from yunlang.challenges.proposal_forms import Form, form_answer
from yunlang.challenges.proposal_scores import score_rows
from yunlang.challenges.selectors import challenge_get
from yunlang.kit.errors import ConflictError, InvalidError, NotFoundError
from yunlang.kit.fields import Field
from yunlang.kit.language import Bilingual

_FIRST_THRESHOLD = "60"


def _office_address(challenge: Challenge) -> str:
    return reverse("challenges:challenge_proposals", args=[challenge.pk])


def _renamed(spec: Field, name: str, label: Bilingual | None = None) -> Field:
    return replace(spec, name=name, label=label or spec.label)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def stages(request: HttpRequest, challenge_id: UUID) -> HttpResponse:
    """Write down the stages of a challenge."""
    challenge = challenge_get(challenge_id)
    require(request.user, "challenges.plan_stages", challenge)
    typed, refused = _stages_kept(challenge), None
    if request.method == "POST":
        typed = _stages_typed(request)
        filled = [raw for raw in typed if any(str(value).strip() for value in raw.values())]
        try:
            award_services.stages_plan(actor=request.user, challenge_id=challenge.pk, stages=filled, at=timezone.now())
        except (InvalidError, ConflictError) as error:
            refused, typed = error, filled
        else:
            said(request, Bilingual("阶段安排已保存。", "The plan of stages is kept."))
            return redirect(_office_address(challenge))
    blanks = max(1, STAGES_OFFERED - len(typed))
    places = [*typed, *({} for _ in range(blanks))][:MOST_STAGES]
    return _stages_page(request, challenge, places, refused)


def _stages_kept(challenge: Challenge) -> list[dict[str, Any]]:
    rows = Stage.objects.filter(challenge=challenge)
    return [{spec.name: getattr(row, spec.name) for spec in STAGE_FIELDS} for row in rows]


def _stages_typed(request: HttpRequest) -> list[dict[str, Any]]:
    places = range(1, MOST_STAGES + 1)
    return [
        {spec.name: request.POST.get(f"{place}-{spec.name}", "") for spec in STAGE_FIELDS}
        for place in places
        if f"{place}-title" in request.POST
    ]


def _stages_page(
    request: HttpRequest, challenge: Challenge, places: Sequence[Mapping[str, Any]], refused: Refusal | None
) -> HttpResponse:
    errors = refused.fields if isinstance(refused, InvalidError) else {}
    groups, fields = [], []
    for place, raw in enumerate(places, start=1):
        specs = [_renamed(spec, f"{place}-{spec.name}") for spec in STAGE_FIELDS]
        names = [spec.name for spec in STAGE_FIELDS]
        fields += specs
        rows = [(spec, raw.get(name), errors.get(spec.name, [])) for spec, name in zip(specs, names, strict=True)]
        groups.append((place, rows))
    context = {
        "challenge": challenge, "groups": groups, "fields": fields, "errors": errors,
        "conflict": None if errors else refused, "back": _office_address(challenge),
    }  # fmt: skip
    return render(request, "challenges/stages.html", context, status=refused.status if refused else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, challenge_id: UUID) -> HttpResponse:
    """Award a challenge to one or several, and say to all others why not."""
    challenge = challenge_get(challenge_id)
    require(request.user, "challenges.decide_award", challenge)
    rows = score_rows(challenge)
    keys = [row.proposal.pk for row in rows]
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            made = award_services.award_decide(
                actor=request.user, challenge_id=challenge.pk, threshold=request.POST.get("threshold", ""),
                amounts={key: request.POST.get(f"amount-{key}", "") for key in keys},
                reasons={key: request.POST.get(f"reason-{key}", "") for key in keys}, at=timezone.now(),
            )  # fmt: skip
        except (InvalidError, ConflictError) as error:
            refused = error
        else:
            said(request, Bilingual("已定榜，成交已记入账本。", "Awarded; the deals are in the ledger."))
            return redirect("challenges:award", made[0].pk)
    errors = refused.fields if isinstance(refused, InvalidError) else {}
    typed = request.POST if request.method == "POST" else {"threshold": _FIRST_THRESHOLD}
    groups, fields = [], [THRESHOLD]
    for row in rows:
        name = row.proposal.blind_name
        specs = [_renamed(spec, f"{spec.name}-{row.proposal.pk}", _of(spec.label, name))
                 for spec in (AWARD_AMOUNT, REFUSAL_REASON)]  # fmt: skip
        fields += specs
        groups.append((row, [(spec, typed.get(spec.name), errors.get(spec.name, [])) for spec in specs]))
    context = {
        "challenge": challenge, "groups": groups, "fields": fields, "errors": errors,
        "threshold": (THRESHOLD, typed.get("threshold"), errors.get("threshold", [])),
        "stages": list(Stage.objects.filter(challenge=challenge)),
        "conflict": None if errors else refused, "back": _office_address(challenge),
    }  # fmt: skip
    return render(request, "challenges/decide.html", context, status=refused.status if refused else 200)


def _of(label: Bilingual, name: Bilingual) -> Bilingual:
    return Bilingual(f"{name.zh}：{label.zh}", f"{name.en}: {label.en}")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def unawarded(request: HttpRequest, challenge_id: UUID) -> HttpResponse:
    """End a challenge for which nobody was found."""
    challenge = challenge_get(challenge_id)
    require(request.user, "challenges.decide_award", challenge)

    def save(raw: Mapping[str, object], files: Sequence[tuple[str, bytes]]) -> str:
        award_services.challenge_leave_unawarded(
            actor=request.user, challenge_id=challenge.pk, raw=raw, at=timezone.now()
        )
        return challenge_url(challenge.pk)

    form = Form(
        title=Bilingual("无人揭榜", "Leave unawarded"),
        fields=REASON_FIELDS,
        submit=Bilingual("结束该榜题", "End the challenge"),
        done=Bilingual("该榜题已按无人揭榜结束。", "The challenge has ended unawarded."),
        back=(_office_address(challenge), challenge.title),
        save=save,
        note=Bilingual(
            "理由公开，并告知每个提交方案的单位。", "The reason is public, and told to everybody who proposed."
        ),
        style="button-danger",
    )
    return form_answer(request, form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def give_up(request: HttpRequest, challenge_id: UUID) -> HttpResponse:
    """End a challenge whose winners do not reach the goal."""
    challenge = challenge_get(challenge_id)
    require(request.user, "challenges.keep_award", challenge)

    def save(raw: Mapping[str, object], files: Sequence[tuple[str, bytes]]) -> str:
        conclusion_services.challenge_give_up(actor=request.user, challenge_id=challenge.pk, raw=raw, at=timezone.now())
        return challenge_url(challenge.pk)

    form = Form(
        title=Bilingual("提前结束", "End before the goal"),
        fields=REASON_FIELDS,
        submit=Bilingual("终止各合同并结束", "Terminate the contracts and end"),
        done=Bilingual("该榜题已结束。", "The challenge has ended."),
        back=(_office_address(challenge), challenge.title),
        save=save,
        note=Bilingual(
            "仍在履行的成交随之终止，理由记入账本。", "Deals under way end with it; the ledger keeps the reason."
        ),
        style="button-danger",
    )
    return form_answer(request, form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def race(request: HttpRequest, challenge_id: UUID, stage: int) -> HttpResponse:
    """Decide who goes on after a stage."""
    challenge = challenge_get(challenge_id)
    require(request.user, "challenges.keep_award", challenge)
    planned = Stage.objects.filter(challenge=challenge, number=stage, keeps__isnull=False).first()
    if planned is None:
        raise NotFoundError(what=Bilingual("该阶段的赛马", "a race at this stage"))
    awards = awards_of(challenge.pk)
    chosen = [one.pk for one in awards if str(one.pk) in request.POST.getlist("kept")]
    reason, refused = REASON_FIELDS[0], None
    if request.method == "POST":
        raw = {"reason": request.POST.get("reason", "")}
        try:
            out = milestone_services.awards_eliminate(
                actor=request.user, challenge_id=challenge.pk, stage=stage, kept=chosen, raw=raw, at=timezone.now()
            )
        except (InvalidError, ConflictError) as error:
            refused = error
        else:
            said(request, Bilingual(f"已淘汰 {len(out)} 家。", f"{len(out)} eliminated."))
            return redirect(_office_address(challenge))
    errors = refused.fields if isinstance(refused, InvalidError) else {}
    rows = [
        (one, milestone_rows(one)[stage - 1], runner_of(one).passed >= stage, one.pk in chosen)
        for one in awards
        if runner_of(one).eliminated_at is None
    ]
    context = {
        "challenge": challenge, "stage": planned, "rows": rows, "errors": errors, "fields": REASON_FIELDS,
        "reason": (reason, request.POST.get("reason", ""), errors.get("reason", [])),
        "conflict": None if errors else refused, "back": _office_address(challenge),
    }  # fmt: skip
    return render(request, "challenges/race.html", context, status=refused.status if refused else 200)
