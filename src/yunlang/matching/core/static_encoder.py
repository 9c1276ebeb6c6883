"""The fast encoder: a table of vectors of pieces of text, made to give what e5 gives, thousands of times as fast.

A text's vector is the sum of its pieces' vectors, scaled to length 1. `scripts/build_static_encoder.py` makes the
table; the file holds 64-bit keys and numbers, no text. Unlike e5's, its cosines spread around 0 for unrelated texts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from importlib.resources import files
from typing import IO

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from yunlang.matching.core.encoder import Quantised, Vectors, unit_rows
from yunlang.matching.core.errors import ModelFileError
from yunlang.matching.core.grams import GRAMS_VERSION, Keys, text_grams

TABLE_FORMAT = 1
TEXTS_AT_ONCE = 512  # their pieces and vectors stay in the processor's cache
SHIPPED = "static_encoder.npz"

_MEMBERS = ("keys", "codes", "scales", "about")


@dataclass(frozen=True, slots=True, eq=False)
class StaticTable:
    """Vectors of pieces, one byte a component.

    Attributes
    ----------
    keys
        Of the pieces, as `text_grams` gives them; ascending, shape (pieces,).
    codes
        Shape (pieces, dimension).
    scales
        A piece's vector is its codes times this; shape (pieces,).
    teacher
        Name of the encoder whose vectors these add up to.

    Raises
    ------
    ValueError
        When an array has another type or shape, keys do not ascend, or a scale is not finite.
    """

    keys: Keys
    codes: Quantised
    scales: npt.NDArray[np.float32]
    teacher: str

    def __post_init__(self) -> None:
        types = [part.dtype.name for part in (self.keys, self.codes, self.scales)]
        if types != ["uint64", "int8", "float32"]:
            raise ValueError(f"a table has keys, codes and scales of type uint64, int8 and float32, got {types}")
        rows = len(self.keys)
        if self.codes.ndim != 2 or not rows or {self.keys.shape, self.scales.shape, self.codes.shape[:1]} != {(rows,)}:
            shapes = (self.keys.shape, self.codes.shape, self.scales.shape)
            raise ValueError(f"a table's arrays have shape (n,), (n, dimension) and (n,), got {shapes}")
        if not (self.keys[:-1] < self.keys[1:]).all() or not np.isfinite(self.scales).all():
            raise ValueError("a table's keys ascend and its scales are finite")

    @property
    def fingerprint(self) -> str:
        """Return 12 hexadecimal digits (BLAKE2b) of everything that a vector depends on."""
        digest = blake2b(f"{TABLE_FORMAT} {GRAMS_VERSION} {self.teacher}".encode(), digest_size=6)
        for part in (self.keys, self.codes, self.scales):
            digest.update(f"{part.dtype.str} {part.shape}".encode())
            digest.update(np.ascontiguousarray(part).data)
        return digest.hexdigest()


def table_write(table: StaticTable, file: IO[bytes]) -> None:
    """Write a table so that `table_read` gives it back; the same table gives the same bytes."""
    about = {
        "format": TABLE_FORMAT,
        "grams": GRAMS_VERSION,
        "teacher": table.teacher,
        "fingerprint": table.fingerprint,
    }
    np.savez(file, keys=table.keys, codes=table.codes, scales=table.scales, about=np.array(json.dumps(about)))


def table_read(file: IO[bytes]) -> StaticTable:
    """Return the table that `table_write` wrote.

    Raises
    ------
    ModelFileError
        With the reason, when the file is damaged or made for another version of the code.
    """
    try:
        with np.load(file, allow_pickle=False) as packed:
            keys, codes, scales, about = (packed[name] for name in _MEMBERS)
        told = {"format": None, "grams": None, "teacher": None, "fingerprint": None} | json.loads(str(about))
    except Exception as error:  # a damaged archive raises whatever its damaged part leads to
        raise ModelFileError(reason=f"{type(error).__name__}: {error}") from error
    for name, ours in (("format", TABLE_FORMAT), ("grams", GRAMS_VERSION)):
        if told[name] != ours:
            raise ModelFileError(reason=f"{name} {told[name]} ≠ {ours}")
    try:
        table = StaticTable(keys, codes, scales, str(told["teacher"]))
    except ValueError as error:
        raise ModelFileError(reason=str(error)) from error
    if table.fingerprint != told["fingerprint"]:
        raise ModelFileError(reason=f"fingerprint {table.fingerprint} ≠ {told['fingerprint']}")
    return table


class StaticEncoder:
    """Adds up the vectors of a text's pieces; some hundredths of a millisecond a title, safe between threads.

    Documents and queries are encoded alike. A text without a known piece has the zero vector, which is near nothing.

    Parameters
    ----------
    table
        The pieces' vectors; `shipped_table` reads those that come with the package.

    References
    ----------
    The idea of a table distilled from a sentence encoder: Tulkens & van Dongen, Model2Vec, 2024.
    """

    def __init__(self, table: StaticTable) -> None:
        self.name = f"static-{TABLE_FORMAT}-{table.fingerprint}"
        self.dimension = int(table.codes.shape[1])
        self._keys = table.keys
        self._vectors = table.codes * table.scales[:, np.newaxis]

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return float32 of shape (len(texts), dimension), rows of length 1 or, where no piece is known, 0."""
        return self.encode_documents(texts)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Return float32 of shape (len(texts), dimension), rows of length 1 or, where no piece is known, 0."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            part = texts[start : start + TEXTS_AT_ONCE]
            vectors[start : start + TEXTS_AT_ONCE] = unit_rows(self._sums(part))
        return vectors

    def _sums(self, texts: Sequence[str]) -> Vectors:
        grams = text_grams(texts)
        places = np.minimum(np.searchsorted(self._keys, grams.keys), len(self._keys) - 1)
        known = self._keys[places] == grams.keys
        ends = np.concatenate(([0], np.cumsum(known)))[grams.ends]
        pieces = places[known]
        counts = csr_array((np.ones(len(pieces), dtype=np.float32), pieces, ends), shape=(len(texts), len(self._keys)))
        sums: Vectors = counts @ self._vectors
        return sums


def shipped_table() -> StaticTable:
    """Return the table that ships with the package.

    Raises
    ------
    ModelFileError
        When the file is missing, damaged or of another version than the code.
    """
    try:
        with files(__package__).joinpath(SHIPPED).open("rb") as file:
            return table_read(file)
    except OSError as error:
        raise ModelFileError(reason=str(error)) from error
