"""The stages of a match: analyse, retrieve, fuse, re-rank, order, explain. `Matcher` calls them one after the other.

Each takes a look at an engine's index and what the stage before it gave, so that a run over all needs, a benchmark or a
test can call them alone, or put another in a stage's place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np

from yunlang.kit.language import Bilingual
from yunlang.matching.core.analyser import Analyser, is_chinese
from yunlang.matching.core.corridor import CORRIDOR_CITIES
from yunlang.matching.core.encoder import Encoder, QueryVectors, Vectors
from yunlang.matching.core.engines import EngineState
from yunlang.matching.core.explanation import (
    Reasons,
    SentencePair,
    conditions,
    nearest_by_vectors,
    nearest_by_words,
    word_shares,
)
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.fusion import Array, expected_scores, fusion_for, lexical_share, shifted
from yunlang.matching.core.lexical import CHARACTERS, WORDS
from yunlang.matching.core.preferences import preference_shifts
from yunlang.matching.core.query import Query
from yunlang.matching.core.reranking import RERANKED, Reranker
from yunlang.matching.core.results import Hit
from yunlang.matching.core.sentences import split_sentences

CANDIDATES = 200  # taken from each of the two retrievals
MOST_RETRIEVAL_WORDS = 16  # the weightiest; the others only score
MOST_SCORING_WORDS = 64
MOST_SENTENCES = 12

_Sentence = tuple[str, list[str]]  # with its words


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of a query with their weights, the weightiest first, and the worth (inverse frequency) of each."""

    weights: Mapping[str, float]
    worth: Mapping[str, float]

    @classmethod
    def chosen(cls, weights: Mapping[str, float], worth: Mapping[str, float]) -> Terms:
        """Return the weightiest of some terms, at most 64."""
        ranked = sorted(weights, key=lambda term: (-weights[term] * worth[term], term))[:MOST_SCORING_WORDS]
        return cls({term: weights[term] for term in ranked}, {term: worth[term] for term in ranked})

    @property
    def values(self) -> dict[str, float]:
        """Weight times worth of each term."""
        return {term: weight * self.worth[term] for term, weight in self.weights.items()}

    @property
    def primary(self) -> list[str]:
        """The terms of the title, or all where it has none."""
        return [term for term, weight in self.weights.items() if weight >= 1] or list(self.weights)


@dataclass(frozen=True, slots=True)
class Analysed:
    """What a query asks for: words, single characters, and a vector where there are vectors to compare it with."""

    query: Query
    words: Terms
    characters: Terms
    vector: Vectors | None

    @property
    def retrieval_words(self) -> list[str]:
        """The weightiest words, which retrieve; the others only score."""
        return list(self.words.weights)[:MOST_RETRIEVAL_WORDS]

    @property
    def empty(self) -> bool:
        """Whether nothing is asked that any document could answer."""
        return not self.words.weights and self.vector is None


@dataclass(frozen=True, slots=True)
class Ranked:
    """Candidates in their order: rows, scores, probabilities of the grades, cosines."""

    rows: list[int]
    scores: list[float]
    chances: Array
    cosines: list[float | None]


class Stages:
    """The stages with what they share; safe to share between threads.

    Parameters
    ----------
    analyser
        The index's.
    encoder, vectors, reranker, cities
        See `pipeline.Matcher`.
    texts_remembered
        Texts whose words and sentences are remembered; worth it where the same documents are explained again and again.
    """

    def __init__(
        self,
        analyser: Analyser,
        encoder: Encoder | None,
        *,
        vectors: QueryVectors | None = None,
        reranker: Reranker | None = None,
        cities: Mapping[str, Bilingual] = CORRIDOR_CITIES,
        texts_remembered: int = 0,
    ) -> None:
        self.analyser = analyser
        self.encoder = encoder
        self.reranker = reranker
        self.fusion = fusion_for(encoder.name if encoder is not None else "")
        self._vectors = vectors or (QueryVectors(encoder) if encoder is not None else None)
        self._cities = cities
        self._words = lru_cache(maxsize=texts_remembered)(analyser.words)
        self._sentences = lru_cache(maxsize=texts_remembered)(self._cut)

    def analyse(self, index: EngineState, query: Query) -> Analysed:
        """Return what a query asks for, in the index's words and as a vector where the index has any."""
        words = self.analyser.query_weights(query.title, query.text)
        characters = self.analyser.character_weights(query.title, query.text)
        encoded = query.encoded
        vector = None
        if self._vectors is not None and index.vector_count > 0 and encoded:
            vector = self._vectors.get(encoded)
        return Analysed(
            query,
            Terms.chosen(words, index.inverse_frequencies(WORDS, words)),
            Terms.chosen(characters, index.inverse_frequencies(CHARACTERS, characters)),
            vector,
        )

    def retrieve(self, index: EngineState, asked: Analysed, filters: Filters) -> list[int]:
        """Return the rows that pass the filters and are among the best by words or by vectors."""
        return index.search(asked.retrieval_words, asked.vector, CANDIDATES, filters)

    def features(self, index: EngineState, asked: Analysed, rows: Sequence[int]) -> Array:
        """Return what `Fusion.probabilities` takes of each row, shape (rows, 3)."""
        words, characters = asked.words, asked.characters
        cosines = np.full(len(rows), np.nan)
        if asked.vector is not None:
            cosines = index.similarities(asked.vector, rows) - self.fusion.baseline(
                asked.vector, chinese=is_chinese(asked.query.encoded)
            )
        return np.column_stack(
            [
                lexical_share(index.word_scores(words.values, rows), words.weights, words.worth),
                lexical_share(index.character_scores(characters.values, rows), characters.weights, characters.worth),
                cosines,
            ]
        )

    def fuse(self, index: EngineState, asked: Analysed, rows: Sequence[int]) -> Array:
        """Return the grades' chances of each row, shape (rows, 4)."""
        return self.fusion.probabilities(self.features(index, asked, rows))

    def rerank(self, index: EngineState, asked: Analysed, rows: Sequence[int], chances: Array) -> Array:
        """Return the grades' chances, those of the best candidates halfway to what the re-ranker says of them."""
        if self.reranker is None or asked.vector is None:
            return chances
        order = np.lexsort((np.array(rows), -expected_scores(chances)))[:RERANKED]
        vectors = index.vectors([rows[place] for place in order.tolist()])
        documents = index.documents_at(list(vectors))
        best = [place for place in order.tolist() if rows[place] in documents]
        if not best:
            return chances
        said = self.reranker.chances(
            asked.query,
            [documents[rows[place]] for place in best],
            np.stack([vectors[rows[place]] for place in best]),
        )
        blended = chances.copy()
        blended[best] = (chances[best] + said) / 2
        return blended

    def order(self, index: EngineState, asked: Analysed, rows: Sequence[int], chances: Array, k: int) -> Ranked:
        """Return the best `k` rows with preferences counted in, of equal scores the oldest row first."""
        chances = shifted(chances, preference_shifts(index, rows, asked.query, self._cities))
        scores = expected_scores(chances)
        order = np.lexsort((np.array(rows), -scores))[:k]
        best = [rows[place] for place in order]
        cosines: list[float | None] = [None] * len(best)
        if asked.vector is not None:
            found = index.similarities(asked.vector, best).tolist()
            cosines = [None if np.isnan(cosine) else cosine for cosine in found]
        return Ranked(best, scores[order].tolist(), chances[order], cosines)

    def explain(
        self, index: EngineState, asked: Analysed, ranked: Ranked, *, by_vectors: bool = False
    ) -> tuple[Hit, ...]:
        """Return the ranked rows as hits with reasons; `by_vectors` encodes their sentences for the nearest pair."""
        documents = index.documents_at(ranked.rows)
        wanted = self._sentences(asked.query.title, asked.query.text)
        worth = asked.words.values
        hits = []
        for row, score, chances, cosine in zip(ranked.rows, ranked.scores, ranked.chances, ranked.cosines, strict=True):
            document = documents.get(row)
            if document is None:
                continue
            offered = self._sentences(document.title, document.text)
            around = "\n".join(filter(None, (*document.tags, document.organisation)))
            beside = self._words(around) if around else []
            reasons = Reasons(
                words=word_shares(worth, Counter(chain(beside, *(words for _, words in offered)))),
                similarity=cosine,
                sentences=self._nearest(asked, wanted, offered, by_vectors=by_vectors),
                conditions=conditions(asked.query, document, self._cities),
                grades=tuple(chances.tolist()),
            )
            hits.append(Hit(document, score, reasons))
        return tuple(hits)

    def _cut(self, title: str, text: str) -> list[_Sentence]:
        sentences = split_sentences(f"{title}\n{text}", most=MOST_SENTENCES)
        return [(sentence, self._words(sentence)) for sentence in sentences]

    def _nearest(
        self, asked: Analysed, wanted: list[_Sentence], offered: list[_Sentence], *, by_vectors: bool
    ) -> SentencePair | None:
        if not by_vectors or self.encoder is None or not wanted or not offered:
            return nearest_by_words(wanted, offered, asked.words.worth)
        queries, texts = ([sentence for sentence, _ in part] for part in (wanted, offered))
        vectors = self.encoder.encode_queries(queries), self.encoder.encode_documents(texts)
        return nearest_by_vectors(queries, texts, *vectors)
