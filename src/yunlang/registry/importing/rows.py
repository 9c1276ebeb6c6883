"""One row on its way into the registry, and the tally of all of them."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from yunlang.kit.language import Bilingual
from yunlang.kit.tables.model import RowProblem, excerpt
from yunlang.kit.tables.report import ImportReport

# How many findings of each level a report names; the counts go on.
FINDINGS_KEPT = 10_000
# What PostgreSQL's jsonb cannot hold.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


@dataclass(slots=True)
class ImportRow:
    """A row of the file: as it stood, as parsed, and what it becomes.

    Attributes
    ----------
    cells
        As in the file, by column header.
    original
        What provenance keeps; the cells, unless the reader has the source's own row.
    values
        Parsed, by field name. It holds only fields whose column the file has, so that a file without a column leaves
        that field alone.
    columns
        What to write, by the model's column attributes.
    id
        Of the record found or to be made, where the importer gives ids itself.
    record
        The registered record's columns; None where the row makes a new one.
    """

    number: int
    cells: Mapping[str, object]
    original: Mapping[str, object]
    source_code: str
    values: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, Any] = field(default_factory=dict)
    key: Hashable = None
    id: UUID | None = None
    record: Mapping[str, Any] | None = None
    refused: bool = False

    def source_document(self) -> dict[str, Any]:
        """Return the original row as JSON keeps it."""
        return {name: _plain(value) for name, value in self.original.items() if value is not None and value != ""}


def _plain(value: object) -> Any:
    if isinstance(value, str):
        return value if value.isprintable() else _UNSTORABLE.sub("", value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value


@dataclass(slots=True)
class Tally:
    """What an import has done so far.

    Attributes
    ----------
    headers
        Field name to the file's own column header.
    kept
        How many problems, and how many warnings, are kept by name.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    kept: int = FINDINGS_KEPT
    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    problem_count: int = 0
    warnings: list[RowProblem] = field(default_factory=list)
    warning_count: int = 0

    def refuse(self, row: ImportRow, column: str, reason: Bilingual) -> None:
        """Leave a row out, with the reason against one of its fields; the rest of the file goes on."""
        self.refuse_with(row, [self._problem(row, column, reason)])

    def refuse_with(self, row: ImportRow, problems: Iterable[RowProblem]) -> None:
        """Leave a row out for what its reader found."""
        for problem in problems:
            if not row.refused:
                row.refused = True
                self.refused += 1
            self.problem_count += 1
            if len(self.problems) < self.kept:
                self.problems.append(problem)

    def warn(self, row: ImportRow, column: str, reason: Bilingual) -> None:
        """Take the row, and say what deserves a look."""
        self.warning_count += 1
        if len(self.warnings) < self.kept:
            self.warnings.append(self._problem(row, column, reason))

    def _problem(self, row: ImportRow, column: str, reason: Bilingual) -> RowProblem:
        header = self.headers.get(column, column)
        value = row.cells.get(header)
        return RowProblem(row.number, header, "" if value is None else excerpt(value), reason)

    def report(self, *, loaded: bool) -> ImportReport:
        """Return the report, findings by row; where nothing was loaded in the end, every row counts as skipped."""
        counts = (self.created, self.updated, self.unchanged, self.refused) if loaded else (0, 0, 0, self.read)
        return ImportReport(
            self.read, *counts, _by_row(self.problems), self.problem_count, _by_row(self.warnings), self.warning_count
        )


def _by_row(findings: list[RowProblem]) -> tuple[RowProblem, ...]:
    return tuple(sorted(findings, key=lambda one: one.row))
