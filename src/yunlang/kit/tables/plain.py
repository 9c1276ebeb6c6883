"""A quick way through the parts of a workbook that are written the plain way, as all spreadsheet programs do.

Ten calls from expat into Python for each cell take most of the time of reading a large sheet. Rows, and shared strings,
that match a strict pattern (no entities, no prefixes, no formulas) are taken by regular expression; everything else
goes to expat, which thus sees the same document without them. From the first comment, CDATA section or processing
instruction on, and where the part is not UTF-8, everything goes to expat.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from yunlang.kit.language import Bilingual
from yunlang.kit.tables.errors import DamagedFileError
from yunlang.kit.tables.markup import PIECE, Markup, Readable

_TEXT = r"[^<&\x00-\x08\x0b-\x1f]*+"
_CELL = (
    r'<c(?: r="([A-Z]{1,3})\d{1,7}")?(?: s="(\d{1,9})")?(?: t="(s|str|inlineStr|n|b)")?'
    rf'(?:/>|>(?:<v>({_TEXT})</v>|<is><t(?: xml:space="preserve")?>({_TEXT})</t></is>)?</c>)'
)
_GROUP = re.compile(r"\((?!\?)")


@dataclass(frozen=True, slots=True)
class Plain:
    """What the plain way of writing one element looks like; its groups are what `give_plain` hands over."""

    start: str
    pattern: re.Pattern[str]


CELLS = re.compile(_CELL)
# Groups: the row's number, empty where it has none; what stands between its tags.
ROW = Plain(
    "<row",
    re.compile(
        r'<row(?: r="(\d{1,9})")?(?: (?!r=)[\w:]{1,60}="[^"<&]{0,200}")*+'
        rf"(?:/>|>((?:{_GROUP.sub('(?:', _CELL)})*+)</row>)",
        re.ASCII,
    ),
)
# Group: the text.
STRING = Plain("<si", re.compile(rf'<si><t(?: xml:space="preserve")?>({_TEXT})</t></si>'))
_DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?>")
_UTF8 = re.compile(rb"""encoding=["']utf-8["']""", re.IGNORECASE)
_LONGEST = 1_000_000  # characters of one element
_NOT_UTF8 = Bilingual("文字编码有误", "text that is not UTF-8")

Take = Callable[[re.Match[str]], None]


def give_plain(markup: Markup, stream: Readable, plain: Plain, take: Take) -> Iterator[None]:
    """Parse a part as `Markup.give_all` does, but call `take` for plain elements; all in the order of the document."""
    head = stream.read(PIECE)
    declaration = _DECLARATION.match(head)
    if declaration is None or not _UTF8.search(declaration[0]):
        yield from markup.give_all(_Resumed(head, stream))
        return
    markup.give(declaration[0])
    decoder = codecs.getincrementaldecoder("utf-8")()
    piece = head[declaration.end() :]
    waiting = ""
    while piece:
        try:
            waiting += decoder.decode(piece)
        except UnicodeDecodeError as error:
            raise DamagedFileError(detail=_NOT_UTF8) from error
        if "<!" in waiting or "<?" in waiting or len(waiting) > _LONGEST:
            break
        waiting = _take_plain(markup, waiting, plain, take)
        yield
        piece = stream.read(PIECE)
    yield from markup.give_all(_Resumed(waiting.encode() + decoder.getstate()[0], stream))


def _take_plain(markup: Markup, text: str, plain: Plain, take: Take) -> str:
    """Take the plain elements of `text`, give the rest to expat, and return the end that may not be complete."""
    done = 0
    for found in plain.pattern.finditer(text):
        if found.start() > done:
            markup.give(text[done : found.start()].encode())
        take(found)
        done = found.end()
    complete = text.rfind(plain.start, done)
    if complete < 0:
        complete = max(text.rfind("<", done), done)
    if complete > done:
        markup.give(text[done:complete].encode())
    return text[complete:]


class _Resumed:
    """A stream with some of its bytes put back."""

    def __init__(self, first: bytes, stream: Readable) -> None:
        self._first = first
        self._stream = stream

    def read(self, size: int) -> bytes:
        if self._first:
            piece, self._first = self._first[:size], self._first[size:]
            return piece
        return self._stream.read(size)
