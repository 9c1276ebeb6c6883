"""The corridor's map, drawn: the cities' shapes, and what a page marks on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Func, TextField

from yunlang.kit.language import Bilingual
from yunlang.registry.core.corridor_map import WIDTH, Label, Projection, labels_placed, svg_path
from yunlang.registry.models import City


class _RowVersion(Func):
    """The transaction that wrote a row last: changes whenever the row does."""

    template = "registry_city.xmin::text"
    output_field = TextField()
    arity = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """One city on the map: path data, and the place its label belongs to, in map units."""

    path: str
    anchor: tuple[float, float]


@dataclass(frozen=True, slots=True)
class MapShapes:
    """The cities' shapes by adcode, and the map's height."""

    shapes: dict[str, Shape]
    height: int


_drawn: dict[tuple[tuple[str, str], ...], MapShapes] = {}


def map_shapes() -> MapShapes | None:
    """Return the cities as SVG shapes, drawn once in each process for every version of the cities' rows."""
    versions = tuple(City.objects.annotate(version=_RowVersion()).values_list("adcode", "version").order_by("adcode"))
    if not versions:
        return None
    if versions not in _drawn:
        _drawn.clear()
        _drawn[versions] = _draw(list(City.objects.all()))
    return _drawn[versions]


def _draw(cities: list[City]) -> MapShapes:
    projection = Projection.of(city.boundary for city in cities)
    shapes = {
        city.adcode: Shape(
            path=svg_path(city.boundary, projection), anchor=projection.point(city.longitude, city.latitude)
        )
        for city in cities
    }
    return MapShapes(shapes=shapes, height=projection.height)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a page says of one city: what stands under its name, its colour step from 0 (nothing) to 4, its link."""

    adcode: str
    name: str
    shown: str
    step: int
    address: str


@dataclass(frozen=True, slots=True)
class MapPlace:
    """A marked city, with its shape and where its label stands."""

    mark: Mark
    shape: Shape
    label: Label


@dataclass(frozen=True, slots=True)
class CorridorMap:
    """What the map's template needs."""

    width: int
    height: int
    quantity: Bilingual
    places: tuple[MapPlace, ...]


def corridor_map(marks: Sequence[Mark], quantity: Bilingual) -> CorridorMap | None:
    """Return the map of all cities that are marked; None where no city is known."""
    shapes = map_shapes()
    if shapes is None:
        return None
    known = [mark for mark in marks if mark.adcode in shapes.shapes]
    anchors = [shapes.shapes[mark.adcode].anchor for mark in known]
    labels = labels_placed(anchors, [(mark.name, mark.shown) for mark in known], shapes.height)
    places = tuple(MapPlace(mark, shapes.shapes[mark.adcode], label) for mark, label in zip(known, labels, strict=True))
    return CorridorMap(WIDTH, shapes.height, quantity, places)
