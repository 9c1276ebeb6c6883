"""What an import did, row by row where something was wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from yunlang.kit.language import Bilingual
from yunlang.kit.tables.model import RowProblem
from yunlang.kit.tables.writing import WriteFormat, write_table

MOST_KEPT = 1_000
_COLUMNS = ("行 row", "列 column", "值 value", "级别 level", "原因", "reason")
_PROBLEM = Bilingual("问题", "problem")
_WARNING = Bilingual("提示", "warning")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Counts and findings of one import, or of one batch of it: reports add up.

    Attributes
    ----------
    read, created, updated, unchanged, skipped
        Rows: read from the file, and what became of them; skipped ones had problems.
    problems, warnings
        The first thousand findings; problems kept their row from being loaded, warnings did not.
    problem_count, warning_count
        How many there were in all.
    """

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    problems: tuple[RowProblem, ...] = ()
    problem_count: int = 0
    warnings: tuple[RowProblem, ...] = ()
    warning_count: int = 0

    @classmethod
    def of(
        cls,
        *,
        read: int = 0,
        created: int = 0,
        updated: int = 0,
        unchanged: int = 0,
        skipped: int = 0,
        problems: Iterable[RowProblem] = (),
        warnings: Iterable[RowProblem] = (),
    ) -> ImportReport:
        """Return a report that counts its findings and keeps the first thousand."""
        found, remarks = tuple(problems), tuple(warnings)
        return cls(
            read,
            created,
            updated,
            unchanged,
            skipped,
            found[:MOST_KEPT],
            len(found),
            remarks[:MOST_KEPT],
            len(remarks),
        )

    def __add__(self, other: ImportReport) -> ImportReport:
        return ImportReport(
            self.read + other.read,
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.skipped + other.skipped,
            (self.problems + other.problems)[:MOST_KEPT],
            self.problem_count + other.problem_count,
            (self.warnings + other.warnings)[:MOST_KEPT],
            self.warning_count + other.warning_count,
        )

    @property
    def is_clean(self) -> bool:
        """Tell whether every row was taken."""
        return not self.skipped and not self.problem_count

    def summary(self) -> Bilingual:
        """Return the counts in one sentence."""
        return Bilingual(
            "读取 {read} 行：新增 {created}，更新 {updated}，未变 {unchanged}，跳过 {skipped}；"
            "问题 {problems} 处，提示 {warnings} 处。",
            "{read} rows read: {created} created, {updated} updated, {unchanged} unchanged, {skipped} skipped; "
            "{problems} problems, {warnings} warnings.",
        ).format(
            read=self.read,
            created=self.created,
            updated=self.updated,
            unchanged=self.unchanged,
            skipped=self.skipped,
            problems=self.problem_count,
            warnings=self.warning_count,
        )

    def to_dict(self, language: str | None = None) -> dict[str, object]:
        """Return plain values for JSON; reasons in `language`, or in both where none is given."""
        return {
            "read": self.read,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "skipped": self.skipped,
            "problem_count": self.problem_count,
            "problems": [problem.to_dict(language) for problem in self.problems],
            "warning_count": self.warning_count,
            "warnings": [warning.to_dict(language) for warning in self.warnings],
        }

    def write(self, format: WriteFormat, stream: BinaryIO) -> None:
        """Write the findings kept as a table, problems before warnings, with the reasons in both languages."""
        findings = [(_PROBLEM, problem) for problem in self.problems] + [(_WARNING, note) for note in self.warnings]
        rows = (
            (item.row, item.column, item.value, f"{level.zh} {level.en}", item.reason.zh, item.reason.en)
            for level, item in findings
        )
        write_table(format, _COLUMNS, rows, stream, sheet="导入报告")
