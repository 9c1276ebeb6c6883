"""The shell's own pages: home, cities, figures, what the data are, language."""

from __future__ import annotations

import math

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from yunlang.accounts.browser import language_known, language_remember, next_address
from yunlang.accounts.models import User
from yunlang.accounts.services import user_language_set
from yunlang.indicators.edition_selectors import standings_of
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.portal import selectors
from yunlang.portal.series import ComparedColumn, city_series, latest
from yunlang.registry.core.kinds import PLACEMENTS
from yunlang.registry.models import Figure, Need, Resource
from yunlang.registry.selectors.corridor import CityCounts, city_figures, corridor_counts, corridor_figures
from yunlang.registry.selectors.corridor import cities as corridor_cities
from yunlang.registry.selectors.corridor_map import Mark, corridor_map
from yunlang.registry.selectors.listings import ListingFilters, facet_counts, latest_needs

QUANTITIES: dict[str, Bilingual] = {
    "resources": Bilingual("要素", "resources"),
    "needs": Bilingual("需求", "needs"),
    "organisations": Bilingual("机构", "organisations"),
}
EXAMPLES = ("高镍三元动力电解液", "卫星互联网相控阵天线", "车规级碳化硅功率模块")
CHART_CODE = "gdp"
COMPARED_CODES = ("gdp", "population", "deposits", "yrd2024_innovation")
_LATEST_NEEDS = 8
_HOME_FIGURES = 8
# What a visitor asks first; after these come the others, by code.
_FIRST_FIGURES = (
    "gdp", "rd_intensity", "high_tech_national_share", "pct_world_share", "star_market_companies",
    "auction_value_cumulative", "fund_invested", "proof_of_concept_centres",
)  # fmt: skip
_LONGEST_NEED = 2_000


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Ask for a need; show the corridor, its latest needs and its figures."""
    counts = corridor_counts()
    shown = request.GET.get("show", "")
    shown = shown if shown in QUANTITIES else "resources"
    context = {
        "counts": counts,
        "elsewhere": {
            name: getattr(counts, name) - sum(getattr(row, name) for row in counts.cities) for name in QUANTITIES
        },
        "map": corridor_map(_marks(counts.cities, shown), QUANTITIES[shown]),
        "quantities": QUANTITIES,
        "shown": shown,
        "needs": latest_needs(_LATEST_NEEDS),
        "figures": sorted(latest(corridor_figures()), key=_prominence)[:_HOME_FIGURES],
        "examples": EXAMPLES,
        "longest": _LONGEST_NEED,
    }
    return render(request, "portal/home.html", context)


def _prominence(figure: Figure) -> tuple[int, str]:
    known = figure.code in _FIRST_FIGURES
    return (_FIRST_FIGURES.index(figure.code) if known else len(_FIRST_FIGURES), figure.code)


def _marks(rows: tuple[CityCounts, ...], shown: str) -> list[Mark]:
    language_code = get_language() or "zh-hans"
    numbers = [int(getattr(row, shown)) for row in rows]
    most = max(numbers, default=0)
    return [
        Mark(
            adcode=row.city.adcode,
            name=row.city.label.text(language_code),
            shown=f"{number:,}",
            step=_step(number, most),
            address=resolve_url("portal:city", row.city.adcode),
        )
        for row, number in zip(rows, numbers, strict=True)
    ]


def _step(number: int, most: int) -> int:
    """Return the colour step of a count; by square roots, since the largest city dwarfs the smallest."""
    return math.ceil(4 * math.sqrt(number / most)) if number else 0


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language, remember it, and lead back to the same page."""
    chosen = request.POST.get("language", "")
    response = redirect(next_address(request, "portal:home"))
    if language_known(chosen):
        language_remember(response, chosen)
        if isinstance(request.user, User):
            user_language_set(user=request.user, language=chosen)
    return response


@require_safe
def cities(request: HttpRequest) -> HttpResponse:
    """Compare the cities."""
    found = selectors.latest_city_figures(COMPARED_CODES)
    compared = [ComparedColumn.of(by_city) for by_city in found.values()]
    rows = [
        {"counts": row, "values": [(column, column.by_city.get(row.city.adcode)) for column in compared]}
        for row in corridor_counts().cities
    ]
    return render(request, "portal/cities.html", {"rows": rows, "compared": compared})


@require_safe
def city(request: HttpRequest, adcode: str) -> HttpResponse:
    """Show one city: what it has published, its figures, and how it compares."""
    of_city = next((one for one in corridor_cities() if one.adcode == adcode), None)
    if of_city is None:
        raise NotFoundError(what=Bilingual("城市", "city"))
    series = city_series(selectors.city_figures_of(CHART_CODE))
    filters = ListingFilters(cities=[adcode], facets=("kind",))
    resources = facet_counts(Resource, filters)["kind"]
    needs = facet_counts(Need, filters)["kind"]
    organisations = selectors.organisation_types_of(adcode)
    compared = series is not None and of_city in series.cities
    context = {
        "city": of_city,
        "resources": sorted(resources.items(), key=lambda pair: -pair[1]),
        "needs": sorted(needs.items(), key=lambda pair: -pair[1]),
        "resource_count": sum(resources.values()),
        "need_count": sum(needs.values()),
        "organisations": organisations,
        "organisation_count": sum(count for _, count in organisations),
        "standings": standings_of(adcode),
        "figures": latest(city_figures(of_city)),
        "series": series if compared else None,
        "chart": series.chart(language=get_language() or "zh-hans", chosen=adcode) if series and compared else None,
    }
    return render(request, "portal/city.html", context)


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Show what was published about the corridor, and one kind of figure for every city."""
    codes = selectors.figure_codes()
    known = {found.code for found in codes}
    wanted = request.GET.get("code", CHART_CODE)
    code = wanted if wanted in known else next(iter(sorted(known)), "")
    series = city_series(selectors.city_figures_of(code)) if code else None
    drawn = series is not None and len(series.rows) > 2
    context = {
        "corridor": sorted(corridor_figures(), key=_prominence),
        "delta": corridor_figures("yangtze_delta"),
        "elsewhere": corridor_figures("elsewhere"),
        "codes": codes,
        "code": code,
        "series": series,
        "chart": series.chart(language=get_language() or "zh-hans") if series and drawn else None,
    }
    return render(request, "portal/figures.html", context)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Say what the data are, and what they are not."""
    placed = selectors.organisations_by_placement()
    context = {
        "counts": corridor_counts(),
        "placements": [(label, placed.get(key, 0)) for key, label in PLACEMENTS.items()],
        "organisations": sum(placed.values()),
        "illustrative": selectors.illustrative_needs(),
    }
    return render(request, "portal/about.html", context)


@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """List every source with licence, date and number of records."""
    return render(request, "portal/sources.html", {"sources": selectors.sources()})


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Tell crawlers to leave searches and accounts alone."""
    closed = (resolve_url("accounts:sign_in").removesuffix("sign-in/"), "/match/", "/*?")
    lines = ["User-agent: *", *(f"Disallow: {address}" for address in closed), ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
