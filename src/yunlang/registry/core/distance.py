"""How far apart two places lie."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS = 6_371.0088  # km, mean radius (IUGG)

Place = tuple[float, float]


def distance_km(first: Place, second: Place) -> float:
    """Return the great-circle distance of two places in kilometres, by the haversine formula.

    Parameters
    ----------
    first, second
        Longitude and latitude in degrees.
    """
    (west, south), (east, north) = (tuple(map(radians, place)) for place in (first, second))
    chord = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin((east - west) / 2) ** 2
    return 2 * EARTH_RADIUS * asin(sqrt(min(chord, 1.0)))
