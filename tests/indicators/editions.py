"""Small indices for tests: two pillars of two indicators, over the corridor's cities."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from tests.factories import CITIES
from yunlang.accounts.actors import SYSTEM
from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.framework import Framework
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.edition_models import Edition
from yunlang.indicators.framework_files import framework_of
from yunlang.indicators.services import edition_create, edition_publish

PUBLISHED_AT = datetime(2026, 11, 22, 4, tzinfo=UTC)
UNITS = tuple(adcode for adcode, *_ in CITIES)
FACTS: dict[str, Any] = {
    "code": "small",
    "name": {"zh": "小指数", "en": "small index"},
    "index": {
        "code": "INDEX",
        "name": {"zh": "总分", "en": "total"},
        "children": [
            {
                "code": "INPUT",
                "name": {"zh": "研发投入", "en": "R&D input"},
                "weight": 0.1 + 0.2,
                "children": [
                    {"code": "SPEND", "name": {"zh": "研发经费", "en": "R&D spending"},
                     "unit": {"zh": "亿元", "en": "CNY 100 million"}},
                    {"code": "STAFF", "name": {"zh": "研发人员", "en": "R&D staff"}, "weight": 2},
                ],
            },
            {
                "code": "GREEN",
                "name": {"zh": "绿色发展", "en": "green development"},
                "children": [
                    {"code": "ENERGY", "name": {"zh": "能耗", "en": "energy use"}, "direction": -1},
                    {"code": "WATER", "name": {"zh": "用水", "en": "water use"}, "direction": -1,
                     "goalposts": {"low": 0, "high": 90}},
                ],
            },
        ],
    },
}  # fmt: skip


def framework() -> Framework:
    return framework_of(FACTS)


def dataset(*, periods: int = 1, shift: float = 0.0) -> Dataset:
    """Return numbers with awkward digits, each city best in something, and one value missing."""
    generator = np.random.default_rng(7)
    values = generator.random((periods, len(UNITS), 4)) * [1_000, 7, 90, 50] + 1 / 3
    values += np.arange(periods)[:, None, None] * 0.1 + shift
    values[0, 0, 1] = np.nan
    names = tuple(zh for _, zh, *_ in CITIES)
    years = tuple(str(2024 - periods + 1 + place) for place in range(periods)) if periods > 1 else ("",)
    return Dataset(UNITS, ("SPEND", "STAFF", "ENERGY", "WATER"), values, years, names)


def recipe() -> Recipe:
    return Recipe.of({"screen": {"availability": None}, "normalise": {"range": [0, 100]}})


def typed(**more: Any) -> dict[str, Any]:
    return {"index": "small", "label": "2024", "title_zh": "小指数 2024", "title_en": "Small index 2024"} | more


def make_draft(*, actor: Any = SYSTEM, data: Dataset | None = None, of: Recipe | None = None, **more: Any) -> Edition:
    return edition_create(
        actor=actor, raw=typed(**more), framework=framework(), data=data or dataset(), recipe=of or recipe()
    )


def make_edition(*, data: Dataset | None = None, of: Recipe | None = None, **more: Any) -> Edition:
    draft = make_draft(data=data, of=of, **more)
    return edition_publish(actor=SYSTEM, edition_id=draft.pk, at=PUBLISHED_AT)
