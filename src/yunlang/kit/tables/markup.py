"""XML read piece by piece with what no spreadsheet program writes refused: document types, entities, huge tokens.

An element is never built: callers get expat's events, so memory does not grow with the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol
from xml.parsers import expat

from yunlang.kit.language import Bilingual
from yunlang.kit.tables.errors import DamagedFileError, UnsafeXmlError
from yunlang.kit.tables.model import MEGABYTE

PIECE = 64 * 1024
DEPTH = 64
_TOKEN = MEGABYTE
_DEEP = Bilingual("XML 嵌套过深", "XML nested too deeply")
_LONG = Bilingual("XML 标记过长", "an XML tag that is too long")
_DOCTYPE = Bilingual("XML 文档类型或实体声明", "an XML document type or entity declaration")

Attributes = dict[str, str]


class Readable(Protocol):
    """Anything with a bounded `read`."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes."""


class Markup:
    """An expat parser, its handlers set by the caller on `parser`, fed piece by piece."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.buffer_size = PIECE
        self.parser.StartDoctypeDeclHandler = _refuse_doctype
        if hasattr(self.parser, "SetReparseDeferralEnabled"):
            # Events must come with the piece that completes them; `give` bounds what deferral is there to bound.
            self.parser.SetReparseDeferralEnabled(False)
        self._fed = 0

    def give(self, piece: bytes, *, last: bool = False) -> None:
        """Parse the next piece.

        Raises
        ------
        DamagedFileError
            When the XML is not well formed.
        UnsafeXmlError
            For a document type, or one tag, comment or the like above 1 MB (expat reads such a token again from its
            start with every piece).
        """
        try:
            self.parser.Parse(piece, last)
        except (expat.ExpatError, UnicodeError, LookupError) as error:
            line = self.parser.CurrentLineNumber
            raise DamagedFileError(detail=Bilingual(f"XML 第 {line} 行有误", f"XML error at line {line}")) from error
        self._fed += len(piece)
        if self._fed - self.parser.CurrentByteIndex > _TOKEN:
            raise UnsafeXmlError(detail=_LONG)

    def give_all(self, stream: Readable) -> Iterator[None]:
        """Parse `stream` to its end, pausing after each piece for the caller to take what its handlers gathered."""
        while piece := stream.read(PIECE):
            self.give(piece)
            yield
        self.give(b"", last=True)
        yield


def _refuse_doctype(*_details: object) -> None:
    raise UnsafeXmlError(detail=_DOCTYPE)


def too_deep() -> UnsafeXmlError:
    """Return the refusal of nesting beyond `DEPTH`."""
    return UnsafeXmlError(detail=_DEEP)


def elements(stream: Readable, take: Callable[[str, Attributes], None]) -> None:
    """Call `take` with the local name and the attributes, prefixes cut off, of every element of a small part."""
    depth = 0

    def start(name: str, attributes: Attributes) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH:
            raise too_deep()
        take(local(name), {local(key): value for key, value in attributes.items()})

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    markup = Markup()
    markup.parser.StartElementHandler = start
    markup.parser.EndElementHandler = end
    for _ in markup.give_all(stream):
        pass


def local(name: str) -> str:
    """Return an XML name without its prefix."""
    return name.rpartition(":")[2]
