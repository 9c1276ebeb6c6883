"""Small editions of the demo corridor, and what a registry holds after loading them."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from tests.factories import CITIES
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.importing.demo import demo_load
from yunlang.registry.models import (
    Expert,
    Figure,
    Need,
    Organisation,
    OrganisationAttribute,
    OrganisationLabel,
    Provenance,
    Resource,
    Source,
)

Records = Sequence[dict[str, Any]]
MODELS: dict[str, Any] = {"organisation": Organisation, "expert": Expert, "need": Need, "resource": Resource}
_PASSING = {"id", "created_at", "updated_at", "published_at", "closed_at", "edition", "batch_id", "imported_at"}
_REFERENCES = {"organisation_id", "expert_id", "object_id"}
SQUARE = {"type": "MultiPolygon", "coordinates": [[[[120, 30], [121, 30], [121, 31], [120, 31], [120, 30]]]]}


def organisation(name: str, **values: Any) -> dict[str, Any]:
    """Return an organisation of an edition."""
    return {"name": name, "type": "company", "city": "320500", "source": "one", "source_row": {"row": name}} | values


def expert(name: str, of: str, **values: Any) -> dict[str, Any]:
    """Return an expert of an edition."""
    return {"name": name, "organisation": of, "source": "one", "source_row": {"row": name}} | values


def need(number: str, of: str, **values: Any) -> dict[str, Any]:
    """Return a need of an edition."""
    record = {
        "number": number, "kind": "technology", "title": f"需求 {number}", "description": "现有指标不够。",
        "organisation": of, "deadline": "2099-06-30", "illustrative": True, "title_en": f"need {number}",
        "source": "one", "source_row": {"row": number},
    }  # fmt: skip
    return record | values


def achievement(number: str, of: str, **values: Any) -> dict[str, Any]:
    """Return an achievement of an edition."""
    record = {"number": number, "kind": "achievement", "title": f"成果 {number}", "organisation": of}
    return record | {"source": "one", "source_row": {"row": number}} | values


def source(code: str, **values: Any) -> dict[str, Any]:
    """Return a source of an edition."""
    return {"code": code, "title_zh": f"来源 {code}", "title_en": f"source {code}"} | values


def figure(code: str, value: float, **values: Any) -> dict[str, Any]:
    """Return a figure of an edition."""
    record = {"subject": "corridor", "code": code, "name_zh": code, "name_en": code, "period": "2024", "value": value}
    return record | {"source": "one"} | values


_SOURCES = (source("one"), source("two"))


def write(
    folder: Path,
    *,
    organisations: Records = (),
    experts: Records = (),
    needs: Records = (),
    achievements: Records = (),
    sources: Records = _SOURCES,
    figures: Records = (),
) -> Path:
    """Write an edition as the package ships it; return its folder."""
    folder.mkdir(exist_ok=True)
    cities = [
        {"adcode": adcode, "name_zh": zh, "name_en": en, "full_name_zh": full, "province_zh": province_zh,
         "province_en": province_en, "order": order, "centroid": [120.5, 30.5], "boundary": SQUARE}
        for order, (adcode, zh, en, full, province_zh, province_en) in enumerate(CITIES, start=1)
    ]  # fmt: skip
    plain = {"sources": sources, "cities": cities, "figures": figures, "needs": needs}
    for name, records in plain.items():
        (folder / f"{name}.jsonl").write_bytes(_lines(records))
    packed = {"organisations": organisations, "experts": experts, "achievements": achievements}
    for name, records in packed.items():
        (folder / f"{name}.jsonl.gz").write_bytes(gzip.compress(_lines(records)))
    return folder


def _lines(records: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


def load(folder: Path | None = None) -> tuple[int, str]:
    """Load an edition, the shipped one by default; return how many records were read and what was said."""
    output = io.StringIO()
    read = demo_load(console=Console(file=output, width=500), language="en", folder=folder)
    return read, output.getvalue()


def public_state() -> dict[str, list[str]]:
    """Return everything public without ids and times, to compare one registry with another."""
    names = {row.pk: f"{kind} {row}" for kind, model in MODELS.items() for row in model.objects.all()}
    shown: dict[str, Any] = {
        kind: model.objects.filter(status=Status.PUBLISHED).values() for kind, model in MODELS.items()
    }
    public = {row["id"] for rows in shown.values() for row in rows}
    facts = {"label": OrganisationLabel, "attribute": OrganisationAttribute}
    shown |= {
        kind: model.objects.filter(organisation__status=Status.PUBLISHED).values() for kind, model in facts.items()
    }
    shown["origin"] = Provenance.objects.filter(object_id__in=public).values()
    shown |= {"figure": Figure.objects.values(), "source": Source.objects.values()}
    return {
        kind: sorted(
            str({
                name: names.get(value) if name in _REFERENCES else value
                for name, value in row.items() if name not in _PASSING
            })
            for row in rows
        )
        for kind, rows in shown.items()
    }  # fmt: skip
