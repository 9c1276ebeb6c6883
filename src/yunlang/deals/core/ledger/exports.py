"""Exported journals: JSON Lines between a header and a trailer, verified in constant memory on any machine.

Line 1 is the header (format, version, when it was made, which subjects it holds). Then the entries, subject by subject
in ascending order and each from 1 on without gaps. The last line counts entries and subjects and holds the SHA-256 of
all bytes before it. Every line is canonical JSON and ends in one line feed, so no byte of the file can change unseen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any, BinaryIO

from yunlang.deals.core.ledger.canonical import NotCanonicalError, canonical, moment_of, parsed
from yunlang.deals.core.ledger.entries import BrokenLedgerError, Entry, Head, Subject, entry_of, entry_values, follow
from yunlang.kit.language import Bilingual

FORMAT = "yunlang-ledger"
FORMAT_VERSION = 1
# No entry is nearly as long: services bound every text. A file without line feeds must not fill the memory.
LONGEST_LINE = 1_000_000
# China keeps one time all year; heads are published by its days.
CORRIDOR = timezone(timedelta(hours=8))
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
    file: BinaryIO, *, published: Mapping[str, date] | None = None, tell: Callable[[int], None] = lambda size: None
) -> Verified:
    """Return what an export holds once every byte of it has been checked.

    Parameters
    ----------
    published
        The day of each published hash. Entries from before the last of these days and before the day of the export
        have to be covered by one, and an export of everything has to hold all that were published before its day.
    tell
        Called with the number of bytes read, line by line.

    Raises
    ------
    BrokenLedgerError
        At the first line that is wrong, and why.
    """
    lines = _Lines(file, tell)
    scope, made_at = _header(lines)
    anchors = _Anchors(published or {}, _day(made_at))
    subject: Subject | None = None
    head, subjects, count = Head(), 0, 0
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
            anchors.close()
            subject, head, subjects = entry.subject, Head(), subjects + 1
        head = follow(head, entry)
        anchors.see(entry)
        count += 1
    if values != {"entries": count, "subjects": subjects, "sha256": digest}:
        lines.refuse(Bilingual("文件与末行的总数或摘要不符", "the file is not what its last line says"))
    lines.end()
    anchors.close()
    if scope == "all":
        anchors.end()
    return Verified(scope, made_at, count, subjects, digest, anchors.covered)


def _day(moment: datetime) -> date:
    return moment.astimezone(CORRIDOR).date()


class _Anchors:
    """What published heads say of an export's subjects, one after the other.

    A file tells of nothing after the day it was made. Who dates it back gains nothing: its newest entry counts as well.
    """

    def __init__(self, published: Mapping[str, date], made_on: date) -> None:
        self._published, self._made_on, self.covered = published, made_on, 0
        # What was recorded in a day's last moments may be published with the day after.
        self._settled = max(published.values(), default=date.min)
        self._newest_of_all = made_on
        self._found: Counter[date] = Counter()
        self._begin()

    def _begin(self) -> None:
        self._covered, self._newest = 0, date.min
        self._last: Entry | None = None
        self._due: Entry | None = None

    def see(self, entry: Entry) -> None:
        """Take note of the next entry."""
        if not self._published:
            return
        head, day = self._published.get(entry.hash), _day(entry.at)
        if head is not None:
            self._covered = entry.sequence
            self._found[head] += 1
        if day > self._newest:
            self._newest = day
            if self._last is not None and _day(self._last.at) < self._settled:
                self._due = self._last
        if day < min(self._settled, self._made_on):
            self._due = entry
        self._last = entry

    def close(self) -> None:
        """End a subject."""
        if self._due is not None and self._due.sequence > self._covered:
            where = Bilingual("{subject} 第 {sequence} 条", "{subject}, entry {sequence}")
            why = Bilingual("早该公布，公布的哈希里却没有", "it should have been published, and was not")
            raise BrokenLedgerError(where.format(subject=self._due.subject, sequence=self._due.sequence), why)
        self.covered += self._covered
        self._newest_of_all = max(self._newest_of_all, self._newest)
        self._begin()

    def end(self) -> None:
        """End a file that holds everything."""
        until = self._newest_of_all
        missing = sum(day < until for day in self._published.values())
        missing -= sum(count for day, count in self._found.items() if day < until)
        if missing > 0:
            where = Bilingual("公布的哈希", "published heads")
            why = Bilingual("有 {count} 个不在文件中", "{count} are not in the file").format(count=missing)
            raise BrokenLedgerError(where, why)


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
