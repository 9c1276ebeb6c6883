"""The office's pages of a call: its form, what is done with it next, and the publication of its list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from yunlang.accounts.permissions import may, require
from yunlang.challenges import call_services as services
from yunlang.challenges.core.vocabulary import CallStatus, NominationStatus
from yunlang.challenges.fields import CALL_FIELDS, ITEM_FIELDS, LIST_FIELDS, REASON_FIELDS
from yunlang.challenges.models import Call, Nomination
from yunlang.challenges.nomination_services import list_publish, screening_begin
from yunlang.challenges.page_forms import Refusal, call_url, done, form_answer, round_url, said
from yunlang.challenges.selectors import call_get, nominations_of
from yunlang.kit.errors import ConflictError, InvalidError
from yunlang.kit.fields import Field, FieldType
from yunlang.kit.language import Bilingual
from yunlang.registry.pages.forms import typed_values

# Rows of the rubric's form: as many as a rubric sensibly has.
_CRITERIA = 8
# What a new call starts from; the office changes it as it likes.
_USUAL_RUBRIC = (
    {"code": "demand", "zh": "需求真实性与紧迫性", "en": "Real and urgent demand", "weight": "30.00"},
    {"code": "difficulty", "zh": "技术难度与先进性", "en": "Technical difficulty and novelty", "weight": "25.00"},
    {"code": "benefit", "zh": "经济与产业带动效益", "en": "Benefit to firm and industry", "weight": "25.00"},
    {"code": "criteria", "zh": "验收指标可检验性", "en": "Testable acceptance criteria", "weight": "20.00"},
)
_PARTS = ("code", "zh", "en", "weight")
SCREENING_FIELDS: tuple[Field, ...] = (
    Field(
        "avoid_same_city", Bilingual("同城回避", "avoid the same city"), FieldType.BOOLEAN, required=True,
        help=Bilingual("专家与申报单位同在一市的，也不安排。", "Reviewers of the applicant’s city are not drawn."),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CallAction:
    """Something the office may do with a call as it stands."""

    label: Bilingual
    url: str
    style: str = ""
    asks: bool = True


_NEXT: dict[str, tuple[tuple[str, Bilingual, str, bool], ...]] = {
    CallStatus.DRAFT: (
        ("open", Bilingual("公布征集", "Announce the call"), "button-primary", False),
        ("edit", Bilingual("修改", "Edit"), "", True),
        ("withdraw", Bilingual("撤销", "Withdraw"), "button-danger", True),
    ),
    CallStatus.OPEN: (
        ("screening", Bilingual("截止申报，开始评审", "Close and begin reviews"), "button-primary", True),
        ("withdraw", Bilingual("撤销", "Withdraw"), "button-danger", True),
    ),
    CallStatus.SCREENING: (
        ("publish", Bilingual("发布榜单", "Publish the list"), "button-primary", True),
        ("withdraw", Bilingual("撤销", "Withdraw"), "button-danger", True),
    ),
    CallStatus.LISTED: (("close", Bilingual("结束征集", "Close the call"), "", False),),
}


def call_actions(actor: Any, call: Call, nominations: Sequence[Nomination]) -> list[CallAction]:
    """Return what the actor may do with a call; its list is published once every nomination is decided."""
    if not may(actor, "challenges.keep_calls"):
        return []
    waits = any(one.status == NominationStatus.SUBMITTED for one in nominations)
    return [
        CallAction(label, reverse(f"challenges:call_{name}", args=[call.pk]), style, asks)
        for name, label, style, asks in _NEXT.get(call.status, ())
        if not (waits and name == "publish")
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def call_new(request: HttpRequest) -> HttpResponse:
    """Draft a call."""
    require(request.user, "challenges.keep_calls")

    def save(raw: Mapping[str, object], rubric: list[dict[str, str]]) -> Call:
        return services.call_create(actor=request.user, raw=raw, rubric=rubric)

    context = {
        "title": Bilingual("发起征集", "New call"),
        "back_url": reverse("challenges:calls"),
        "back_label": Bilingual("征集", "Calls"),
        "submit": Bilingual("存为草稿", "Save the draft"),
    }
    return _call_form(request, context, save, {"reviewers_per_item": "3"}, [dict(row) for row in _USUAL_RUBRIC])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def call_edit(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Change a draft."""
    call = call_get(request.user, call_id)
    require(request.user, "challenges.keep_calls")

    def save(raw: Mapping[str, object], rubric: list[dict[str, str]]) -> Call:
        return services.call_update(actor=request.user, call_id=call.pk, raw=raw, rubric=rubric, at=timezone.now())

    days = {"opens_on": call.opens_at, "closes_on": call.closes_at, "screening_until_on": call.screening_until}
    initial = {name: timezone.localtime(moment).date() for name, moment in days.items()}
    initial |= {name: getattr(call, name) for name in ("title", "title_en", "summary", "areas", "reviewers_per_item")}
    context = {
        "title": Bilingual("修改征集", "Edit the call"),
        "back_url": call_url(call.pk),
        "back_label": call.label,
        "submit": Bilingual("保存", "Save"),
    }
    return _call_form(request, context, save, initial, call.rubric)


def _call_form(
    request: HttpRequest, context: dict[str, Any], save: Callable[[Any, Any], Call], initial: Mapping[str, Any],
    rubric: list[dict[str, str]],
) -> HttpResponse:  # fmt: skip
    refused: Refusal | None = None
    if request.method == "POST":
        rubric = _typed_rubric(request.POST)
        try:
            call = save(typed_values(request.POST, CALL_FIELDS), [row for row in rubric if any(row.values())])
        except (InvalidError, ConflictError) as error:
            refused = error
        else:
            said(request, Bilingual("草稿已保存。", "The draft is saved."))
            return redirect(call_url(call.pk))
    blank = dict.fromkeys(_PARTS, "")
    rows = [*rubric, *[blank] * (_CRITERIA - len(rubric))]
    rubric_errors = refused.fields.get("rubric", []) if isinstance(refused, InvalidError) else []
    context |= {"criteria": list(enumerate(rows, 1)), "rubric_errors": rubric_errors}
    return form_answer(
        request, CALL_FIELDS, context, initial=initial, refused=refused, template="challenges/call_form.html"
    )


def _typed_rubric(query: QueryDict) -> list[dict[str, str]]:
    columns = [query.getlist(f"criterion_{name}")[:_CRITERIA] for name in _PARTS]
    return [dict(zip(_PARTS, row, strict=True)) for row in zip(*columns, strict=False)]


@login_required
@require_http_methods(["POST"])
def call_open(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Announce a call."""
    words = Bilingual("征集已公布。", "The call is announced.")
    deed = _on(request, call_id, services.call_open)
    return done(request, deed, words, call_url(call_id))


@login_required
@require_http_methods(["POST"])
def call_close(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Put a call away."""
    words = Bilingual("征集已结束。", "The call is closed.")
    return done(request, _on(request, call_id, services.call_close), words, call_url(call_id))


def _on(request: HttpRequest, call_id: UUID, service: Callable[..., Any]) -> Callable[[], Any]:
    return lambda: service(actor=request.user, call_id=call_id, at=timezone.now())


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def call_withdraw(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Ask why a call is withdrawn, and withdraw it."""
    call = _kept(request, call_id)
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            services.call_withdraw(
                actor=request.user, call_id=call.pk, raw=typed_values(request.POST, REASON_FIELDS), at=timezone.now()
            )
        except (InvalidError, ConflictError) as error:
            refused = error
        else:
            said(request, Bilingual("征集已撤销。", "The call is withdrawn."))
            return redirect(call_url(call.pk))
    context = _context(
        call, Bilingual("撤销征集", "Withdraw the call"),
        Bilingual("撤销后不再办理，原因对外公开。", "The call ends here; the reason is public."), "button-danger",
    )  # fmt: skip
    return form_answer(request, REASON_FIELDS, context, refused=refused)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def call_screening(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Ask how reviewers are drawn, and begin the reviews."""
    call = _kept(request, call_id)
    refused: Refusal | None = None
    if request.method == "POST":
        avoid = request.POST.get("avoid_same_city") == "true"
        try:
            made = screening_begin(actor=request.user, call_id=call.pk, avoid_same_city=avoid, at=timezone.now())
        except (InvalidError, ConflictError) as error:
            refused = error
        else:
            said(request, Bilingual("申报已截止，可以分配评审。", "Nominations are closed; assign the reviews."))
            return redirect(round_url(made.pk))
    context = _context(
        call, Bilingual("截止申报，开始评审", "Close and begin reviews"),
        Bilingual("此后不能再申报或撤回。", "Nothing is put forward or withdrawn after this."),
    )  # fmt: skip
    return form_answer(request, SCREENING_FIELDS, context, initial={"avoid_same_city": False}, refused=refused)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def call_publish(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Ask until when proposals are taken and how each challenge reads, and publish the list."""
    call = _kept(request, call_id)
    chosen = [one for one in nominations_of(request.user, call) if one.status == NominationStatus.SCREENED_IN]
    refused: Refusal | None = None
    if request.method == "POST":
        items = {one.pk: {spec.name: request.POST.get(f"{one.pk}-{spec.name}", "") for spec in ITEM_FIELDS}
                 for one in chosen}  # fmt: skip
        try:
            list_publish(
                actor=request.user, call_id=call.pk, raw=typed_values(request.POST, LIST_FIELDS), items=items,
                at=timezone.now(),
            )  # fmt: skip
        except (InvalidError, ConflictError) as error:
            refused = error
        else:
            said(request, Bilingual("榜单已发布。", "The list is published."))
            return redirect(call_url(call.pk))
    initial: dict[str, Any] = {}
    fields = [*LIST_FIELDS]
    for number, one in enumerate(chosen, 1):
        usual = {"title": one.need.title, "title_en": one.need.title_en, "winners_at_most": 1}
        for spec in ITEM_FIELDS:
            label = Bilingual(f"{number}. {spec.label.zh}", f"{number}. {spec.label.en}")
            fields.append(replace(spec, name=f"{one.pk}-{spec.name}", label=label))
            initial[f"{one.pk}-{spec.name}"] = usual[spec.name]
    context = _context(
        call, Bilingual("发布榜单", "Publish the list"),
        Bilingual("发布后榜题不能改，申报单位同时收到结果。", "What is published stays; applicants are told."),
    ) | {"empty": not chosen}  # fmt: skip
    return form_answer(request, fields, context, initial=initial, refused=refused)


def _kept(request: HttpRequest, call_id: UUID) -> Call:
    call = call_get(request.user, call_id)
    require(request.user, "challenges.keep_calls")
    return call


def _context(call: Call, title: Bilingual, hint: Bilingual, style: str = "button-primary") -> dict[str, Any]:
    return {
        "title": title, "hint": hint, "back_url": call_url(call.pk), "back_label": call.label, "submit": title,
        "style": style,
    }  # fmt: skip
