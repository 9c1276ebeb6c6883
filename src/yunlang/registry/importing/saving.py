"""Writing a batch of rows, and finding those that the database itself refuses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import DataError, IntegrityError, models, transaction
from django.utils import timezone

from yunlang.kit.bulk import bulk_insert, bulk_update, bulk_upsert
from yunlang.kit.changes import change_record
from yunlang.kit.language import Bilingual
from yunlang.registry.importing.base import Importer
from yunlang.registry.importing.rows import ImportRow
from yunlang.registry.models import ImportBatch, Provenance

_CONFLICT = Bilingual("与已登记的数据冲突（{name}）", "conflicts with what is registered ({name})")


def rows_save(importer: Importer, rows: Sequence[ImportRow], batch: ImportBatch | None) -> None:
    """Write what is not refused; where the database refuses a batch, halve it until the rows at fault are alone."""
    live = [row for row in rows if not row.refused]
    if not live:
        return
    try:
        with transaction.atomic():
            created, updated = _save(importer, live, batch)
    except (IntegrityError, DataError) as error:
        if len(live) == 1:
            constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
            importer.tally.refuse(live[0], next(iter(live[0].values)), _CONFLICT.format(name=constraint or "–"))
            return
        middle = len(live) // 2
        for half in (live[:middle], live[middle:]):
            importer.find_again(half)
            rows_save(importer, half, batch)
        return
    importer.tally.created += created
    importer.tally.updated += updated
    importer.tally.unchanged += len(live) - created - updated


def _save(importer: Importer, rows: Sequence[ImportRow], batch: ImportBatch | None) -> tuple[int, int]:
    new = [row for row in rows if row.record is None]
    changes = [(row, importer.changed_columns(row)) for row in rows if row.record is not None]
    changed = [(row, columns) for row, columns in changes if columns]
    bulk_insert(importer.model, [importer.new_columns(row) for row in new])
    bulk_update(importer.model, _updates(importer.model, changed))
    updated = [row for row, _ in changed]
    if importer.keeps_provenance:
        bulk_insert(Provenance, _provenances(importer, new, batch))
        bulk_upsert(
            Provenance, _provenances(importer, updated, batch), conflict=["object_kind", "object_id", "source_id"],
            update=["batch_id", "imported_at", "original"],
        )  # fmt: skip
    change_record(importer.object_kind, dict.fromkeys(importer.changed_ids([*new, *updated])))
    return len(new), len(updated)


def _updates(model: type[models.Model], changed: Iterable[tuple[ImportRow, dict[str, Any]]]) -> list[dict[str, Any]]:
    changed = list(changed)
    names: set[str] = set().union(*(columns for _, columns in changed))
    dated = (
        {"updated_at": timezone.now()} if any(one.name == "updated_at" for one in model._meta.concrete_fields) else {}
    )
    updates = []
    for row, columns in changed:
        record = row.record or {}
        updates.append({"id": record["id"], **{name: columns.get(name, record[name]) for name in names}, **dated})
    return updates


def _provenances(importer: Importer, rows: Iterable[ImportRow], batch: ImportBatch | None) -> list[dict[str, Any]]:
    common = {"object_kind": importer.object_kind, "batch_id": batch and batch.id, "imported_at": timezone.now()}
    return [
        {**common, "object_id": row.id, "source_id": row.source_code, "original": row.source_document()} for row in rows
    ]
