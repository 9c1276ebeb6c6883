"""Published figures put together with the references and the checks: what was found about them."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from importlib import resources

from ruamel.yaml import YAML

from yunlang.indicators.core.figures import (
    FigureStore,
    Outcome,
    Quantity,
    Verdict,
    checks_run,
    published_estimate,
)
from yunlang.indicators.core.figures.definitions import Definitions, definitions_read
from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual
from yunlang.registry.models import Figure
from yunlang.registry.models.city import AREAS
from yunlang.registry.selectors.corridor import cities

_DATA = resources.files("yunlang.indicators") / "data"


class NoFiguresError(DomainError):
    """There are no published figures to check."""

    code = "no_figures"
    message = Bilingual(
        "数据库里还没有公布的数据。先运行 yunlang demo --load-only 载入示例走廊的数据。",
        "The database holds no published figures. Load those of the demo corridor first: yunlang demo --load-only.",
    )
    status = 409


@cache
def figure_definitions() -> Definitions:
    """Return the checks that are shipped, read once in each process."""
    text = (_DATA / "figure_checks.yaml").read_text(encoding="utf-8")
    return definitions_read(YAML(typ="safe", pure=True).load(text))


@cache
def reference_quantities() -> tuple[Quantity, ...]:
    """Return the references that are shipped: figures of the nation and of other countries."""
    definitions = figure_definitions()
    lines = (_DATA / "figure_references.csv").read_text(encoding="utf-8").splitlines()
    return tuple(_reference(row, definitions) for row in csv.DictReader(lines))


def _reference(row: dict[str, str], definitions: Definitions) -> Quantity:
    area, code = row["area"], row["code"]
    source = definitions.sources[row["source"]]
    label = Bilingual(row["name_zh"], row["name_en"])
    if not row["name_en"]:
        place, name = definitions.names.get(area) or AREAS[area], definitions.names[code]
        label = Bilingual(f"{place.zh}{name.zh}", f"{name.en}, {place.en}")
    return Quantity(
        area=area, code=code, period=row["period"], label=label, unit=definitions.units[code], source=row["source"],
        estimate=published_estimate(Decimal(row["value"]), step=Decimal(row["step"])), source_label=source.title,
        url=source.url,
    )  # fmt: skip


def figure_outcomes(area: str = "") -> list[Outcome]:
    """Run every check against the figures of the database, or those on one area's figures.

    Parameters
    ----------
    area
        A key of `AREAS` or a city's adcode; empty for all. "city" means every city.
    """
    definitions = figure_definitions()
    checks = [check for check in definitions.checks if _is_of(check.claim.area, area)]
    return checks_run(checks, _store(definitions))


def verdict_counts(outcomes: Iterable[Outcome]) -> dict[Verdict, int]:
    """Count the outcomes by verdict, none left out."""
    counted = Counter(one.verdict for one in outcomes)
    return {verdict: counted[verdict] for verdict in Verdict}


def figures_published(area: str = "") -> list[Figure]:
    """Return the published figures with city and source, by area, code and period; `area` as for `figure_outcomes`."""
    query = Figure.objects.select_related("source", "city").defer("city__boundary")
    if area:
        query = query.filter(area=area) if area in AREAS else query.filter(city=area)
    return list(query.order_by("area", "city__order", "code", "period", "source_id"))


def figures_exist() -> bool:
    """Tell whether anything was published that could be checked."""
    return Figure.objects.filter(code__in=figure_definitions().figure_codes()).exists()


def _is_of(claimed: str, area: str) -> bool:
    return area in ("", claimed) or (area == "city" and claimed.isdigit())


def _store(definitions: Definitions) -> FigureStore:
    query = Figure.objects.filter(code__in=definitions.figure_codes())
    rows = list(query.select_related("source", "city").defer("city__boundary"))
    members = cities()
    names: dict[str, Bilingual] = {**AREAS, **{city.adcode: city.label for city in members}}
    return FigureStore(
        quantities=[*map(_quantity, rows), *reference_quantities()],
        derived=definitions.derived,
        names=names | {figure.code: figure.label for figure in rows} | dict(definitions.names),
        members=tuple(city.adcode for city in members),
    )


def _quantity(figure: Figure) -> Quantity:
    place = figure.city.label if figure.city else None
    label = Bilingual(f"{place.zh}{figure.name_zh}", f"{figure.name_en}, {place.en}") if place else figure.label
    return Quantity(
        area=figure.city_id or figure.area, code=figure.code, period=figure.period, label=label, unit=figure.unit,
        estimate=published_estimate(figure.value, figure.qualifier), qualifier=figure.qualifier,
        source=figure.source_id, source_label=figure.source.label, url=figure.source.url,
    )  # fmt: skip
