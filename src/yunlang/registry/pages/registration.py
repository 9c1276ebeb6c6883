"""Registering an organisation, changing its facts, and the steps of its registration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST

from yunlang.accounts.permissions import may, require
from yunlang.kit.errors import ConflictError, InvalidError
from yunlang.kit.fields import Field
from yunlang.kit.language import Bilingual
from yunlang.registry.core.lifecycle import Status, Step, possible_steps
from yunlang.registry.models import Organisation
from yunlang.registry.pages.forms import city_choice, seen_at_of, typed_values
from yunlang.registry.pages.redirects import back_to, reasons_of
from yunlang.registry.selectors.organisations import organisation_get, organisations_like
from yunlang.registry.services import organisations as services
from yunlang.registry.services.organisations import FORM_FIELDS, OrganisationExistsError


@dataclass(frozen=True, slots=True)
class OrganisationStep:
    """What a step of a registration is called, who may take it, and what to say when it is done."""

    step: Step
    permission: str
    service: Callable[..., Organisation]
    label: Bilingual
    done: Bilingual
    style: str = ""
    hint: Bilingual | None = None
    asks_note: bool = False


ORGANISATION_STEPS: dict[Step, OrganisationStep] = {
    action.step: action
    for action in (
        OrganisationStep(
            Step.SUBMIT, "registry.edit_organisation", services.organisation_submit,
            Bilingual("重新提交审核", "Submit again"),
            Bilingual("已提交，由走廊办公室审核。", "Submitted to the corridor office for review."),
            style="button-primary",
        ),
        OrganisationStep(
            Step.PUBLISH, "registry.review_organisation", services.organisation_publish,
            Bilingual("审核通过并发布", "Approve and publish"),
            Bilingual("已发布到机构名录。", "Published in the directory."),
            style="button-primary",
        ),
        OrganisationStep(
            Step.RETURN, "registry.review_organisation", services.organisation_return,
            Bilingual("退回修改", "Return for changes"),
            Bilingual("已退回，机构成员会看到原因，修改后可以重新提交。",
                      "Returned. Its members see the reason; its administrator can submit it again."),
            asks_note=True,
        ),
    )
}  # fmt: skip


def organisation_steps(actor: Any, organisation: Organisation) -> list[tuple[OrganisationStep, str]]:
    """Return the steps that `actor` may take with a registration now, each with its address."""
    found = [
        ORGANISATION_STEPS[step] for step in possible_steps(Status(organisation.status)) if step in ORGANISATION_STEPS
    ]
    return [
        (action, reverse("registry:organisation_step", args=[organisation.pk, action.step]))
        for action in found
        if may(actor, action.permission, organisation)
    ]


@require_POST
@login_required
def organisation_step(request: HttpRequest, organisation_id: UUID, step: str) -> HttpResponse:
    """Take one step with a registration and say what it did."""
    action = ORGANISATION_STEPS[Step(step)]
    details = {"note": request.POST.get("note", "")} if action.asks_note else {}
    language = get_language() or "zh-hans"
    try:
        action.service(actor=request.user, organisation_id=organisation_id, **details)
    except InvalidError as error:
        messages.error(request, reasons_of(error).text(language))
    except ConflictError as error:
        messages.error(request, error.text.text(language))
    else:
        messages.success(request, action.done.text(language))
    return redirect(back_to(request, reverse("registry:organisation", args=[organisation_id])))


def _fields() -> list[Field]:
    return [city_choice(spec) if spec.name == "city" else spec for spec in FORM_FIELDS]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def organisation_new(request: HttpRequest) -> HttpResponse:
    """Register an organisation; whoever does becomes its administrator."""
    require(request.user, "registry.create_organisation")
    if request.method != "POST":
        return _form(request, values={"name": request.GET.get("name", "")[:200]})
    raw = typed_values(request.POST, FORM_FIELDS)
    try:
        services.organisation_register(actor=request.user, raw=raw)
    except (InvalidError, ConflictError) as error:
        return _form(request, values=raw, error=error)
    messages.success(request, gettext("已登记，走廊办公室审核后出现在机构名录。现在就可以起草需求和要素。"))
    return redirect("registry:workbench")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def organisation_edit(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Change an organisation's facts."""
    organisation = organisation_get(organisation_id)
    require(request.user, "registry.edit_organisation", organisation)
    if request.method != "POST":
        return _form(request, organisation=organisation, values=_stored(organisation), seen_at=organisation.updated_at)
    raw = typed_values(request.POST, FORM_FIELDS)
    seen_at = seen_at_of(request)
    try:
        services.organisation_update(
            actor=request.user, organisation_id=organisation_id, raw=raw, seen_at=seen_at or organisation.updated_at
        )
    except (InvalidError, ConflictError) as error:
        kept = organisation.updated_at if isinstance(error, ConflictError) else seen_at
        return _form(request, organisation=organisation, values=raw, error=error, seen_at=kept)
    messages.success(request, gettext("已保存。"))
    return redirect("registry:organisation", organisation_id)


def _stored(organisation: Organisation) -> dict[str, object]:
    values: dict[str, object] = {spec.name: getattr(organisation, spec.name) for spec in FORM_FIELDS}
    return values | {"city": organisation.city_id}


def _form(
    request: HttpRequest,
    *,
    values: Mapping[str, object],
    organisation: Organisation | None = None,
    error: InvalidError | ConflictError | None = None,
    seen_at: datetime | None = None,
) -> HttpResponse:
    errors = error.fields if isinstance(error, InvalidError) else {}
    fields = _fields()
    exists = isinstance(error, OrganisationExistsError)
    context = {
        "organisation": organisation,
        "rows": [(spec, values.get(spec.name), errors.get(spec.name, [])) for spec in fields],
        "fields": fields,
        "errors": errors,
        "conflict": error if isinstance(error, ConflictError) else None,
        "overwrites": isinstance(error, ConflictError) and not exists,
        "like": organisations_like(str(values.get("name", "")), limit=3) if exists else [],
        "seen_at": seen_at,
    }
    return render(request, "registry/organisation_form.html", context, status=error.status if error else 200)
