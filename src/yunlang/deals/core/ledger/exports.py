"""Exported journals: JSON Lines between a header and a trailer, verified in constant memory on any machine.

Line 1 is the header (format, version, when it was made, which subjects it holds). Then the entries, subject by subject
in ascending order and each from 1 on without gaps. The last line counts entries and subjects and holds the SHA-256 of
all bytes before it. Every line is canonical JSON and ends in one line feed, so no byte of the file can change unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, BinaryIO

from yunlang.deals.core.ledger.canonical import NotCanonicalError, canonical, moment_of, parsed
from yunlang.deals.core.ledger.entries import BrokenLedgerError, Entry, Head, Subject, entry_of, entry_values, follow
from yunlang.kit.language import Bilingual

FORMAT = "yunlang-ledger"
FORMAT_VERSION = 1
# No entry is nearly as long: services bound every text. A file without line feeds must not fill the memory.
LONGEST_LINE = 1_000_000
_HEADER_KEYS = {"format", "made_at", "scope", "version"}
_TRAILER_KEYS = {"entries", "sha256", "subjects"}


@dataclass(frozen=True, slots=True)
class Verified:
    """What a sound export holds.

    Attributes
    ----------
    scope
        ``all``, or the one subject exported.
    anchored
        Of the entries, how many are covered by a published head; only counted where heads were given.
    """

    scope: str
    made_at: datetime
    entries: int
    subjects: int
    sha256: str
    anchored: int = 0


def export_lines(entries: Iterable[Entry], *, scope: str, made_at: datetime) -> Iterator[bytes]:
    """Yield the lines of an export.

    Parameters
    ----------
    entries
        Sorted by subject and sequence.
    scope
        ``all``, or the one subject exported.
    """
    whole, count, subjects, last = sha256(), 0, 0, None
    line = _line({"format": FORMAT, "version": FORMAT_VERSION, "made_at": made_at, "scope": scope})
    whole.update(line)
    yield line
    for entry in entries:
        line = _line(entry_values(entry))
        count, subjects, last = count + 1, subjects + (entry.subject != last), entry.subject
        whole.update(line)
        yield line
    yield _line({"entries": count, "subjects": subjects, "sha256": whole.hexdigest()})


def _line(values: dict[str, Any]) -> bytes:
    return canonical(values) + b"\n"


def export_verify(
    file: BinaryIO, *, published: Container[str] = frozenset(), tell: Callable[[int], None] = lambda size: None
) -> Verified:
    """Return what an export holds once every byte of it has been checked.

    Parameters
    ----------
    published
        Hashes of published heads, to count the entries that they cover.
    tell
        Called with the number of bytes read, line by line.

    Raises
    ------
    BrokenLedgerError
        At the first line that is wrong, and why.
    """
    lines = _Lines(file, tell)
    scope, made_at = _header(lines)
    subject: Subject | None = None
    head, subjects, count, covered, anchored = Head(), 0, 0, 0, 0
    while True:
        digest = lines.digest
        values = lines.read()
        if isinstance(values, dict) and values.keys() == _TRAILER_KEYS:
            break
        entry = lines.checked(entry_of, values)
        if entry.subject != subject:
            if subject is not None and entry.subject < subject:
                lines.refuse(Bilingual("对象次序颠倒", "its subject stands out of order"))
            if scope not in ("all", str(entry.subject)):
                lines.refuse(Bilingual("不属于本文件所述的对象", "its subject is not the one of this file"))
            anchored += covered
            subject, head, subjects, covered = entry.subject, Head(), subjects + 1, 0
        head = follow(head, entry)
        count += 1
        covered = entry.sequence if entry.hash in published else covered
    if values != {"entries": count, "subjects": subjects, "sha256": digest}:
        lines.refuse(Bilingual("文件与末行的总数或摘要不符", "the file is not what its last line says"))
    lines.end()
    return Verified(scope, made_at, count, subjects, digest, anchored + covered)


def _header(lines: _Lines) -> tuple[str, datetime]:
    values = lines.read()
    known = isinstance(values, dict) and values.keys() == _HEADER_KEYS and values["format"] == FORMAT
    if not known or values["version"] != FORMAT_VERSION or not isinstance(values["scope"], str):
        lines.refuse(Bilingual("不是本版本的云廊账本", "not a Yunlang ledger of this version"))
    made_at = lines.checked(lambda one: moment_of(str(one)), values["made_at"])
    return values["scope"], made_at


class _Lines:
    """A file's lines, one at a time, with the digest of those read."""

    def __init__(self, file: BinaryIO, tell: Callable[[int], None]) -> None:
        self._file, self._tell, self._whole, self._number = file, tell, sha256(), 0

    @property
    def digest(self) -> str:
        """SHA-256 of every byte read so far."""
        return self._whole.hexdigest()

    def read(self) -> Any:
        """Return the value on the next line."""
        line = self._file.readline(LONGEST_LINE)
        self._number += 1
        if not line:
            self.refuse(Bilingual("文件不完整，没有末行", "the file ends before its last line"))
        if not line.endswith(b"\n"):
            self.refuse(Bilingual("行未正确结束", "the line does not end as it should"))
        self._whole.update(line)
        self._tell(len(line))
        return self.checked(parsed, line[:-1])

    def checked(self, read: Callable[[Any], Any], value: Any) -> Any:
        """Return what `read` makes of a value of this line."""
        try:
            return read(value)
        except NotCanonicalError as error:
            why = Bilingual("不是规范格式", "not in the canonical form")
            raise BrokenLedgerError(self._where, why) from error

    def end(self) -> None:
        """Let nothing follow."""
        if self._file.read(1):
            self._number += 1
            self.refuse(Bilingual("末行之后还有内容", "something follows on the last line"))

    def refuse(self, why: Bilingual) -> None:
        """Stop at this line."""
        raise BrokenLedgerError(self._where, why)

    @property
    def _where(self) -> Bilingual:
        return Bilingual("第 {number} 行", "line {number}").format(number=self._number)
