"""Importing a file: read and checked to its end, its columns mapped, its rows brought into the registry."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import structlog
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from yunlang.accounts.permissions import require
from yunlang.kit.audit import Actor
from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual
from yunlang.kit.tables import ColumnMapping, ImportReport, RowProblem, Table, TableLimits, map_columns, read_table
from yunlang.kit.text import line_form
from yunlang.registry.importing.kinds import ImportKind, import_kind
from yunlang.registry.importing.progress import INTERRUPTED, BatchProgress, batch_fail
from yunlang.registry.importing.rows import FINDINGS_KEPT
from yunlang.registry.importing.run import table_import
from yunlang.registry.models import ImportBatch, Source

log = structlog.get_logger("yunlang.registry")

Watch = Callable[[int, int | None], None]
_UNKNOWN_COLUMN = Bilingual(
    "不认识的列，未导入；列名请对照模板", "not a known column, not imported; compare the names with the template"
)
_BROKE = Bilingual(
    "系统出错，没有写入任何数据。请稍后重试；仍不成功请联系管理员。",
    "Something went wrong and nothing was written. Try again later; if it happens again, tell the administrator.",
)


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What the importer says of the file: its title (its name where blank), its licence, the date of its facts."""

    title: str = ""
    licence: str = ""
    dated: str = ""


@transaction.atomic
def batch_begin(
    *,
    actor: Actor,
    kind: ImportKind,
    filename: str,
    facts: SourceFacts,
    all_or_nothing: bool = False,
    draft: bool = False,
) -> ImportBatch:
    """Record that a file is to be imported, and the source that its records will name: file, who, date.

    Raises
    ------
    InvalidError
        When drafts are wanted of a kind that knows none.
    """
    require(actor, "registry.import")
    kind.status(draft=draft)
    filename = _shortened(Path(filename).name, ImportBatch, "filename") or kind.name
    batch = ImportBatch(
        kind=kind.name, filename=filename, started_by_id=actor.actor_id, all_or_nothing=all_or_nothing, draft=draft
    )
    title = facts.title or filename
    # A person's name is public with what they imported, their address is not.
    publisher = getattr(actor, "name", actor.actor_name)
    batch.source = Source.objects.create(
        code=f"import-{batch.id}",
        title_zh=_shortened(title, Source, "title_zh"),
        title_en=_shortened(title, Source, "title_en"),
        publisher=_shortened(publisher, Source, "publisher"),
        licence=_shortened(facts.licence, Source, "licence"),
        dated=_shortened(facts.dated, Source, "dated") or timezone.localdate().isoformat(),
    )
    batch.save(force_insert=True)
    return batch


def _shortened(text: str, model: type[ImportBatch] | type[Source], name: str) -> str:
    field: Any = model._meta.get_field(name)
    return line_form(text)[: field.max_length]


def file_import(
    *,
    actor: Actor,
    batch: ImportBatch,
    file: Path | BinaryIO,
    limits: TableLimits | None = None,
    findings_kept: int = FINDINGS_KEPT,
    watch: Watch = lambda done, total: None,
    postponed_by: tuple[type[Exception], ...] = (),
) -> ImportReport:
    """Import a file for a batch that `batch_begin` made; the batch ends with the report, or with why it has none.

    Rows and report come into the database in one transaction; when anything stops it, neither does.

    Parameters
    ----------
    watch
        Called with the rows done and their total, None while the file itself is being read.
    postponed_by
        Exceptions of `watch` after which the batch waits again, because somebody will import it anew.

    Raises
    ------
    TableError
        When the file cannot be taken as a table of this kind.
    NotAllowedError
        When the actor may not import (any more).
    """
    try:
        require(actor, "registry.import")
        with BatchProgress(batch) as shown, _table(file, batch, limits or TableLimits(), shown, watch) as table:
            return _import(actor, batch, table, shown, watch, findings_kept)
    except postponed_by:
        ImportBatch.objects.filter(pk=batch.pk).update(state=ImportBatch.State.QUEUED)
        raise
    except BaseException as error:
        _record_failure(batch, error)
        raise


def _table(file: Path | BinaryIO, batch: ImportBatch, limits: TableLimits, shown: BatchProgress, watch: Watch) -> Table:
    def note(rows: int) -> None:
        shown.done(rows)
        watch(rows, None)

    return read_table(file, filename=batch.filename, limits=limits, progress=note)


def _import(
    actor: Actor, batch: ImportBatch, table: Table, shown: BatchProgress, watch: Watch, findings_kept: int
) -> ImportReport:
    kind = import_kind(batch.kind)
    mapping = map_columns(table.columns, kind.fields)
    mapping.demand_required()
    total = table.row_estimate or 0
    shown.begin(total)
    watch(0, total)

    def note(rows: int) -> None:
        shown.done(rows)
        watch(rows, total)

    with transaction.atomic():
        report = table_import(
            actor=actor, kind=kind, rows=table, columns=mapping, source=_source(batch), filename=batch.filename,
            batch=batch, all_or_nothing=batch.all_or_nothing, status=kind.status(draft=batch.draft),
            findings_kept=findings_kept, progress=note,
        )  # fmt: skip
        report = _with_unknown_columns(report, mapping, table)
        _close(batch, report)
    return report


def _source(batch: ImportBatch) -> Source:
    if batch.source is None:
        raise ValueError(batch.id)
    return batch.source


def _with_unknown_columns(report: ImportReport, mapping: ColumnMapping, table: Table) -> ImportReport:
    remarks = [RowProblem(max(table.header_row, 1), column, "", _UNKNOWN_COLUMN) for column in mapping.unknown]
    return dataclasses.replace(
        report,
        warnings=(*remarks, *report.warnings),
        warning_count=report.warning_count + len(remarks),
    )


def _close(batch: ImportBatch, report: ImportReport) -> None:
    """Write the report beside the rows."""
    loaded = not (batch.all_or_nothing and report.skipped)
    batch.state = ImportBatch.State.DONE if loaded else ImportBatch.State.FAILED
    batch.report = report.to_dict()
    batch.rows_done = batch.rows_total = report.read
    batch.finished_at = timezone.now()
    batch.save(update_fields=["state", "report", "rows_done", "rows_total", "finished_at"])
    if not report.created and not report.updated:
        _drop_source(batch)


def _drop_source(batch: ImportBatch) -> None:
    """Forget the source of a file that nothing came from."""
    source, batch.source = batch.source, None
    batch.save(update_fields=["source"])
    if source is not None:
        source.delete()


def _record_failure(batch: ImportBatch, error: BaseException) -> None:
    if isinstance(error, DomainError):
        reason, code = error.text, error.code
    elif isinstance(error, Exception):
        log.exception("import_failed", batch=str(batch.id))
        reason, code = _BROKE, "error"
    else:
        reason, code = INTERRUPTED, "interrupted"
    try:
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        with transaction.atomic():
            batch_fail(batch.id, reason, code=code)
            if isinstance(error, Exception):
                _drop_source(batch)
    except DatabaseError:
        # The database is gone; the sweep finds the batch when it is back, because nobody holds its lock.
        log.warning("import_failure_not_recorded", batch=str(batch.id))
