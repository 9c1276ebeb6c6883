"""The map of the corridor: boundaries to SVG paths, and labels that keep clear of each other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

WIDTH = 800
_MARGIN = 24
# The larger of the two sizes that the style sheet gives labels: what fits then fits on wide screens too.
LABEL_SIZE = 30
_LINES = 2
_LINE_HEIGHT = 1.15
_GAP = 4.0

Ring = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Projection:
    """Equirectangular about the middle latitude: degrees of longitude shortened by its cosine."""

    west: float
    north: float
    scale: float
    squeeze: float
    height: int

    @classmethod
    def of(cls, boundaries: Iterable[Mapping[str, Any]]) -> Projection:
        """Return the projection that fits `boundaries` (GeoJSON geometries) into the map's width."""
        points = [point for boundary in boundaries for ring in rings(boundary) for point in ring]
        west, east = min(x for x, _ in points), max(x for x, _ in points)
        south, north = min(y for _, y in points), max(y for _, y in points)
        squeeze = math.cos(math.radians((south + north) / 2))
        scale = (WIDTH - 2 * _MARGIN) / ((east - west) * squeeze)
        return cls(west, north, scale, squeeze, round((north - south) * scale) + 2 * _MARGIN)

    def point(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return a place's position on the map."""
        return (
            (longitude - self.west) * self.squeeze * self.scale + _MARGIN,
            (self.north - latitude) * self.scale + _MARGIN,
        )


def rings(boundary: Mapping[str, Any]) -> list[Ring]:
    """Return every ring of a GeoJSON Polygon or MultiPolygon, islands and holes alike."""
    coordinates = boundary["coordinates"]
    polygons = coordinates if boundary["type"] == "MultiPolygon" else [coordinates]
    return [[(float(point[0]), float(point[1])) for point in ring] for polygon in polygons for ring in polygon]


def svg_path(boundary: Mapping[str, Any], projection: Projection) -> str:
    """Return a boundary as SVG path data in whole units.

    Neighbours share the points of their common border; rounding all points to one grid keeps them shared, where a
    simplification of each boundary by itself would tear gaps.
    """
    return "".join(_ring_path([projection.point(*point) for point in ring]) for ring in rings(boundary))


def _ring_path(points: Ring) -> str:
    grid = [(round(x), round(y)) for x, y in points]
    steps = [(x - left, y - top) for (left, top), (x, y) in pairwise(grid)]
    steps = _merged([step for step in steps if step != (0, 0)])
    if len(steps) < 3:
        return ""  # smaller than the grid
    return f"M{grid[0][0]} {grid[0][1]}l" + " ".join(f"{x} {y}" for x, y in steps) + "z"


def _merged(steps: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for x, y in steps:
        if merged and _same_direction(merged[-1], (x, y)):
            merged[-1] = (merged[-1][0] + x, merged[-1][1] + y)
        else:
            merged.append((x, y))
    return merged


def _same_direction(first: tuple[int, int], second: tuple[int, int]) -> bool:
    return first[0] * second[1] == first[1] * second[0] and first[0] * second[0] + first[1] * second[1] > 0


@dataclass(slots=True)
class Label:
    """A label of two centred lines: where it belongs, its size, and where it stands (its centre)."""

    anchor: tuple[float, float]
    width: float
    x: float
    y: float

    @property
    def height(self) -> float:
        """The height of both lines."""
        return LABEL_SIZE * _LINE_HEIGHT * _LINES

    @property
    def moved(self) -> bool:
        """Whether it stands so far from its place that a line should lead there."""
        return math.dist(self.anchor, (self.x, self.y)) > self.height * 0.6


def labels_placed(anchors: Sequence[tuple[float, float]], texts: Sequence[Sequence[str]], height: int) -> list[Label]:
    """Place labels at their anchors, then push apart those that overlap until none does.

    Parameters
    ----------
    anchors
        Where each label belongs, in map units.
    texts
        The lines of each label.
    height
        The map's height; no label leaves the map.
    """
    labels = [
        Label(anchor, max(text_width(line) for line in lines), *anchor)
        for anchor, lines in zip(anchors, texts, strict=True)
    ]
    for _ in range(400):
        moved = False
        for index, first in enumerate(labels):
            for second in labels[index + 1 :]:
                moved |= _pushed_apart(first, second)
        for label in labels:
            label.x = min(max(label.x, label.width / 2), WIDTH - label.width / 2)
            label.y = min(max(label.y, label.height / 2), height - label.height / 2)
        if not moved:
            break
    return labels


def text_width(text: str) -> float:
    """Return about how wide a line is: Chinese characters are square, Latin letters and digits narrower."""
    return sum(1.0 if ord(letter) > 0x2E7F else 0.6 for letter in text) * LABEL_SIZE


def _pushed_apart(first: Label, second: Label) -> bool:
    across = (first.width + second.width) / 2 + _GAP - abs(first.x - second.x)
    along = (first.height + second.height) / 2 + _GAP - abs(first.y - second.y)
    if across <= 0 or along <= 0:
        return False
    if across < along:
        push = math.copysign(across / 2 + 0.5, first.x - second.x)
        first.x, second.x = first.x + push, second.x - push
    else:
        push = math.copysign(along / 2 + 0.5, first.y - second.y)
        first.y, second.y = first.y + push, second.y - push
    return True
