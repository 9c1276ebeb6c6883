"""Reads of imports: those of the past, one as it goes, and its report as it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.kit.tables import ImportReport, RowProblem
from yunlang.registry.models import ImportBatch

_COUNTS = ("read", "created", "updated", "unchanged", "skipped")


def imports_recent() -> QuerySet[ImportBatch]:
    """Return all imports, the latest first, with their counts but without their reports, which may be long."""
    counts = {name: F(f"report__{name}") for name in _COUNTS}
    return ImportBatch.objects.defer("report").select_related("started_by").annotate(**counts).order_by("-created_at")


def import_get(batch_id: UUID) -> ImportBatch:
    """Return one import.

    Raises
    ------
    NotFoundError
    """
    batch = ImportBatch.objects.select_related("started_by", "source").filter(pk=batch_id).first()
    if batch is None:
        raise NotFoundError(what=Bilingual("导入记录", "this import"))
    return batch


def import_error(batch: ImportBatch) -> Bilingual | None:
    """Return why nothing of the file was taken, where it was refused as a whole or the import broke off."""
    error = (batch.report or {}).get("error")
    return Bilingual(error["zh"], error["en"]) if error else None


def import_report(batch: ImportBatch) -> ImportReport | None:
    """Return the report of a finished import, None where there is none."""
    stored = batch.report or {}
    if "read" not in stored:
        return None
    return ImportReport(
        **{name: stored[name] for name in (*_COUNTS, "problem_count", "warning_count")},
        problems=_findings(stored["problems"]),
        warnings=_findings(stored["warnings"]),
    )


def _findings(rows: list[dict[str, Any]]) -> tuple[RowProblem, ...]:
    return tuple(RowProblem(row["row"], row["column"], row["value"], Bilingual(**row["reason"])) for row in rows)


@dataclass(frozen=True, slots=True)
class ImportPace:
    """How fast an import goes: rows a second, and the seconds left."""

    rate: float
    seconds_left: float


def import_pace(batch: ImportBatch, at: datetime) -> ImportPace | None:
    """Return the pace, None where no rows are imported yet."""
    if batch.started_at is None or not batch.rows_done or batch.rows_total is None:
        return None
    seconds = max((at - batch.started_at).total_seconds(), 0.001)
    rate = batch.rows_done / seconds
    return ImportPace(rate, (batch.rows_total - batch.rows_done) / rate)
