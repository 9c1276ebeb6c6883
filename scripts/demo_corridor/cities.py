"""The nine cities with light boundaries that fit together without gaps."""

from __future__ import annotations

import json
from pathlib import Path

import shapely
from shapely.geometry import MultiPolygon, Polygon, shape
from shapely.geometry.base import BaseGeometry

from .tables import Record, read_tsv

SOURCE = "cnmaps_boundaries"
TOLERANCE_DEGREES = 0.004  # about 400 m: a third of a pixel when the corridor is drawn 1200 px wide
SMALLEST_PART_DEGREES2 = 1e-6  # islets of about a hectare that no map at this scale shows
DECIMALS = 4


def city_records(geojson: Path, table: Path) -> list[Record]:
    """Return the nine cities in corridor order, names by the table, boundary and centroid (lon, lat) by the source."""
    features = json.loads(geojson.read_text(encoding="utf-8"))["features"]
    shapes = {feature["properties"]["adcode"]: shape(feature["geometry"]) for feature in features}
    rows = read_tsv(table)
    # The whole set is simplified together, so that neighbours keep one common line.
    simple = shapely.coverage_simplify([shapes[row["adcode"]] for row in rows], TOLERANCE_DEGREES)
    return [
        {
            "adcode": row["adcode"],
            "order": order,
            "name_zh": row["name_zh"],
            "full_name_zh": row["full_name_zh"],
            "name_en": row["name_en"],
            "province_zh": row["province_zh"],
            "province_en": row["province_en"],
            "centroid": [round(value, DECIMALS) for value in shapes[row["adcode"]].centroid.coords[0]],
            "boundary": _multipolygon(boundary),
            "source": SOURCE,
            "source_row": {"adcode": row["adcode"]},
        }
        for order, (row, boundary) in enumerate(zip(rows, simple, strict=True), start=1)
    ]


def _multipolygon(geometry: BaseGeometry) -> Record:
    parts = geometry.geoms if isinstance(geometry, MultiPolygon) else [geometry]
    polygons = [part for part in parts if isinstance(part, Polygon) and part.area > SMALLEST_PART_DEGREES2]
    return {"type": "MultiPolygon", "coordinates": [_rings(polygon) for polygon in polygons]}


def _rings(polygon: Polygon) -> list[list[list[float]]]:
    rings = (polygon.exterior, *polygon.interiors)
    return [[[round(lon, DECIMALS), round(lat, DECIMALS)] for lon, lat in ring.coords] for ring in rings]
