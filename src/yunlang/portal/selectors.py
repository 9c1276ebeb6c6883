"""What the shell's own pages read: figures by code, sources with their number of records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Max, Min, QuerySet

from yunlang.indicators.models import LinkObservation
from yunlang.kit.language import Bilingual
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import (
    Figure,
    Need,
    Organisation,
    OrganisationAttribute,
    OrganisationLabel,
    Provenance,
    Source,
)


@dataclass(slots=True)
class FigureCode:
    """One kind of published figure, and the periods it spans."""

    code: str
    name_zh: str
    name_en: str
    first: str
    last: str

    @property
    def label(self) -> Bilingual:
        """The figure's name in both languages."""
        return Bilingual(self.name_zh, self.name_en)


def figure_codes() -> list[FigureCode]:
    """Return every kind of figure published about the cities."""
    rows = (
        Figure.objects.exclude(city=None).order_by("code").values("code")
        .annotate(first=Min("period"), last=Max("period"), name_zh=Min("name_zh"), name_en=Min("name_en"))
    )  # fmt: skip
    return [FigureCode(**row) for row in rows]


def city_figures_of(code: str) -> list[Figure]:
    """Return one kind of figure for every city, by period and in the corridor's order."""
    query = Figure.objects.filter(code=code).exclude(city=None).select_related("source", "city").defer("city__boundary")
    return list(query.order_by("period", "city__order", "id"))


def latest_city_figures(codes: Sequence[str]) -> dict[str, dict[str, Figure]]:
    """Return each city's latest figure of each code, by code and adcode."""
    found: dict[str, dict[str, Figure]] = {}
    query = Figure.objects.filter(code__in=codes).exclude(city=None).select_related("source")
    for figure in query.order_by("code", "city_id", "-period", "id").distinct("code", "city_id"):
        found.setdefault(figure.code, {})[str(figure.city_id)] = figure
    return {code: found[code] for code in codes if code in found}


@dataclass(slots=True)
class SourceRecords:
    """A source, and how many records and figures came from it."""

    source: Source
    records: dict[str, int] = field(default_factory=dict)
    figures: int = 0
    facts: int = 0


def sources() -> list[SourceRecords]:
    """Return the sources that anything came from, by title; facts are organisations' labels and dated attributes."""
    found = {source.code: SourceRecords(source) for source in Source.objects.order_by("title_zh", "code")}
    kinds = Provenance.objects.order_by().values_list("source", "object_kind").annotate(count=Count("pk"))
    for code, kind, count in kinds:
        found[code].records[kind] = count
    for figures in (Figure.objects.all(), LinkObservation.objects.all()):
        for code, count in _by_source(figures):
            found[code].figures += count
    for rows in (OrganisationLabel.objects.all(), OrganisationAttribute.objects.all()):
        for code, count in _by_source(rows.exclude(source=None)):
            found[code].facts += count
    return [one for one in found.values() if one.records or one.figures or one.facts]


def _by_source(rows: QuerySet[Any]) -> list[tuple[str, int]]:
    return list(rows.order_by().values_list("source").annotate(count=Count("pk")))


def organisation_types_of(adcode: str) -> list[tuple[str, int]]:
    """Count one city's published organisations by type, most first."""
    rows = Organisation.objects.filter(status=Status.PUBLISHED, city=adcode).order_by().values("type")
    counted = rows.annotate(count=Count("pk")).order_by("-count", "type")
    return [(row["type"], row["count"]) for row in counted]


def illustrative_needs() -> int:
    """Count the published needs that are made up as examples."""
    return Need.objects.filter(status=Status.PUBLISHED, illustrative=True).count()


def organisations_by_placement() -> dict[str, int]:
    """Count the published organisations by what is known of their seat."""
    rows = Organisation.objects.filter(status=Status.PUBLISHED).order_by().values("placement")
    return {row["placement"]: row["count"] for row in rows.annotate(count=Count("pk"))}
