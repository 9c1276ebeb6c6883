"""One way to ask for something on a page of sales: a form, its service, what is said when it is done or refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language

from yunlang.kit.errors import DomainError, InvalidError, NotAllowedError, NotFoundError
from yunlang.kit.fields import Field
from yunlang.kit.language import Bilingual
from yunlang.registry.pages.forms import typed_values


@dataclass(frozen=True, slots=True)
class Asking:
    """A form: what it is called, what it asks for, and what sending it does.

    Attributes
    ----------
    do
        Takes what was typed and returns where to go on.
    crumb
        Words and address of the page above.
    concerns
        What it is about, as labels and values.
    """

    title: Bilingual
    do: Callable[[dict[str, object]], str]
    done: Bilingual
    crumb: tuple[str | Bilingual, str]
    fields: Sequence[Field] = ()
    lede: Bilingual | None = None
    submit: Bilingual | None = None
    style: str = "button-primary"
    initial: Mapping[str, Any] = field(default_factory=dict)
    concerns: Sequence[tuple[Bilingual, Any]] = ()


def asked(request: HttpRequest, asking: Asking) -> HttpResponse:
    """Show a form, or have done what was sent; what is refused is said above what was typed."""
    refused: DomainError | None = None
    if request.method == "POST":
        try:
            address = asking.do(typed_values(request.POST, asking.fields))
        except (NotAllowedError, NotFoundError):
            raise
        except DomainError as error:
            refused = error
        else:
            messages.success(request, asking.done.text(get_language() or "zh-hans"))
            return redirect(address)
    errors = refused.fields if isinstance(refused, InvalidError) else {}
    typed = typed_values(request.POST, asking.fields) if request.method == "POST" else asking.initial
    context = {
        "asking": asking,
        "fields": asking.fields,
        "rows": [(spec, typed.get(spec.name), errors.get(spec.name, [])) for spec in asking.fields],
        "errors": errors,
        "conflict": None if errors else refused,
        "submit": asking.submit or asking.title,
    }
    return render(request, "auctions/form.html", context, status=refused.status if refused else 200)
