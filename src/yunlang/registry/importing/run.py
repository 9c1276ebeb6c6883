"""Running an import: one transaction for the whole file, batch by batch, with a report of every row left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Protocol
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from yunlang.accounts.permissions import require
from yunlang.kit.audit import Actor, audit_record
from yunlang.kit.bulk import bulk_insert, bulk_upsert
from yunlang.kit.changes import change_record
from yunlang.kit.fields import Field, FieldError
from yunlang.kit.language import Bilingual
from yunlang.kit.tables.report import ImportReport
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.importing.base import Importer
from yunlang.registry.importing.kinds import ImportKind, importer_for
from yunlang.registry.importing.rows import ImportRow, Tally
from yunlang.registry.models import ImportBatch, Provenance, Source

BATCH_ROWS = 2_000


class SourceRow(Protocol):
    """A row as a reader gives it."""

    @property
    def number(self) -> int: ...

    @property
    def values(self) -> Mapping[str, object]: ...


class _AllOrNothing(Exception):  # noqa: N818 - unwinds the transaction, is never seen outside
    """Rows were refused and the caller wants all or none."""


def table_import(
    *,
    actor: Actor,
    kind: ImportKind,
    rows: Iterable[SourceRow],
    columns: Mapping[str, Field],
    source: Source,
    filename: str = "",
    batch: ImportBatch | None = None,
    all_or_nothing: bool = False,
    status: Status = Status.PUBLISHED,
    progress: Callable[[int], None] = lambda _: None,
) -> ImportReport:
    """Bring a table's rows into the registry.

    The good rows are loaded and the report names every row left out with column, value and reason; with
    `all_or_nothing`, one bad row keeps all of them out. Either way it is one transaction: a crash in the middle
    leaves nothing behind. A second import of the same file changes nothing.

    Parameters
    ----------
    rows
        As read; consumed once, batch by batch.
    columns
        Which field each of the file's columns is (`yunlang.kit.tables.columns`).
    source
        Where the rows come from, unless a row carries a ``source_code`` of its own (and its ``original`` there).
    progress
        Called with the number of rows done after each batch.
    """
    require(actor, "registry.import")
    tally = Tally(headers={spec.name: column for column, spec in columns.items()})
    try:
        with transaction.atomic():
            # One import at a time, so that two of the same file do not race for its natural keys.
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('registry.import'))")
            importer = importer_for(kind, tally, status=status)
            _run(importer, rows, columns, source, batch, tally, progress)
            if all_or_nothing and tally.refused:
                raise _AllOrNothing
            audit_record(
                actor=actor, action="table_import", object_kind=kind.name, object_id=batch.id if batch else source.code,
                after={"file": filename, "created": tally.created, "updated": tally.updated, "refused": tally.refused},
            )  # fmt: skip
    except _AllOrNothing:
        tally.created = tally.updated = tally.unchanged = 0
    return _report(tally, loaded=not (all_or_nothing and tally.refused))


def _report(tally: Tally, *, loaded: bool) -> ImportReport:
    return ImportReport(
        read=tally.read, created=tally.created, updated=tally.updated, unchanged=tally.unchanged,
        skipped=tally.refused if loaded else tally.read, problems=tuple(tally.problems),
        problem_count=tally.problem_count, warnings=tuple(tally.warnings), warning_count=tally.warning_count,
    )  # fmt: skip


def _run(
    importer: Importer,
    rows: Iterable[SourceRow],
    columns: Mapping[str, Field],
    source: Source,
    batch: ImportBatch | None,
    tally: Tally,
    progress: Callable[[int], None],
) -> None:
    seen: dict[tuple[Any, ...], int] = {}
    for chunk in _chunks(rows):
        parsed = [_parsed(row, columns, importer, tally, source) for row in chunk]
        tally.read += len(parsed)
        good = [row for row in parsed if not row.refused]
        importer.resolve(good)
        _refuse_repeats(good, seen, tally)
        importer.find([row for row in good if not row.refused])
        _write(importer, [row for row in good if not row.refused], batch, tally)
        progress(tally.read)


def _chunks(rows: Iterable[SourceRow]) -> Iterator[list[SourceRow]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, BATCH_ROWS)):
        yield chunk


def _parsed(
    source_row: SourceRow, columns: Mapping[str, Field], importer: Importer, tally: Tally, source: Source
) -> ImportRow:
    raw = {spec.name: source_row.values.get(column) for column, spec in columns.items()}
    original = getattr(source_row, "original", source_row.values)
    row = ImportRow(number=source_row.number, original=original, raw=raw)
    row.source_code = getattr(source_row, "source_code", None) or source.code
    # What the reader itself could not take (a formula, an error value) is no blank.
    flaws = getattr(source_row, "problems", ())
    tally.refuse_with(row, flaws)
    flawed = {flaw.column for flaw in flaws}
    for spec in importer.fields:
        if tally.headers.get(spec.name) in flawed or (spec.name not in raw and not spec.required):
            continue
        try:
            row.values[spec.name] = spec.parse(raw.get(spec.name))
        except FieldError as error:
            tally.refuse(row, spec.name, error.reason)
    return row


def _refuse_repeats(rows: Iterable[ImportRow], seen: dict[tuple[Any, ...], int], tally: Tally) -> None:
    for row in rows:
        if row.refused:
            continue
        if row.key in seen:
            reason = Bilingual("与第 {row} 行重复", "repeats row {row}").format(row=seen[row.key])
            tally.refuse(row, next(iter(row.values)), reason)
        else:
            seen[row.key] = row.number


def _write(importer: Importer, rows: list[ImportRow], batch: ImportBatch | None, tally: Tally) -> None:
    rows = [row for row in rows if not row.refused]
    try:
        with transaction.atomic():
            counts = _save(importer, rows, batch)
    except IntegrityError:
        counts = _save_singly(importer, rows, batch, tally)
    for name, count in zip(("created", "updated", "unchanged"), counts, strict=True):
        setattr(tally, name, getattr(tally, name) + count)
    importer.after([row for row in rows if not row.refused])


def _save(importer: Importer, rows: list[ImportRow], batch: ImportBatch | None) -> tuple[int, int, int]:
    new = [row for row in rows if row.instance is None]
    changed = [row for row in rows if row.instance is not None and importer.apply(row)]
    created = [importer.create(row) for row in new]
    bulk_insert(importer.model, created)
    if changed:
        updated = [row.instance for row in changed if row.instance is not None]
        bulk_upsert(importer.model, updated, conflict=["id"], update=_written_fields(importer, changed))
    for row, instance in zip(new, created, strict=True):
        row.instance = instance
    touched = new + changed
    if importer.keeps_provenance:
        _keep_provenance(importer, touched, batch)
    if touched:
        change_record(importer.object_kind, _unique(importer.changed_ids(touched)))
    return len(new), len(changed), len(rows) - len(new) - len(changed)


def _save_singly(
    importer: Importer, rows: list[ImportRow], batch: ImportBatch | None, tally: Tally
) -> tuple[int, int, int]:
    """Find the rows that the database itself refuses, where a whole batch was."""
    totals = [0, 0, 0]
    importer.find(rows)
    for row in rows:
        try:
            with transaction.atomic():
                counts = _save(importer, [row], batch)
        except IntegrityError as error:
            row.instance = None
            constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
            reason = Bilingual("与已登记的数据冲突（{name}）", "conflicts with what is registered ({name})")
            tally.refuse(row, next(iter(row.values)), reason.format(name=constraint))
            continue
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
    return totals[0], totals[1], totals[2]


def _written_fields(importer: Importer, rows: list[ImportRow]) -> list[str]:
    names = {name for row in rows for name in row.columns}
    fields = {spec.name: spec for spec in importer.model._meta.get_fields() if getattr(spec, "concrete", False)}
    written = {name.removesuffix("_id") if name not in fields else name for name in names}
    return sorted(written | ({"updated_at"} & fields.keys()))


def _unique(ids: Iterable[UUID]) -> list[UUID]:
    return list(dict.fromkeys(ids))


def _keep_provenance(importer: Importer, rows: list[ImportRow], batch: ImportBatch | None) -> None:
    now = timezone.now()
    provenances = [
        Provenance(
            object_kind=importer.object_kind, object_id=row.instance.pk, source_id=row.source_code,
            batch=batch, imported_at=now, original=row.source_document(),
        )
        for row in rows
        if row.instance is not None
    ]  # fmt: skip
    bulk_upsert(
        Provenance, provenances, conflict=["object_kind", "object_id", "source"],
        update=["batch", "imported_at", "original"],
    )  # fmt: skip
