"""The editions of indices that the demo corridor begins with."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from rich.console import Console

from yunlang.accounts.actors import SYSTEM
from yunlang.indicators.edition_models import Edition
from yunlang.indicators.live import live_read, live_years, total_of
from yunlang.indicators.live_editions import EditionContent, edition_keep, five_areas_now
from yunlang.indicators.services import edition_publish
from yunlang.indicators.shipped import LIVE, dataset_shipped, framework_shipped, recipe_shipped
from yunlang.kit.language import Bilingual

INDICES = ("yrd", "g60", "g60-growth", "g60-total")
_GROWTH = Bilingual("G60 科创走廊城市定基发展指数（2018 年 = 100）", "Growth of the G60 corridor’s cities (2018 = 100)")
_TOTAL = Bilingual(
    "G60 科创走廊定基发展指数（有完整序列的城市合计，2018 年 = 100）",
    "Growth of the G60 corridor (sum of the cities with full series, 2018 = 100)",
)


def demo_editions() -> tuple[EditionContent, ...]:
    """Return the Yangtze River Delta 2024, the corridor's five areas now, and its growth since 2011, by city and whole.

    Raises
    ------
    FrameworkError, DatasetError
        Where the registry has no figures of the cities.
    """
    return (_delta(), five_areas_now(), *_growth())


@transaction.atomic
def editions_prepare(*, console: Console, language: str) -> int:
    """Publish the demo's editions of those indices that have none yet; return how many.

    What was published stays as it was, whatever the registry holds by now: that is what editions are for.
    """
    known = set(Edition.objects.filter(index__in=INDICES).values_list("index", flat=True))
    if known == set(INDICES):
        return 0
    title = Bilingual("计算并发布指数……", "Computing and publishing indices…").text(language)
    with console.status(title):
        missing = [edition for edition in demo_editions() if edition.index not in known]
        for edition in missing:
            _publish(edition)
    return len(missing)


def _publish(content: EditionContent) -> None:
    made = edition_keep(actor=SYSTEM, content=content)
    edition_publish(actor=SYSTEM, edition_id=made.pk, at=timezone.now())


def _delta() -> EditionContent:
    framework = framework_shipped("yrd2024")
    title = framework.name
    return EditionContent("yrd", "2024", title, framework, recipe_shipped("yrd2024"), dataset_shipped("yrd2024"))


def _growth() -> tuple[EditionContent, EditionContent]:
    framework, recipe = framework_shipped("g60_growth"), recipe_shipped("g60_growth")
    years = live_years(framework, since=LIVE["g60_growth"])
    data = live_read(framework, periods=years).data
    label = data.periods[-1]
    return (
        EditionContent("g60-growth", label, _GROWTH, framework, recipe, data),
        EditionContent("g60-total", label, _TOTAL, framework, recipe, total_of(data, "g60", "G60")),
    )
