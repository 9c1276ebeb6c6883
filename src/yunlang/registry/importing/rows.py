"""One row on its way into the registry, and the tally of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models

from yunlang.kit.language import Bilingual
from yunlang.kit.tables.model import RowProblem, excerpt


@dataclass(slots=True)
class ImportRow:
    """A row of the file: as it stood, as parsed, and what it becomes.

    `values` holds only fields whose column the file has, so that a file without a column leaves that field alone.
    """

    number: int
    original: Mapping[str, object]
    raw: Mapping[str, object]
    values: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, Any] = field(default_factory=dict)
    key: tuple[Any, ...] = ()
    instance: models.Model | None = None
    source_code: str | None = None
    refused: bool = False

    def source_document(self) -> dict[str, Any]:
        """Return the original row as JSON keeps it."""
        return {name: _plain(value) for name, value in self.original.items() if value not in (None, "")}


def _plain(value: object) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value


@dataclass(slots=True)
class Tally:
    """What an import has done so far."""

    PROBLEMS_KEPT: ClassVar[int] = 1_000

    headers: dict[str, str] = field(default_factory=dict)  # field name → the file's own column header
    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    problem_count: int = 0
    warnings: list[RowProblem] = field(default_factory=list)
    warning_count: int = 0

    def refuse(self, row: ImportRow, column: str, reason: Bilingual, value: object = None) -> None:
        """Leave a row out, with the reason; the rest of the file goes on."""
        self.refuse_with(row, [self._problem(row, column, reason, value)])

    def refuse_with(self, row: ImportRow, problems: Iterable[RowProblem]) -> None:
        """Leave a row out for what its reader found."""
        for problem in problems:
            if not row.refused:
                row.refused = True
                self.refused += 1
            self.problem_count += 1
            if len(self.problems) < self.PROBLEMS_KEPT:
                self.problems.append(problem)

    def warn(self, row: ImportRow, column: str, reason: Bilingual, value: object = None) -> None:
        """Take the row, and say what deserves a look."""
        self.warning_count += 1
        if len(self.warnings) < self.PROBLEMS_KEPT:
            self.warnings.append(self._problem(row, column, reason, value))

    def _problem(self, row: ImportRow, column: str, reason: Bilingual, value: object) -> RowProblem:
        text = str(row.raw.get(column) if value is None else value)
        shown = "" if text == "None" else excerpt(text)
        return RowProblem(row=row.number, column=self.headers.get(column, column), value=shown, reason=reason)
