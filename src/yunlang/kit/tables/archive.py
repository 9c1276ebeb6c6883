"""The zip container of an .xlsx file, opened so that no bomb goes off.

The central directory is measured before it is parsed, declared sizes are checked before anything is unpacked, and
unpacking itself is counted, because declared sizes lie. Parts are read as streams; nothing is written to disk.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from types import TracebackType
from typing import IO, BinaryIO

from yunlang.kit.language import Bilingual
from yunlang.kit.tables.errors import ArchiveBombError, DamagedFileError, EncryptedFileError
from yunlang.kit.tables.model import MEGABYTE, TableLimits

_END, _END64 = b"PK\x05\x06", b"PK\x06\x06"
_DIRECTORY_BYTES = 4 * MEGABYTE  # some 50,000 parts; a workbook has dozens
_RATIO_FROM = 16 * MEGABYTE  # small parts of one repeated word pack very well and do no harm
_ENCRYPTED = 0x1
TRUNCATED = Bilingual("压缩包不完整", "the archive is incomplete")
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error, ValueError)


class Archive:
    """A zip file whose parts are read under limits."""

    def __init__(self, stream: BinaryIO, limits: TableLimits) -> None:
        self._limits = limits
        self.unpacked = 0
        _check_directory(stream, self.bomb())
        try:
            self._zip = zipfile.ZipFile(stream)
        except _UNREADABLE as error:
            raise DamagedFileError(detail=TRUNCATED) from error
        self._parts = {info.filename.lower().lstrip("/"): info for info in self._zip.infolist()}
        if sum(info.file_size for info in self._parts.values()) > limits.unpacked_bytes:
            raise self.bomb()

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._parts

    def names(self) -> frozenset[str]:
        """Return the parts' names in lower case."""
        return frozenset(self._parts)

    def open(self, name: str) -> Part:
        """Return one part for reading; its name in any case.

        Raises
        ------
        DamagedFileError
            When there is no such part.
        EncryptedFileError, ArchiveBombError
            When it has a password, or says that it unpacks beyond the limits.
        """
        info = self._parts.get(name.lower())
        if info is None:
            raise DamagedFileError(detail=Bilingual(f"缺少部件 {name}", f"the part {name} is missing"))
        if info.flag_bits & _ENCRYPTED:
            raise EncryptedFileError
        if self.swollen(info.file_size, info.compress_size):
            raise self.bomb()
        try:
            return Part(self, self._zip.open(info), info.compress_size)
        except _UNREADABLE as error:
            raise DamagedFileError(detail=TRUNCATED) from error

    def swollen(self, unpacked: int, packed: int) -> bool:
        """Tell whether a part of these sizes has grown beyond the ratio allowed."""
        return unpacked > _RATIO_FROM and unpacked > self._limits.unpacked_ratio * max(packed, 1)

    def count(self, size: int) -> None:
        """Add unpacked bytes to the total of all parts; refuse above the limit."""
        self.unpacked += size
        if self.unpacked > self._limits.unpacked_bytes:
            raise self.bomb()

    def bomb(self) -> ArchiveBombError:
        """Return the refusal with this archive's limits."""
        limits = self._limits
        return ArchiveBombError(limit=limits.unpacked_bytes // MEGABYTE, ratio=limits.unpacked_ratio)


class Part:
    """One part of an archive, unpacked piece by piece."""

    def __init__(self, archive: Archive, stream: IO[bytes], packed: int) -> None:
        self._archive = archive
        self._stream = stream
        self._packed = packed
        self._size = 0

    def read(self, size: int) -> bytes:
        """Return at most `size` unpacked bytes, none at the end.

        Raises
        ------
        DamagedFileError, ArchiveBombError
        """
        try:
            piece = self._stream.read(size)
        except _UNREADABLE as error:
            raise DamagedFileError(detail=TRUNCATED) from error
        self._size += len(piece)
        if self._archive.swollen(self._size, self._packed):
            raise self._archive.bomb()
        self._archive.count(len(piece))
        return piece


def _check_directory(stream: BinaryIO, refusal: ArchiveBombError) -> None:
    """Refuse a huge central directory before `zipfile` makes an object of each of its entries."""
    end = stream.seek(0, 2)
    start = max(0, end - 66_000)
    stream.seek(start)
    tail = stream.read(66_000)
    stream.seek(0)
    found = tail.rfind(_END)
    if found < 0 or len(tail) < found + 22:
        raise DamagedFileError(detail=TRUNCATED)
    sizes = [struct.unpack_from("<I", tail, found + 12)[0]]
    wide = tail.rfind(_END64, 0, found)
    if wide >= 0 and len(tail) >= wide + 56:
        sizes.append(struct.unpack_from("<Q", tail, wide + 40)[0])
        sizes = [size for size in sizes if size != 0xFFFFFFFF]
    if max(sizes, default=0) > _DIRECTORY_BYTES:
        raise refusal
