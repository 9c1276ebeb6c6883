"""One look at the index in Milvus: what a query runs against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from yunlang.matching.core.analyser import Analyser
from yunlang.matching.core.chunks import Rows, Vocabulary, encode_rows
from yunlang.matching.core.document import Document
from yunlang.matching.core.encoder import Vectors
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.lexical import CHARACTERS, FACETS, WORDS
from yunlang.matching.core.milvus_client import MilvusConnection
from yunlang.matching.core.milvus_schema import (
    FIELDS,
    SCORED,
    TermCounts,
    attributes_in,
    counted_as,
    document_in,
    expression,
    one_of,
    vector_in,
)
from yunlang.matching.core.terms import SATURATION, inverse_frequency, length_penalty

AT_ONCE = 500  # rows asked for by id in one call
COUNTED = 1_000  # documents that facets are counted over, the best by words
LATELY = "Bounded"  # what a question may read: of some moments ago, without waiting for the latest
_NO_TEXT = "0" * 32


@dataclass(frozen=True, slots=True)
class MilvusState:
    """What the state's record says.

    Attributes
    ----------
    format, analyser, encoder, dimension, built_at
        See `index.Manifest`.
    watermark
        The caller's mark of the last change that is in.
    words, characters
        Number of words of all documents in each of the two fields.
    """

    format: int
    analyser: str
    encoder: str
    dimension: int
    built_at: str
    watermark: int
    words: int = 0
    characters: int = 0


@dataclass(frozen=True, slots=True)
class _Found:
    """A document as it was when this look first met it."""

    attributes: Document
    counts: Mapping[str, TermCounts]
    vector: Vectors | None


class MilvusIndex:
    """One look, for one question: it keeps what it has read, so that all parts of an answer speak of the same texts.

    Rows are numbers in the order in which this look met the documents. Not to be shared between threads.

    Parameters
    ----------
    connection
        To the server.
    generation
        Name of the collection of documents; that of the words is named after it.
    state
        As read when the look began.
    analyser
        The index's.
    """

    def __init__(self, connection: MilvusConnection, generation: str, state: MilvusState, analyser: Analyser) -> None:
        self.generation = generation
        self.state = state
        self.vocabulary = Vocabulary()
        self._connection = connection
        self._analyser = analyser
        self._found: list[_Found] = []
        self._rows: dict[str, int] = {}
        self._frequencies: dict[str, Mapping[str, int]] = {}

    @property
    def watermark(self) -> int:
        """The caller's mark of the last change that is in; replay what came after it."""
        return self.state.watermark

    @cached_property
    def count(self) -> int:
        """Number of documents."""
        return self._counted("")

    @cached_property
    def vector_count(self) -> int:
        """Number of documents that have a vector."""
        return self.count - self._counted("has_vector == false")

    def find_all(self, document_ids: Iterable[str]) -> dict[str, int]:
        """Return the rows of those of the documents that are here."""
        ids = list(dict.fromkeys(document_ids))
        new = [one for one in ids if one not in self._rows]
        self._met(read_rows(self._connection, self.generation, "id", new, SCORED, LATELY))
        return {one: self._rows[one] for one in ids if one in self._rows}

    def documents(self, document_ids: Iterable[str]) -> dict[str, Document]:
        """Return those of the documents that are here, by id."""
        return self._documents(list(dict.fromkeys(document_ids)), "Strong")

    def documents_at(self, rows: Sequence[int]) -> dict[int, Document]:
        """Return the documents of these rows, without those removed since they were found."""
        ids = {self._found[row].attributes.id: row for row in rows}
        return {ids[name]: document for name, document in self._documents(list(ids), LATELY).items()}

    def records(self, rows: Sequence[int]) -> Rows:
        """Return the rows' attributes, records of `chunks.ROW`."""
        documents = [self._found[row].attributes for row in rows]
        return encode_rows(documents, [_NO_TEXT] * len(documents), self.vocabulary)[0]

    def missing_vectors(self, most: int = 256) -> list[Document]:
        """Return documents that have no vector yet, in no order; `update_vectors` takes what they lack."""
        rows = self._connection.read(
            "query", self.generation, filter="has_vector == false", output_fields=["payload"], limit=most,
            consistency_level="Strong",
        )  # fmt: skip
        return [document_in(row) for row in rows]

    def search(self, words: Sequence[str], query: Vectors | None, count: int, filters: Filters) -> list[int]:
        """Return the rows that Milvus's hybrid search finds: the best `count` by BM25 and the nearest `count`.

        Its reciprocal ranks order them; whoever asked scores them anew.
        """
        asked = []
        if words:
            asked.append(self._by_words(words, filters))
        if query is not None:
            asked.append(self._by_vector(query, count, filters))
        if not asked or count < 1:
            return []
        return self._met(self._searched(asked, count, SCORED))

    def search_words(self, words: Sequence[str], count: int, filters: Filters) -> list[int]:
        """Return the rows best by Milvus's BM25 that pass the filters, the best first."""
        return self.search(words, None, count, filters)

    def search_vectors(self, query: Vectors, count: int, filters: Filters) -> list[int]:
        """Return the rows nearest to a unit query vector that pass the filters, the nearest first."""
        return self.search((), query, count, filters)

    def facets(self, words: Sequence[str], filters: Filters) -> dict[str, dict[str, int]]:
        """Return how many documents of each kind, city and industry have one of the words, of many words an eighth.

        Counted over the thousand best, for Milvus groups no counts. A facet ignores its own condition.
        """
        counts: dict[str, dict[str, int]] = {name: {} for name in FACETS}
        if not words:
            return counts
        asked: dict[Filters, list[Mapping[str, Any]]] = {}
        for name, condition in FACETS.items():
            lifted = filters.without(condition)
            if lifted not in asked:
                asked[lifted] = self._matching(words, lifted)
            for row in asked[lifted]:
                counts[name][row[name]] = counts[name].get(row[name], 0) + 1
        return counts

    def inverse_frequencies(self, name: str, words: Iterable[str]) -> dict[str, float]:
        """Return BM25's inverse document frequency of each word in a field."""
        wanted = list(words)
        new = [word for word in wanted if word not in self._frequencies]
        keys = {word: counted_as(word) for word in new}
        rows = read_rows(self._connection, terms_of(self.generation), "term", keys.values(), ["term", *FIELDS], LATELY)
        known = {row["term"]: row for row in rows}
        self._frequencies |= {word: known.get(key, {}) for word, key in keys.items()}
        total = self.count
        frequencies = {word: min(self._frequencies[word].get(name, 0), total) for word in wanted}
        return {word: inverse_frequency(count, total) for word, count in frequencies.items()}

    def word_scores(self, worth: Mapping[str, float], rows: Sequence[int]) -> npt.NDArray[np.float64]:
        """Return the BM25 score over words of each row, 0 where nothing matches.

        Parameters
        ----------
        worth
            Of each word: its weight times its inverse frequency.
        rows
            Any of this look.
        """
        return self._scores(WORDS, worth, rows)

    def character_scores(self, worth: Mapping[str, float], rows: Sequence[int]) -> npt.NDArray[np.float64]:
        """Return the same over single characters of title and tags."""
        return self._scores(CHARACTERS, worth, rows)

    def vectors(self, rows: Sequence[int]) -> dict[int, Vectors]:
        """Return the unit vectors of those of the rows that have one."""
        found = ((row, self._found[row].vector) for row in rows)
        return {row: vector for row, vector in found if vector is not None}

    def similarities(self, query: Vectors, rows: Sequence[int]) -> npt.NDArray[np.float32]:
        """Return the cosines between a unit query vector and the rows' vectors, NaN where a row has none."""
        cosines = np.full(len(rows), np.nan, dtype=np.float32)
        for place, row in enumerate(rows):
            vector = self._found[row].vector
            if vector is not None:
                cosines[place] = vector @ query
        return cosines

    def _scores(self, name: str, worth: Mapping[str, float], rows: Sequence[int]) -> npt.NDArray[np.float64]:
        values = {word: value * (SATURATION + 1) for word, value in worth.items()}
        mean = max(getattr(self.state, name), 1) / max(self.count, 1)
        scores = np.zeros(len(rows))
        for place, row in enumerate(rows):
            counts = self._found[row].counts[name]
            room = length_penalty(float(counts.length), mean)
            there = ((value, counts.counts[word]) for word, value in values.items() if word in counts.counts)
            scores[place] = sum(value * count / (count + room) for value, count in there)
        return scores

    def _documents(self, ids: Sequence[str], consistency: str) -> dict[str, Document]:
        found = read_rows(self._connection, self.generation, "id", ids, ["id", "payload"], consistency)
        rows = {row["id"]: row for row in found}
        return {one: document_in(rows[one]) for one in ids if one in rows}

    def _by_words(self, words: Sequence[str], filters: Filters) -> dict[str, Any]:
        # What Milvus would cut into parts that ours leaves out is asked for only where there is nothing else.
        asked = [word for word in words if self._analyser.is_whole(word)] or words
        return {
            "data": [" ".join(asked)], "anns_field": "sparse", "param": {"metric_type": "BM25"},
            "expr": expression(filters),
        }  # fmt: skip

    def _by_vector(self, query: Vectors, count: int, filters: Filters) -> dict[str, Any]:
        return {
            "data": [query.tolist()], "anns_field": "vector",
            "param": {"metric_type": "COSINE", "params": {"ef": 2 * count}},
            "expr": expression(filters, "has_vector == true"),
        }  # fmt: skip

    def _searched(self, asked: Sequence[Mapping[str, Any]], count: int, fields: list[str]) -> list[dict[str, Any]]:
        from pymilvus import AnnSearchRequest, RRFRanker

        if len(asked) > 1:
            requests = [AnnSearchRequest(**one, limit=count) for one in asked]
            (hits,) = self._connection.read(
                "hybrid_search", self.generation, reqs=requests, ranker=RRFRanker(), limit=len(asked) * count,
                output_fields=fields,
            )  # fmt: skip
        else:
            (one,) = asked
            (hits,) = self._connection.read(
                "search", self.generation, data=one["data"], anns_field=one["anns_field"], filter=one["expr"],
                search_params=one["param"], limit=count, output_fields=fields,
            )  # fmt: skip
        return [dict(hit["entity"]) for hit in hits]

    def _matching(self, words: Sequence[str], filters: Filters) -> list[Mapping[str, Any]]:
        needed = max(1, len(words) // 8)
        found = self._searched([self._by_words(words, filters)], COUNTED, [*FACETS, WORDS])
        # Milvus finds by its own words; what counts is ours.
        return [row for row in found if sum(word in TermCounts.read(row[WORDS]).counts for word in words) >= needed]

    def _met(self, rows: Iterable[Mapping[str, Any]]) -> list[int]:
        """Return the numbers of rows read, giving new ones to those not met before."""
        numbers = []
        for row in rows:
            if row["id"] not in self._rows:
                self._rows[row["id"]] = len(self._found)
                counts = {name: TermCounts.read(row[name]) for name in FIELDS}
                self._found.append(_Found(attributes_in(row), counts, vector_in(row)))
            numbers.append(self._rows[row["id"]])
        return list(dict.fromkeys(numbers))

    def _counted(self, condition: str) -> int:
        (answer,) = self._connection.read("query", self.generation, filter=condition, output_fields=["count(*)"])
        return int(answer["count(*)"])


def terms_of(generation: str) -> str:
    """Return the name of a generation's collection of words."""
    return f"{generation}_terms"


def read_rows(
    connection: MilvusConnection, collection: str, name: str, values: Iterable[str], fields: list[str],
    consistency: str = "Strong",
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the rows whose field `name` has one of the values, as of now unless told otherwise."""
    rows: list[dict[str, Any]] = []
    rest = iter(values)
    while part := list(islice(rest, AT_ONCE)):
        rows += connection.read(
            "query", collection, filter=one_of(name, part), output_fields=fields, consistency_level=consistency
        )
    return rows
