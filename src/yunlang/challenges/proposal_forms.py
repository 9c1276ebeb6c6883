"""What the forms of proposals and awards share: what was typed, the files sent along, one template."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from yunlang.challenges.core.uploads import ACCEPTED, FILE_BYTES, FILES_AT_MOST, MEGABYTE
from yunlang.challenges.page_forms import Refusal, said
from yunlang.kit.errors import ConflictError, InvalidError
from yunlang.kit.fields import Field
from yunlang.kit.language import Bilingual
from yunlang.registry.pages.forms import typed_values

FILES = Field("files", Bilingual("附件", "files"))
_LIMITS = {"accepted": ",".join(ACCEPTED), "megabytes": FILE_BYTES // MEGABYTE, "files_at_most": FILES_AT_MOST}


@dataclass(frozen=True, slots=True)
class Form:
    """One form: what it asks, what sending it does, and where that leads.

    Attributes
    ----------
    back
        Address and name of the page that it belongs to.
    save
        Takes what was typed and the files, does it, and returns the address to go on to.
    note
        One sentence under the heading.
    subject
        What it is about, as label and value.
    """

    title: Bilingual
    fields: tuple[Field, ...]
    submit: Bilingual
    done: Bilingual
    back: tuple[str, str]
    save: Callable[[Mapping[str, object], Sequence[tuple[str, bytes]]], str]
    note: Bilingual | None = None
    style: str = "button-primary"
    takes_files: bool = False
    subject: tuple[tuple[Bilingual, object], ...] = ()


def uploads_of(request: HttpRequest) -> list[tuple[str, bytes]]:
    """Return the files sent along, none read further than it takes to see that it is too large."""
    return [(one.name or "", one.read(FILE_BYTES + 1)) for one in request.FILES.getlist("files")]


def form_answer(request: HttpRequest, form: Form, initial: Mapping[str, object] | None = None) -> HttpResponse:
    """Show a form, or do what it is for; what was typed stays where it is refused."""
    typed: Mapping[str, object] = initial or {}
    refused: Refusal | None = None
    if request.method == "POST":
        typed = typed_values(request.POST, form.fields)
        try:
            address = form.save(typed, uploads_of(request) if form.takes_files else [])
        except (InvalidError, ConflictError) as error:
            refused = error
        else:
            said(request, form.done)
            return redirect(address)
    errors = refused.fields if isinstance(refused, InvalidError) else {}
    context: dict[str, Any] = {
        "form": form,
        "rows": [(spec, typed.get(spec.name), errors.get(spec.name, [])) for spec in form.fields],
        "fields": (*form.fields, FILES) if form.takes_files else form.fields,
        "errors": errors,
        "file": FILES,
        "file_errors": errors.get("files", ()),
        "had_files": bool(request.FILES),
        "conflict": None if errors else refused,
        **_LIMITS,
    }
    return render(request, "challenges/proposal_form.html", context, status=refused.status if refused else 200)
