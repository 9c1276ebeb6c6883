"""The editions of indices that the demo corridor begins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone
from rich.console import Console

from yunlang.accounts.actors import SYSTEM
from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.framework import Framework
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.edition_models import Edition
from yunlang.indicators.live import computable, live_read, live_years, total_of, uncomputable
from yunlang.indicators.services import edition_create, edition_publish
from yunlang.indicators.shipped import FRAMEWORKS, LIVE, dataset_shipped, framework_shipped, recipe_shipped
from yunlang.kit.language import Bilingual

INDICES = ("yrd", "g60", "g60-growth", "g60-total")
_GROWTH = Bilingual("G60 科创走廊城市定基发展指数（2018 年 = 100）", "Growth of the G60 corridor’s cities (2018 = 100)")
_TOTAL = Bilingual(
    "G60 科创走廊定基发展指数（有完整序列的城市合计，2018 年 = 100）",
    "Growth of the G60 corridor (sum of the cities with full series, 2018 = 100)",
)


@dataclass(frozen=True, slots=True)
class DemoEdition:
    """What one edition is made of.

    Attributes
    ----------
    index, label
        The edition's address.
    left_out
        The framework's indicators that the data do not allow yet, and why.
    """

    index: str
    label: str
    title: Bilingual
    framework: Framework
    recipe: Recipe
    data: Dataset
    left_out: Mapping[str, Bilingual] = field(default_factory=dict)


def demo_editions() -> tuple[DemoEdition, ...]:
    """Return the Yangtze River Delta 2024, the corridor's five areas now, and its growth since 2011, by city and whole.

    Raises
    ------
    FrameworkError, DatasetError
        Where the registry has no figures of the cities.
    """
    return (_delta(), _five_areas(), *_growth())


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


def _publish(edition: DemoEdition) -> None:
    raw = {
        "index": edition.index, "label": edition.label, "title_zh": edition.title.zh, "title_en": edition.title.en,
    }  # fmt: skip
    code = edition.framework.code
    names = framework_shipped(code).by_code if code in FRAMEWORKS else edition.framework.by_code
    made = edition_create(
        actor=SYSTEM, raw=raw, framework=edition.framework, data=edition.data, recipe=edition.recipe,
        left_out={names[code].name: reason for code, reason in edition.left_out.items()},
    )  # fmt: skip
    edition_publish(actor=SYSTEM, edition_id=made.pk, at=timezone.now())


def _delta() -> DemoEdition:
    framework = framework_shipped("yrd2024")
    title = framework.name
    return DemoEdition("yrd", "2024", title, framework, recipe_shipped("yrd2024"), dataset_shipped("yrd2024"))


def _five_areas() -> DemoEdition:
    whole = framework_shipped("g60_2021")
    live = live_read(whole)
    framework, left_out = computable(whole, live.data), uncomputable(whole, live.data)
    label = max(source.period for source in live.sources if source.kind == "figure" and source.period)
    return DemoEdition("g60", label, whole.name, framework, recipe_shipped("g60_2021"), live.data, left_out)


def _growth() -> tuple[DemoEdition, DemoEdition]:
    framework, recipe = framework_shipped("g60_growth"), recipe_shipped("g60_growth")
    years = live_years(framework, since=LIVE["g60_growth"])
    data = live_read(framework, periods=years).data
    label = data.periods[-1]
    return (
        DemoEdition("g60-growth", label, _GROWTH, framework, recipe, data),
        DemoEdition("g60-total", label, _TOTAL, framework, recipe, total_of(data, "g60", "G60")),
    )
