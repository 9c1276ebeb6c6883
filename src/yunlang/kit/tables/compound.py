"""OLE compound files ([MS-CFB]): the container of .xls, and of .xlsx behind a password. Reads one stream by name."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from yunlang.kit.language import Bilingual
from yunlang.kit.tables.errors import DamagedFileError

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END_OF_CHAIN = 0xFFFFFFFA  # this and above: end of chain, free, and the tables' own sectors
_HEADER = 512
_ENTRY = 128
_BROKEN = Bilingual("OLE 结构有误", "the OLE structure is broken")


class CompoundFile:
    """A compound file held in memory; every chain of sectors is followed at most once around."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        try:
            self._read_header()
            self._entries = dict(self._read_directory())
        except (struct.error, IndexError, OverflowError) as error:
            raise _damaged() from error

    def _read_header(self) -> None:
        data = self._data
        sector_shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if sector_shift not in (9, 12) or mini_shift != 6:
            raise _damaged()
        self._size, self._mini_size = 1 << sector_shift, 1 << mini_shift
        self._count = (len(data) - _HEADER) // self._size + 2
        self._first_directory = self._word(48)
        self._cutoff = self._word(56)
        table_sectors = list(struct.unpack_from("<109I", data, 76))
        sector = self._word(68)
        for _ in range(self._count):
            if sector >= _END_OF_CHAIN:
                break
            *more, sector = struct.unpack(f"<{self._size // 4}I", self._sector(sector))
            table_sectors += more
        self._table = self._words(number for number in table_sectors if number < _END_OF_CHAIN)
        self._mini_table = self._words(self._chain(self._word(60), self._table))

    def _word(self, offset: int) -> int:
        return int(struct.unpack_from("<I", self._data, offset)[0])

    def _words(self, sectors: Iterator[int]) -> tuple[int, ...]:
        raw = b"".join(self._sector(number) for number in sectors)
        if len(raw) > len(self._data):
            raise _damaged()
        return struct.unpack(f"<{len(raw) // 4}I", raw)

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        piece = self._data[start : start + self._size]
        if not piece:
            raise _damaged()
        return piece.ljust(self._size, b"\0")

    def _chain(self, start: int, table: tuple[int, ...]) -> Iterator[int]:
        sector = start
        for _ in range(len(table) + 1):
            if sector >= _END_OF_CHAIN:
                return
            yield sector
            sector = table[sector]
        raise _damaged()

    def _read_directory(self) -> Iterator[tuple[str, tuple[int, int]]]:
        raw = b"".join(self._sector(number) for number in self._chain(self._first_directory, self._table))
        self._mini_stream = b""
        for offset in range(0, len(raw) - _ENTRY + 1, _ENTRY):
            length = struct.unpack_from("<H", raw, offset + 64)[0]
            name = raw[offset : offset + min(max(length - 2, 0), 62)].decode("utf-16-le", "replace")
            start, size = struct.unpack_from("<II", raw, offset + 116)
            if raw[offset + 66] == 5:
                self._mini_stream = b"".join(self._sector(number) for number in self._chain(start, self._table))
            elif raw[offset + 66] == 2:
                yield name.lower(), (start, size)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._entries

    def read(self, name: str) -> bytes:
        """Return the whole stream named `name`.

        Raises
        ------
        DamagedFileError
            When there is none, or its chain of sectors is broken.
        """
        if name not in self:
            raise _damaged()
        start, size = self._entries[name.lower()]
        if size > len(self._data):
            raise _damaged()
        try:
            if size >= self._cutoff:
                raw = b"".join(self._sector(number) for number in self._chain(start, self._table))
            else:
                raw = b"".join(self._mini_sector(number) for number in self._chain(start, self._mini_table))
        except (struct.error, IndexError) as error:
            raise _damaged() from error
        if len(raw) < size:
            raise _damaged()
        return raw[:size]

    def _mini_sector(self, number: int) -> bytes:
        return self._mini_stream[number * self._mini_size : (number + 1) * self._mini_size]


def _damaged() -> DamagedFileError:
    return DamagedFileError(detail=_BROKEN)
