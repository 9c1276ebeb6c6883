"""An .xlsx workbook: which sheets it has, its shared strings and its number formats (ECMA-376)."""

from __future__ import annotations

import posixpath
import re
import sys
from dataclasses import dataclass

from yunlang.kit.language import Bilingual
from yunlang.kit.tables.archive import Archive
from yunlang.kit.tables.cells import Look, Style, style_of, unescape
from yunlang.kit.tables.errors import CellTooLongError, DamagedFileError
from yunlang.kit.tables.markup import DEPTH, Attributes, Markup, elements, too_deep
from yunlang.kit.tables.model import TableLimits
from yunlang.kit.tables.plain import STRING, give_plain

_HIDDEN = frozenset({"hidden", "veryHidden"})
_NO_SHEETS = Bilingual("没有工作表", "it has no sheets")


@dataclass(frozen=True, slots=True)
class SheetPart:
    """One worksheet of a workbook and the archive part that holds it."""

    name: str
    part: str
    hidden: bool


class Workbook:
    """What the sheets of a workbook share."""

    def __init__(self, archive: Archive, limits: TableLimits) -> None:
        self.archive = archive
        self.epoch_1904 = False
        main = _office_document(archive)
        relations = _relations(archive, main)
        self.sheets = self._read_sheets(main, relations)
        self.strings = self._read_strings(relations, limits)
        self.styles = self._read_styles(relations)

    def _read_sheets(self, main: str, relations: dict[str, tuple[str, str]]) -> list[SheetPart]:
        sheets: list[SheetPart] = []

        def take(name: str, attributes: Attributes) -> None:
            if name == "workbookPr":
                self.epoch_1904 = attributes.get("date1904") in ("1", "true")
            elif name == "sheet":
                kind, part = relations.get(attributes.get("id", ""), ("", ""))
                if kind == "worksheet":
                    sheets.append(SheetPart(attributes.get("name", ""), part, attributes.get("state") in _HIDDEN))

        elements(self.archive.open(main), take)
        if not sheets:
            raise DamagedFileError(detail=_NO_SHEETS)
        return sheets

    def _read_strings(self, relations: dict[str, tuple[str, str]], limits: TableLimits) -> list[str]:
        part = _target(relations, "sharedStrings")
        if part is None or part not in self.archive:
            return []
        return SharedStrings(self.archive, limits).read(part)

    def _read_styles(self, relations: dict[str, tuple[str, str]]) -> list[Style]:
        """Return the look of each cell format (cellXfs), in order."""
        part = _target(relations, "styles")
        if part is None or part not in self.archive:
            return []
        codes: dict[int, str] = {}
        numbers: list[int] = []
        group = ""

        def take(name: str, attributes: Attributes) -> None:
            nonlocal group
            if name == "numFmt":
                codes[_integer(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
            elif name == "xf" and group == "cellXfs":
                numbers.append(_integer(attributes.get("numFmtId", "0")))
            elif name in ("cellXfs", "cellStyleXfs"):
                group = name

        elements(self.archive.open(part), take)
        return [style_of(number, codes.get(number)) for number in numbers]

    def style(self, index: str | None) -> Style:
        """Return the look of a cell's style index as the sheet writes it."""
        if index is None or not self.styles:
            return Look.PLAIN
        try:
            return self.styles[int(index)]
        except (ValueError, IndexError):
            return Look.PLAIN


class SharedStrings:
    """Reads the table of shared strings, counting the memory it takes."""

    def __init__(self, archive: Archive, limits: TableLimits) -> None:
        self._archive = archive
        self._limits = limits
        self._strings: list[str] = []
        self._pieces: list[str] = []
        self._length = 0
        self._memory = 0
        self._depth = 0
        self._phonetic = 0
        self._markup = Markup()
        self._parser = self._markup.parser

    def read(self, part: str) -> list[str]:
        """Return the strings in order, the phonetic readings of Japanese and Chinese left out."""
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        for _ in give_plain(self._markup, self._archive.open(part), STRING, self._plain_string):
            pass
        return self._strings

    def _plain_string(self, found: re.Match[str]) -> None:
        self._length = 0
        if len(found[1]) > self._limits.cell_characters:
            self._text(found[1])
        self._keep(found[1])

    def _start(self, name: str, _attributes: Attributes) -> None:
        self._depth += 1
        if self._depth > DEPTH:
            raise too_deep()
        if name[-1] == "t":
            if not self._phonetic:
                self._parser.CharacterDataHandler = self._text
        elif name.endswith("rPh"):
            self._phonetic = self._depth

    def _text(self, text: str) -> None:
        self._length += len(text)
        if self._length > self._limits.cell_characters:
            raise CellTooLongError(row=len(self._strings) + 1, limit=self._limits.cell_characters)
        self._pieces.append(text)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._parser.CharacterDataHandler = None
        if name[-1] == "i":
            self._keep("".join(self._pieces))
            self._pieces.clear()
            self._length = 0
        elif self._phonetic > self._depth:
            self._phonetic = 0

    def _keep(self, text: str) -> None:
        self._memory += sys.getsizeof(text) + 8
        if self._memory > self._limits.text_bytes:
            raise self._archive.bomb()
        self._strings.append(unescape(text))


def _office_document(archive: Archive) -> str:
    found = _target(_relations(archive, ""), "officeDocument")
    return found or "xl/workbook.xml"


def _relations(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """Return relation id to (kind, target part) of a part; of the whole package for an empty name."""
    folder, name = posixpath.split(part)
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    found: dict[str, tuple[str, str]] = {}

    def take(element: str, attributes: Attributes) -> None:
        if element == "Relationship":
            target = attributes.get("Target", "")
            place = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], place)

    if path in archive:
        elements(archive.open(path), take)
    return found


def _target(relations: dict[str, tuple[str, str]], kind: str) -> str | None:
    return next((part for relation, part in relations.values() if relation == kind), None)


def _integer(text: str | None) -> int:
    try:
        return int(text or "0")
    except ValueError:
        return 0
