"""Running an import: one transaction for the whole file, batch by batch, with a report of every row left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Protocol

from django.db import connection, transaction

from yunlang.accounts.permissions import require
from yunlang.kit.audit import Actor, audit_record
from yunlang.kit.fields import Field, FieldError, FieldType
from yunlang.kit.language import Bilingual
from yunlang.kit.tables.columns import ColumnMapping
from yunlang.kit.tables.report import ImportReport
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.importing.base import Importer
from yunlang.registry.importing.kinds import ImportKind, importer_for
from yunlang.registry.importing.rows import FINDINGS_KEPT, ImportRow, Tally
from yunlang.registry.importing.saving import rows_save
from yunlang.registry.models import ImportBatch, Source

BATCH_ROWS = 2_000
_LISTS = {FieldType.WORDS, FieldType.CHOICES}
_SEVERAL_VALUES = Bilingual("应为一个值，而不是一组值", "must be one value, not several")


class SourceRow(Protocol):
    """A row as a reader gives it."""

    @property
    def number(self) -> int:
        """As the user sees it."""

    @property
    def values(self) -> Mapping[str, Any]:
        """Column to cell."""


class _AllOrNothing(Exception):  # noqa: N818 - unwinds the transaction, is never seen outside
    """Rows were refused and the caller wants all or none."""


def table_import(
    *,
    actor: Actor,
    kind: ImportKind,
    rows: Iterable[SourceRow],
    columns: ColumnMapping | Mapping[str, Field],
    source: Source,
    filename: str = "",
    batch: ImportBatch | None = None,
    all_or_nothing: bool = False,
    status: Status = Status.PUBLISHED,
    findings_kept: int = FINDINGS_KEPT,
    progress: Callable[[int], None] = lambda _: None,
) -> ImportReport:
    """Bring a table's rows into the registry.

    The good rows are loaded and the report names every row left out with column, value and reason; with
    `all_or_nothing`, one bad row keeps all of them out. Either way it is one transaction: a crash in the middle
    leaves nothing behind. A second import of the same file changes nothing. Records that exist keep their status;
    `status` is for new ones.

    Parameters
    ----------
    rows
        As read; consumed once, batch by batch.
    columns
        Which field each of the file's columns is (`yunlang.kit.tables.columns`).
    source
        Where the rows come from, unless a row carries a ``source_code`` of its own (and its ``original`` there).
    findings_kept
        How many problems and how many warnings the report names at most.
    progress
        Called with the number of rows done after each batch; an exception from it ends the import, nothing written.
    """
    require(actor, "registry.import")
    mapping = columns if isinstance(columns, ColumnMapping) else ColumnMapping(columns, (), ())
    tally = Tally({spec.name: column for column, spec in mapping.known.items()}, findings_kept)
    try:
        with transaction.atomic():
            # One import at a time, so that two of the same file do not race for its natural keys.
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('registry.import'))")
            importer = importer_for(kind, tally, status=status, author=actor.actor_id)
            parser = _Parser(importer, mapping, source)
            for chunk in _chunks(rows):
                _run(importer, [parser.row(row) for row in chunk], batch)
                progress(tally.read)
            if all_or_nothing and tally.refused:
                raise _AllOrNothing
            audit_record(
                actor=actor, action="table_import", object_kind=kind.name, object_id=batch.id if batch else source.code,
                after={"file": filename, "created": tally.created, "updated": tally.updated, "refused": tally.refused},
            )  # fmt: skip
    except _AllOrNothing:
        return tally.report(loaded=False)
    return tally.report(loaded=True)


def _chunks(rows: Iterable[SourceRow]) -> Iterator[list[SourceRow]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, BATCH_ROWS)):
        yield chunk


def _run(importer: Importer, rows: list[ImportRow], batch: ImportBatch | None) -> None:
    importer.tally.read += len(rows)
    for step in (importer.resolve, importer.find):
        step([row for row in rows if not row.refused])
    rows_save(importer, rows, batch)
    importer.after([row for row in rows if not row.refused])


class _Parser:
    """Turns the rows of one file into typed values, refusing those that do not parse."""

    def __init__(self, importer: Importer, mapping: ColumnMapping, source: Source) -> None:
        self._tally = importer.tally
        self._mapping = mapping
        self._source_code = source.code
        columns = self._tally.headers
        # A field that the file has no column for stays as it is, unless there can be no record without it.
        self._plan = [
            (spec, columns.get(spec.name, "")) for spec in importer.fields if spec.name in columns or spec.required
        ]

    def row(self, source_row: SourceRow) -> ImportRow:
        """Return the parsed row."""
        cells = source_row.values
        row = ImportRow(
            number=source_row.number,
            cells=cells,
            original=getattr(source_row, "original", cells),
            source_code=getattr(source_row, "source_code", None) or self._source_code,
        )
        flawed = self._refuse_flaws(source_row, row)
        scaled = self._mapping.record(cells) if self._mapping.scales else {}
        for spec, column in self._plan:
            raw = scaled.get(spec.name) if scaled else cells.get(column)
            if raw is None and not spec.required:
                row.values[spec.name] = None
            elif isinstance(raw, tuple) and spec.type not in _LISTS:
                self._tally.refuse(row, spec.name, _SEVERAL_VALUES)
            elif column not in flawed:
                try:
                    row.values[spec.name] = spec.parse(raw)
                except FieldError as error:
                    self._tally.refuse(row, spec.name, error.reason)
        return row

    def _refuse_flaws(self, source_row: SourceRow, row: ImportRow) -> set[str]:
        """Refuse what the reader could not take (a formula, an error value), in columns that are imported."""
        flaws = getattr(source_row, "problems", ())
        if not flaws:
            return set()
        flaws = [flaw for flaw in flaws if flaw.column not in self._mapping.unknown]
        self._tally.refuse_with(row, flaws)
        return {flaw.column for flaw in flaws}
