"""Every need against every document: what each need's list is, and what a change leaves of it.

A run ranks partitions of needs, each against one committed state of the index, wherever the index can be read: in this
process, in others, on a cluster. A need's list depends on the need and on that state alone, so partitions and machines
make no difference.

What a list still holds after documents changed is decided need by need. A score depends on the collection too (BM25's
inverse frequencies and mean length move with every document), so nothing older than the state can be trusted blindly:
the listed documents and the changed ones are scored anew, and the best of them are the need's list where nothing
unlisted can have overtaken it (`is_closed`). Otherwise the need is ranked anew, as in a full run. `rank_partition`
says what is guaranteed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from yunlang.matching.core.analyser import Analyser
from yunlang.matching.core.document import content_hash
from yunlang.matching.core.encoder import Quantised, Vectors, dequantise
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.index import SearchIndex
from yunlang.matching.core.pipeline import CANDIDATES, Matcher, _Analysed, _Ranked, _Sentence
from yunlang.matching.core.query import Query
from yunlang.matching.core.store import SearchIndexStore

KEPT = 50  # documents of a need that are stored with reasons
LISTED = 100  # documents remembered with their score, so that a withdrawal is filled from them
STRONG = 0.5  # from here on nearly half of the officers' grades are fairly strong or strong; docs/benchmarks.md
MOST_CHANGED = 1_000  # changed documents from which on ranking anew costs less than scoring them all
SAFETY = 2.0  # how much farther an unlisted document may have moved than any listed one did
SAME = 0.0005  # a list whose scores all moved less, in the same order, is left as it is stored
DIGITS = 6  # of a score: sums of the same parts in another order differ in the eighth
TEXTS_REMEMBERED = 20_000  # documents whose sentences and words one process remembers

Way = Literal["anew", "merged", "same"]
Listed = tuple[tuple[str, float], ...]  # ids with their scores, the best first, of equal scores by id


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
class Position:
    """A state of an index: the generation, how many commits and how many rows it has had, whether vectors lack."""

    generation: str
    sequence: int
    rows: int
    degraded: bool

    @classmethod
    def of(cls, index: SearchIndex) -> Position:
        """Return the state that an open index shows."""
        state = index.lexical.state
        # An index deleted and built anew takes its old names.
        generation = f"{index.generation} {index.manifest.built_at}"
        return cls(generation, state.sequence, state.rows, index.vector_count < index.count)


@dataclass(frozen=True, slots=True)
class Standing:
    """A need's list as it was ranked last.

    Attributes
    ----------
    position
        The state of the index it was ranked against.
    listed
        Up to `LISTED` documents.
    cutoff
        What no unlisted document scored above, or None where nothing else was found.
    words
        What retrieval asked for, sorted.
    """

    position: Position
    listed: Listed
    cutoff: float | None
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class OpenNeed:
    """A need to be ranked.

    Attributes
    ----------
    id
        Its key.
    query
        What it asks.
    codes
        Quantised vector of ``query.encoded``, or None where that is empty.
    standing
        Its list so far, or None to rank it anew.
    """

    id: str
    query: Query
    codes: Quantised | None = None
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class RankedDocument:
    """One of a need's best; `reasons` are plain values for JSON (`explanation.Reasons.to_dict`)."""

    id: str
    kind: str
    score: float
    grades: tuple[float, ...]
    reasons: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RankedNeed:
    """A need's new list.

    Attributes
    ----------
    id
        The need's.
    way
        ``anew``; ``merged`` from the list so far and what changed; ``same`` when what is stored still holds, and then
        `best` is empty.
    standing
        To go on from next time; of a need left the ``same`` only its position is new.
    best
        Up to `KEPT` documents, with reasons.
    """

    id: str
    way: Way
    standing: Standing
    best: tuple[RankedDocument, ...]


class BatchMatcher(Matcher):
    """The matcher over one process's index, asked for whole lists; its needs bring their vectors along."""

    def __init__(self, source: IndexSource) -> None:
        analyser = Analyser(source.words)
        store = SearchIndexStore(
            Path(source.home), analyser=analyser, encoder=source.encoder, dimension=source.dimension
        )
        self.given = GivenVectors(source.encoder, source.dimension)
        super().__init__(store, self.given)
        self._split = lru_cache(maxsize=TEXTS_REMEMBERED)(super()._sentences)

    def open(self) -> SearchIndex:
        """Return the index's latest state."""
        return self._store.open()

    def asked(self, index: SearchIndex, need: OpenNeed) -> _Analysed:
        """Return what a need asks for, in the index's words."""
        self.given.learn(need)
        return self._analyse(index, need.query)

    def found(self, index: SearchIndex, asked: _Analysed, filters: Filters) -> list[int]:
        """Return the rows that retrieval finds."""
        return self._retrieve(index, asked, filters)

    def findable(self, index: SearchIndex, asked: _Analysed, rows: list[int]) -> list[int]:
        """Return those of the rows that retrieval could find, were there few others."""
        if not rows or asked.empty:
            return []
        hits = index.word_scores(dict.fromkeys(asked.retrieval_words, 1.0), rows) > 0
        if asked.vector is not None:
            hits |= ~np.isnan(index.table.similarities(asked.vector, rows))
        return [row for row, hit in zip(rows, hits.tolist(), strict=True) if hit]

    def ranked(self, index: SearchIndex, asked: _Analysed, rows: Sequence[int]) -> _Ranked:
        """Return the rows in their order: by score, of equal scores by id."""
        ranked = self._rank(index, asked, rows, len(rows))
        scores = [round(score, DIGITS) for score in ranked.scores]
        names = index.table.document_ids(ranked.rows)
        order = sorted(range(len(names)), key=lambda place: (-scores[place], names[place]))
        return _Ranked(
            [ranked.rows[place] for place in order], [scores[place] for place in order],
            ranked.chances[order], [ranked.cosines[place] for place in order],
        )  # fmt: skip

    def explained(self, index: SearchIndex, asked: _Analysed, ranked: _Ranked) -> tuple[RankedDocument, ...]:
        """Return the best of a list with their reasons."""
        best = _Ranked(ranked.rows[:KEPT], ranked.scores[:KEPT], ranked.chances[:KEPT], ranked.cosines[:KEPT])
        return tuple(
            RankedDocument(
                hit.document.id, hit.document.kind, hit.score, hit.reasons.grades, hit.reasons.to_dict()
            )
            for hit in self._explain(index, asked, best)
        )  # fmt: skip

    def _sentences(self, title: str, text: str) -> list[_Sentence]:
        return self._split(title, text)


class GivenVectors:
    """An encoder that encodes nothing: it hands out the vectors that needs brought along."""

    def __init__(self, name: str, dimension: int) -> None:
        self.name = name
        self.dimension = dimension
        self._codes: dict[str, Quantised] = {}

    def learn(self, need: OpenNeed) -> None:
        """Have the need's vector ready."""
        self._codes = {} if need.codes is None else {need.query.encoded: need.codes}

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


def way_of(source: IndexSource) -> str:
    """Return what all needs' lists depend on beside the index: the way of ranking, as text."""
    fusion = _matcher(source)._fusion
    return repr((source, fusion.hybrid, fusion.words_only, fusion.usual, CANDIDATES, KEPT, LISTED))


def fingerprint(query: Query, way: str) -> str:
    """Return 32 hexadecimal digits that change when a need's question does, or the way of ranking (`way_of`)."""
    return content_hash(f"{query!r}\n{way}")


def is_strong(score: float) -> bool:
    """Tell whether both sides should hear of a match with this score."""
    return score >= STRONG


def rank_partition(source: IndexSource, needs: Sequence[OpenNeed], kinds: tuple[str, ...]) -> list[RankedNeed]:
    """Rank some needs against the index's latest state; the same on every machine that reads the same state.

    Guaranteed for every need, compared with ranking it anew against the same state:

    - The scores, their order and the reasons of a list given back are those of that state. A list left ``same`` is
      stored with scores that differ by less than `SAME`.
    - No document is missing from it, as long as none that is unlisted rose by more than `SAFETY` times the largest
      movement of a listed one: a need of which that would not suffice is ranked anew (`is_closed`). Where fewer than
      `LISTED` documents were found there is nothing unlisted, and the lists are equal whatever moved.
    - What retrieval would not find (documents outside both the best `CANDIDATES` by words and by vectors) is in no
      list; a listed document that falls out of retrieval stays until its need is ranked anew.

    Parameters
    ----------
    source
        The index.
    needs
        Those to rank; a need without a standing, or with one of another generation, of an index that lacked vectors,
        or from before more than `MOST_CHANGED` changes, is ranked anew.
    kinds
        Kinds of documents to rank.

    Raises
    ------
    SearchIndexError
        When the index cannot be read.
    """
    matcher = _matcher(source)
    index = matcher.open()
    changes = _Changes(index, Filters(kinds=kinds))
    return [_rank_need(matcher, changes, need) for need in needs]


def is_closed(before: Listed, after: Mapping[str, float], best: Sequence[float], cutoff: float | None) -> bool:
    """Tell whether the best of listed and changed documents are the best of all.

    Parameters
    ----------
    before
        The listed documents with their scores as they were.
    after
        New scores of those that neither changed nor went.
    best
        New scores of listed and changed documents together, descending.
    cutoff
        What no unlisted document scored above, or None where nothing is unlisted.
    """
    if cutoff is None:
        return True
    return len(best) >= KEPT and best[KEPT - 1] > cutoff + _movement(before, after)


def _movement(before: Listed, after: Mapping[str, float]) -> float:
    moved = [abs(after[name] - score) for name, score in before if name in after]
    return SAFETY * max(moved, default=0.0)


class _Changes:
    """What of one state is newer than an earlier one."""

    def __init__(self, index: SearchIndex, filters: Filters) -> None:
        self.index = index
        self.filters = filters
        self.position = Position.of(index)
        self._since: dict[int, list[int]] = {}

    def since(self, position: Position) -> list[int] | None:
        """Return the rows that came after a position, or None where that cannot be told or they are too many."""
        if position.generation != self.position.generation or position.degraded:
            return None
        if position.rows not in self._since:
            newer = np.flatnonzero(self.index.mask(self.filters)[position.rows :]) + position.rows
            self._since[position.rows] = newer.tolist()
        rows = self._since[position.rows]
        return None if len(rows) > MOST_CHANGED else rows


def _rank_need(matcher: BatchMatcher, changes: _Changes, need: OpenNeed) -> RankedNeed:
    newer = changes.since(need.standing.position) if need.standing else None
    merged = None if newer is None or need.standing is None else _merge(matcher, changes, need, need.standing, newer)
    return merged or _rank_anew(matcher, changes, need)


def _rank_anew(matcher: BatchMatcher, changes: _Changes, need: OpenNeed) -> RankedNeed:
    index = changes.index
    asked = matcher.asked(index, need)
    ranked = matcher.ranked(index, asked, matcher.found(index, asked, changes.filters))
    cutoff = ranked.scores[LISTED] if len(ranked.scores) > LISTED else None
    standing = Standing(changes.position, _listed(index, ranked), cutoff, _words(asked))
    return RankedNeed(need.id, "anew", standing, matcher.explained(index, asked, ranked))


def _merge(
    matcher: BatchMatcher, changes: _Changes, need: OpenNeed, standing: Standing, newer: list[int]
) -> RankedNeed | None:
    """Return the need's list from what was listed and what changed, or None where that does not tell."""
    index = changes.index
    asked = matcher.asked(index, need)
    if _words(asked) != standing.words:
        return None
    there = index.table.find_all(name for name, _ in standing.listed)
    unchanged = {row for row in there.values() if row < standing.position.rows}
    ranked = matcher.ranked(index, asked, [*sorted(unchanged), *matcher.findable(index, asked, newer)])
    names = index.table.document_ids(ranked.rows)
    scored = zip(names, ranked.rows, ranked.scores, strict=True)
    after = {name: score for name, row, score in scored if row in unchanged}
    if not is_closed(standing.listed, after, ranked.scores, standing.cutoff):
        return None
    listed, outside = _listed(index, ranked), ranked.scores[LISTED : LISTED + 1]
    if unchanged.issuperset(ranked.rows[:KEPT]) and _is_same(standing.listed, listed):
        # What is stored stays, and movements go on being measured from it.
        outside += [] if standing.cutoff is None else [standing.cutoff]
        left = replace(standing, position=changes.position, cutoff=max(outside, default=None))
        return RankedNeed(need.id, "same", left, ())
    if standing.cutoff is not None:
        outside.append(round(standing.cutoff + _movement(standing.listed, after), DIGITS))
    merged = Standing(changes.position, listed, max(outside, default=None), standing.words)
    return RankedNeed(need.id, "merged", merged, matcher.explained(index, asked, ranked))


def _words(asked: _Analysed) -> tuple[str, ...]:
    return tuple(sorted(asked.retrieval_words))


def _listed(index: SearchIndex, ranked: _Ranked) -> Listed:
    return tuple(zip(index.table.document_ids(ranked.rows[:LISTED]), ranked.scores[:LISTED], strict=True))


def _is_same(before: Listed, after: Listed) -> bool:
    if [name for name, _ in before] != [name for name, _ in after]:
        return False
    return all(abs(old - new) < SAME for (_, old), (_, new) in zip(before, after, strict=True))


@lru_cache(maxsize=2)
def _matcher(source: IndexSource) -> BatchMatcher:
    return BatchMatcher(source)
