"""Terms of a text hashed into a space of fixed size, so that a model keeps statistics and never the texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize

from yunlang.matching.core.analyser import default_analyser

BUCKETS = 2**18
# A scipy.sparse.csr_matrix; SciPy ships no types.
Matrix: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class TermKind:
    """A way of cutting: by what, and how many of it in a row."""

    name: str
    analyser: str | Callable[[str], list[str]]
    lengths: tuple[int, int] = (1, 1)

    def counts(self, texts: Sequence[str]) -> Matrix:
        """Return how often each bucket's terms occur, shape (texts, BUCKETS)."""
        vectoriser = HashingVectorizer(
            analyzer=self.analyser,
            ngram_range=self.lengths,
            n_features=BUCKETS,
            alternate_sign=False,
            norm=None,
        )
        return vectoriser.transform(list(texts))


def _words(text: str) -> list[str]:
    return default_analyser().words(text)


KINDS = (
    TermKind("words", _words),
    TermKind("characters", "char"),
    TermKind("pairs of characters", "char", (2, 2)),
    TermKind("one to three characters", "char", (1, 3)),
)
KERNEL_KIND = TermKind("one or two characters", "char", (1, 2))


def inverse_frequencies(counts: Matrix) -> npt.NDArray[np.float32]:
    """Return ln((1 + n) / (1 + df)) + 1 of each bucket, shape (BUCKETS,)."""
    documents = np.bincount(counts.indices, minlength=BUCKETS)
    worth = np.log((1 + counts.shape[0]) / (1 + documents)) + 1
    return np.asarray(worth, dtype=np.float32)


def weighed(counts: Matrix, worth: npt.NDArray[np.float32]) -> Matrix:
    """Return rows of (1 + ln count) × inverse frequency, of unit length."""
    rows = counts.astype(np.float32)
    rows.data = (1 + np.log(rows.data)) * worth[rows.indices]
    return normalize(rows, copy=False)


def present(counts: Matrix, worth: npt.NDArray[np.float32] | None = None) -> Matrix:
    """Return 1, or the inverse frequency, where a term occurs."""
    rows = counts.astype(np.float32)
    rows.data = np.ones_like(rows.data) if worth is None else worth[rows.indices]
    return rows


def row_products(left: Matrix, right: Matrix) -> npt.NDArray[np.float64]:
    """Return the dot product of each row with its counterpart, shape (rows,)."""
    return np.asarray(left.multiply(right).sum(axis=1), dtype=np.float64).ravel()
