"""Matching from end to end: analyse, retrieve by words and by vectors, fuse, re-rank, explain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from yunlang.kit.language import Bilingual
from yunlang.matching.core.analyser import is_chinese
from yunlang.matching.core.corridor import CORRIDOR_CITIES
from yunlang.matching.core.encoder import Encoder, QueryVectors, Vectors
from yunlang.matching.core.engines import Engine, EngineState, again_when_moved
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
from yunlang.matching.core.results import NO_DOCUMENT, NO_GOOD_MATCH, NO_WORDS, Hit, MatchResult
from yunlang.matching.core.sentences import split_sentences

CANDIDATES = 200  # taken from each of the two retrievals
MOST_RETRIEVAL_WORDS = 16  # the weightiest; the others only score
MOST_SCORING_WORDS = 64
MOST_HITS = 200
MOST_SENTENCES = 12


_Sentence = tuple[str, list[str]]  # with its words


@dataclass(frozen=True, slots=True)
class _Terms:
    """Terms of a query with their weights, the weightiest first, and the worth (inverse frequency) of each."""

    weights: Mapping[str, float]
    worth: Mapping[str, float]

    @classmethod
    def chosen(cls, weights: Mapping[str, float], worth: Mapping[str, float]) -> _Terms:
        ranked = sorted(weights, key=lambda term: (-weights[term] * worth[term], term))[:MOST_SCORING_WORDS]
        return cls({term: weights[term] for term in ranked}, {term: worth[term] for term in ranked})

    @property
    def values(self) -> dict[str, float]:
        return {term: weight * self.worth[term] for term, weight in self.weights.items()}

    @property
    def primary(self) -> list[str]:
        return [term for term, weight in self.weights.items() if weight >= 1] or list(self.weights)


@dataclass(frozen=True, slots=True)
class _Analysed:
    query: Query
    words: _Terms
    characters: _Terms
    vector: Vectors | None

    @property
    def retrieval_words(self) -> list[str]:
        return list(self.words.weights)[:MOST_RETRIEVAL_WORDS]

    @property
    def empty(self) -> bool:
        return not self.words.weights and self.vector is None


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Candidates in their order: rows, scores, probabilities of the grades, cosines."""

    rows: list[int]
    scores: list[float]
    chances: Array
    cosines: list[float | None]


class Matcher:
    """Answers queries from a store; safe to share between threads.

    Parameters
    ----------
    store
        Where the index is.
    encoder
        The one whose vectors the store keeps, or None to match by words alone.
    vectors
        Of that encoder; None remembers the latest queries' alone.
    reranker
        Looks at the best candidates again; None leaves them as fused.
    cities
        Names of the corridor's cities by administrative code.
    clock
        Returns seconds, for the timings; None leaves them out.
    """

    def __init__(
        self,
        store: Engine,
        encoder: Encoder | None,
        *,
        vectors: QueryVectors | None = None,
        reranker: Reranker | None = None,
        cities: Mapping[str, Bilingual] = CORRIDOR_CITIES,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._store = store
        self._analyser = store.analyser
        self._encoder = encoder
        self._vectors = vectors or (QueryVectors(encoder) if encoder is not None else None)
        self._reranker = reranker
        self._fusion = fusion_for(encoder.name if encoder is not None else "")
        self._cities = cities
        self._clock = clock

    @again_when_moved
    def match(self, query: Query, filters: Filters | None = None, k: int = 20) -> MatchResult:
        """Return the best `k` documents (1 to 200) that pass the filters, each with its reasons.

        Raises
        ------
        SearchIndexError
            When the index is missing, damaged or incompatible.
        """
        stages = _Stages(self._clock)
        index = self._store.open()
        filters = filters or Filters()
        asked = self._analyse(index, query)
        stages.done("analyse")
        rows = self._retrieve(index, asked, filters)
        facets = index.facets(asked.words.primary[:MOST_RETRIEVAL_WORDS], filters)
        stages.done("retrieve")
        chances = self._fused(index, asked, rows)
        stages.done("fuse")
        if self._reranker is not None:
            chances = self._reranked(index, asked, rows, chances)
            stages.done("rerank")
        ranked = self._ordered(index, asked, rows, chances, min(max(k, 1), MOST_HITS))
        hits = self._explain(index, asked, ranked)
        stages.done("explain")
        return MatchResult(
            hits=hits,
            note=_note(asked, hits),
            facets=facets,
            degraded=asked.vector is None or index.vector_count < index.count,
            watermark=index.watermark,
            timings=stages.timings,
        )

    @again_when_moved
    def score(self, query: Query, document_ids: Sequence[str]) -> dict[str, float]:
        """Return the scores of given documents without preferences; ids that are not indexed are left out."""
        index = self._store.open()
        found = index.find_all(document_ids)
        rows = list(found.values())
        chances = self._fused(index, self._analyse(index, query), rows)
        return dict(zip(found, expected_scores(chances).tolist(), strict=True))

    @again_when_moved
    def features(self, query: Query, document_ids: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return what `Fusion.probabilities` takes for each document, shape (documents, 3), for fitting.

        Raises
        ------
        KeyError
            When a document is not indexed.
        """
        index = self._store.open()
        found = index.find_all(document_ids)
        rows = [found[name] for name in document_ids]
        return self._features(index, self._analyse(index, query), rows)

    @again_when_moved
    def evidence(self, query: Query, document_id: str, filters: Filters | None = None) -> Reasons | None:
        """Return the reasons for one document with the nearest sentences found by vectors, or None if it is not there.

        Encodes up to 24 sentences: fit for opening one hit, not for a list. A re-ranker sees it among the documents
        found under the filters, as in that list.
        """
        index = self._store.open()
        rows = list(index.find_all([document_id]).values())
        if not rows:
            return None
        asked = self._analyse(index, query)
        if self._reranker is not None:
            rows += [one for one in self._retrieve(index, asked, filters or Filters()) if one not in rows]
        chances = self._reranked(index, asked, rows, self._fused(index, asked, rows))
        ranked = self._ordered(index, asked, rows[:1], chances[:1], 1)
        hits = self._explain(index, asked, ranked, by_vectors=True)
        return hits[0].reasons if hits else None

    def _analyse(self, index: EngineState, query: Query) -> _Analysed:
        words = self._analyser.query_weights(query.title, query.text)
        characters = self._analyser.character_weights(query.title, query.text)
        encoded = query.encoded
        vector = None
        if self._vectors is not None and index.vector_count > 0 and encoded:
            vector = self._vectors.get(encoded)
        return _Analysed(
            query,
            _Terms.chosen(words, index.inverse_frequencies(WORDS, words)),
            _Terms.chosen(characters, index.inverse_frequencies(CHARACTERS, characters)),
            vector,
        )

    def _retrieve(self, index: EngineState, asked: _Analysed, filters: Filters) -> list[int]:
        return index.search(asked.retrieval_words, asked.vector, CANDIDATES, filters)

    def _features(self, index: EngineState, asked: _Analysed, rows: Sequence[int]) -> Array:
        words, characters = asked.words, asked.characters
        cosines = np.full(len(rows), np.nan)
        if asked.vector is not None:
            cosines = index.similarities(asked.vector, rows) - self._fusion.baseline(
                asked.vector, chinese=is_chinese(asked.query.encoded)
            )
        return np.column_stack(
            [
                lexical_share(index.word_scores(words.values, rows), words.weights, words.worth),
                lexical_share(index.character_scores(characters.values, rows), characters.weights, characters.worth),
                cosines,
            ]
        )

    def _fused(self, index: EngineState, asked: _Analysed, rows: Sequence[int]) -> Array:
        return self._fusion.probabilities(self._features(index, asked, rows))

    def _reranked(self, index: EngineState, asked: _Analysed, rows: Sequence[int], chances: Array) -> Array:
        """Return the grades' chances, those of the best candidates halfway to what the re-ranker says of them."""
        if self._reranker is None or asked.vector is None:
            return chances
        order = np.lexsort((np.array(rows), -expected_scores(chances)))[:RERANKED]
        vectors = index.vectors([rows[place] for place in order.tolist()])
        documents = index.documents_at(list(vectors))
        best = [place for place in order.tolist() if rows[place] in documents]
        if not best:
            return chances
        said = self._reranker.chances(
            asked.query,
            [documents[rows[place]] for place in best],
            np.stack([vectors[rows[place]] for place in best]),
        )
        blended = chances.copy()
        blended[best] = (chances[best] + said) / 2
        return blended

    def _ordered(self, index: EngineState, asked: _Analysed, rows: Sequence[int], chances: Array, k: int) -> _Ranked:
        chances = shifted(chances, preference_shifts(index, rows, asked.query, self._cities))
        scores = expected_scores(chances)
        order = np.lexsort((np.array(rows), -scores))[:k]
        best = [rows[place] for place in order]
        cosines: list[float | None] = [None] * len(best)
        if asked.vector is not None:
            found = index.similarities(asked.vector, best).tolist()
            cosines = [None if np.isnan(cosine) else cosine for cosine in found]
        return _Ranked(best, scores[order].tolist(), chances[order], cosines)

    def _explain(
        self, index: EngineState, asked: _Analysed, ranked: _Ranked, *, by_vectors: bool = False
    ) -> tuple[Hit, ...]:
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

    def _words(self, text: str) -> list[str]:
        return self._analyser.words(text)

    def _sentences(self, title: str, text: str) -> list[_Sentence]:
        sentences = split_sentences(f"{title}\n{text}", most=MOST_SENTENCES)
        return [(sentence, self._analyser.words(sentence)) for sentence in sentences]

    def _nearest(
        self, asked: _Analysed, wanted: list[_Sentence], offered: list[_Sentence], *, by_vectors: bool
    ) -> SentencePair | None:
        if not by_vectors or self._encoder is None or not wanted or not offered:
            return nearest_by_words(wanted, offered, asked.words.worth)
        queries, texts = ([sentence for sentence, _ in part] for part in (wanted, offered))
        vectors = self._encoder.encode_queries(queries), self._encoder.encode_documents(texts)
        return nearest_by_vectors(queries, texts, *vectors)


def _note(asked: _Analysed, hits: Sequence[Hit]) -> Bilingual | None:
    if asked.empty:
        return NO_WORDS
    if not hits:
        return NO_DOCUMENT
    return None if any(hit.good for hit in hits) else NO_GOOD_MATCH


class _Stages:
    """Milliseconds between calls of `done`."""

    def __init__(self, clock: Callable[[], float] | None) -> None:
        self._clock = clock
        self._last = clock() if clock else 0.0
        self.timings: dict[str, float] = {}

    def done(self, stage: str) -> None:
        if self._clock:
            now = self._clock()
            self.timings[stage] = 1000 * (now - self._last)
            self._last = now
