"""Which encoding a text file is in, and its lines, never more than a bounded piece in memory."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from yunlang.kit.language import Bilingual
from yunlang.kit.tables.errors import BinaryContentError, CellTooLongError, DamagedFileError, TextEncodingError
from yunlang.kit.tables.model import MEGABYTE

_SAMPLE = 200_000  # characters
_PLAUSIBLE = 0.7
LONGEST_LINE = 2_000_000
# Shapes that a text decoded in the wrong encoding and saved again leaves behind.
_REPLACED = re.compile("�|锟斤拷|^锘")
_CJK = re.compile(r"^[\x00-\x7f\u2010-\u203b\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+$")


def encoding_of(stream: BinaryIO) -> str:
    """Return the encoding of a whole text file: utf-8, utf-8-sig, utf-16 (with its mark) or gb18030.

    Every byte is decoded once, so that reading cannot fail half way. GB18030 accepts nearly any bytes, so a text in it
    must also look like one: most of its characters beyond ASCII are common ones.

    Raises
    ------
    BinaryContentError
        When it holds NUL.
    TextEncodingError
        When it is in none of these encodings.
    DamagedFileError
        When UTF-8 breaks off in the middle of a character.
    """
    stream.seek(0)
    head = stream.read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and head != codecs.BOM_UTF32_LE:
        wrong = _first_wrong_line(stream, "utf-16")
        if wrong:
            raise TextEncodingError(line=abs(wrong))
        return "utf-16"
    wrong = _first_wrong_line(stream, "utf-8")
    if not wrong:
        return "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"
    if not _first_wrong_line(stream, "gb18030") and _plausible(stream):
        return "gb18030"
    if wrong < 0:
        raise DamagedFileError(detail=Bilingual(f"在第 {-wrong} 行中断", f"it breaks off in line {-wrong}"))
    raise TextEncodingError(line=wrong)


def _first_wrong_line(stream: BinaryIO, encoding: str) -> int:
    """Return the line of the first byte that `encoding` cannot have, 0 for none, negative where the text breaks off."""
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    while True:
        piece = stream.read(MEGABYTE)
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            line += error.object[: error.start].count(b"\n")
            return line if piece else -line
        if "\0" in text:
            raise BinaryContentError
        line += text.count("\n")
        if not piece:
            return 0


def _plausible(stream: BinaryIO) -> bool:
    """Tell whether text in GB18030 is mostly made of symbols and the 3,755 common characters of GB 2312."""
    stream.seek(0)
    text = codecs.getincrementaldecoder("gb18030")().decode(stream.read(_SAMPLE * 2))
    beyond = [character for character in text if character > "\x7f"]
    leads = (character.encode("gb2312", "ignore")[:1] for character in beyond)
    common = sum(b"\xa1" <= lead <= b"\xa9" or b"\xb0" <= lead <= b"\xd7" for lead in leads if lead)
    return common >= _PLAUSIBLE * len(beyond)


def lines(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """Yield the lines with their line ends.

    Raises
    ------
    CellTooLongError
        For a line of more than two million characters.
    """
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    try:
        number = 0
        while line := text.readline(LONGEST_LINE):
            number += 1
            if len(line) >= LONGEST_LINE:
                raise CellTooLongError(row=number, limit=LONGEST_LINE)
            yield line
    finally:
        # A reader that is dropped half-way ends here after its file was closed.
        if not stream.closed:
            text.detach()


def is_garbled(text: str) -> bool:
    """Tell whether a short text, a column header, was decoded wrongly before it was saved.

    >>> is_garbled("鍚嶇О"), is_garbled("名称")
    (True, False)
    """
    if text.isascii():
        return False
    return bool(_REPLACED.search(text)) or _is_chinese(text.encode("gb18030", "replace")) or _is_chinese(_western(text))


def _western(text: str) -> bytes:
    """Return the bytes that a program took for Windows-1252, where it knows them, and for Latin-1 where it does not."""
    return b"".join(
        character.encode("cp1252", "ignore") or character.encode("latin-1", "replace") for character in text
    )


def _is_chinese(data: bytes) -> bool:
    try:
        text = data.decode("utf-8")
    except UnicodeError:
        return False
    return not text.isascii() and _CJK.match(text) is not None
