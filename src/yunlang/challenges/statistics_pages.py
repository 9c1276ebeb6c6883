"""The page of statistics of the published list, for everybody."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from yunlang.challenges.core.statistics import Tally, list_coverage, tallies_by, tally
from yunlang.challenges.models import Call, Challenge
from yunlang.challenges.statistics_selectors import list_announced, list_items
from yunlang.kit.language import Bilingual
from yunlang.registry.core.kinds import INDUSTRIES
from yunlang.registry.pages.parameters import chosen_id
from yunlang.registry.selectors.corridor import cities

_NOWHERE = Bilingual("走廊外或未核实", "outside or not verified")
# Of the Okabe–Ito palette, as everywhere; the words are those of the table.
_BARS: tuple[tuple[str, Bilingual, str], ...] = (
    ("published", Bilingual("发布", "published"), "#0072B2"),
    ("awarded", Bilingual("已揭榜", "awarded"), "#E69F00"),
    ("concluded", Bilingual("已结题", "concluded"), "#009E73"),
)


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """Count what was published, found takers, was awarded and concluded, by area and by city."""
    calls = list(Call.objects.filter(challenges__isnull=False).distinct().order_by("-opens_at"))
    call = next((one for one in calls if one.pk == chosen_id(request.GET, "call")), None)
    items = list_items(call.pk if call else None)
    whole, announced = tally(items), list_announced()
    # Samples are no part of the list that was announced.
    samples = Challenge.objects.filter(illustrative=True).count()
    by_area = tallies_by(items, lambda one: one.area)
    areas = [(label, by_area[key]) for key, label in INDUSTRIES.items() if key in by_area]
    context = {
        "calls": calls,
        "call": call,
        "whole": whole,
        "areas": areas,
        "places": _places(tallies_by(items, lambda one: one.city)),
        "announced": announced,
        "coverage": list_coverage(whole.published - samples, announced.value if announced else None),
        "chart": _chart(areas, get_language() or "zh-hans") if areas else None,
        "is_illustrative": samples > 0,
    }
    return render(request, "challenges/statistics.html", context)


def _places(by_city: dict[str, Tally]) -> list[tuple[Bilingual, Tally]]:
    named: list[tuple[Bilingual, Tally]] = [
        (one.label, by_city[one.adcode]) for one in cities() if one.adcode in by_city
    ]
    return [*named, (_NOWHERE, by_city[""])] if "" in by_city else named


def _chart(areas: list[tuple[Bilingual, Tally]], language: str) -> dict[str, Any]:
    return {
        "kind": "bars",
        "names": [capfirst(label.text(language)) for label, _ in areas],
        "series": [
            {
                "name": capfirst(words.text(language)),
                "colour": colour,
                "values": [getattr(one, name) for _, one in areas],
            }
            for name, words, colour in _BARS
        ],
    }
