"""An .xls workbook ([MS-XLS], BIFF8, and BIFF5 as Excel 95 wrote it): sheets, strings, number formats and rows.

Why not the calamine library: it trusts the counts and sizes that a file declares and reserves memory for them, which
aborts the process, and it does not tell formulas and error values from blanks.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from yunlang.kit.language import Bilingual
from yunlang.kit.tables.cells import FORMULA, Look, Style, error_reason, number_cell, style_of
from yunlang.kit.tables.errors import (
    ArchiveBombError,
    DamagedFileError,
    EncryptedFileError,
    TooManyColumnsError,
    UnsupportedFormatError,
)
from yunlang.kit.tables.model import MEGABYTE, MOST_MERGES, Cell, Flaw, MergedRange, RawRow, TableLimits

_BOF, _EOF, _CONTINUE, _FILEPASS, _CODEPAGE, _DATEMODE = 0x0809, 0x000A, 0x003C, 0x002F, 0x0042, 0x0022
_BOUNDSHEET, _FORMAT, _XF, _SST, _MERGEDCELLS = 0x0085, 0x041E, 0x00E0, 0x00FC, 0x00E5
_BIFF8, _BIFF5, _WORKSHEET = 0x0600, 0x0500, 0
_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_OLD = Bilingual("Excel 95 以前的旧版工作簿", "a workbook of a version before Excel 95")
_BROKEN = Bilingual("xls 记录有误", "a broken xls record")
_UTF16 = "utf-16-le"
_CODECS = {1200: _UTF16, 936: "gb18030", 950: "cp950", 932: "cp932", 949: "cp949", 1252: "cp1252"}
_MOST_SHEETS = 1_000
_Read = tuple[Cell, Bilingual | None]


@dataclass(frozen=True, slots=True)
class XlsSheet:
    """One worksheet and where its records begin."""

    name: str
    offset: int
    hidden: bool


def _damaged() -> DamagedFileError:
    return DamagedFileError(detail=_BROKEN)


def _records(data: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    depth = 0
    while offset + 4 <= len(data):
        kind, length = struct.unpack_from("<HH", data, offset)
        body = data[offset + 4 : offset + 4 + length]
        if len(body) < length:
            raise _damaged()
        offset += 4 + length
        if kind == _BOF:
            depth += 1
        if depth <= 1:
            yield kind, body
        if kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
    raise _damaged()


class XlsWorkbook:
    """What the sheets of an .xls workbook share."""

    def __init__(self, data: bytes, limits: TableLimits) -> None:
        self.data = data
        self.epoch_1904 = False
        self.sheets: list[XlsSheet] = []
        self.strings: list[str] = []
        self.codec = "cp1252"
        self.limits = limits
        self.biff8 = True
        self._budget = 3 * len(data)
        self._codes: dict[int, str] = {}
        self._formats: list[int] = []
        try:
            self._read_globals()
        except (struct.error, IndexError) as error:
            raise _damaged() from error
        self.styles = [style_of(number, self._codes.get(number)) for number in self._formats]

    def records(self, offset: int) -> Iterator[tuple[int, bytes]]:
        """Yield kind and body of the records of one substream, those of embedded charts left out.

        Raises
        ------
        DamagedFileError
            When the substream breaks off, or sheets overlap so that far more is read than the file holds.
        """
        for kind, body in _records(self.data, offset):
            self._budget -= 4 + len(body)
            if self._budget < 0:
                raise _damaged()
            yield kind, body

    def _read_globals(self) -> None:
        takers: dict[int, Callable[[bytes], None]] = {
            _BOF: self._take_version,
            _FILEPASS: self._refuse_password,
            _CODEPAGE: self._take_codepage,
            _DATEMODE: self._take_epoch,
            _BOUNDSHEET: self._take_sheet,
            _FORMAT: self._take_format,
            _XF: self._take_style,
        }
        shared: list[bytes] = []
        last = 0
        for kind, body in self.records(0):
            if kind == _SST or (kind == _CONTINUE and last == _SST):
                shared.append(body)
                last = _SST
                continue
            last = kind
            if kind in takers:
                takers[kind](body)
        if shared:
            self.strings = _SharedStrings(shared, self.limits).read()

    def _take_version(self, body: bytes) -> None:
        version = struct.unpack_from("<H", body)[0]
        if version not in (_BIFF8, _BIFF5):
            raise UnsupportedFormatError(found=_OLD)
        self.biff8 = version == _BIFF8

    def _refuse_password(self, _body: bytes) -> None:
        raise EncryptedFileError

    def _take_codepage(self, body: bytes) -> None:
        self.codec = _CODECS.get(struct.unpack_from("<H", body)[0], "cp1252")

    def _take_epoch(self, body: bytes) -> None:
        self.epoch_1904 = struct.unpack_from("<H", body)[0] == 1

    def _take_sheet(self, body: bytes) -> None:
        offset, state, kind, length = struct.unpack_from("<IBBB", body)
        if kind == _WORKSHEET and len(self.sheets) < _MOST_SHEETS:
            self.sheets.append(XlsSheet(self._text(body[7:], length), offset, bool(state & 3)))

    def _take_format(self, body: bytes) -> None:
        number = struct.unpack_from("<H", body)[0]
        length, start = (struct.unpack_from("<H", body, 2)[0], 4) if self.biff8 else (body[2], 3)
        self._codes[number] = self._text(body[start:], length)

    def _take_style(self, body: bytes) -> None:
        self._formats.append(struct.unpack_from("<H", body, 2)[0])

    def _text(self, raw: bytes, length: int) -> str:
        """Return a text of `length` characters; in BIFF8 a byte of flags comes first."""
        if not self.biff8:
            return raw[:length].decode(self.codec, "replace")
        if raw[:1] and raw[0] & 1:
            return raw[1 : 1 + 2 * length].decode(_UTF16, "replace")
        return raw[1 : 1 + length].decode("latin-1")

    def label(self, body: bytes) -> str:
        """Return the text that a LABEL or RSTRING record holds itself."""
        return self._text(body[8:], struct.unpack_from("<H", body, 6)[0])

    def style(self, index: int) -> Style:
        """Return the look of a cell format."""
        return self.styles[index] if index < len(self.styles) else Look.PLAIN


class _SharedStrings:
    """Reads the SST record, which goes on in CONTINUE records that may cut a string anywhere."""

    def __init__(self, segments: list[bytes], limits: TableLimits) -> None:
        self._segments = segments
        self._segment = 0
        self._place = 8
        self._limits = limits

    def read(self) -> list[str]:
        count = struct.unpack_from("<I", self._segments[0], 4)[0]
        strings: list[str] = []
        memory = 0
        while len(strings) < count:
            strings.append(self._string())
            memory += sys.getsizeof(strings[-1]) + 8
            if memory > self._limits.text_bytes:
                raise ArchiveBombError(limit=self._limits.text_bytes // MEGABYTE, ratio=self._limits.unpacked_ratio)
        return strings

    def _room(self) -> int:
        while self._place >= len(self._segments[self._segment]):
            self._segment += 1
            self._place = 0
        return len(self._segments[self._segment]) - self._place

    def _take(self, size: int) -> bytes:
        taken = b""
        while len(taken) < size:
            step = min(size - len(taken), self._room())
            taken += self._segments[self._segment][self._place : self._place + step]
            self._place += step
        return taken

    def _skip(self, size: int) -> None:
        while size:
            step = min(size, self._room())
            self._place += step
            size -= step

    def _string(self) -> str:
        length, flags = struct.unpack("<HB", self._take(3))
        runs = struct.unpack("<H", self._take(2))[0] if flags & 8 else 0
        extension = struct.unpack("<I", self._take(4))[0] if flags & 4 else 0
        text = self._characters(length, flags)
        self._skip(4 * runs + extension)
        return text.decode(_UTF16, "replace")

    def _characters(self, length: int, flags: int) -> bytes:
        """Return the characters as UTF-16; each CONTINUE record says anew whether they take one byte or two."""
        text = b""
        while length:
            if self._place >= len(self._segments[self._segment]):
                self._room()
                flags = self._take(1)[0]
            width = 2 if flags & 1 else 1
            step = min(length, self._room() // width)
            if not step:
                raise _damaged()
            piece = self._take(step * width)
            text += piece if width == 2 else piece.decode("latin-1").encode(_UTF16)
            length -= step
        return text


class XlsReader:
    """Reads the rows of one sheet; the merged ranges are known once all rows have been read."""

    def __init__(self, workbook: XlsWorkbook, sheet: XlsSheet) -> None:
        self._workbook = workbook
        self._sheet = sheet
        self._merges: list[MergedRange] = []
        self._readers: dict[int, Callable[[bytes], _Read]] = {
            0x0203: self._number,
            0x027E: self._rk,
            0x00FD: self._shared,
            0x0204: self._label,
            0x00D6: self._label,
            0x0205: self._boolean_or_error,
            0x0006: self._formula,
        }

    @property
    def merges(self) -> list[MergedRange]:
        """Return the merged ranges by their first row."""
        return sorted(self._merges, key=lambda merged: merged.top)

    def rows(self) -> Iterator[RawRow]:
        """Yield the rows that hold cells, in ascending order."""
        current = -1
        cells: list[Cell] = []
        flaws: list[Flaw] = []
        for row, column, (value, reason) in self._cells():
            if row != current:
                if row < current:
                    raise _damaged()
                if current >= 0:
                    yield current + 1, cells, flaws
                current, cells, flaws = row, [], []
            if column >= self._workbook.limits.columns:
                raise TooManyColumnsError(row=row + 1, limit=self._workbook.limits.columns)
            cells.extend([None] * (column + 1 - len(cells)))
            cells[column] = value if reason is None else None
            if reason is not None:
                flaws.append((column, str(value), reason))
        if current >= 0:
            yield current + 1, cells, flaws

    def _cells(self) -> Iterator[tuple[int, int, _Read]]:
        try:
            for kind, body in self._workbook.records(self._sheet.offset):
                if kind in self._readers:
                    row, column = struct.unpack_from("<HH", body)
                    yield row, column, self._readers[kind](body)
                elif kind == 0x00BD:
                    yield from self._several_rk(body)
                elif kind == _MERGEDCELLS:
                    self._take_merges(body)
        except (struct.error, IndexError) as error:
            raise _damaged() from error

    def _plain_number(self, number: float, style: int) -> _Read:
        value, reason = number_cell(repr(number), self._workbook.style(style), self._workbook.epoch_1904)
        return (value, None) if reason is None else (repr(number), reason)

    def _number(self, body: bytes) -> _Read:
        style, number = struct.unpack_from("<Hd", body, 4)
        return self._plain_number(number, style)

    def _rk(self, body: bytes) -> _Read:
        style, number = struct.unpack_from("<HI", body, 4)
        return self._plain_number(_from_rk(number), style)

    def _several_rk(self, body: bytes) -> Iterator[tuple[int, int, _Read]]:
        row, first = struct.unpack_from("<HH", body)
        for place, (style, number) in enumerate(struct.iter_unpack("<HI", body[4:-2])):
            yield row, first + place, self._plain_number(_from_rk(number), style)

    def _shared(self, body: bytes) -> _Read:
        return self._workbook.strings[struct.unpack_from("<I", body, 6)[0]], None

    def _label(self, body: bytes) -> _Read:
        return self._workbook.label(body), None

    def _boolean_or_error(self, body: bytes) -> _Read:
        value, is_error = struct.unpack_from("<BB", body, 6)
        if not is_error:
            return bool(value), None
        name = _ERRORS.get(value, "#N/A")
        return name, error_reason(name)

    def _formula(self, _body: bytes) -> _Read:
        return "=…", FORMULA

    def _take_merges(self, body: bytes) -> None:
        for top, bottom, left, right in struct.iter_unpack("<HHHH", body[2:]):
            if len(self._merges) >= MOST_MERGES:
                raise _damaged()
            self._merges.append(MergedRange(top + 1, left, bottom + 1, right))


def _from_rk(number: int) -> float:
    """Return a number packed in thirty bits ([MS-XLS] 2.5.217): an integer or the head of a double, perhaps × 100."""
    if number & 2:
        value: float = (number >> 2) - (1 << 30 if number & 0x80000000 else 0)
    else:
        value = struct.unpack("<d", struct.pack("<Q", (number & 0xFFFFFFFC) << 32))[0]
    return value / 100 if number & 1 else value
