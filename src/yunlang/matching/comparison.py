"""Two or three answers side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from yunlang.kit.language import Bilingual
from yunlang.matching.core.query import Query
from yunlang.matching.pages import (
    STRENGTHS,
    Row,
    address_of,
    count_question,
    named_need,
    rows_of,
    typed_words,
    with_index,
)
from yunlang.matching.selectors import hits_of, need_query, usual_similarity
from yunlang.registry.core.distance import distance_km
from yunlang.registry.models import City, Need
from yunlang.registry.pages.parameters import chosen_ids
from yunlang.registry.selectors.corridor import cities

FEWEST, MOST = 2, 3


@dataclass(frozen=True, slots=True)
class Column:
    """One answer as the table shows it.

    Attributes
    ----------
    row
        As in the list.
    grades
        Name and probability of each grade, the best first.
    distance
        Kilometres between its city and the need's, where both are known.
    """

    row: Row
    grades: list[tuple[Bilingual, float]]
    distance: float | None

    @property
    def document(self) -> Any:
        """What it is about."""
        return self.row.hit.document


@require_safe
@with_index
def compare_page(request: HttpRequest) -> HttpResponse:
    """Show the answers that were picked side by side, or say how many to pick."""
    need, words = named_need(request), typed_words(request.GET)
    picked = chosen_ids(request.GET, "id")
    hits = []
    if need or words:
        count_question(request)
        hits = hits_of(need_query(need) if need else Query(title=words), map(str, picked[:MOST]))
    rows = rows_of(request, need, hits)
    places = {city.adcode: city for city in cities()}
    match_url = reverse("matching:need_match", args=[need.pk]) if need else reverse("matching:match")
    context = {
        "need": need,
        "text": words,
        "columns": [_column(row, need, places) for row in rows] if len(rows) >= FEWEST else [],
        "too_many": len(picked) > MOST,
        "gone": len(picked[:MOST]) - len(rows) if need or words else 0,
        "most": MOST,
        "match_url": address_of(match_url, q="" if need else words),
        "usual": usual_similarity(),
    }
    return render(request, "matching/compare.html", context)


def _column(row: Row, need: Need | None, places: dict[str, City]) -> Column:
    grades = list(zip(reversed(STRENGTHS), reversed(row.hit.reasons.grades), strict=True))
    here, there = places.get(need.city_id or "" if need else ""), places.get(row.hit.document.city)
    far = distance_km(_point(here), _point(there)) if here and there else None
    return Column(row, grades, far)


def _point(city: City) -> tuple[float, float]:
    return city.longitude, city.latitude
