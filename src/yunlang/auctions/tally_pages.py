"""The page of tallies, and the same numbers as a table to take away."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from yunlang.auctions.core.formats.known import FORM_LABELS
from yunlang.auctions.core.tallies import Flow, Tally
from yunlang.auctions.tally_selectors import Tallies, published_editions, tallies
from yunlang.kit.language import Bilingual
from yunlang.kit.tables import MEDIA_TYPES, write_table
from yunlang.registry.models import City
from yunlang.registry.pages.parameters import ELSEWHERE
from yunlang.registry.selectors.corridor import cities

_TEN_THOUSAND = Decimal(10_000)
_COLUMNS = (
    "edition", "illustrative", "lots", "sold", "competitive", "value_cny", "base_cny", "premium_percent",
    "growth_percent", "cumulative_lots", "cumulative_sold", "cumulative_value_cny",
)  # fmt: skip


@require_safe
def tally_page(request: HttpRequest) -> HttpResponse:
    """Show what the platform's auctions come to, and what was published of earlier ones."""
    found = tallies()
    named = {one.edition: one.tally for one in found.editions}
    asked = request.GET.get("edition", "")
    shown = named.get(asked, found.whole)
    published = published_editions()
    context = {
        "tallies": found,
        "editions": found.editions[::-1],
        "asked": asked if asked in named else "",
        "shown": shown,
        "forms": [(FORM_LABELS[form], count) for form, count in shown.by_form.items()],
        "flows": _flows(shown),
        "chart": _chart(found) if len(found.editions) > 1 else None,
        "published": published,
        "published_notes": published.notes,
    }
    return render(request, "auctions/tallies.html", context)


@require_safe
def tally_table(request: HttpRequest) -> HttpResponse:
    """Hand out the tallies by edition, amounts in CNY."""
    found, stream = tallies(), io.BytesIO()
    rows = [
        [
            one.edition, one.edition in found.illustrative, one.tally.lots, one.tally.sold, one.tally.competitive,
            one.tally.value, one.tally.base, one.tally.premium, one.growth, one.cumulative_lots, one.cumulative_sold,
            one.cumulative_value,
        ]
        for one in found.editions
    ]  # fmt: skip
    write_table("csv", list(_COLUMNS), rows, stream)
    response = HttpResponse(stream.getvalue(), content_type=MEDIA_TYPES["csv"])
    response["Content-Disposition"] = 'attachment; filename="auction-tallies.csv"'
    return response


def _flows(tally: Tally) -> list[tuple[Bilingual, Bilingual, Flow]]:
    names: dict[str | None, City] = {city.adcode: city for city in cities()}

    def named(code: str | None) -> Bilingual:
        return names[code].label if code in names else ELSEWHERE

    return [(named(flow.seller_city), named(flow.buyer_city), flow) for flow in tally.flows]


def _chart(found: Tallies) -> dict[str, Any]:
    language = get_language() or "zh-hans"
    series = (
        (Bilingual("当届", "edition"), [one.tally.value for one in found.editions], "grey"),
        (Bilingual("累计", "cumulative"), [one.cumulative_value for one in found.editions], "accent"),
    )
    return {
        "periods": [one.edition for one in found.editions],
        "unit": Bilingual("万元", "CNY 10,000").text(language),
        "series": [
            {"name": name.text(language), "colour": colour, "chosen": colour == "accent",
             "values": [float(value / _TEN_THOUSAND) for value in values]}
            for name, values, colour in series
        ],
    }  # fmt: skip
