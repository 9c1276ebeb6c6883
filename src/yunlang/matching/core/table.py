"""The table of one state of the index: which rows live, which pass a filter, which vectors they have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from usearch.index import search as exact_search

from yunlang.matching.core.chunks import ROW, Chunk, Rows, Vocabulary, merge_chunks, text_key
from yunlang.matching.core.encoder import Quantised, Vectors, dequantise, quantise
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.terms import TermLists, term_scores

TermField = Literal["words", "characters"]
Mask = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.int64]

MOST_EXACT = 20_000  # vectors compared one by one where a graph could serve; about 4 ms
MOST_FROM_GRAPH = 4_000  # neighbours asked of a graph at once
SPARE = 1.5  # neighbours asked for beyond what the filter's share of the rows makes necessary
LARGEST_PRICE = np.iinfo(np.int64).max - 1


class Table:
    """Rows of a base chunk and of all later ones; immutable, to be shared between threads.

    Parameters
    ----------
    chunks
        In the order in which they were committed; the first may be mapped from disk.
    vocabulary
        Of the same state.
    """

    def __init__(self, chunks: Sequence[Chunk], vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._parts = [chunks[0]] if len(chunks) < 2 else [chunks[0], merge_chunks(chunks[1:])]
        self.size = sum(len(part.rows) for part in self._parts)
        self.alive: Mask = np.ones(self.size, dtype=bool)
        for part in self._parts:
            self.alive[part.dead] = False
        self._vector_part = np.full(self.size, -1, dtype=np.int8)
        self._vector_position = np.zeros(self.size, dtype=np.int32)
        for number, part in enumerate(self._parts):
            self._vector_part[part.vector_rows] = number
            self._vector_position[part.vector_rows] = np.arange(len(part.vector_rows))
        self._usable_last: tuple[Mask, list[tuple[Mask, int]]] | None = None
        self.count = int(self.alive.sum())
        self._mean_lengths = {name: self._mean_length(name) for name in get_args(TermField)}
        self.vector_count = int((self.alive & (self._vector_part >= 0)).sum())

    def find(self, document_id: str) -> int | None:
        """Return the living row of a document, or None."""
        for part in reversed(self._parts):
            for row in part.candidates(document_id):
                if self.alive[row]:
                    return row
        return None

    def find_all(self, document_ids: Iterable[str]) -> dict[str, int]:
        """Return the living rows of those documents that are here."""
        found = ((document_id, self.find(document_id)) for document_id in document_ids)
        return {document_id: row for document_id, row in found if row is not None}

    def document_id(self, row: int) -> str:
        """Return the id that a row holds."""
        part = self._part_of(row)
        return bytes(part.ids[row - part.start]).decode("utf-8")

    def document_ids(self, rows: Sequence[int]) -> list[str]:
        """Return the ids that rows hold, many at once."""
        numbers = np.asarray(rows, dtype=np.int64)
        found = [""] * len(numbers)
        for part in self._parts:
            places = np.flatnonzero((numbers >= part.start) & (numbers < part.start + len(part.rows)))
            for place, name in zip(places.tolist(), part.ids[numbers[places] - part.start].tolist(), strict=True):
                found[place] = name.decode("utf-8")
        return found

    def records(self, rows: Sequence[int]) -> Rows:
        """Return the rows' attributes, records of `chunks.ROW`."""
        numbers = np.asarray(rows, dtype=np.int64)
        records = np.zeros(len(numbers), dtype=ROW)
        for part in self._parts:
            inside = (numbers >= part.start) & (numbers < part.start + len(part.rows))
            records[inside] = part.rows[numbers[inside] - part.start]
        return records

    def rows_of_texts(self, digests: Iterable[str]) -> dict[str, list[int]]:
        """Return the living rows whose embedding text has one of these content hashes."""
        wanted = {text_key(digest): digest for digest in digests}
        found: dict[str, list[int]] = {}
        keys = np.fromiter(wanted, dtype=np.uint64, count=len(wanted))
        for part in self._parts:
            for place in np.flatnonzero(np.isin(part.rows["text_key"], keys)):
                row = part.start + int(place)
                if self.alive[row]:
                    found.setdefault(wanted[int(part.rows["text_key"][place])], []).append(row)
        return found

    def rows_without_vector(self, most: int) -> list[int]:
        """Return living rows that have no vector yet, the newest first."""
        missing = np.flatnonzero(self.alive & (self._vector_part < 0))[::-1]
        return [int(row) for row in missing[:most]]

    def vector(self, row: int) -> Quantised | None:
        """Return the row's quantised vector, or None where it has none."""
        if self._vector_part[row] < 0:
            return None
        codes: Quantised = self._parts[self._vector_part[row]].vectors[self._vector_position[row]]
        return codes

    def vectors(self, rows: Sequence[int]) -> Vectors:
        """Return the rows' vectors, float32 of unit length; each of these rows has one."""
        numbers = np.asarray(rows, dtype=np.int64)
        codes = np.stack([self._parts[self._vector_part[row]].vectors[self._vector_position[row]] for row in numbers])
        return dequantise(codes)

    def similarities(self, query: Vectors, rows: Sequence[int]) -> npt.NDArray[np.float32]:
        """Return the cosines between a unit query vector and the rows' vectors, NaN where a row has none."""
        numbers = np.asarray(rows, dtype=np.int64)
        cosines = np.full(len(numbers), np.nan, dtype=np.float32)
        for order, part in enumerate(self._parts):
            present = self._vector_part[numbers] == order
            if present.any():
                codes = part.vectors[self._vector_position[numbers[present]]].astype(np.float32)
                # Row by row: a matrix product rounds a row differently among others, and equal pairs score equal.
                lengths = np.sqrt(np.einsum("ij,ij->i", codes, codes))
                cosines[present] = np.einsum("ij,j->i", codes, query) / np.where(lengths > 0, lengths, np.float32(1))
        return cosines

    def term_scores(self, name: TermField, worth: Mapping[str, float], rows: Sequence[int]) -> npt.NDArray[np.float64]:
        """Return the BM25 score of each row over its words or characters; see `terms.term_scores`."""
        numbers = np.asarray(rows, dtype=np.int64)
        scores = np.zeros(len(numbers))
        for part in self._parts:
            inside = (numbers >= part.start) & (numbers < part.start + len(part.rows))
            places = numbers[inside] - part.start
            lists: TermLists = getattr(part, name)
            scores[inside] = term_scores(lists, places, part.rows[name][places], self._mean_lengths[name], worth)
        return scores

    def _mean_length(self, name: TermField) -> float:
        alive = (self.alive[part.start : part.start + len(part.rows)] for part in self._parts)
        total = sum(int(part.rows[name][living].sum()) for part, living in zip(self._parts, alive, strict=True))
        return total / max(self.count, 1)

    def mask(self, filters: Filters) -> Mask:
        """Return for every row whether it lives and meets the conditions."""
        allowed = self.alive.copy()
        for part in self._parts:
            allowed[part.start : part.start + len(part.rows)] &= self._part_mask(part.rows, filters)
        for row in self.find_all(filters.exclude_ids).values():
            allowed[row] = False
        return allowed

    def nearest(self, query: Vectors, count: int, allowed: Mask) -> list[int]:
        """Return up to `count` allowed rows whose vectors are nearest to the query, the nearest first.

        Exact for a chunk without a graph and wherever few vectors are allowed; otherwise as good as the graph
        (recall of HNSW, about 0.95 and more).
        """
        codes = quantise(query[np.newaxis])[0]
        found: list[tuple[float, int]] = []
        for part, (usable, usable_count) in zip(self._parts, self._usable(allowed), strict=True):
            found.extend(_nearest_in(part, codes, count, usable, usable_count))
        return [row for _, row in sorted(found)[:count]]

    def _usable(self, allowed: Mask) -> list[tuple[Mask, int]]:
        """Return for every part which of its vectors are allowed, and how many; remembered for the last mask."""
        remembered = self._usable_last
        if remembered is not None and remembered[0] is allowed:
            return remembered[1]
        masks = [
            allowed[part.vector_rows] & (self._vector_part[part.vector_rows] == number)
            for number, part in enumerate(self._parts)
        ]
        made = [(mask, int(mask.sum())) for mask in masks]
        self._usable_last = (allowed, made)
        return made

    def _part_of(self, row: int) -> Chunk:
        return self._parts[0] if row < self._parts[0].start + len(self._parts[0].rows) else self._parts[1]

    def _part_mask(self, rows: Rows, filters: Filters) -> Mask:
        passed: Mask = np.ones(len(rows), dtype=bool)
        for column, values in (("kind", filters.kinds), ("city", filters.cities), ("industry", filters.industries)):
            if values:
                passed &= np.isin(rows[column], self.vocabulary.codes(column, values))
        if filters.labels:
            passed &= (rows["labels"] & self.vocabulary.bits(filters.labels)) != 0
        if filters.trl_minimum is not None:
            passed &= rows["trl"] >= filters.trl_minimum
        if filters.price_maximum is not None:
            passed &= rows["price"] <= cents(filters.price_maximum)
        return passed


def cents(amount: Decimal) -> int:
    """Return a price bound in whole cents, rounded down, within what a row can hold."""
    return min(int(amount * 100), LARGEST_PRICE)


def _nearest_in(part: Chunk, codes: Quantised, count: int, usable: Mask, allowed: int) -> list[tuple[float, int]]:
    if allowed == 0:
        return []
    if part.graph is not None and allowed > MOST_EXACT:
        wanted = count if allowed == len(usable) else int(SPARE * count * len(usable) / allowed) + 1
        if wanted <= MOST_FROM_GRAPH:
            matches = part.graph.search(codes, wanted)
            return _kept(part, matches.keys, matches.distances, usable)[:count]
    surplus = len(usable) - allowed
    if surplus <= count:
        matches = exact_search(part.vectors, codes, min(count + surplus, len(usable)), "cos", exact=True)
        return _kept(part, matches.keys, matches.distances, usable)[:count]
    positions = np.flatnonzero(usable)
    matches = exact_search(part.vectors[positions], codes, min(count, allowed), "cos", exact=True)
    return _kept(part, positions[matches.keys.astype(np.int64)], matches.distances, usable)


def _kept(part: Chunk, keys: Positions, distances: npt.NDArray[np.float32], usable: Mask) -> list[tuple[float, int]]:
    positions = keys.astype(np.int64)
    passed = usable[positions]
    rows = part.vector_rows[positions[passed]].tolist()
    return list(zip(distances[passed].tolist(), rows, strict=True))


def empty_chunk(dimension: int, start: int = 0) -> Chunk:
    """Return a chunk without rows or vectors."""
    nothing = np.zeros(0, dtype=np.uint32)
    vectors, no_terms = np.zeros((0, dimension), np.int8), TermLists.of([])
    return Chunk(start, np.zeros(0, dtype=ROW), np.zeros(0, "S1"), nothing, nothing, vectors, no_terms, no_terms)
