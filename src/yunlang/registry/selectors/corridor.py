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
    """Return the city with this code or name, in either language, with or without 市 or 区."""
    key = compare_form(name)
    for city in cities():
        names = (city.adcode, city.name_zh, city.name_zh + "市", city.name_zh + "区", city.full_name_zh, city.name_en)
        if any(compare_form(known) == key for known in names):
            return city
    return None


def corridor_counts() -> CorridorCounts:
    """Count what is published, in four queries."""
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
        for city in City.objects.all()
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
    rows = model.objects.filter(status=Status.PUBLISHED).order_by().values("city").annotate(count=Count("pk"))  # type: ignore[attr-defined]
    return {row["city"]: row["count"] for row in rows}


def corridor_figures() -> list[Figure]:
    """Return the figures published about the whole corridor."""
    return list(Figure.objects.filter(city=None).select_related("source").order_by("code", "period"))


def city_figures(city: City) -> list[Figure]:
    """Return the figures published about one city, by code and period."""
    return list(Figure.objects.filter(city=city).select_related("source").order_by("code", "period"))
