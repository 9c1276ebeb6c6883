"""Writing a table as .xlsx, .csv or .jsonl, row by row, in the form that `read_table` takes back."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, Literal

import xlsxwriter

from yunlang.kit.tables.delimited import defuse, is_dangerous
from yunlang.kit.tables.errors import CellTooLongError, TooManyColumnsError, TooManyRowsError

WriteFormat = Literal["xlsx", "csv", "jsonl"]
Value = str | int | float | Decimal | date | bool | Sequence[str] | None

SEPARATOR = "；"
_EXCEL_ROWS, _EXCEL_COLUMNS, _EXCEL_CHARACTERS = 1_048_576, 16_384, 32_767
_EXCEL_DIGITS = 15
_EXCEL_EXPONENT = 300
_FIRST_EXCEL_DATE = date(1900, 3, 1)  # before it Excel counts a day that never was
_SAMPLED_ROWS = 200
_NARROWEST, _WIDEST = 8, 60
_PLAIN_FLOATS = (1e-4, 1e16)
# What no table format carries: NUL, lone surrogates, and the two code points that are no characters.
_UNWRITABLE = re.compile("[\0\ud800-\udfff\ufffe\uffff]")

MEDIA_TYPES: dict[str, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
}


def write_table(
    format: WriteFormat,
    columns: Sequence[str],
    rows: Iterable[Sequence[Value]],
    stream: BinaryIO,
    *,
    sheet: str = "数据",
    for_excel: bool = True,
) -> int:
    """Write `rows`, whose values stand in the order of `columns`, to a binary stream; return how many there were.

    What comes back from `read_table` equals what was written, in .jsonl but for dates, which come as ISO text, and in
    .csv as text throughout (`cell_text`). In .xlsx numbers of more than fifteen digits, which Excel would cut, and
    dates before March 1900 become text. Empty text reads as None, rows of nothing but blanks are not read, sequences
    come back joined by ； except from .jsonl, and characters that no table can hold (NUL, lone surrogates) are dropped.

    Texts that a spreadsheet program might run as formulas are written so that it does not: in .csv with an apostrophe
    before them, in .xlsx as texts marked as such.

    Parameters
    ----------
    format
        xlsx with a frozen bold header; csv in UTF-8 with the mark that makes Excel read it as such; jsonl in UTF-8.
    sheet
        The name of the sheet in .xlsx.
    for_excel
        Whether .csv bears that mark, which other programs take for a part of the first column's name.

    Raises
    ------
    TooManyRowsError, TooManyColumnsError, CellTooLongError
        Where .xlsx cannot hold the table: 1,048,575 rows, 16,384 columns, 32,767 characters in a cell.
    """
    if format == "xlsx":
        return _write_xlsx(columns, rows, stream, sheet)
    if format == "csv":
        return _write_csv(columns, rows, stream, "utf-8-sig" if for_excel else "utf-8")
    return _write_jsonl(columns, rows, stream)


def cell_text(value: Value) -> str:
    """Return a value as .csv holds it, before `delimited.defuse`.

    >>> cell_text(Decimal("1E+3")), cell_text(True), cell_text(date(2026, 11, 22))
    ('1000', '是', '2026-11-22')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return _UNWRITABLE.sub("", value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        return f"{value:f}" if value.is_finite() else ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, (int, date)):
        return str(value)
    return SEPARATOR.join(cell_text(part) for part in value)


def _write_csv(columns: Sequence[str], rows: Iterable[Sequence[Value]], stream: BinaryIO, encoding: str) -> int:
    text = io.TextIOWrapper(stream, encoding=encoding, newline="", write_through=False)
    count = 0
    try:
        # A quoted header leaves no doubt which character parts the columns.
        csv.writer(text, quoting=csv.QUOTE_ALL).writerow([_csv_cell(name) for name in columns])
        writer = csv.writer(text)
        for row in rows:
            writer.writerow([_csv_cell(value) for value in row])
            count += 1
        text.flush()
    finally:
        text.detach()
    return count


def _csv_cell(value: Value) -> str | float:
    if type(value) is float and (value == 0 or _PLAIN_FLOATS[0] <= abs(value) < _PLAIN_FLOATS[1]):
        return value  # which `csv` writes as it would be here, without an exponent, and faster
    text = cell_text(value)
    is_number = isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
    return text if is_number else defuse(text)


def _json_text(value: Value) -> str:
    """Return a value as JSON; decimals digit by digit, which `json` itself cannot write."""
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        return str(value) if value.is_finite() else "null"
    if value is None or isinstance(value, (bool, int)):
        return json.dumps(value)
    if isinstance(value, (str, date)):
        return json.dumps(cell_text(value), ensure_ascii=False)
    return "[" + ", ".join(_json_text(part) for part in value) + "]"


def _write_jsonl(columns: Sequence[str], rows: Iterable[Sequence[Value]], stream: BinaryIO) -> int:
    count = 0
    names = [_json_text(name) for name in columns]
    for row in rows:
        members = (f"{name}: {_json_text(value)}" for name, value in zip(names, row, strict=True))
        stream.write(f"{{{', '.join(members)}}}\n".encode())
        count += 1
    return count


def _write_xlsx(columns: Sequence[str], rows: Iterable[Sequence[Value]], stream: BinaryIO, sheet: str) -> int:
    if len(columns) > _EXCEL_COLUMNS:
        raise TooManyColumnsError(row=1, limit=_EXCEL_COLUMNS)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with tempfile.TemporaryDirectory() as folder:
        book = xlsxwriter.Workbook(stream, {**options, "tmpdir": folder})
        try:
            count = _SheetWriter(book, sheet).write(columns, rows)
        except BaseException:
            book.fileclosed = True  # otherwise the library writes what there is when it collects the workbook
            raise
        book.close()
    return count


class _SheetWriter:
    def __init__(self, book: Any, name: str) -> None:
        self._sheet = book.add_worksheet(name)
        self._bold = book.add_format({"bold": True, "bottom": 1})
        self._quoted = book.add_format({"quote_prefix": True})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})

    def write(self, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> int:
        iterator: Iterator[Sequence[Value]] = iter(rows)
        sample = list(itertools.islice(iterator, _SAMPLED_ROWS))
        for index, name in enumerate(columns):
            self._sheet.write_string(0, index, cell_text(name), self._bold)
            texts = [name, *(cell_text(row[index]) for row in sample)]
            self._sheet.set_column(index, index, column_width(texts))
        self._sheet.freeze_panes(1, 0)
        count = 0
        for count, row in enumerate(itertools.chain(sample, iterator), start=1):
            if count >= _EXCEL_ROWS:
                raise TooManyRowsError(limit=_EXCEL_ROWS - 1)
            for index, value in enumerate(row):
                self._cell(count, index, value)
        return count

    def _cell(self, row: int, column: int, value: Value) -> None:
        if value is None or value == "":
            return
        if isinstance(value, bool):
            self._sheet.write_boolean(row, column, value)
        elif isinstance(value, (int, float, Decimal)) and _fits_excel(value):
            self._sheet.write_number(row, column, value)
        elif isinstance(value, datetime) and value.tzinfo is None and value.date() >= _FIRST_EXCEL_DATE:
            self._sheet.write_datetime(row, column, value.replace(microsecond=0), self._moment)
        elif isinstance(value, date) and not isinstance(value, datetime) and value >= _FIRST_EXCEL_DATE:
            self._sheet.write_datetime(row, column, value, self._day)
        else:
            self._text(row, column, cell_text(value))

    def _text(self, row: int, column: int, text: str) -> None:
        if len(text) > _EXCEL_CHARACTERS:
            raise CellTooLongError(row=row + 1, limit=_EXCEL_CHARACTERS)
        if text:
            self._sheet.write_string(row, column, text, self._quoted if is_dangerous(text) else None)


def _fits_excel(value: float | Decimal) -> bool:
    """Tell whether Excel, which keeps fifteen digits, holds the number exactly."""
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        return False
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    return len(digits) <= _EXCEL_DIGITS and -_EXCEL_EXPONENT < number.adjusted() < _EXCEL_DIGITS


def column_width(texts: Iterable[str]) -> float:
    """Return a column's width in Excel's units for its texts: Chinese counts double, within sensible bounds."""
    longest = max((max(map(_width, text.split("\n"))) for text in texts), default=0)
    return min(max(longest + 2, _NARROWEST), _WIDEST)


def _width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line[:_WIDEST])
