"""What of a text the fonts can show. Everything else is written out by its number: nothing disappears."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import pylopdf_fonts_zh_cn as chinese_fonts
import uharfbuzz

_SPACES = re.compile(r"[^\S\u3000]+")
# Invisible, without meaning of their own, or not allowed in PDF/A: whatever a font may have for them.
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_REPLACEMENT = "\ufffd"
# Letters of Europe and Vietnam that the Chinese fonts lack; the typesetter brings Libertinus Serif, which has them all.
_LETTERS = frozenset(map(chr, (*range(0xC0, 0x250), *range(0x400, 0x460), *range(0x1E00, 0x1F00))))


def shown(text: str) -> str:
    """Return a text on one line in which every character can be seen.

    Normal form C; white space becomes one space, but for the ideographic space, which stays; a character that the fonts
    lack or that cannot be seen, such as one that turns the direction of writing, becomes ``〔U+1F600〕``.
    """
    line = _SPACES.sub(" ", unicodedata.normalize("NFC", text))
    if line.isascii() and line.isprintable():
        return line
    covered = _covered()
    return "".join(one if one in covered else f"〔U+{ord(one):04X}〕" for one in line)


@cache
def _covered() -> frozenset[str]:
    sets = [
        {chr(number) for number in uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path))).unicodes}
        for path in (chinese_fonts.serif_path(), chinese_fonts.sans_path())
    ]
    chinese = set.intersection(*sets) - {_REPLACEMENT}
    return frozenset(one for one in chinese | _LETTERS if unicodedata.category(one) not in _UNSHOWN)
