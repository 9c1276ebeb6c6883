"""Reading a table from a file of any of the formats taken, checked to its end before the first row is given out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, cast

from yunlang.kit.tables.archive import Archive
from yunlang.kit.tables.biff import XlsReader, XlsWorkbook
from yunlang.kit.tables.cells import MERGED
from yunlang.kit.tables.compound import CompoundFile
from yunlang.kit.tables.delimited import delimited_rows, delimiter_of
from yunlang.kit.tables.detect import format_of
from yunlang.kit.tables.errors import EmptyFileError, FileTooLargeError, MergedHeaderError, SheetNotFoundError
from yunlang.kit.tables.grid import Grid, Progress
from yunlang.kit.tables.jsonlines import JsonLinesReader
from yunlang.kit.tables.model import (
    MEGABYTE,
    Flaw,
    MergedRange,
    MergedRows,
    Row,
    RowProblem,
    TableLimits,
    column_letters,
)
from yunlang.kit.tables.plaintext import encoding_of, lines
from yunlang.kit.tables.sheet import SheetReader
from yunlang.kit.tables.spool import Spool
from yunlang.kit.tables.workbook import Workbook

TableFormat = Literal["xlsx", "xls", "csv", "tsv", "jsonl"]
_DEFAULT_LIMITS = TableLimits()
_SNIFFED = 64 * 1024


@dataclass(slots=True)
class Table:
    """A table read and checked; iterate it, as often as needed, for its rows. Close it, or use it as a context.

    Attributes
    ----------
    columns
        The header, each name on one line.
    format
        What the file is, whatever its name says.
    encoding
        Of a text file: utf-8, utf-8-sig, utf-16 or gb18030; None for Excel files.
    sheet
        Of an Excel file: the name of the sheet read.
    header_row
        The header's row number; 0 for JSON Lines, which have none.
    row_estimate
        How many rows iteration gives; exact, since the file has been read to its end.
    """

    columns: tuple[str, ...]
    format: TableFormat
    encoding: str | None
    sheet: str | None
    header_row: int
    row_estimate: int | None
    _spool: Spool
    _merges: list[MergedRange]

    def __iter__(self) -> Iterator[Row]:
        width = len(self.columns)
        merged_rows = MergedRows(self._merges)
        for number, cells, flaws in self._spool:
            if self._merges:
                hidden = [column for column in merged_rows.covered(number) if column < width]
                flaws += [(column, "", MERGED) for column in hidden]
            if len(cells) < width:
                cells += [None] * (width - len(cells))
            problems = tuple(self._problem(number, flaw) for flaw in flaws) if flaws else ()
            yield Row(number, dict(zip(self.columns, cells, strict=True)), problems)

    def _problem(self, number: int, flaw: Flaw) -> RowProblem:
        index, value, reason = flaw
        column = self.columns[index] if index < len(self.columns) else column_letters(index)
        return RowProblem(number, column, value, reason)

    def close(self) -> None:
        """Let go of the rows."""
        self._spool.close()

    def __enter__(self) -> Table:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_table(
    source: str | Path | BinaryIO,
    *,
    filename: str | None = None,
    sheet: str | None = None,
    limits: TableLimits = _DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> Table:
    """Read a table from a path or a binary stream: .xlsx, .xls, .csv, .tsv or .jsonl, told apart by their content.

    The whole file is checked here, so that a refusal comes before any row; the rows wait in an anonymous temporary
    file. What is wrong with single cells (formulas, error values, merged cells, lost characters, numbers that Excel has
    cut) is a problem of that row, not of the file. Formulas are never evaluated, nor their stored results trusted.

    Values: text as it stands (in .csv and .tsv everything is text), whole numbers as int, others as Decimal, dates as
    date or datetime, booleans; a blank is None. In Excel a number shown as a percentage or with leading zeros comes as
    the text shown. Blank rows, and example rows of our templates, are left out.

    Parameters
    ----------
    source
        A path, or a stream opened for bytes, read from its start; it is left open.
    filename
        The name under which it was uploaded; only a hint.
    sheet
        The sheet of an Excel file; the first visible one that is not blank where none is named.
    progress
        Called with the count of rows read, every thousand rows.

    Raises
    ------
    TableError
        The subclass that says what is wrong with the file and how to mend it.
    """
    with ExitStack() as stack:
        if isinstance(source, (str, Path)):
            filename = filename or Path(source).name
            stream: BinaryIO = stack.enter_context(Path(source).open("rb"))
        else:
            stream = _seekable(source, limits, stack)
        kind = format_of(stream, filename or "", limits)
        spool = Spool()
        try:
            grid = Grid(spool, limits, progress)
            if kind == "xlsx":
                return _read_xlsx(stream, sheet, grid, spool, limits)
            if kind == "xls":
                return _read_xls(stream, sheet, grid, spool, limits)
            return _read_text(stream, cast(TableFormat, kind), grid, spool, limits)
        except BaseException:
            spool.close()
            raise


def _seekable(source: BinaryIO, limits: TableLimits, stack: ExitStack) -> BinaryIO:
    if source.seekable():
        return source
    copy = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  # closed by the stack
    while piece := source.read(MEGABYTE):
        copy.write(piece)
        if copy.tell() > limits.file_bytes:
            raise FileTooLargeError(limit=limits.file_bytes // MEGABYTE)
    return cast(BinaryIO, copy)


def _read_xlsx(stream: BinaryIO, sheet: str | None, grid: Grid, spool: Spool, limits: TableLimits) -> Table:
    with Archive(stream, limits) as archive:
        workbook = Workbook(archive, limits)
        for candidate in workbook.sheets:
            if candidate.name != sheet and (sheet is not None or candidate.hidden):
                continue
            reader = SheetReader(workbook, archive.open(candidate.part), limits)
            if _take_sheet(reader, grid):
                return _excel_table("xlsx", candidate.name, grid, spool, reader.merges)
    raise _no_sheet(sheet, [candidate.name for candidate in workbook.sheets])


def _read_xls(stream: BinaryIO, sheet: str | None, grid: Grid, spool: Spool, limits: TableLimits) -> Table:
    compound = CompoundFile(stream.read())
    workbook = XlsWorkbook(compound.read("Workbook" if "Workbook" in compound else "Book"), limits)
    for candidate in workbook.sheets:
        if candidate.name != sheet and (sheet is not None or candidate.hidden):
            continue
        reader = XlsReader(workbook, candidate)
        if _take_sheet(reader, grid):
            return _excel_table("xls", candidate.name, grid, spool, reader.merges)
    raise _no_sheet(sheet, [candidate.name for candidate in workbook.sheets])


def _take_sheet(reader: SheetReader | XlsReader, grid: Grid) -> bool:
    """Read a sheet; tell whether there was anything in it."""
    grid.take(reader.rows())
    for merged in reader.merges:
        if merged.top <= grid.header_row <= merged.bottom:
            raise MergedHeaderError(row=grid.header_row, range=merged)
    return bool(grid.columns)


def _no_sheet(wanted: str | None, names: list[str]) -> EmptyFileError | SheetNotFoundError:
    if wanted is None or wanted in names:
        return EmptyFileError()
    return SheetNotFoundError(name=wanted, sheets="、".join(names))


def _excel_table(kind: TableFormat, name: str, grid: Grid, spool: Spool, merges: list[MergedRange]) -> Table:
    return Table(grid.columns, kind, None, name, grid.header_row, spool.count, spool, merges)


def _read_text(stream: BinaryIO, kind: TableFormat, grid: Grid, spool: Spool, limits: TableLimits) -> Table:
    encoding = encoding_of(stream)
    if kind == "jsonl":
        reader = JsonLinesReader(lines(stream, encoding), limits)
        grid.take_keyed(reader.rows())
        grid.check_names(1, reader.columns)
        columns, header_row = reader.columns, 0
    else:
        stream.seek(0)
        head = stream.read(_SNIFFED).decode(encoding, "ignore")
        delimiter = delimiter_of(head, tab_first=kind == "tsv")
        kind = "tsv" if delimiter == "\t" else "csv"
        grid.take(delimited_rows(lines(stream, encoding), delimiter, limits))
        columns, header_row = grid.columns, grid.header_row
    if not columns:
        raise EmptyFileError
    return Table(columns, kind, encoding, None, header_row, spool.count, spool, [])
