"""Rows of links between cities, each breaking one constraint of the database."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.factories import make_cities
from yunlang.indicators.models import LinkObservation
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


BROKEN: dict[str, Callable[[], Any]] = {
    "link_unique": link_twice,
    "link_value_not_negative": partial(link, value=-1),
    "link_period_shape": partial(link, period="2024-13"),
    "link_unit_of_kind": partial(link, unit="hour"),
    "link_without_direction_stands_once": link_turned,
    "link_kind_known": partial(link, kind="friendship"),
}
