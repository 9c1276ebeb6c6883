"""What a table is while it is read: limits, rows, and what is wrong with single cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from yunlang.kit.language import Bilingual

# What one cell may hold once read; a datetime counts as a date, a tuple comes from a JSON array alone.
Cell = str | int | Decimal | date | bool | tuple[str | int | Decimal | bool | None, ...] | None
# Column index from 0, the cell as the user sees it, the reason against it.
Flaw = tuple[int, str, Bilingual]
# Row number as the user sees it, the cells from column 0 on, the flaws.
RawRow = tuple[int, list[Cell], list[Flaw]]

MEGABYTE = 1024 * 1024
MOST_MERGES = 100_000


@dataclass(frozen=True, slots=True)
class TableLimits:
    """How much of a file is read before it is refused.

    Attributes
    ----------
    file_bytes
        Size of the file as uploaded.
    unpacked_bytes, unpacked_ratio
        For .xlsx: bytes after unpacking, all parts together, and how many times the packed size one part may grow
        (looked at above 16 MB).
    rows, columns
        Data rows, and columns of one row.
    cell_characters
        Characters of one cell; never above 131,072.
    blank_rows
        Blank rows in a run.
    text_bytes
        Memory for a workbook's table of shared strings.
    """

    file_bytes: int = 200 * MEGABYTE
    unpacked_bytes: int = 512 * MEGABYTE
    unpacked_ratio: int = 200
    rows: int = 1_048_576
    columns: int = 200
    cell_characters: int = 100_000
    blank_rows: int = 10_000
    text_bytes: int = 256 * MEGABYTE


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why one cell, or one row, could not be taken.

    Attributes
    ----------
    row
        Row number as the user sees it, from 1.
    column
        Column header, or the column's letter where it has none; empty where the row as a whole is meant.
    value
        The cell as the user sees it, shortened.
    reason
        Without a full stop, as `kit.fields` words it.
    """

    row: int
    column: str
    value: str
    reason: Bilingual

    def to_dict(self, language: str | None = None) -> dict[str, object]:
        """Return plain values; the reason in `language`, or in both where none is given."""
        reason: object = (
            {"zh": self.reason.zh, "en": self.reason.en} if language is None else self.reason.text(language)
        )
        return {"row": self.row, "column": self.column, "value": self.value, "reason": reason}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of data.

    Attributes
    ----------
    number
        As the user sees it in Excel or in an editor, from 1; the header counts.
    values
        Every column of the table to its cell; None where blank.
    problems
        Cells that cannot be taken at all (formulas, error values, merged cells …); their value is None.
    """

    number: int
    values: Mapping[str, Cell]
    problems: tuple[RowProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class MergedRange:
    """A block of merged cells; rows from 1, columns from 0, all bounds included."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        return f"{column_letters(self.left)}{self.top}:{column_letters(self.right)}{self.bottom}"


@dataclass(slots=True)
class MergedRows:
    """Walks the merged ranges along ascending row numbers."""

    ranges: list[MergedRange]
    _next: int = 0
    _active: list[MergedRange] = field(default_factory=list)

    def covered(self, row: int) -> Iterator[int]:
        """Yield the columns of `row` that a merge hides: all of it but its top left cell."""
        while self._next < len(self.ranges) and self.ranges[self._next].top <= row:
            self._active.append(self.ranges[self._next])
            self._next += 1
        self._active = [merged for merged in self._active if merged.bottom >= row]
        for merged in self._active:
            yield from range(merged.left + (row == merged.top), merged.right + 1)


def column_letters(index: int) -> str:
    """Return Excel's letters for a column index from 0: A to Z, AA and so on.

    >>> column_letters(27)
    'AB'
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def excerpt(value: object) -> str:
    """Return `value` shortened for a report."""
    text = str(value)
    return text if len(text) <= 80 else text[:80] + "…"
