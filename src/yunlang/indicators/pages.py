"""Pages of an edition: which there are, who leads, one unit's profile, how scores went."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from yunlang.accounts.permissions import may
from yunlang.indicators.edition_models import Edition
from yunlang.indicators.edition_selectors import (
    EDITION,
    edition_at,
    edition_open,
    editions_by_index,
    editions_published,
)
from yunlang.indicators.edition_sources import sources_of
from yunlang.indicators.edition_views import BAR_WIDTH, INTERVAL_WIDTH, EditionView
from yunlang.indicators.profiles import profile_of
from yunlang.indicators.score_series import score_series
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual

_LEADERS = 3
_AND = Bilingual("、", " and ")


@require_safe
def index_list(request: HttpRequest) -> HttpResponse:
    """List the indices, each with its latest edition and who leads in it."""
    rows = []
    for editions in editions_by_index():
        view = EditionView(editions[0], edition_open(editions[0]))
        leaders = [row for row in view.ranking() if row.rank is not None][:_LEADERS]
        rows.append({"edition": editions[0], "view": view, "leaders": leaders, "earlier": editions[1:]})
    context = {"rows": rows, "may_publish": may(request.user, "indicators.view_drafts")}
    return render(request, "indicators/index_list.html", context)


@require_safe
def index_latest(request: HttpRequest, index: str) -> HttpResponse:
    """Lead to an index's latest edition."""
    latest = editions_published().filter(index=index).first()
    if latest is None:
        raise NotFoundError(what=EDITION)
    return redirect("indicators:edition", latest.index, latest.label)


def edition_context(request: HttpRequest, edition: Edition, here: str) -> tuple[EditionView, dict[str, Any]]:
    """Return an edition's view, and what the head of each of its pages shows; `here` is the page's tab."""
    view = EditionView(edition, edition_open(edition))
    return view, {
        "edition": edition,
        "view": view,
        "here": here,
        "opened": view.opened,
        "bar_width": BAR_WIDTH,
        "interval_width": INTERVAL_WIDTH,
        "may_publish": may(request.user, "indicators.publish"),
    }


def period_of(request: HttpRequest, periods: tuple[str, ...]) -> int:
    """Return the position of the period that the address names; the last one otherwise."""
    wanted = request.GET.get("period", "")
    return periods.index(wanted) if wanted in periods else len(periods) - 1


@require_safe
def overview(request: HttpRequest, index: str, label: str) -> HttpResponse:
    """Show who leads: a sentence, the map, the ranking with its uncertainty."""
    edition = edition_at(index, label, request.user)
    view, context = edition_context(request, edition, "overview")
    period = period_of(request, view.opened.periods)
    language = get_language() or "zh-hans"
    rows = view.ranking(period)
    ranked = [row for row in rows if row.rank is not None]
    context |= {
        "rows": rows,
        "leaders": ranked[:_LEADERS],
        "followers": _AND.text(language).join(row.label.text(language) for row in ranked[1:_LEADERS]),
        "count": len(ranked),
        "period": view.opened.periods[period],
        "map": view.map(rows, language),
        "left_out": [(Bilingual(**one["name"]), Bilingual(**one["reason"])) for one in edition.left_out],
        "sources": sources_of(view.framework),
        "has_intervals": len(ranked) > 1 and any(row.interval for row in rows),
    }
    return render(request, "indicators/overview.html", context)


@require_safe
def unit(request: HttpRequest, index: str, label: str, unit: str) -> HttpResponse:
    """Show one unit: where it stands, what it is strong and weak in, what moved."""
    edition = edition_at(index, label, request.user)
    view, context = edition_context(request, edition, "unit")
    if unit not in view.opened.units:
        raise NotFoundError(what=Bilingual("该单位", "this unit"))
    period = period_of(request, view.opened.periods)
    profile = profile_of(view, unit, period)
    context |= {
        "profile": profile,
        "period": view.opened.periods[period],
        "chart": profile.chart(get_language() or "zh-hans"),
    }
    return render(request, "indicators/unit.html", context)


@require_safe
def series(request: HttpRequest, index: str, label: str) -> HttpResponse:
    """Show how scores went from period to period."""
    edition = edition_at(index, label, request.user)
    view, context = edition_context(request, edition, "series")
    codes = [view.framework.root, *view.pillars]
    wanted = request.GET.get("of", "")
    node = next((node for node in codes if node.code == wanted), view.framework.root)
    found = score_series(view, node)
    context |= {
        "codes": codes,
        "node": node,
        "series": found,
        "chart": found.chart(get_language() or "zh-hans") if len(view.opened.periods) > 1 else None,
    }
    return render(request, "indicators/series.html", context)
