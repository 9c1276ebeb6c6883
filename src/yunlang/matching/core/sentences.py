"""Sentences of a text, for evidence and for the encoder."""

from __future__ import annotations

import re

_BREAKS = re.compile(r"(?<=[。！？!?；;…])|(?<=\.)(?=\s)|(?:\\r|\\n|[\r\n\u2028\u2029])+")
_SPACE = re.compile(r"\s+")
_MARK = re.compile(r"\w")


def split_sentences(text: str, *, most: int = 50, longest: int = 200) -> list[str]:
    r"""Return the sentences of `text` in their order.

    A sentence ends at 。！？；… and their Latin counterparts, at a full stop before white space, and at a line break,
    be it real or the two characters ``\n`` that exports leave behind. White space is squeezed; what holds no letter
    or digit is dropped.

    Parameters
    ----------
    text
        Any text.
    most
        Largest number of sentences returned, at least 1.
    longest
        Characters after which a sentence is cut, at least 1; the rest of it is dropped.
    """
    if most < 1 or longest < 1:
        raise ValueError("most and longest are at least 1")
    found: list[str] = []
    start = 0
    for match in _BREAKS.finditer(text):
        _append(found, text[start : match.start()], longest)
        start = match.end()
        if len(found) == most:
            return found
    _append(found, text[start:], longest)
    return found


def _append(found: list[str], piece: str, longest: int) -> None:
    sentence = _SPACE.sub(" ", piece).strip()[:longest].rstrip()
    if _MARK.search(sentence):
        found.append(sentence)
