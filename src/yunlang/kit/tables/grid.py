"""From raw rows to a checked table: the header found, blank and example rows left out, limits kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable

from yunlang.kit.language import Bilingual
from yunlang.kit.tables.cells import GARBLED, NO_HEADER
from yunlang.kit.tables.errors import (
    BlankHeaderError,
    DuplicateHeaderError,
    GarbledTextError,
    HeaderCellError,
    TooManyBlankRowsError,
    TooManyColumnsError,
    TooManyRowsError,
)
from yunlang.kit.tables.model import Cell, Flaw, RawRow, TableLimits, column_letters, excerpt
from yunlang.kit.tables.plaintext import is_garbled
from yunlang.kit.tables.spool import Spool
from yunlang.kit.text import line_form

# The first cell of a template's example row begins with one of these; such a row is not data.
EXAMPLE_MARK = Bilingual("【示例行，导入时跳过】", "[Example row – skipped on import] ")
_MARKS = (EXAMPLE_MARK.zh, EXAMPLE_MARK.en.strip())
_PROGRESS_EVERY = 1_000

Progress = Callable[[int], None]


class Grid:
    """Takes raw rows, the first that is not blank being the header, and spools the data rows."""

    def __init__(self, spool: Spool, limits: TableLimits, progress: Progress | None) -> None:
        self._spool = spool
        self._limits = limits
        self._progress = progress
        self._last = 0
        self.columns: tuple[str, ...] = ()
        self.header_row = 0

    def take(self, rows: Iterable[RawRow]) -> None:
        """Read `rows` to their end.

        Raises
        ------
        TableError
            The subclass for a bad header or a limit exceeded.
        """
        for number, cells, flaws in rows:
            if self._is_blank(number, cells, flaws):
                continue
            self._last = number
            if not self.columns:
                self._take_header(number, cells, flaws)
            else:
                self._take_row(number, cells, flaws)

    def take_keyed(self, rows: Iterable[RawRow]) -> None:
        """Read rows that need no header because each names its columns."""
        self.header_row = -1
        for number, cells, flaws in rows:
            if not self._is_blank(number, cells, flaws):
                self._last = number
                self._take_row(number, cells, flaws)

    def _is_blank(self, number: int, cells: list[Cell], flaws: list[Flaw]) -> bool:
        blank = not flaws and all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells)
        if number - self._last - (not blank) > self._limits.blank_rows:
            raise TooManyBlankRowsError(row=self._last, limit=self._limits.blank_rows)
        return blank

    def _take_header(self, number: int, cells: list[Cell], flaws: list[Flaw]) -> None:
        for index, _value, reason in flaws:
            raise HeaderCellError(row=number, column=column_letters(index), reason=reason)
        for cell in cells:
            if isinstance(cell, str) and is_garbled(cell):  # before line_form, which drops what is invisible
                raise GarbledTextError(sample=excerpt(cell))
        names = [line_form(str(cell)) if cell is not None else "" for cell in cells]
        while names and not names[-1]:
            names.pop()
        if len(names) > self._limits.columns:
            raise TooManyColumnsError(row=number, limit=self._limits.columns)
        self.check_names(number, names)
        self.columns = tuple(names)
        self.header_row = number

    @staticmethod
    def check_names(number: int, names: Iterable[str]) -> None:
        """Refuse column names that are blank, or the same but for width and case."""
        seen: set[str] = set()
        for index, name in enumerate(names):
            if not name:
                raise BlankHeaderError(row=number, column=column_letters(index))
            key = unicodedata.normalize("NFKC", name).casefold()
            if key in seen:
                raise DuplicateHeaderError(name=name)
            seen.add(key)

    def _take_row(self, number: int, cells: list[Cell], flaws: list[Flaw]) -> None:
        if self._spool.count >= self._limits.rows:
            raise TooManyRowsError(limit=self._limits.rows)
        width = len(self.columns) or len(cells)
        characters = 0
        for index, cell in enumerate(cells):
            if isinstance(cell, str):
                if not cell:
                    cells[index] = None
                    continue
                characters += len(cell)
                if "�" in cell:
                    flaws.append((index, excerpt(cell), GARBLED))
                    cells[index] = None
            if index >= width and cell is not None:
                self._refuse_beyond(number, index, cell, flaws)
        if self._is_example(cells):
            return
        self._spool.append((number, cells[:width], flaws), characters)
        if self._progress is not None and self._spool.count % _PROGRESS_EVERY == 0:
            self._progress(self._spool.count)

    def _refuse_beyond(self, number: int, index: int, cell: Cell, flaws: list[Flaw]) -> None:
        if index >= self._limits.columns:
            raise TooManyColumnsError(row=number, limit=self._limits.columns)
        if not isinstance(cell, str) or cell.strip():
            flaws.append((index, excerpt(cell), NO_HEADER))

    @staticmethod
    def _is_example(cells: list[Cell]) -> bool:
        first = next((cell for cell in cells if cell is not None), None)
        return isinstance(first, str) and first.startswith(_MARKS)
