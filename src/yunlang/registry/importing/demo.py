"""The demo corridor: facts shipped with the package, loaded through the same import as anybody's files."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from django.db import transaction
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.models import User
from yunlang.kit.language import Bilingual
from yunlang.registry.importing.kinds import ImportKind, import_kind
from yunlang.registry.importing.run import table_import
from yunlang.registry.models import City, Figure, Membership, Need, Organisation, Source
from yunlang.registry.models.city import AREAS

_MARKER = "demo-corridor"
_PART_KIND = {"organisations": "organisation", "experts": "expert", "needs": "need"}


class DemoDataError(RuntimeError):
    """The shipped data do not load: the package is damaged."""


@dataclass(frozen=True, slots=True)
class DemoRow:
    """A shipped record: values by field name, the source's own row, and the source."""

    number: int
    values: Mapping[str, object]
    original: Mapping[str, object]
    source_code: str


def demo_folder() -> Traversable:
    """Return the folder of the shipped data."""
    return resources.files("yunlang.registry") / "demo"


def demo_records(name: str) -> Iterator[dict[str, Any]]:
    """Read one shipped file, packed or plain, record by record."""
    for suffix in (".jsonl", ".jsonl.gz"):
        path = demo_folder() / (name + suffix)
        if path.is_file():
            data = path.read_bytes()
            text = gzip.decompress(data) if suffix.endswith("gz") else data
            return (json.loads(line) for line in text.decode().splitlines() if line.strip())
    return iter(())


def demo_digest() -> str:
    """Return a digest of all shipped files."""
    digest = hashlib.sha256()
    for path in sorted(demo_folder().iterdir(), key=lambda one: one.name):
        if ".jsonl" in path.name:
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:40]


def demo_load(*, console: Console, language: str) -> int:
    """Load the demo corridor unless this very edition is loaded; return how many records were read.

    One transaction: a killed run leaves nothing behind and the next start loads it all.
    """
    digest = demo_digest()
    if Source.objects.filter(code=_MARKER, dated=digest).exists():
        return 0
    parts = {name: list(demo_records(name)) for name in _part_names()}
    total = sum(len(records) for records in parts.values())
    title = Bilingual("装入示例走廊", "Loading the demo corridor").text(language)
    with (
        Progress(TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console) as bar,
        transaction.atomic(),
    ):
        task = bar.add_task(title, total=total)
        _load_sources()
        _load_cities()
        _load_figures()
        for name, records in parts.items():
            for kind, rows in _by_kind(name, records).items():
                _load(import_kind(kind), rows)
                bar.advance(task, len(rows))
            if name == "organisations":
                _load_labels_and_attributes(records)
        _mark_illustrative(parts)
        _spread_needs_in_time()
        Source.objects.update_or_create(
            code=_MARKER,
            defaults={"title_zh": "示例走廊", "title_en": "Demo corridor", "dated": digest, "publisher": "Yunlang"},
        )
    return total


def _part_names() -> list[str]:
    """Return the files of records, those that others refer to first."""
    first = ["organisations", "experts"]
    known = {path.name.split(".")[0] for path in demo_folder().iterdir() if ".jsonl" in path.name}
    return [*first, *sorted(known - {*first, "sources", "cities", "figures"})]


def _by_kind(name: str, records: list[dict[str, Any]]) -> dict[str, list[DemoRow]]:
    grouped: dict[str, list[DemoRow]] = {}
    for number, record in enumerate(records, start=1):
        kind = _PART_KIND.get(name) or str(record["kind"])
        row = DemoRow(number, record, record.get("source_row") or {}, record["source"])
        grouped.setdefault(kind, []).append(row)
    return grouped


def _load(kind: ImportKind, rows: list[DemoRow]) -> None:
    used = {name for row in rows for name in row.values}
    columns = {spec.name: spec for spec in kind.fields if spec.name in used}
    report = table_import(
        actor=SYSTEM, kind=kind, rows=rows, columns=columns, filename=f"demo/{kind.name}",
        source=Source.objects.get(code=rows[0].source_code),
    )  # fmt: skip
    if report.problem_count:
        first = report.problems[0]
        raise DemoDataError(f"{kind.name} row {first.row}: {first.column}: {first.reason.en} ({report.problem_count})")


def _load_sources() -> None:
    fields = ("title_zh", "title_en", "publisher", "url", "licence", "note")
    Source.objects.bulk_create(
        [
            Source(code=row["code"], dated=row.get("date") or "", **{name: row.get(name) or "" for name in fields})
            for row in demo_records("sources")
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=[*fields, "dated"],
    )


def _load_cities() -> None:
    fields = ("name_zh", "name_en", "full_name_zh", "province_zh", "province_en", "order", "boundary")
    rows = [
        City(
            adcode=row["adcode"], longitude=row["centroid"][0], latitude=row["centroid"][1],
            **{name: row[name] for name in fields},
        )
        for row in demo_records("cities")
    ]  # fmt: skip
    City.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["adcode"], update_fields=[*fields, "longitude", "latitude"]
    )


def _load_figures() -> None:
    texts = ("name_zh", "name_en", "unit_en", "note_en", "qualifier")
    rows = [
        Figure(
            area=row["subject"] if row["subject"] in AREAS else "city",
            city_id=None if row["subject"] in AREAS else row["subject"],
            code=row["code"], period=str(row["period"]), value=row["value"], source_id=row["source"],
            unit_zh=row.get("unit") or "", note_zh=row.get("note") or "",
            **{name: row.get(name) or "" for name in texts},
        )
        for row in demo_records("figures")
    ]  # fmt: skip
    # The unique constraint counts nulls as equal, which an upsert cannot name: replace the edition as a whole.
    Figure.objects.filter(source__in={row.source_id for row in rows}).delete()
    Figure.objects.bulk_create(rows, batch_size=2_000)


def _load_labels_and_attributes(records: list[dict[str, Any]]) -> None:
    for name in ("label", "attribute"):
        rows = [
            DemoRow(number, {"organisation": record["name"], **fact}, {}, fact.get("source") or record["source"])
            for number, record in enumerate(records, start=1)
            for fact in record.get(f"{name}s") or ()
        ]
        if rows:
            _load(import_kind(name), rows)


def _mark_illustrative(parts: dict[str, list[dict[str, Any]]]) -> None:
    for record in parts.get("needs", ()):
        if record.get("illustrative"):
            Need.objects.filter(number=record["number"]).update(
                illustrative=True, title_en=record.get("title_en") or ""
            )
    names = [record["name"] for record in parts["organisations"] if record.get("illustrative")]
    Organisation.objects.filter(name__in=names).update(illustrative=True)


def _spread_needs_in_time() -> None:
    """Give the listed needs distinct times of publication, in the order of the list."""
    now = timezone.now()
    needs = list(Need.objects.filter(illustrative=True).order_by("number"))
    for place, need in enumerate(needs):
        need.published_at = now - timedelta(minutes=len(needs) - place)
    Need.objects.bulk_update(needs, ["published_at"])


def demo_membership(user: User) -> None:
    """Make the demo's enterprise user the administrator of the first illustrative organisation."""
    organisation = Organisation.objects.filter(illustrative=True).order_by("name").first()
    if organisation is not None:
        Membership.objects.get_or_create(
            user=user,
            organisation=organisation,
            defaults={"role": Membership.Role.OWNER, "state": Membership.State.ACTIVE},
        )
