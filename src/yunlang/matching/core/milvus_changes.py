"""Writing documents to a generation in Milvus, and counting what that does to the words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from yunlang.matching.core.analyser import Analyser
from yunlang.matching.core.building import VectorSource, stack_vectors
from yunlang.matching.core.document import Document, content_hash, embedding_text
from yunlang.matching.core.encoder import Quantised
from yunlang.matching.core.milvus_client import MilvusConnection
from yunlang.matching.core.milvus_index import MilvusState, read_rows, terms_of
from yunlang.matching.core.milvus_schema import (
    FIELDS,
    WHOLE,
    TermCounts,
    counted_as,
    one_of,
    row_of,
    term_row,
    vector_fields,
)
from yunlang.matching.core.terms import document_terms

BATCH = 500  # documents cut and sent together
MOST_SENT = 8_000_000  # bytes in one call, about; Milvus takes 64 MB
TERMS_SENT = 5_000


class MilvusWriter:
    """One change, or the filling of a new generation; `finish` writes what the words have become.

    Parameters
    ----------
    connection, generation
        Where to.
    analyser
        The index's.
    dimension
        Components of a vector.
    """

    def __init__(self, connection: MilvusConnection, generation: str, analyser: Analyser, dimension: int) -> None:
        self._connection = connection
        self._generation = generation
        self._analyser = analyser
        self._dimension = dimension
        self._documents = {name: Counter[str]() for name in FIELDS}
        self._lengths = dict.fromkeys(FIELDS, 0)

    def put(self, documents: Sequence[Document], vectors: VectorSource, *, replaced: Iterable[str]) -> None:
        """Write documents of different ids with the vectors known of them; `replaced` names those that may be there."""
        digests = [content_hash(embedding_text(document)) for document in documents]
        codes = self._quantised(vectors(digests))
        terms = [document_terms(self._analyser, document) for document in documents]
        rows = [
            row_of(document, its, digest, codes.get(digest), self._dimension)
            for document, its, digest in zip(documents, terms, digests, strict=True)
        ]
        self._count_out(replaced)
        self._send(rows)
        self._count(rows, 1)

    def remove(self, document_ids: Collection[str]) -> None:
        """Remove documents; those that are not there change nothing."""
        self._count_out(document_ids)
        ids = list(document_ids)
        for start in range(0, len(ids), BATCH):
            # Given ids, pymilvus would make an expression of them itself, and escape nothing.
            self._connection.write("delete", self._generation, filter=one_of("id", ids[start : start + BATCH]))

    def give(self, codes: Mapping[str, Quantised], *, but: Collection[str]) -> None:
        """Give vectors to the documents whose embedding text has these hashes, except to those named."""
        rows = read_rows(self._connection, self._generation, "text_hash", codes, WHOLE)
        late = [row for row in rows if row["id"] not in but]
        self._send([row | vector_fields(codes[row["text_hash"]], self._dimension) for row in late])

    def known_vectors(self, given: Mapping[str, Quantised]) -> VectorSource:
        """Return a source of vectors: those given, else those that documents of the same embedding text have."""

        def known(digests: Sequence[str]) -> Mapping[str, npt.ArrayLike]:
            found: dict[str, npt.ArrayLike] = {name: given[name] for name in digests if name in given}
            wanted = [name for name in dict.fromkeys(digests) if name not in found]
            fields = ["text_hash", "has_vector", "vector"]
            for row in read_rows(self._connection, self._generation, "text_hash", wanted, fields):
                if row["has_vector"]:
                    found[row["text_hash"]] = np.asarray(row["vector"], dtype=np.float32)
            return found

        return known

    def finish(self, state: MilvusState) -> MilvusState:
        """Write in how many documents each word now stands, and return the state with the fields' new lengths."""
        changed = [term for term in set().union(*self._documents.values()) if self._change(term)]
        for start in range(0, len(changed), TERMS_SENT):
            self._write_terms(changed[start : start + TERMS_SENT])
        return replace(state, **{name: getattr(state, name) + self._lengths[name] for name in FIELDS})

    def _change(self, term: str) -> dict[str, int]:
        return {name: counter[term] for name, counter in self._documents.items() if counter[term]}

    def _write_terms(self, terms: Sequence[str]) -> None:
        collection = terms_of(self._generation)
        before = {row["term"]: row for row in read_rows(self._connection, collection, "term", terms, ["term", *FIELDS])}
        rows = []
        for term in terms:
            old, change = before.get(term, {}), self._change(term)
            rows.append(term_row(term, {name: max(old.get(name, 0) + change.get(name, 0), 0) for name in FIELDS}))
        self._connection.write("upsert", collection, rows)

    def _count_out(self, document_ids: Iterable[str]) -> None:
        self._count(read_rows(self._connection, self._generation, "id", document_ids, ["id", *FIELDS]), -1)

    def _count(self, rows: Iterable[Mapping[str, Any]], sign: int) -> None:
        for row in rows:
            for name in FIELDS:
                counts = TermCounts.read(row[name])
                self._lengths[name] += sign * counts.length
                for term in {counted_as(word) for word in counts.counts}:
                    self._documents[name][term] += sign

    def _quantised(self, vectors: Mapping[str, npt.ArrayLike]) -> dict[str, Quantised]:
        return dict(zip(vectors, stack_vectors(list(vectors.values()), self._dimension), strict=True))

    def _send(self, rows: Sequence[Mapping[str, Any]]) -> None:
        part: list[Mapping[str, Any]] = []
        size = 0
        for row in rows:
            size += 4 * self._dimension + sum(len(value) for value in row.values() if isinstance(value, str)) * 3
            part.append(row)
            if size > MOST_SENT:
                self._connection.write("upsert", self._generation, part)
                part, size = [], 0
        if part:
            self._connection.write("upsert", self._generation, part)


def batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Cut documents into batches of different ids; of equal ones in a batch the last counts."""
    source = iter(documents)
    while batch := list(islice(source, BATCH)):
        yield list({document.id: document for document in batch}.values())
