"""Rows set aside while a file is checked to its end, so that a refusal comes before the first row is used.

The rows lie in an anonymous temporary file (in memory while they are few); the system removes it with the process.
"""

from __future__ import annotations

import pickle  # reads back what this process itself has just written to a file without a name
import tempfile
from collections.abc import Iterator

from yunlang.kit.tables.model import MEGABYTE, RawRow

_BATCH_ROWS = 500
_BATCH_CHARACTERS = 8_000_000
_IN_MEMORY = 8 * MEGABYTE


class Spool:
    """An append-only list of rows of which only one batch is in memory."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # closed by `close`
        self._batch: list[RawRow] = []
        self._characters = 0
        self.count = 0

    def append(self, row: RawRow, characters: int) -> None:
        """Add a row whose texts have so many characters."""
        self._batch.append(row)
        self._characters += characters
        self.count += 1
        if len(self._batch) >= _BATCH_ROWS or self._characters >= _BATCH_CHARACTERS:
            self.flush()

    def flush(self) -> None:
        """Write out what is in memory."""
        if self._batch:
            pickle.dump(self._batch, self._file, protocol=pickle.HIGHEST_PROTOCOL)
            self._batch = []
            self._characters = 0

    def __iter__(self) -> Iterator[RawRow]:
        self.flush()
        end = self._file.seek(0, 2)
        place = 0
        while place < end:
            self._file.seek(place)
            batch: list[RawRow] = pickle.load(self._file)  # noqa: S301  # see the import
            place = self._file.tell()
            yield from batch

    def close(self) -> None:
        """Let go of the rows."""
        self._file.close()
