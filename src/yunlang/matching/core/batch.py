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
from typing import Literal

import numpy as np

from yunlang.matching.core.batch_matcher import (
    DIGITS,
    BatchMatcher,
    IndexSource,
    RankedDocument,
    matcher_of,
)
from yunlang.matching.core.document import content_hash
from yunlang.matching.core.encoder import Quantised
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.index import SearchIndex
from yunlang.matching.core.query import Query
from yunlang.matching.core.stages import Analysed, Ranked

KEPT = 50  # documents of a need that are stored with reasons
LISTED = 100  # documents remembered with their score, so that a withdrawal is filled from them
STRONG = 0.5  # from here on nearly half of the officers' grades are fairly strong or strong; docs/benchmarks.md
MOST_CHANGED = 1_000  # changed documents from which on ranking anew costs less than scoring them all
SAFETY = 2.0  # how much farther an unlisted document may have moved than any listed one did
SAME = 0.002  # stored documents that all moved less are left as they are; a page shows two digits

Way = Literal["anew", "merged", "same"]
Listed = tuple[tuple[str, float], ...]  # ids with their scores, the best first, of equal scores by id


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


def way_of(source: IndexSource) -> str:
    """Return what all needs' lists depend on beside the index: the way of ranking, as text."""
    return repr((source.encoder, source.words, matcher_of(source).way, KEPT, LISTED))


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
      stored with scores that differ by less than `SAME`, and in the order of these.
    - No document is missing from it, as long as none that is unlisted rose by more than `SAFETY` times the largest
      movement of a listed one: a need of which that would not suffice is ranked anew (`is_closed`). Where fewer than
      `LISTED` documents were found there is nothing unlisted, and the lists are equal whatever moved.
    - What retrieval would not find (documents outside both the best `CANDIDATES` by words and by vectors) is in no
      list; a listed document that falls out of retrieval, or one that comes in where others left, is noticed when its
      need is ranked anew.

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
    matcher = matcher_of(source)
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
    asked = matcher.asked(index, need.query, need.codes)
    ranked = matcher.ranked(index, asked, matcher.found(index, asked, changes.filters))
    cutoff = ranked.scores[LISTED] if len(ranked.scores) > LISTED else None
    standing = Standing(changes.position, _listed(index, ranked), cutoff, _words(asked))
    return RankedNeed(need.id, "anew", standing, matcher.explained(index, asked, ranked, KEPT))


def _merge(
    matcher: BatchMatcher, changes: _Changes, need: OpenNeed, standing: Standing, newer: list[int]
) -> RankedNeed | None:
    """Return the need's list from what was listed and what changed, or None where that does not tell."""
    index = changes.index
    asked = matcher.asked(index, need.query, need.codes)
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
    listed = _listed(index, ranked)
    if unchanged.issuperset(ranked.rows[:KEPT]) and _is_same(standing.listed, listed):
        # What is stored stays, and movements go on being measured from it.
        known = {name for name, _ in standing.listed}
        outside = [score for name, score in zip(names, ranked.scores, strict=True) if name not in known]
        outside += [] if standing.cutoff is None else [standing.cutoff]
        left = replace(standing, position=changes.position, cutoff=max(outside, default=None))
        return RankedNeed(need.id, "same", left, ())
    outside = ranked.scores[LISTED : LISTED + 1]
    if standing.cutoff is not None:
        outside.append(round(standing.cutoff + _movement(standing.listed, after), DIGITS))
    merged = Standing(changes.position, listed, max(outside, default=None), standing.words)
    return RankedNeed(need.id, "merged", merged, matcher.explained(index, asked, ranked, KEPT))


def _words(asked: Analysed) -> tuple[str, ...]:
    return tuple(sorted(asked.retrieval_words))


def _listed(index: SearchIndex, ranked: Ranked) -> Listed:
    return tuple(zip(index.table.document_ids(ranked.rows[:LISTED]), ranked.scores[:LISTED], strict=True))


def _is_same(before: Listed, after: Listed) -> bool:
    stored, best = dict(before[:KEPT]), dict(after[:KEPT])
    return stored.keys() == best.keys() and all(abs(best[name] - score) < SAME for name, score in stored.items())
