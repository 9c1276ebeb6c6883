"""Reads about the corridor as a whole: its cities, their counts, published figures."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from yunlang.kit.text import compare_form
from yunlang.registry.core.kinds import Placement
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import City, Figure, Need, Organisation, Resource


@dataclass(frozen=True, slots=True)
class CityCounts:
    """How much one city has published."""

    city: City
    organisations: int
    resources: int
    needs: int


@dataclass(frozen=True, slots=True)
class CorridorCounts:
    """Totals over everything published, and by city in the corridor's order."""

    cities: tuple[CityCounts, ...]
    organisations: int
    resources: int
    needs: int
    unplaced_organisations: int


def cities() -> list[City]:
    """Return the nine cities in the corridor's order, without their boundaries."""
    return list(City.objects.defer("boundary"))


def city_named(name: str) -> City | None:
    """Return the city with this code or name, in either language, with or without 市 or 区 and its province.

    Only the whole name counts: 杭州湾 is not 杭州, 苏州河 not 苏州.
    """
    key = compare_form(name)
    return next((city for city in cities() if key in city_names(city)), None)


def city_names(city: City) -> frozenset[str]:
    """Return every way to name a city that `city_named` takes, in the form that `compare_form` gives."""
    official = city.name_zh + city.full_name_zh[-1]
    chinese = {city.name_zh, official, city.full_name_zh}
    provinces = {city.province_zh, city.province_zh + ("市" if city.full_name_zh.endswith("区") else "省")}
    english = {city.name_en, f"{city.name_en} City", f"{city.name_en}, {city.province_en}"}
    names = {city.adcode, *english, *chinese, *(province + name for province in provinces for name in chinese)}
    return frozenset(compare_form(name) for name in names)


def corridor_counts() -> CorridorCounts:
    """Count what is published, in five queries."""
    organisations = _by_city(Organisation)
    resources = _by_city(Resource)
    needs = _by_city(Need)
    rows = tuple(
        CityCounts(
            city=city,
            organisations=organisations.get(city.adcode, 0),
            resources=resources.get(city.adcode, 0),
            needs=needs.get(city.adcode, 0),
        )
        for city in cities()
    )
    unplaced = Organisation.objects.filter(status=Status.PUBLISHED, placement=Placement.UNKNOWN).count()
    return CorridorCounts(
        cities=rows,
        organisations=sum(organisations.values()),
        resources=sum(resources.values()),
        needs=sum(needs.values()),
        unplaced_organisations=unplaced,
    )


def _by_city(model: type[Organisation] | type[Resource] | type[Need]) -> dict[str | None, int]:
    rows = model.objects.filter(status=Status.PUBLISHED).order_by().values("city").annotate(count=Count("pk"))
    return {row["city"]: row["count"] for row in rows}


def corridor_figures(area: str = "corridor") -> list[Figure]:
    """Return the figures published about the whole corridor, or about the delta around it."""
    return list(Figure.objects.filter(area=area, city=None).select_related("source").order_by("code", "period"))


def city_figures(city: City) -> list[Figure]:
    """Return the figures published about one city, by code and period."""
    return list(Figure.objects.filter(city=city).select_related("source").order_by("code", "period"))
