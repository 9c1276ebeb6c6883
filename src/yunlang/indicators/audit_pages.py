"""The audit page: what an edition's data, structure, weights and methods do to its ranking."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from yunlang.indicators.core.audit.correlation import CORRELATION_FLAGS
from yunlang.indicators.core.audit.removal import Removal
from yunlang.indicators.core.audit.statistics import STATISTICS_FLAGS
from yunlang.indicators.core.framework import Node
from yunlang.indicators.core.recipe import STAGE_LABELS
from yunlang.indicators.edition_selectors import edition_at
from yunlang.indicators.edition_views import EditionView, known
from yunlang.indicators.pages import edition_context
from yunlang.kit.language import Bilingual

_INPUTS: dict[str, Bilingual] = {
    "weights": Bilingual("权重（各上下浮动 25%）", "weights, each by ±25%"),
    "treat.points": Bilingual("缩尾的个数（1–5）", "values winsorised, 1–5"),
    "normalise": Bilingual("无量纲化方法", "normalisation"),
    "aggregate": Bilingual("合成方法", "aggregation"),
}


@require_safe
def audit(request: HttpRequest, index: str, label: str) -> HttpResponse:
    """Show what the ranking rests on, and how far it would move."""
    edition = edition_at(index, label, request.user)
    view, context = edition_context(request, edition, "audit")
    found = view.opened.audit
    nodes = view.framework.by_code
    removals = sorted((one for one in found.removals if one.agreement), key=_by_shift)
    context |= {
        "audit": found,
        "statistics": [
            (nodes[one.code], one, [STATISTICS_FLAGS[flag] for flag in one.flags]) for one in found.statistics
        ],
        "flagged": sum(bool(one.flags) for one in found.statistics),
        "correlations": [
            (CORRELATION_FLAGS[one.kind], nodes[one.code], nodes[one.other], one.coefficient)
            for one in found.correlation_flags
        ],
        "reliability": [
            (nodes[one.code], known(one.alpha), known(one.standardised), len(one.items)) for one in found.reliability
        ],
        "influences": _influences(view),
        "redundant": [(nodes[one.code], nodes[one.twin], one) for one in found.redundant],
        "removals": [(nodes[one.code], one.agreement, _name(view, one)) for one in removals],
        "impossible": [(nodes[one.code], one.reason) for one in found.removals if one.agreement is None],
        "effects": _effects(view.opened.uncertainty),
        "left_out": [_left_out(view, one) for one in view.opened.uncertainty["left_out"]],
        "failures": [
            (Bilingual(one["zh"], one["en"]), one["replicates"]) for one in view.opened.uncertainty["failures"]
        ],
    }
    return render(request, "indicators/audit.html", context)


def _effects(uncertainty: Mapping[str, Any]) -> list[tuple[Bilingual, Mapping[str, Any], Mapping[str, Any]]]:
    """Return what was varied: its name, what it does alone, and how much of all variation comes from it."""
    indices = {one["name"]: one for one in uncertainty["sensitivity"]["inputs"]}
    return [(_INPUTS.get(one["name"], _INPUTS["weights"]), one, indices[one["name"]]) for one in uncertainty["effects"]]


def _by_shift(removal: Removal) -> float:
    return -removal.agreement.mean_shift if removal.agreement else math.inf


def _name(view: EditionView, removal: Removal) -> Bilingual | None:
    return view.labels.get(removal.agreement.largest_unit) if removal.agreement else None


def _influences(view: EditionView) -> list[tuple[Node, float, float | None, bool]]:
    """Return the pillars, then the indicators, each with its weight in the index and its influence on it."""
    by_level = sorted(view.opened.audit.influences, key=lambda one: -one.level)
    return [(view.framework.by_code[one.code], one.effective, known(one.influence), one.level > 1) for one in by_level]


def _left_out(view: EditionView, one: Mapping[str, Any]) -> tuple[Bilingual, str, Bilingual]:
    """Return the stage, the method and the reason, which names an indicator rather than its code or the stage again."""
    stage = STAGE_LABELS[str(one["setting"]).partition(".")[0]]
    place, _, chinese = str(one["zh"]).rpartition("：")
    english = str(one["en"]).rpartition(": ")[2]
    node = view.framework.by_code.get(place)
    if node is not None:
        chinese, english = f"{node.name.zh}：{chinese}", f"{node.name.en}: {english}"
    return stage, str(one["method"]), Bilingual(chinese.removesuffix("。"), english.removesuffix("."))
