"""The demo corridor's shipped files, read as one edition."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from yunlang.kit.text import name_key
from yunlang.registry.core.kinds import RESOURCE_KINDS

Records = list[dict[str, Any]]
FACT_KINDS = ("label", "attribute")
LISTING_KINDS = ("need", *(str(kind) for kind in RESOURCE_KINDS))
_NO_RECORDS = ("sources", "cities", "figures")
_KIND_OF_FILE = {"organisations": "organisation", "experts": "expert", "needs": "need"}


@dataclass(frozen=True, slots=True)
class DemoRow:
    """A shipped record: values by field name, the source's own row, and the source."""

    number: int
    values: Mapping[str, object]
    original: Mapping[str, object]
    source_code: str


@dataclass(frozen=True, slots=True)
class Edition:
    """All shipped records: sources, cities and figures as they are, the others by the kind that imports them."""

    digest: str
    sources: Records
    cities: Records
    figures: Records
    by_kind: Mapping[str, list[DemoRow]]

    @property
    def record_count(self) -> int:
        """How many records have a page of their own."""
        return sum(len(rows) for kind, rows in self.by_kind.items() if kind not in FACT_KINDS)


def demo_folder() -> Traversable:
    """Return the folder of the shipped data."""
    return resources.files("yunlang.registry") / "demo"


def demo_digest(folder: Traversable) -> str:
    """Return a digest of all files of an edition."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir(), key=lambda one: one.name):
        if ".jsonl" in path.name:
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:40]


def edition_read(folder: Traversable) -> Edition:
    """Read every file of an edition."""
    files = {path.name.split(".")[0]: list(_records(path)) for path in folder.iterdir() if ".jsonl" in path.name}
    sources, cities, figures = (files.pop(name, []) for name in _NO_RECORDS)
    organisations = files.get("organisations", [])
    cities_of = {name_key(record["name"]): record.get("city") for record in organisations}
    by_kind: dict[str, list[DemoRow]] = {}
    for name, records in sorted(files.items()):
        for number, record in enumerate(records, start=1):
            kind = _KIND_OF_FILE.get(name) or str(record["kind"])
            if kind in LISTING_KINDS and not record.get("city"):
                # Stated, so that it follows its organisation when a later edition places that elsewhere.
                record["city"] = cities_of.get(name_key(record["organisation"]))
            row = DemoRow(number, record, record.get("source_row") or {}, record["source"])
            by_kind.setdefault(kind, []).append(row)
    for kind in FACT_KINDS:
        by_kind[kind] = list(_facts(kind, organisations))
    return Edition(demo_digest(folder), sources, cities, figures, by_kind)


def _records(path: Traversable) -> Iterator[dict[str, Any]]:
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.name.endswith(".gz") else data).decode()
    return (json.loads(line) for line in text.splitlines() if line.strip())


def _facts(kind: str, organisations: Records) -> Iterator[DemoRow]:
    for number, record in enumerate(organisations, start=1):
        for fact in record.get(f"{kind}s") or ():
            values = {"organisation": record["name"], **fact}
            yield DemoRow(number, values, {}, fact.get("source") or record["source"])
