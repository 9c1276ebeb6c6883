"""The matcher as runs over all needs use it: whole lists, in any process that can read the index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from yunlang.matching.core.analyser import Analyser
from yunlang.matching.core.encoder import Quantised, Vectors, dequantise
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.index import SearchIndex
from yunlang.matching.core.query import Query
from yunlang.matching.core.stages import CANDIDATES, Analysed, Ranked, Stages
from yunlang.matching.core.store import SearchIndexStore

DIGITS = 6  # of a score: sums of the same parts in another order differ in the eighth
TEXTS_REMEMBERED = 20_000  # documents whose sentences and words one process remembers


@dataclass(frozen=True, slots=True)
class IndexSource:
    """Where and how a partition opens the index.

    Attributes
    ----------
    home
        Directory of the index; on a cluster a path that every worker can read.
    words
        Words that the analyser keeps beside its dictionary.
    encoder, dimension
        Name and size of the vectors kept.
    """

    home: str
    words: tuple[str, ...]
    encoder: str
    dimension: int


@dataclass(frozen=True, slots=True)
class RankedDocument:
    """One of a need's best; `reasons` are plain values for JSON (`explanation.Reasons.to_dict`)."""

    id: str
    kind: str
    score: float
    grades: tuple[float, ...]
    reasons: Mapping[str, Any]


class BatchMatcher:
    """The stages over one process's index, asked for whole lists; its needs bring their vectors along."""

    def __init__(self, source: IndexSource) -> None:
        analyser = Analyser(source.words)
        self._store = SearchIndexStore(
            Path(source.home), analyser=analyser, encoder=source.encoder, dimension=source.dimension
        )
        self._given = GivenVectors(source.encoder, source.dimension)
        self._stages = Stages(analyser, self._given, texts_remembered=TEXTS_REMEMBERED)

    @property
    def way(self) -> str:
        """What scores depend on beside query and index, as text."""
        fusion = self._stages.fusion
        return repr((fusion.hybrid, fusion.words_only, fusion.usual, CANDIDATES))

    def open(self) -> SearchIndex:
        """Return the index's latest state."""
        return self._store.open()

    def asked(self, index: SearchIndex, query: Query, codes: Quantised | None) -> Analysed:
        """Return what a need asks for, in the index's words; `codes` is its quantised vector, None without text."""
        self._given.learn(query, codes)
        return self._stages.analyse(index, query)

    def found(self, index: SearchIndex, asked: Analysed, filters: Filters) -> list[int]:
        """Return the rows that retrieval finds."""
        return self._stages.retrieve(index, asked, filters)

    def findable(self, index: SearchIndex, asked: Analysed, rows: list[int]) -> list[int]:
        """Return those of the rows that retrieval could find, were there few others."""
        if not rows or asked.empty:
            return []
        hits = index.word_scores(dict.fromkeys(asked.retrieval_words, 1.0), rows) > 0
        if asked.vector is not None:
            hits |= ~np.isnan(index.table.similarities(asked.vector, rows))
        return [row for row, hit in zip(rows, hits.tolist(), strict=True) if hit]

    def ranked(self, index: SearchIndex, asked: Analysed, rows: Sequence[int]) -> Ranked:
        """Return the rows in their order: by score, of equal scores by id."""
        ranked = self._stages.order(index, asked, rows, self._stages.fuse(index, asked, rows), len(rows))
        scores = [round(score, DIGITS) for score in ranked.scores]
        names = index.table.document_ids(ranked.rows)
        order = sorted(range(len(names)), key=lambda place: (-scores[place], names[place]))
        return Ranked(
            [ranked.rows[place] for place in order], [scores[place] for place in order],
            ranked.chances[order], [ranked.cosines[place] for place in order],
        )  # fmt: skip

    def explained(self, index: SearchIndex, asked: Analysed, ranked: Ranked, most: int) -> tuple[RankedDocument, ...]:
        """Return the best of a list, at most so many, with their reasons."""
        best = Ranked(ranked.rows[:most], ranked.scores[:most], ranked.chances[:most], ranked.cosines[:most])
        return tuple(
            RankedDocument(hit.document.id, hit.document.kind, hit.score, hit.reasons.grades, hit.reasons.to_dict())
            for hit in self._stages.explain(index, asked, best)
        )


class GivenVectors:
    """An encoder that encodes nothing: it hands out the vectors that needs brought along."""

    def __init__(self, name: str, dimension: int) -> None:
        self.name = name
        self.dimension = dimension
        self._codes: dict[str, Quantised] = {}

    def learn(self, query: Query, codes: Quantised | None) -> None:
        """Have the vector of a question ready."""
        self._codes = {} if codes is None else {query.encoded: codes}

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of texts that `learn` was given last.

        Raises
        ------
        KeyError
            For any other text.
        """
        return dequantise(np.stack([self._codes[text] for text in texts]))

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Refuse: documents have their vectors in the index."""
        raise NotImplementedError


@lru_cache(maxsize=2)
def matcher_of(source: IndexSource) -> BatchMatcher:
    """Return this process's matcher over an index."""
    return BatchMatcher(source)
