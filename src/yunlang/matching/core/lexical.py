"""The word index: BM25 over the analyser's words, with filters, counts and the commit that makes a state visible.

The state of the whole index (watermark, chunks, vocabulary) is a document of this index too. So it changes in the
same atomic commit as the documents, and whoever opens the index sees all of one state and nothing of another.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Self

import tantivy

from yunlang.matching.core.document import Document, document_from_json, document_to_json
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.table import cents
from yunlang.matching.core.terms import IndexedTerms, inverse_frequency

WORDS = "words"  # title, tags, organisation and text
CHARACTERS = "characters"  # title and tags; tells how many documents have one, never retrieves
FACETS: Mapping[str, Literal["kinds", "cities", "industries"]] = MappingProxyType(
    {"kind": "kinds", "city": "cities", "industry": "industries"}
)
BULK_HEAP = 256_000_000  # bytes
SMALL_HEAP = 15_000_000
MOST_BUCKETS = 1000
_TOKENIZER = "analysed"
_STATE = "state"


@dataclass(frozen=True, slots=True)
class State:
    """What a commit says of the index.

    Attributes
    ----------
    watermark
        The caller's mark of the last change that is in.
    sequence
        Number of commits so far; names the next chunk.
    rows, count
        Rows ever given out, and those that live.
    chunks
        Name and first row of each chunk, in order.
    vocabulary
        See `chunks.Vocabulary`.
    """

    watermark: int
    sequence: int
    rows: int
    count: int
    chunks: tuple[tuple[str, int], ...]
    vocabulary: Mapping[str, Sequence[str]] = field(default_factory=dict)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("row", indexed=True, fast=True)
    for name, option in ((WORDS, "freq"), (CHARACTERS, "basic")):
        builder.add_text_field(name, tokenizer_name=_TOKENIZER, index_option=option)
    for name in (*FACETS, "label"):
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("trl", indexed=True, fast=True)
    builder.add_integer_field("price", indexed=True, fast=True)
    builder.add_text_field(_STATE, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("payload", stored=True)
    return builder.build()


SCHEMA = _schema()


def _prepared(index: tantivy.Index) -> tantivy.Index:
    index.register_tokenizer(_TOKENIZER, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    index.config_reader("manual", 0)
    return index


def create_index(directory: Path) -> tantivy.Index:
    """Return a new, empty word index in a directory of its own."""
    directory.mkdir(parents=True)
    return _prepared(tantivy.Index(SCHEMA, str(directory), reuse=False))


def open_index(directory: Path) -> tantivy.Index:
    """Return the word index that is there."""
    return _prepared(tantivy.Index.open(str(directory)))


class LexicalWriter:
    """Adds and removes rows; nothing shows before `commit`.

    Parameters
    ----------
    index
        As `create_index` or `open_index` return.
    bulk
        Whether many documents come: more memory, two threads.
    """

    def __init__(self, index: tantivy.Index, *, bulk: bool = False) -> None:
        self._writer = index.writer(BULK_HEAP if bulk else SMALL_HEAP, 2 if bulk else 1)
        # A writer killed in its commit leaves files under the names that the next commit would give its own.
        self._writer.garbage_collect_files()

    def add(self, start: int, documents: Sequence[Document], terms: IndexedTerms) -> None:
        """Add documents with their terms under the rows from `start` on."""
        for row, found in enumerate(zip(documents, terms.words, terms.characters, strict=True), start):
            self._add(row, *found)

    def _add(self, row: int, document: Document, words: str, characters: str) -> None:
        item = tantivy.Document()
        item.add_unsigned("row", row)
        item.add_text(WORDS, words)
        item.add_text(CHARACTERS, characters)
        for name in FACETS:
            item.add_text(name, _clean(getattr(document, name)))
        for label in document.labels:
            item.add_text("label", _clean(label))
        if document.trl is not None:
            item.add_unsigned("trl", document.trl)
        if document.price is not None:
            item.add_integer("price", cents(document.price))
        item.add_bytes("payload", document_to_json(document))
        self._writer.add_document(item)

    def remove(self, rows: Sequence[int]) -> None:
        """Remove the documents under these rows, also those added before in the same commit."""
        if rows:
            self._writer.delete_documents_by_query(tantivy.Query.term_set_query(SCHEMA, "row", list(rows)))

    def commit(self, state: State) -> None:
        """Make everything since the last commit visible at once, with the state that goes with it."""
        self._writer.delete_documents_by_term(_STATE, _STATE)
        item = tantivy.Document()
        item.add_text(_STATE, _STATE)
        item.add_bytes("payload", json.dumps(asdict(state), ensure_ascii=True).encode())
        self._writer.add_document(item)
        self._writer.commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._writer.wait_merging_threads()
        else:
            self._writer.rollback()
        del self._writer  # releases the directory


class LexicalReader:
    """One committed state of the word index; immutable, to be shared between threads."""

    def __init__(self, index: tantivy.Index) -> None:
        index.reload()
        self._searcher = index.searcher()
        self.state = self._read_state()

    def inverse_frequencies(self, name: str, words: Iterable[str]) -> dict[str, float]:
        """Return BM25's inverse document frequency of each word in a field."""
        total = self._searcher.num_docs
        frequencies = {word: min(self._searcher.doc_freq(name, word), total) for word in words}
        return {word: inverse_frequency(count, total) for word, count in frequencies.items()}

    def search(self, words: Sequence[str], limit: int, filters: Filters, excluded: Sequence[int]) -> list[int]:
        """Return the rows of the best documents by BM25 over these words, the best first.

        Parameters
        ----------
        words
            Any of them may match.
        limit
            Rows returned at most.
        filters
            Conditions kept; `exclude_ids` must be given as rows in `excluded`.
        """
        if not words or limit < 1:
            return []
        query = self._filtered(_any_of(words), filters, excluded)
        return self._rows(self._searcher.search(query, limit, count=False).hits)

    def facets(self, words: Sequence[str], filters: Filters, excluded: Sequence[int]) -> dict[str, dict[str, int]]:
        """Return how many documents of each kind, city and industry have one of the words, of many words an eighth.

        A facet ignores its own condition, so that a reader sees what another choice would show.
        """
        if not words:
            return {name: {} for name in FACETS}
        matching = tantivy.Query.boolean_query(
            [(tantivy.Occur.Should, _word(WORDS, word)) for word in words],
            minimum_number_should_match=max(1, len(words) // 8),
        )
        alike: dict[Filters, list[str]] = {}
        for name, condition in FACETS.items():
            alike.setdefault(filters.without(condition), []).append(name)
        counts = {}
        for others, names in alike.items():
            buckets = {name: {"terms": {"field": name, "size": MOST_BUCKETS}} for name in names}
            found = self._searcher.aggregate(self._filtered(matching, others, excluded), buckets)
            for name in names:
                counts[name] = {str(one["key"]): int(one["doc_count"]) for one in found[name]["buckets"]}
        return counts

    def documents(self, rows: Sequence[int]) -> dict[int, Document]:
        """Return the documents under these rows, in the order of the rows."""
        if not rows:
            return {}
        hits = self._searcher.search(_rows_query(rows), len(rows), count=False).hits
        texts = (_payload(self._searcher.doc(address)) for _, address in hits)
        found = {row: document_from_json(text) for row, text in zip(self._rows(hits), texts, strict=True)}
        return {row: found[row] for row in rows if row in found}

    def _filtered(self, scored: tantivy.Query, filters: Filters, excluded: Sequence[int]) -> tantivy.Query:
        clauses = [(tantivy.Occur.Must, scored)]
        columns = (("kind", filters.kinds), ("city", filters.cities), ("industry", filters.industries))
        clauses += [clause for name, values in columns if values for clause in self._one_of(name, values)]
        if filters.labels:
            labels = tantivy.Query.term_set_query(SCHEMA, "label", list(filters.labels))
            clauses.append((tantivy.Occur.Must, _unscored(labels)))
        if filters.trl_minimum is not None:
            levels = tantivy.Query.range_query(SCHEMA, "trl", tantivy.FieldType.Unsigned, filters.trl_minimum, None)
            clauses.append((tantivy.Occur.Must, _unscored(levels)))
        if filters.price_maximum is not None:
            bound = cents(filters.price_maximum)
            prices = tantivy.Query.range_query(SCHEMA, "price", tantivy.FieldType.Integer, None, bound)
            clauses.append((tantivy.Occur.Must, _unscored(prices)))
        if excluded:
            clauses.append((tantivy.Occur.MustNot, tantivy.Query.term_set_query(SCHEMA, "row", list(excluded))))
        return scored if len(clauses) == 1 else tantivy.Query.boolean_query(clauses)

    def _one_of(self, name: str, values: Sequence[str]) -> list[tuple[tantivy.Occur, tantivy.Query]]:
        """Return the clauses that a document whose column has one of the values meets.

        A set of terms is first written out as a map of all documents, which takes longer than the search itself where
        nearly all are in it: then the other values are forbidden instead.
        """
        others = [value for value in self.state.vocabulary.get(name, ()) if value not in values]
        if len(values) > 1 and self._frequency(name, others) < self._frequency(name, values):
            return [(tantivy.Occur.MustNot, _value(name, value)) for value in others]
        if len(values) == 1:
            return [(tantivy.Occur.Must, _unscored(_value(name, values[0])))]
        return [(tantivy.Occur.Must, _unscored(tantivy.Query.term_set_query(SCHEMA, name, list(values))))]

    def _frequency(self, name: str, values: Sequence[str]) -> int:
        return sum(self._searcher.doc_freq(name, value) for value in values)

    def _rows(self, hits: Sequence[tuple[Any, tantivy.DocAddress]]) -> list[int]:
        values = self._searcher.fast_field_values("row", [address for _, address in hits])
        return [int(value) for value in values if value is not None]

    def _read_state(self) -> State:
        hits = self._searcher.search(tantivy.Query.term_query(SCHEMA, _STATE, _STATE, "basic"), 2, count=False).hits
        if len(hits) != 1:
            raise ValueError("the word index holds no state")
        values = json.loads(_payload(self._searcher.doc(hits[0][1])))
        values["chunks"] = tuple((name, start) for name, start in values["chunks"])
        return State(**values)


def _payload(stored: Any) -> bytes:
    return bytes(stored.get_first("payload"))


def _clean(value: str) -> str:
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def _word(name: str, word: str) -> tantivy.Query:
    return tantivy.Query.term_query(SCHEMA, name, word, "freq")


def _value(name: str, value: str) -> tantivy.Query:
    return tantivy.Query.term_query(SCHEMA, name, value, "basic")


def _any_of(words: Iterable[str]) -> tantivy.Query:
    return _should([_word(WORDS, word) for word in words])


def _should(clauses: Iterable[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, clause) for clause in clauses])


def _rows_query(rows: Sequence[int]) -> tantivy.Query:
    # Term by term: a set of terms is searched in time that grows with the index, threefold already at 100,000.
    return _unscored(_should(tantivy.Query.term_query(SCHEMA, "row", row, "basic") for row in rows))


def _unscored(condition: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.const_score_query(condition, 0.0)
