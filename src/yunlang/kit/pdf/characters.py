"""What of a text the fonts can show. Everything else is written out by its number: nothing disappears."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache

import pylopdf_fonts_zh_cn as chinese_fonts
import uharfbuzz

_SPACES = re.compile(r"[^\S\u3000]+")
# Invisible, without meaning of their own, not allowed in PDF/A, or marks on a letter that no font here has in one:
# whatever a font may have for them.
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Mc", "Me"})
_REPLACEMENT = "\ufffd"
# Letters of Europe and Vietnam that the Chinese fonts lack; the typesetter brings Libertinus Serif, which has them all.
_LETTERS = frozenset(map(chr, (*range(0xC0, 0x250), *range(0x400, 0x460), *range(0x1E00, 0x1F00))))
_RADICALS = range(0x2E80, 0x2FE0)
_WAVE_DASH = 0x301C


def shown(text: str) -> str:
    """Return a text on one line in which every character can be seen.

    Normal form C; white space becomes one space, but for the ideographic space, which stays. Characters that the font
    draws alike, such as the radical ⼄ and the word 乙, become the usual one: a reader of the file could not tell them
    apart. A character that the fonts lack or that cannot be seen, such as one that turns the direction of writing,
    becomes ``〔U+1F600〕``.
    """
    line = _SPACES.sub(" ", unicodedata.normalize("NFC", text))
    if line.isascii() and line.isprintable():
        return line
    forms = _forms()
    return "".join(forms.get(one) or f"〔U+{ord(one):04X}〕" for one in line)


@cache
def _forms() -> Mapping[str, str]:
    """Return each character that can be shown, with the one that stands for it."""
    usual: dict[int, str] = {}
    forms: dict[str, str] = {}
    for character, glyph in sorted(_drawn(), key=lambda one: (_is_unusual(one[0]), one[0])):
        forms[character] = usual.setdefault(glyph, character)
    letters = {one: one for one in _LETTERS if unicodedata.category(one) not in _UNSHOWN}
    return letters | forms | {" ": " "}


def _drawn() -> Iterator[tuple[str, int]]:
    text, heads = (
        uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)))
        for path in (chinese_fonts.serif_path(), chinese_fonts.sans_path())
    )
    font = uharfbuzz.Font(text)
    for number in set(text.unicodes) & set(heads.unicodes):
        if unicodedata.category(one := chr(number)) not in _UNSHOWN and one != _REPLACEMENT and not _SPACES.match(one):
            yield one, font.get_nominal_glyph(number)


def _is_unusual(character: str) -> bool:
    return ord(character) in _RADICALS or ord(character) == _WAVE_DASH
