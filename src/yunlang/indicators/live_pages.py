"""The corridor's index at this moment: what a deal of today has moved, before any edition is published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST, require_safe

from yunlang.accounts.permissions import may, require
from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.run import Engine
from yunlang.indicators.edition_selectors import edition_open, editions_published
from yunlang.indicators.edition_views import known, whole
from yunlang.indicators.live import COUNT
from yunlang.indicators.live_counts import COUNTS
from yunlang.indicators.live_editions import FIVE_AREAS, edition_keep, five_areas_now
from yunlang.indicators.shipped import framework_shipped
from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual
from yunlang.registry.models import City
from yunlang.registry.selectors.corridor import cities


@dataclass(frozen=True, slots=True)
class LiveRow:
    """One city: where it would rank now, and where the last edition has it."""

    city: City
    score: float | None
    rank: int | None
    published: int | None
    pillars: tuple[float | None, ...]

    @property
    def rise(self) -> int | None:
        """How many places it has gone up since; None where either rank is unknown."""
        return None if self.rank is None or self.published is None else self.published - self.rank


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Compute the corridor's index from what is known now."""
    context: dict[str, Any] = {"now": timezone.now(), "may_publish": may(request.user, "indicators.publish")}
    try:
        context |= _computed()
    except DomainError as error:
        context["refused"] = error.text
    return render(request, "indicators/live.html", context)


def _computed() -> dict[str, Any]:
    content = five_areas_now()
    run = Engine(content.framework, content.data).run(content.recipe)
    latest = editions_published().filter(index=FIVE_AREAS).first()
    published: dict[str, int | None] = {}
    if latest is not None:
        opened = edition_open(latest)
        published = {unit: whole(rank) for unit, rank in zip(opened.units, opened.ranks[-1], strict=True)}
    pillars = content.framework.children[content.framework.root.code]
    by_code = {city.adcode: city for city in cities()}
    scores, ranks = run.score()[-1], run.rank()[-1]
    parts = [run.score(node.code)[-1] for node in pillars]
    rows = [
        LiveRow(
            city=by_code[unit],
            score=known(scores[place]),
            rank=whole(ranks[place]),
            published=published.get(unit),
            pillars=tuple(known(part[place]) for part in parts),
        )
        for place, unit in enumerate(run.units)
    ]
    rows.sort(key=lambda row: (row.rank is None, row.rank or 0))
    return {
        "content": content,
        "rows": rows,
        "pillars": pillars,
        "latest": latest,
        "counts": _counts(content.data),
        "cities": list(by_code.values()),
        "label": f"{timezone.localdate():%Y-%m}",
    }


def _counts(data: Dataset) -> list[tuple[Bilingual, list[float | None]]]:
    """Return what the platform counts for each city, undivided, in the corridor's order."""
    found = []
    for node in framework_shipped("g60_2021").indicators:
        kind, _, name = node.source.partition(":")
        if kind == COUNT:
            values = data.values[-1, :, data.indicators.index(node.code)]
            found.append((COUNTS[name].label, [known(value) for value in values]))
    return found


@require_POST
@login_required
def live_draft(request: HttpRequest) -> HttpResponse:
    """Keep the index of this moment as a draft, to be looked at and published."""
    require(request.user, "indicators.publish")
    try:
        content = five_areas_now().labelled(request.POST.get("label", ""))
        edition = edition_keep(actor=request.user, content=content)
    except DomainError as error:
        reasons = [reason for found in getattr(error, "fields", {}).values() for reason in found] or [error.text]
        messages.error(request, " ".join(reason.text(get_language() or "") for reason in reasons))
        return redirect("indicators:live")
    messages.success(request, gettext("草稿已算好，请核对后发布。"))
    return redirect("indicators:draft", edition.pk)
