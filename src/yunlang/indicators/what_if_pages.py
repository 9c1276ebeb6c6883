"""The what-if page: weights and methods move, the ranking answers."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe
from django_htmx.http import replace_url

from yunlang.indicators.edition_selectors import edition_at
from yunlang.indicators.edition_views import EditionView, bars_of, decimals
from yunlang.indicators.pages import edition_context
from yunlang.indicators.what_if import Move, WhatIf, asked, moves_of

_NAMED = 3


@require_safe
def what_if(request: HttpRequest, index: str, label: str) -> HttpResponse:
    """Show the form and the ranking; to a change of the form, only what it changes."""
    edition = edition_at(index, label, request.user)
    view, context = edition_context(request, edition, "what_if")
    question = asked(view.opened, request.GET.dict())
    context |= {"question": question, **_results(view, question)}
    htmx = getattr(request, "htmx", None)
    if htmx and not htmx.history_restore_request:
        response = render(request, "indicators/_what_if_answer.html", context)
        response = replace_url(response, f"{request.path}{question.address}")
    else:
        response = render(request, "indicators/what_if.html", context)
    patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
    return response


def _results(view: EditionView, question: WhatIf) -> dict[str, Any]:
    if question.run is None:
        return {}
    moves = moves_of(view.opened, question.run)
    scores = np.array([np.nan if one.score is None else one.score for one in moves])
    moved = sorted((one for one in moves if one.shift), key=lambda one: -abs(one.shift or 0))
    return {
        "rows": [(one, view.labels[one.unit], bar) for one, bar in zip(moves, bars_of(scores), strict=True)],
        "score_places": decimals(scores),
        "moved": [(one, view.labels[one.unit]) for one in moved[:_NAMED]],
        "moved_count": len(moved),
        "count": len(moves),
        "agreement": _agreement(moves),
    }


def _agreement(moves: list[Move]) -> float | None:
    """Return the rank correlation (Spearman) with the published ranking; None of fewer than three units."""
    both = [(one.rank, one.before) for one in moves if one.rank is not None and one.before is not None]
    first, second = np.array(both, dtype=np.float64).reshape(-1, 2).T
    if len(both) <= _NAMED - 1 or not first.std() or not second.std():
        return None
    return float(np.corrcoef(first, second)[0, 1])
