"""One worksheet of an .xlsx workbook, read row by row.

Why not the calamine library, which reads .xls here: it keeps a whole sheet as a dense block, so that a file of two
cells in opposite corners asks for 17 thousand million and aborts the process; and it does not tell formulas, error
values and merged cells from values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from yunlang.kit.language import Bilingual
from yunlang.kit.tables.archive import Part
from yunlang.kit.tables.cells import FORMULA, error_reason, iso_date_cell, number_cell, unescape
from yunlang.kit.tables.errors import CellTooLongError, DamagedFileError, TooManyColumnsError
from yunlang.kit.tables.markup import DEPTH, Attributes, Markup, too_deep
from yunlang.kit.tables.model import MOST_MERGES, Cell, Flaw, MergedRange, RawRow, TableLimits, excerpt
from yunlang.kit.tables.plain import CELLS, ROW, give_plain
from yunlang.kit.tables.workbook import Workbook

_RANGE = re.compile(r"([A-Z]{1,3})(\d{1,7})(?::([A-Z]{1,3})(\d{1,7}))?")
_DISORDER = Bilingual("单元格次序错乱", "cells out of order")
_NO_STRING = Bilingual("共享文本缺失", "a shared string is missing")
_MERGES = Bilingual("合并单元格过多", "too many merged cells")
_DIGITS = "0123456789"


@lru_cache(maxsize=20_000)
def column_index(letters: str) -> int:
    """Return the column's index from 0 for Excel's letters."""
    index = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            raise DamagedFileError(detail=_DISORDER)
        index = index * 26 + ord(letter) - 64
    if not 1 <= index <= 16_384:
        raise DamagedFileError(detail=_DISORDER)
    return index - 1


class SheetReader:
    """Reads the rows of one sheet; the merged ranges are known once all rows have been read."""

    def __init__(self, workbook: Workbook, part: Part, limits: TableLimits) -> None:
        self._workbook = workbook
        self._part = part
        self._limits = limits
        self._merges: list[MergedRange] = []
        self._rows: list[RawRow] = []
        self._row = 0
        self._cells: list[Cell] = []
        self._flaws: list[Flaw] = []
        self._kind: str | None = None
        self._style: str | None = None
        self._column = 0
        self._value: list[str] = []
        self._formula: list[str] | None = None
        self._length = 0
        self._depth = 0
        self._phonetic = 0
        self._prefix = 0
        self._markup = Markup()
        self._parser = self._markup.parser

    @property
    def merges(self) -> list[MergedRange]:
        """Return the merged ranges by their first row."""
        return sorted(self._merges, key=lambda merged: merged.top)

    def rows(self) -> Iterator[RawRow]:
        """Yield the rows that the file holds, blank ones too, in ascending order."""
        self._parser.StartElementHandler = self._root
        for _ in give_plain(self._markup, self._part, ROW, self._plain_row):
            yield from self._rows
            self._rows.clear()

    def _plain_row(self, row: re.Match[str]) -> None:
        number, body = row.groups()
        self._start_row(number)
        cells, columns = self._cells, self._limits.columns
        short = body is None or len(body) <= self._limits.cell_characters
        for letters, style, kind, value, inline in CELLS.findall(body or ""):
            text = value or inline
            if not text:
                continue
            column = column_index(letters) if letters else len(cells)
            if short and inline and kind == "inlineStr" and "_x" not in text and column == len(cells) < columns:
                cells.append(text)
            else:
                self._put(column, kind or None, style or None, text)
        self._rows.append((self._row, cells, self._flaws))

    def _root(self, name: str, _attributes: Attributes) -> None:
        self._prefix = len(name) - len(name.rpartition(":")[2])
        self._depth = 1
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def _start(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        if self._depth > DEPTH:
            raise too_deep()
        if self._prefix:
            name = name[self._prefix :]
        if name == "c":
            self._start_cell(attributes)
        elif name in ("v", "t"):
            if not self._phonetic:
                self._parser.CharacterDataHandler = self._text
        elif name == "row":
            self._start_row(attributes.get("r"))
        elif name == "f":
            self._formula = []
            self._parser.CharacterDataHandler = self._formula_text
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif name == "rPh":
            self._phonetic = self._depth

    def _start_row(self, number: str | None) -> None:
        following = self._row + 1
        self._row = int(number) if number is not None and number.isdecimal() else following
        if self._row < following:
            raise DamagedFileError(detail=_DISORDER)
        self._cells = []
        self._flaws = []

    def _start_cell(self, attributes: Attributes) -> None:
        get = attributes.get
        reference = get("r")
        self._column = len(self._cells) if reference is None else column_index(reference.rstrip(_DIGITS))
        self._kind = get("t")
        self._style = get("s")
        self._value = []
        self._formula = None
        self._length = 0

    def _text(self, text: str) -> None:
        self._length += len(text)
        if self._length > self._limits.cell_characters:
            raise CellTooLongError(row=self._row, limit=self._limits.cell_characters)
        self._value.append(text)

    def _formula_text(self, text: str) -> None:
        self._length += len(text)
        if self._length > self._limits.cell_characters:
            raise CellTooLongError(row=self._row, limit=self._limits.cell_characters)
        if self._formula is not None:
            self._formula.append(text)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._prefix:
            name = name[self._prefix :]
        if name == "c":
            if self._value or self._formula is not None:
                self._end_cell()
        elif name in ("v", "t", "f"):
            self._parser.CharacterDataHandler = None
        elif name == "row":
            self._rows.append((self._row, self._cells, self._flaws))
        elif name == "rPh":
            self._phonetic = 0

    def _end_cell(self) -> None:
        text = "".join(self._value)
        if self._formula is None:
            self._put(self._column, self._kind, self._style, text)
            return
        self._make_room(self._column)
        self._cells.append(None)
        self._flaws.append((self._column, excerpt("=" + "".join(self._formula)), FORMULA))

    def _make_room(self, column: int) -> None:
        missing = column - len(self._cells)
        if missing < 0:
            raise DamagedFileError(detail=_DISORDER)
        if column >= self._limits.columns:
            raise TooManyColumnsError(row=self._row, limit=self._limits.columns)
        if missing:
            self._cells += [None] * missing

    def _put(self, column: int, kind: str | None, style: str | None, text: str) -> None:
        if column != len(self._cells) or column >= self._limits.columns:
            self._make_room(column)
        if kind == "s":
            try:
                self._cells.append(self._workbook.strings[int(text)])
            except (ValueError, IndexError) as error:
                raise DamagedFileError(detail=_NO_STRING) from error
            return
        value, reason = self._value_of(kind, style, text)
        self._cells.append(value)
        if reason is not None:
            self._flaws.append((column, excerpt(text), reason))

    def _value_of(self, kind: str | None, style: str | None, text: str) -> tuple[Cell, Bilingual | None]:
        if kind in ("inlineStr", "str"):
            if len(text) > self._limits.cell_characters:
                raise CellTooLongError(row=self._row, limit=self._limits.cell_characters)
            return unescape(text), None
        if kind is None or kind == "n":
            return number_cell(text, self._workbook.style(style), self._workbook.epoch_1904)
        if kind == "b":
            return text.strip() in ("1", "true"), None
        if kind == "d":
            return iso_date_cell(text)
        return None, error_reason(text)

    def _merge(self, reference: str) -> None:
        found = _RANGE.fullmatch(reference)
        if found is None or found[3] is None:
            return
        merged = MergedRange(int(found[2]), column_index(found[1]), int(found[4]), column_index(found[3]))
        if len(self._merges) >= MOST_MERGES:
            raise DamagedFileError(detail=_MERGES)
        self._merges.append(merged)
