"""Texts to the pieces that a static embedding knows, for thousands of texts in one pass of array arithmetic.

A piece is one to four neighbouring Chinese characters, a whole run of other letters and digits (``2025``, ``lifepo4``),
or three neighbouring characters of such a run. Each piece is known by a 64-bit key alone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

GRAMS_VERSION = 1  # of the keys: another version's table does not fit
LONGEST_READ = 20_000  # characters of one text
LONGEST_CHINESE = 4
LONGEST_RUN = 32  # characters of a run that tell it from others

Keys = npt.NDArray[np.uint64]

_BEYOND = 0x10000  # characters outside the basic plane share one class: rare Chinese ones
_BREAK, _OTHER, _CHINESE = 0, 1, 2
_CHINESE_RANGES = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, so that multiplying loses nothing
_RUN_MARK = np.uint64(7)


class Grams(NamedTuple):
    """Pieces of some texts.

    Attributes
    ----------
    keys
        One a piece, in the order of the texts and of the pieces' beginnings.
    ends
        Where each text's pieces begin in `keys`, and the end of the last; shape (texts + 1,), from 0, ascending.
    """

    keys: Keys
    ends: npt.NDArray[np.int64]


def text_grams(texts: Sequence[str]) -> Grams:
    """Return the pieces of each text; letters are NFKC and case folded, 20,000 characters of a text count.

    A text's pieces do not depend on its neighbours.
    """
    folded = "\n".join([_compatible(text) for text in texts]).casefold()
    codes = np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    kinds = _kinds()[np.minimum(codes, _BEYOND)]
    keys, known = _grid(codes.astype(np.uint64), kinds == _CHINESE, kinds == _OTHER)
    before = np.concatenate(([0], np.cumsum(known.sum(axis=1))))
    borders = np.concatenate(([0], np.flatnonzero(codes == ord("\n")), [len(codes)]))[: len(texts) + 1]
    return Grams(keys[known], before[borders])


def _compatible(text: str) -> str:
    line = text[:LONGEST_READ].replace("\n", " ")
    # Most texts are in this form already, and asking costs a tenth of making it.
    return line if unicodedata.is_normalized("NFKC", line) else unicodedata.normalize("NFKC", line)


def _grid(codes: Keys, chinese: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> tuple[Keys, Keys]:
    """Return the keys of the pieces that begin at each character, one column a sort, and which of them there are."""
    keys = np.zeros((len(codes), LONGEST_CHINESE + 2), dtype=np.uint64)
    known = np.zeros(keys.shape, dtype=bool)
    key, inside = codes + _FACTOR, chinese
    for column in range(LONGEST_CHINESE):
        if column:
            key, inside = key[:-1] * _FACTOR + codes[column:], inside[:-1] & chinese[column:]
        keys[: len(key), column], known[: len(key), column] = key, inside
    triple = ((codes[:-2] + _FACTOR) * _FACTOR + codes[1:-1]) * _FACTOR + codes[2:]
    keys[: len(triple), -2], known[: len(triple), -2] = triple, other[:-2] & other[1:-1] & other[2:]
    begins, whole = _runs(codes, other)
    keys[begins, -1], known[begins, -1] = whole, True
    return keys, known


def _runs(codes: Keys, other: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], Keys]:
    """Return where runs of letters and digits begin and the key of each; its first 32 characters count."""
    edges = np.flatnonzero(np.diff(other.view(np.int8), prepend=0, append=0))
    begins, ends = edges[::2], edges[1::2]
    if not len(begins):
        return begins, np.zeros(0, dtype=np.uint64)
    lengths = ends - begins
    places = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    weighted = codes[other] * _powers()[np.minimum(places, LONGEST_RUN)]
    return begins, np.add.reduceat(weighted, np.cumsum(lengths) - lengths) * _FACTOR + _RUN_MARK


@cache
def _kinds() -> npt.NDArray[np.uint8]:
    kinds = np.array([_OTHER if chr(code).isalnum() else _BREAK for code in range(_BEYOND + 1)], dtype=np.uint8)
    for first, last in (*_CHINESE_RANGES, (_BEYOND, _BEYOND)):
        kinds[first : last + 1] = _CHINESE
    return kinds


@cache
def _powers() -> Keys:
    powers = np.cumprod(np.full(LONGEST_RUN, _FACTOR, dtype=np.uint64), dtype=np.uint64)
    return np.append(powers, np.uint64(0))
