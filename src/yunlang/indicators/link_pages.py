"""The page of links between cities, and its tables to take away."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from yunlang.indicators.core.links.kinds import LINK_KINDS, UNITS
from yunlang.indicators.core.links.unit_indicators import INDICATORS
from yunlang.indicators.link_selectors import (
    LIVE,
    CityLinks,
    Expectation,
    LinkEdition,
    city_links,
    link_editions,
    link_expectation,
)
from yunlang.indicators.link_services import LINK_FIELDS
from yunlang.indicators.link_summary import indicators_of, known, network_of
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.kit.tables import MEDIA_TYPES, Value, write_table
from yunlang.registry.models import City

_STEPS = 4
_SHARES = frozenset({"cross_share"})
_WHOLE = frozenset({"partners"})
# What the table of cities shows; the file has all.
_SHOWN = ("strength", "strength_out", "strength_in", "partners", "cross_share", "eigenvector", "betweenness",
          "observed_over_expected")  # fmt: skip
_TITLES = {"links": Bilingual("城市联系", "links between cities"), "cities": Bilingual("城市指标", "city indicators")}


@dataclass(frozen=True, slots=True)
class Cell:
    """One link in the matrix: its value as people read it, empty where not known, and its colour step from 0 to 4."""

    city: City
    text: str
    step: int
    inside: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One edition that may be chosen: the value of the option, and whether it is shown."""

    value: str
    edition: LinkEdition
    chosen: bool


@require_safe
def links_page(request: HttpRequest) -> HttpResponse:
    """Say how closely the nine cities work together, by one kind of link in one period."""
    name = request.GET.get("kind", "")
    name = name if name in LINK_KINDS else _first_with_links()
    editions = link_editions(name)
    edition = _chosen(editions, request.GET.get("of", ""))
    context: dict[str, Any] = {
        "kinds": LINK_KINDS,
        "name": name,
        "kind": LINK_KINDS[name],
        "is_live": name in LIVE,
        "choices": [Choice(option_value(one), one, one == edition) for one in editions],
        "imported_only": [kind for key, kind in LINK_KINDS.items() if key not in LIVE],
    }
    if edition is not None:
        context |= _shown(city_links(name, edition.period, edition.source.code if edition.source else ""))
    return render(request, "indicators/links.html", context)


@require_safe
def links_table(request: HttpRequest, table: str) -> HttpResponse:
    """Give the links, in the form that an import takes back, or the cities' indicators as CSV."""
    name = request.GET.get("kind", "")
    wanted = request.GET.get("of", "")
    editions = link_editions(name) if name in LINK_KINDS else []
    edition = next((one for one in editions if option_value(one) == wanted), None)
    if edition is None:
        raise NotFoundError(what=Bilingual("该类别与时期的城市联系", "links of this kind and period"))
    links = city_links(name, edition.period, edition.source.code if edition.source else "")
    language = get_language() or "zh-hans"
    columns, rows = _links_table(links, language) if table == "links" else _cities_table(links, language)
    stream = io.BytesIO()
    write_table("csv", columns, rows, stream)
    response = HttpResponse(stream.getvalue(), content_type=MEDIA_TYPES["csv"])
    period = edition.period.replace("/", "_")
    filename = f"{_TITLES[table].text(language)} {links.kind.label.text(language)} {period}.csv"
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
    return response


def option_value(edition: LinkEdition) -> str:
    """Return how an address names an edition: its period, and its source where it has one."""
    return f"{edition.period}@{edition.source.code}" if edition.source else edition.period


def _first_with_links() -> str:
    return next((name for name in LINK_KINDS if link_editions(name)), next(iter(LINK_KINDS)))


def _chosen(editions: Sequence[LinkEdition], wanted: str) -> LinkEdition | None:
    return next((one for one in editions if option_value(one) == wanted), editions[0] if editions else None)


def _shown(links: CityLinks) -> dict[str, Any]:
    expectation, network = link_expectation(links), network_of(links)
    found = indicators_of(links, expectation)
    names = [name for name in _SHOWN if name in found.names]
    columns = [found.names.index(name) for name in names]
    rows = [
        (city, [_figure(name, row[column]) for name, column in zip(names, columns, strict=True)])
        for city, row in zip(links.cities, found.values, strict=True)
    ]
    return {
        "links": links,
        "unit": UNITS[links.kind.unit],
        "edition": links.edition,
        "of": option_value(links.edition),
        "matrix": _matrix(links),
        "network": network,
        "total": f"{network.total:,.10g}",
        "expectation": expectation,
        "elasticity": _elasticity(expectation),
        "columns": [INDICATORS[name] for name in names],
        "rows": rows,
    }


def _elasticity(expectation: Expectation) -> str:
    return f"{expectation.fit.distance:.2f}".replace("-", "−") if expectation.fit else ""


def _matrix(links: CityLinks) -> list[tuple[City, list[Cell]]]:
    between = [value for value in links.matrix.pair_values() if not math.isnan(value)]
    most = max(between, default=0.0)
    return [
        (start, [_cell(end, value, most, inside=start == end) for end, value in zip(links.cities, row, strict=True)])
        for start, row in zip(links.cities, links.matrix.values, strict=True)
    ]


def _cell(city: City, value: float, most: float, *, inside: bool) -> Cell:
    step = 0 if inside or math.isnan(value) or not value else math.ceil(_STEPS * math.sqrt(value / most))
    return Cell(city, "" if math.isnan(value) else f"{value:,.10g}", step, inside)


def _figure(name: str, value: float) -> str:
    """Return an indicator as people read it, empty where not known."""
    if math.isnan(value):
        return ""
    if name in _SHARES:
        return f"{value:.0%}"
    if name in _WHOLE or name.startswith("strength"):
        return f"{value:,.10g}"
    return f"{value:.2f}"


def _written(value: float) -> Value:
    """Return a number as a file holds it: nothing where not known, and no idle .0."""
    number = known(value)
    return int(number) if number is not None and number.is_integer() else number


def _links_table(links: CityLinks, language: str) -> tuple[list[str], Iterator[list[Value]]]:
    columns = [spec.label.text(language) for spec in LINK_FIELDS]
    kind, unit = links.kind.label.text(language), UNITS[links.kind.unit].text(language)

    def rows() -> Iterator[list[Value]]:
        for row, start in enumerate(links.cities):
            for column, end in enumerate(links.cities):
                value = known(links.matrix.values[row, column])
                if value is not None and (links.kind.directed or row <= column):
                    ends = (start.label.text(language), end.label.text(language))
                    yield [kind, links.edition.period, *ends, _written(value), unit]

    return columns, rows()


def _cities_table(links: CityLinks, language: str) -> tuple[list[str], Iterator[list[Value]]]:
    found = indicators_of(links, link_expectation(links))
    head = [Bilingual("城市", "city"), Bilingual("代码", "code"), *(INDICATORS[name] for name in found.names)]
    rows = (
        [city.label.text(language), city.adcode, *map(_written, values)]
        for city, values in zip(links.cities, found.values, strict=True)
    )
    return [label.text(language) for label in head], rows
