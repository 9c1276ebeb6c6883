"""Matching from end to end: analyse, retrieve by words and by vectors, fuse, re-rank, explain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from yunlang.kit.language import Bilingual
from yunlang.matching.core.corridor import CORRIDOR_CITIES
from yunlang.matching.core.encoder import Encoder, QueryVectors
from yunlang.matching.core.engines import Engine, again_when_moved
from yunlang.matching.core.explanation import Reasons
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.fusion import expected_scores
from yunlang.matching.core.query import Query
from yunlang.matching.core.reranking import Reranker
from yunlang.matching.core.results import NO_DOCUMENT, NO_GOOD_MATCH, NO_WORDS, Hit, MatchResult
from yunlang.matching.core.stages import MOST_RETRIEVAL_WORDS, Analysed, Stages

MOST_HITS = 200


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
        self._stages = Stages(store.analyser, encoder, vectors=vectors, reranker=reranker, cities=cities)
        self._clock = clock

    @again_when_moved
    def match(self, query: Query, filters: Filters | None = None, k: int = 20) -> MatchResult:
        """Return the best `k` documents (1 to 200) that pass the filters, each with its reasons.

        Raises
        ------
        SearchIndexError
            When the index is missing, damaged or incompatible.
        """
        timer, stages = _Timer(self._clock), self._stages
        index = self._store.open()
        filters = filters or Filters()
        asked = stages.analyse(index, query)
        timer.done("analyse")
        rows = stages.retrieve(index, asked, filters)
        facets = index.facets(asked.words.primary[:MOST_RETRIEVAL_WORDS], filters)
        timer.done("retrieve")
        chances = stages.fuse(index, asked, rows)
        timer.done("fuse")
        if stages.reranker is not None:
            chances = stages.rerank(index, asked, rows, chances)
            timer.done("rerank")
        hits = stages.explain(index, asked, stages.order(index, asked, rows, chances, min(max(k, 1), MOST_HITS)))
        timer.done("explain")
        return MatchResult(
            hits=hits,
            note=_note(asked, hits),
            facets=facets,
            degraded=asked.vector is None or index.vector_count < index.count,
            watermark=index.watermark,
            timings=timer.timings,
        )

    @again_when_moved
    def score(self, query: Query, document_ids: Sequence[str]) -> dict[str, float]:
        """Return the scores of given documents without preferences; ids that are not indexed are left out."""
        index = self._store.open()
        found = index.find_all(document_ids)
        rows = list(found.values())
        chances = self._stages.fuse(index, self._stages.analyse(index, query), rows)
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
        return self._stages.features(index, self._stages.analyse(index, query), rows)

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
        stages = self._stages
        asked = stages.analyse(index, query)
        if stages.reranker is not None:
            rows += [one for one in stages.retrieve(index, asked, filters or Filters()) if one not in rows]
        chances = stages.rerank(index, asked, rows, stages.fuse(index, asked, rows))
        ranked = stages.order(index, asked, rows[:1], chances[:1], 1)
        hits = stages.explain(index, asked, ranked, by_vectors=True)
        return hits[0].reasons if hits else None


def _note(asked: Analysed, hits: Sequence[Hit]) -> Bilingual | None:
    if asked.empty:
        return NO_WORDS
    if not hits:
        return NO_DOCUMENT
    return None if any(hit.good for hit in hits) else NO_GOOD_MATCH


class _Timer:
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
