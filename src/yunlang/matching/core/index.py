"""One state of the search index, complete and unchanging: what a query runs against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from yunlang.matching.core.chunks import Rows, Vocabulary
from yunlang.matching.core.document import Document
from yunlang.matching.core.encoder import Vectors
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.lexical import LexicalReader
from yunlang.matching.core.table import Mask, Table

MASKS_KEPT = 64


@dataclass(frozen=True, slots=True)
class Manifest:
    """What holds for a generation from its building on.

    Attributes
    ----------
    format
        Version of the files' layout.
    analyser
        Fingerprint of the analyser whose words are stored.
    encoder, dimension
        Name of the encoder of the vectors and their number of components.
    built_at
        When the building began, ISO 8601, as the caller gave it.
    """

    format: int
    analyser: str
    encoder: str
    dimension: int
    built_at: str


class SearchIndex:
    """A committed state of one generation; safe to share between threads, and valid however the store moves on.

    Parameters
    ----------
    generation
        Name of the generation.
    manifest
        Of that generation.
    lexical, table
        Of the same state.
    """

    def __init__(self, generation: str, manifest: Manifest, lexical: LexicalReader, table: Table) -> None:
        self.generation = generation
        self.manifest = manifest
        self.lexical = lexical
        self.table = table
        self._mask = lru_cache(maxsize=MASKS_KEPT)(table.mask)

    @property
    def watermark(self) -> int:
        """The caller's mark of the last change that is in; replay what came after it."""
        return self.lexical.state.watermark

    @property
    def count(self) -> int:
        """Number of documents."""
        return self.table.count

    @property
    def vector_count(self) -> int:
        """Number of documents that have a vector."""
        return self.table.vector_count

    @property
    def waste(self) -> float:
        """Share of rows that are dead; above one half a rebuild pays."""
        return 1 - self.table.count / self.table.size if self.table.size else 0.0

    @property
    def vocabulary(self) -> Vocabulary:
        """The values that `records` hold as numbers."""
        return self.table.vocabulary

    def __contains__(self, document_id: object) -> bool:
        return isinstance(document_id, str) and self.table.find(document_id) is not None

    def find_all(self, document_ids: Iterable[str]) -> dict[str, int]:
        """Return the rows of those of the documents that are here."""
        return self.table.find_all(document_ids)

    def documents(self, document_ids: Iterable[str]) -> dict[str, Document]:
        """Return those of the documents that are here, by id."""
        rows = self.table.find_all(document_ids)
        found = self.lexical.documents(list(rows.values()))
        return {document_id: found[row] for document_id, row in rows.items()}

    def documents_at(self, rows: Sequence[int]) -> dict[int, Document]:
        """Return the documents of these rows."""
        return self.lexical.documents(rows)

    def records(self, rows: Sequence[int]) -> Rows:
        """Return the rows' attributes, records of `chunks.ROW`."""
        return self.table.records(rows)

    def missing_vectors(self, most: int = 256) -> list[Document]:
        """Return documents that have no vector yet, the newest first; `update_vectors` takes what they lack."""
        return list(self.lexical.documents(self.table.rows_without_vector(most)).values())

    def mask(self, filters: Filters) -> Mask:
        """Return for every row whether it lives and passes; remembered for the filters used lately."""
        return self._mask(filters)

    def search(self, words: Sequence[str], query: Vectors | None, count: int, filters: Filters) -> list[int]:
        """Return the rows that `search_words` and, given a vector, `search_vectors` find, each once."""
        rows = self.search_words(words, count, filters)
        if query is not None:
            rows += self.search_vectors(query, count, filters)
        return list(dict.fromkeys(rows))

    def search_words(self, words: Sequence[str], count: int, filters: Filters) -> list[int]:
        """Return the rows best by BM25 that pass the filters, the best first."""
        return self.lexical.search(words, count, filters, self._excluded(filters))

    def search_vectors(self, query: Vectors, count: int, filters: Filters) -> list[int]:
        """Return the rows nearest to a unit query vector that pass the filters, the nearest first."""
        return self.table.nearest(query, count, self.mask(filters))

    def facets(self, words: Sequence[str], filters: Filters) -> dict[str, dict[str, int]]:
        """Return the number of documents by kind, city and industry that share words with the query."""
        return self.lexical.facets(words, filters, self._excluded(filters))

    def inverse_frequencies(self, name: str, words: Iterable[str]) -> dict[str, float]:
        """Return the inverse document frequency of each word in a field, `lexical.WORDS` or `lexical.CHARACTERS`."""
        return self.lexical.inverse_frequencies(name, words)

    def vectors(self, rows: Sequence[int]) -> dict[int, Vectors]:
        """Return the unit vectors of those of the rows that have one."""
        present = [row for row in rows if self.table.vector(row) is not None]
        return dict(zip(present, self.table.vectors(present), strict=True)) if present else {}

    def similarities(self, query: Vectors, rows: Sequence[int]) -> npt.NDArray[np.float32]:
        """Return the cosines between a unit query vector and the rows' vectors, NaN where a row has none."""
        return self.table.similarities(query, rows)

    def word_scores(self, worth: Mapping[str, float], rows: Sequence[int]) -> npt.NDArray[np.float64]:
        """Return the BM25 score over words of each row, 0 where nothing matches.

        Parameters
        ----------
        worth
            Of each word: its weight times its inverse frequency.
        rows
            Any living ones.
        """
        return self.table.term_scores("words", worth, rows)

    def character_scores(self, worth: Mapping[str, float], rows: Sequence[int]) -> npt.NDArray[np.float64]:
        """Return the same over single characters of title and tags."""
        return self.table.term_scores("characters", worth, rows)

    def _excluded(self, filters: Filters) -> list[int]:
        return list(self.table.find_all(filters.exclude_ids).values())
