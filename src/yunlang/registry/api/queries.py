"""Reads that only the API asks for."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet

from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Figure, Source
from yunlang.registry.models.city import AREAS

_TAGS_AGE_SECONDS = 60
_TAGS = """
    SELECT tag, count(*) FILTER (WHERE kind = 'need'), count(*) FILTER (WHERE kind = 'resource'),
           count(*) FILTER (WHERE kind = 'organisation')
    FROM (SELECT 'need' AS kind, unnest(tags) AS tag FROM registry_need WHERE status = %(status)s
          UNION ALL SELECT 'resource', unnest(tags) FROM registry_resource WHERE status = %(status)s
          UNION ALL SELECT 'organisation', unnest(tags) FROM registry_organisation WHERE status = %(status)s) AS used
    WHERE starts_with(tag, %(prefix)s)
    GROUP BY tag ORDER BY count(*) DESC, tag LIMIT %(limit)s
"""


def figures_about(place: str | None, code: str | None) -> QuerySet[Figure]:
    """Return figures with their source: of one city, of an area as a whole, or all; of one code, or all."""
    query = Figure.objects.select_related("source")
    if place is not None:
        query = query.filter(area=place) if place in AREAS else query.filter(city=place)
    return query.filter(code=code) if code is not None else query


def sources_all() -> QuerySet[Source]:
    """Return every source."""
    return Source.objects.all()


def tag_counts(prefix: str, limit: int) -> list[dict[str, Any]]:
    """Count the tags of what is published, most used first.

    It reads every published record, so an answer is kept for a minute.
    """
    key = f"registry.tags:{limit}:{prefix.encode().hex()}"
    found: list[dict[str, Any]] | None = cache.get(key)
    if found is None:
        with connection.cursor() as cursor:
            cursor.execute(_TAGS, {"status": Status.PUBLISHED, "prefix": prefix, "limit": limit})
            names = ("tag", "needs", "resources", "organisations")
            found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        cache.set(key, found, _TAGS_AGE_SECONDS)
    return found
