"""Rows of links between cities and of editions of indices, each breaking one constraint of the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from tests.factories import make_cities
from yunlang.indicators.models import Edition, LinkObservation
from yunlang.registry.models import Source


def link(**values: Any) -> LinkObservation:
    cities = make_cities()
    source, _ = Source.objects.get_or_create(code="links", defaults={"title_zh": "统计表", "title_en": "a table"})
    usual = {"kind": "co_patent", "period": "2024", "value": 3, "unit": "patent", "source": source}
    ends = {"origin": cities["Songjiang"], "destination": cities["Suzhou"]}
    return LinkObservation.objects.create(**(usual | ends | values))


def link_twice() -> None:
    for _ in "12":
        link()


def link_turned() -> None:
    cities = make_cities()
    link(origin=cities["Suzhou"], destination=cities["Songjiang"])


NOW = datetime(2026, 11, 22, tzinfo=UTC)
RESULTS = {"scores": [], "ranks": [], "weights": []}


def edition(**values: Any) -> Edition:
    usual = {
        "index": "small", "label": "2024", "title_zh": "小指数", "title_en": "Small index", "framework": {}, "recipe": {},
        "data": {}, "inputs": "0" * 64, "recipe_digest": "f" * 64, "results": RESULTS, "engine": "1",
    }  # fmt: skip
    return Edition.objects.create(**(usual | values))


def edition_twice() -> None:
    edition()
    edition(status="published", published_at=NOW)


BROKEN: dict[str, Callable[[], Any]] = {
    "link_unique": link_twice,
    "link_value_not_negative": partial(link, value=-1),
    "link_period_shape": partial(link, period="2024-13"),
    "link_unit_of_kind": partial(link, unit="hour"),
    "link_without_direction_stands_once": link_turned,
    "link_kind_known": partial(link, kind="friendship"),
    "edition_unique": edition_twice,
    "edition_index_shape": partial(edition, index="editions"),
    "edition_label_shape": partial(edition, label="2024/1"),
    "edition_titled": partial(edition, title_en=""),
    "edition_published_has_time": partial(edition, status="published"),
    "edition_published_has_results": partial(edition, status="published", published_at=NOW, results={"scores": []}),
    "edition_digests": partial(edition, inputs="unknown"),
    "edition_status_known": partial(edition, status="lost"),
}
