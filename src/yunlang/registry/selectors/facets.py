"""Counting rows by several columns at once, each column under what is chosen in the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

# A facet value for what sits in none of the nine cities, or whose seat is not verified.
NO_CITY = "none"


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts by facet and value, and how many rows pass all filters."""

    counts: dict[str, dict[str, int]]
    total: int

    def __getitem__(self, facet: str) -> dict[str, int]:
        """Return the counts of one facet."""
        return self.counts[facet]


def facets_of(query: QuerySet[Any], chosen: Mapping[str, Collection[str]]) -> Facets:
    """Count the rows of `query` per value of each column, under what is chosen in all other columns.

    Parameters
    ----------
    query
        The rows under every filter but those on the columns of `chosen`.
    chosen
        By column, the values that rows are restricted to; empty for no restriction.

    Notes
    -----
    One pass over the table (over an index alone where one holds these columns) counts every combination of values, a
    few hundred at most; the facets are sums over these. Asking once per facet would read the table as many times.
    """
    columns = list(chosen)
    counts: dict[str, dict[str, int]] = {column: {} for column in columns}
    total = 0
    for *values, count in query.order_by().values_list(*columns).annotate(_count=Count("*")):
        cell = {column: str(value or NO_CITY) for column, value in zip(columns, values, strict=True)}
        missed = [column for column in columns if chosen[column] and cell[column] not in chosen[column]]
        if not missed:
            total += count
        # A row counts for a facet where it passes every other one.
        for column in missed if len(missed) == 1 else [] if missed else columns:
            if cell[column] != NO_CITY or column == "city":
                counts[column][cell[column]] = counts[column].get(cell[column], 0) + count
    return Facets(counts, total)


def in_cities(cities: Collection[str], column: str = "city") -> Q:
    """Return the condition that a row sits in one of `cities`, `NO_CITY` among them meaning in none of the nine."""
    inside = Q(**{f"{column}__in": [city for city in cities if city != NO_CITY]})
    return inside | Q(**{column: None}) if NO_CITY in cities else inside
