"""JSON Lines: one object a line, its values plain, or arrays of plain values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from yunlang.kit.language import Bilingual
from yunlang.kit.tables.errors import CellTooLongError, JsonLinesError, TooManyColumnsError
from yunlang.kit.tables.model import Cell, Flaw, RawRow, TableLimits, excerpt
from yunlang.kit.text import line_form

_NESTED = Bilingual(
    "值应是文字、数字、真假或其列表，不能再嵌套对象", "the value must be plain or a list of plain values, not nested"
)
_TWICE = Bilingual("同一行中出现了两次", "stands twice in the same line")
_NOT_FINITE = Bilingual("不是有效数字", "not a valid number")


class _Twice:
    """Stands for the value of a key that a line holds twice."""


class _NotFinite:
    """Stands for NaN and the infinities, which JSON does not have."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        column = line_form(name)
        found[column] = _Twice if column in found else value
    return found


class JsonLinesReader:
    """Reads rows and gathers the columns in the order of their first appearance."""

    def __init__(self, lines: Iterator[str], limits: TableLimits) -> None:
        self._lines = lines
        self._limits = limits
        self._columns: dict[str, int] = {}

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns seen so far; all of them once the rows have been read."""
        return tuple(self._columns)

    def rows(self) -> Iterator[RawRow]:
        """Yield the rows; one that ends before the last column leaves the rest blank.

        Raises
        ------
        JsonLinesError
            For a line that is not one complete object.
        TooManyColumnsError, CellTooLongError
        """
        for number, line in enumerate(self._lines, start=1):
            if not line.strip():
                yield number, [], []
                continue
            yield self._row(number, _parse(number, line))

    def _row(self, number: int, record: dict[str, Any]) -> RawRow:
        cells: list[Cell] = [None] * len(self._columns)
        flaws: list[Flaw] = []
        for name, raw in record.items():
            index = self._columns.setdefault(name, len(self._columns))
            if index >= self._limits.columns:
                raise TooManyColumnsError(row=number, limit=self._limits.columns)
            if index == len(cells):
                cells.append(None)
            value, reason = self._cell(number, raw)
            cells[index] = value
            if reason is not None:
                flaws.append((index, excerpt(value if raw is _Twice else _shown(raw)), reason))
        return number, cells, flaws

    def _cell(self, number: int, raw: Any) -> tuple[Cell, Bilingual | None]:
        if isinstance(raw, str):
            if len(raw) > self._limits.cell_characters:
                raise CellTooLongError(row=number, limit=self._limits.cell_characters)
            return raw or None, None
        if raw is None or isinstance(raw, (bool, int, Decimal)):
            return raw, None
        if isinstance(raw, list):
            if all(item is None or isinstance(item, (str, bool, int, Decimal)) for item in raw):
                return tuple(raw), None
            return None, _NESTED
        if raw is _Twice:
            return None, _TWICE
        return None, _NOT_FINITE if raw is _NotFinite else _NESTED


def _parse(number: int, line: str) -> dict[str, Any]:
    try:
        record = json.loads(
            line, parse_float=Decimal, parse_constant=lambda _name: _NotFinite, object_pairs_hook=_pairs
        )
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise JsonLinesError(number) from error
    if not isinstance(record, dict):
        raise JsonLinesError(number)
    return record


def _shown(raw: Any) -> str:
    return "NaN" if raw is _NotFinite else json.dumps(raw, ensure_ascii=False, default=str)
