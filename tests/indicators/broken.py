"""Rows of editions, each breaking one constraint of the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from yunlang.indicators.edition_models import Edition

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
    "edition_unique": edition_twice,
    "edition_index_shape": partial(edition, index="editions"),
    "edition_label_shape": partial(edition, label="2024/1"),
    "edition_titled": partial(edition, title_en=""),
    "edition_published_has_time": partial(edition, status="published"),
    "edition_published_has_results": partial(edition, status="published", published_at=NOW, results={"scores": []}),
    "edition_digests": partial(edition, inputs="unknown"),
    "edition_status_known": partial(edition, status="lost"),
}
