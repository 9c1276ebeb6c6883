"""How many records there are, where their organisations sit, and what was left out: the pages quote these counts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from .organisations import Directory
from .tables import Record

PLACEMENTS = ("corridor", "outside", "unknown")


def placement_report(
    organisations: Iterable[Record],
    directory: Directory,
    files: Mapping[str, list[Record]],
    left_out: Mapping[str, Any],
) -> bytes:
    """Return the counts as readable JSON: organisations by basis, city and source, files by their organisations."""
    records = list(organisations)
    report = {
        "organisations": _by_placement(record["placement"] for record in records),
        "by_basis": {
            placement: _counted(record["placement_basis"] for record in records if record["placement"] == placement)
            for placement in PLACEMENTS
        },
        "by_city": _counted(record["city"] for record in records if record["city"]),
        "by_type": {
            kind: _by_placement(record["placement"] for record in records if record["type"] == kind)
            for kind in sorted({record["type"] for record in records})
        },
        "by_source": {
            source: _by_placement(record["placement"] for record in records if source in _sources(record))
            for source in sorted({source for record in records for source in _sources(record)})
        },
        "by_file": {
            name: _by_placement(str(directory.seat_of(record["organisation"]).placement) for record in own)
            for name, own in files.items()
        },
        "left_out": dict(left_out),
    }
    return (json.dumps(report, ensure_ascii=False, indent=2) + "\n").encode()


def _sources(record: Record) -> list[str]:
    return [record["source"], *(other["source"] for other in record.get("other_sources", []))]


def _by_placement(placements: Iterable[str]) -> dict[str, int]:
    counts = Counter(placements)
    return {"total": counts.total()} | {placement: counts[placement] for placement in PLACEMENTS}


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))
