"""The page on whether published figures agree."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from yunlang.indicators.core.figures import Verdict
from yunlang.indicators.core.figures.model import VERDICTS
from yunlang.indicators.figure_selectors import figure_outcomes, figures_exist, verdict_counts
from yunlang.indicators.figure_texts import outcome_shown

# What calls for attention comes first.
_ORDER = (Verdict.CONTRADICTS, Verdict.AGREES, Verdict.UNCHECKED)


@require_safe
def figure_checks(request: HttpRequest) -> HttpResponse:
    """Say of every check whether the published figure agrees with what follows from others."""
    outcomes = figure_outcomes() if figures_exist() else []
    groups = [
        {
            "verdict": verdict,
            "label": VERDICTS[verdict],
            "rows": [outcome_shown(one) for one in outcomes if one.verdict is verdict],
        }
        for verdict in _ORDER
    ]
    context = {
        "groups": [group for group in groups if group["rows"]],
        "total": len(outcomes),
        **{verdict.value: count for verdict, count in verdict_counts(outcomes).items()},
    }
    return render(request, "indicators/figure_checks.html", context)
