"""What the room's pages share: one form, what was said, and where to go back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language

from yunlang.kit.errors import ConflictError, InvalidError
from yunlang.kit.fields import Field
from yunlang.kit.language import Bilingual
from yunlang.registry.pages.forms import typed_values

Refusal = InvalidError | ConflictError


def challenge_url(challenge_id: UUID) -> str:
    """Return the address of a challenge's page."""
    return reverse("challenges:challenge", args=[challenge_id])


def call_url(call_id: UUID) -> str:
    """Return the address of a call's page."""
    return reverse("challenges:call", args=[call_id])


def nomination_url(nomination_id: UUID) -> str:
    """Return the address of a nomination's page."""
    return reverse("challenges:nomination", args=[nomination_id])


def round_url(round_id: UUID) -> str:
    """Return the address of a round's page."""
    return reverse("challenges:round", args=[round_id])


def review_url(assignment_id: UUID) -> str:
    """Return the address of a review's page."""
    return reverse("challenges:review", args=[assignment_id])


def said(request: HttpRequest, words: Bilingual) -> None:
    """Tell the reader on the next page what was done."""
    messages.success(request, words.text(get_language() or "zh-hans"))


def form_rows(
    request: HttpRequest, fields: Sequence[Field], initial: Mapping[str, Any], refused: Refusal | None
) -> dict[str, Any]:
    """Return what a form's template needs: every field with what was typed and what is wrong with it."""
    errors = refused.fields if isinstance(refused, InvalidError) else {}
    typed = typed_values(request.POST, fields) if request.method == "POST" else initial
    return {
        "fields": fields,
        "rows": [(spec, typed.get(spec.name), errors.get(spec.name, [])) for spec in fields],
        "errors": errors,
        "conflict": None if errors else refused,
    }


def form_answer(
    request: HttpRequest,
    fields: Sequence[Field],
    context: Mapping[str, Any],
    *,
    initial: Mapping[str, Any] | None = None,
    refused: Refusal | None = None,
    template: str = "challenges/form.html",
) -> HttpResponse:
    """Show a form, with what was typed where it was refused."""
    filled = {**context, **form_rows(request, fields, initial or {}, refused)}
    return render(request, template, filled, status=refused.status if refused else 200)


def done(request: HttpRequest, deed: Callable[[], Any], words: Bilingual, back: str) -> HttpResponse:
    """Have something done that asks nothing, say so or why not, and go back."""
    try:
        deed()
    except (InvalidError, ConflictError) as error:
        reasons = [reason for found in error.fields.values() for reason in found] if isinstance(
            error, InvalidError) else [error.text]  # fmt: skip
        language = get_language() or "zh-hans"
        messages.error(request, " ".join(reason.text(language) for reason in reasons))
    else:
        said(request, words)
    return redirect(back)
