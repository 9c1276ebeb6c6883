"""The figures of the demo corridor, without the rest of it."""

from __future__ import annotations

import pytest

from yunlang.registry.importing.demo_edition import demo_folder, edition_read
from yunlang.registry.models import City, Figure, Source
from yunlang.registry.models.city import AREAS


@pytest.fixture
def figures(corridor: dict[str, City]) -> dict[str, City]:
    """Load every published figure with its source; return the nine cities by English name."""
    edition = edition_read(demo_folder())
    Source.objects.bulk_create(
        Source(code=row["code"], title_zh=row["title_zh"], title_en=row["title_en"], url=row.get("url") or "")
        for row in edition.sources
    )
    Figure.objects.bulk_create(
        Figure(
            area=row["subject"] if row["subject"] in AREAS else "city",
            city_id=None if row["subject"] in AREAS else row["subject"],
            code=row["code"], name_zh=row["name_zh"], name_en=row["name_en"], period=row["period"], value=row["value"],
            qualifier=row.get("qualifier") or "", unit_zh=row["unit"], unit_en=row["unit_en"], source_id=row["source"],
        )
        for row in edition.figures
        if not row["code"].startswith("yrd2024")
    )  # fmt: skip
    return corridor
