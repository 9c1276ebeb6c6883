"""The index in Milvus: generations, each of two collections, and an alias that names the one that serves.

::

    yunlang_search                alias of the serving generation's documents
    yunlang_search_<id>           its documents
    yunlang_search_<id>_terms     in how many documents each word stands; and the state, written last

A build fills a generation of its own and then moves the alias; a process killed at any moment leaves the old one
serving, and what it left behind goes with the next build. A change writes documents, then the words' counts, then the
watermark: one that was cut short is done again from the old watermark. The counts may then be off by that change's
words until the next build; they weigh words and lose none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from threading import Lock
from typing import Any

import numpy.typing as npt

from yunlang.kit.ids import new_id
from yunlang.matching.core.analyser import Analyser
from yunlang.matching.core.building import VectorSource, stack_vectors
from yunlang.matching.core.document import Document
from yunlang.matching.core.encoder import Quantised
from yunlang.matching.core.errors import (
    BusyIndexError,
    DamagedIndexError,
    IncompatibleIndexError,
    MissingIndexError,
    MovedIndexError,
)
from yunlang.matching.core.milvus_changes import MilvusWriter, batches
from yunlang.matching.core.milvus_client import MilvusConnection
from yunlang.matching.core.milvus_index import LATELY, MilvusIndex, MilvusState, read_rows, terms_of
from yunlang.matching.core.milvus_schema import documents_schema, term_row, terms_schema

FORMAT = 1
NAME = "yunlang_search"
STATE = "the state"  # no word has a space


class MilvusStore:
    """Opens, changes and rebuilds the search index on a Milvus server; what `SearchIndexStore` is to a directory.

    Safe to share between threads. Any number of processes may read; that one at a time changes is the caller's to see
    to. Nothing is asked of the server before the first call.

    Parameters
    ----------
    address, token
        See `MilvusConnection`. A server's database belongs to one platform.
    analyser
        Weighs and counts words; an index of another analyser must be rebuilt.
    encoder, dimension
        Name and size of the vectors kept; an index of another encoder must be rebuilt.
    """

    def __init__(self, address: str, token: str = "", *, analyser: Analyser, encoder: str, dimension: int) -> None:
        self.analyser = analyser
        self._connection = MilvusConnection(address, token)
        self._encoder = encoder
        self._dimension = dimension
        self._lock = Lock()

    def open(self) -> MilvusIndex:
        """Return a look at the latest state, for one question.

        Raises
        ------
        SearchServerError
            When the server cannot be asked.
        MissingIndexError
            When nothing was built yet.
        IncompatibleIndexError
            When the index was built by another format, analyser or encoder.
        DamagedIndexError
            When the state is not there or cannot be read.
        """
        return self._open(LATELY)

    def build(
        self,
        documents: Iterable[Document],
        *,
        watermark: int,
        built_at: datetime,
        vectors: VectorSource | None = None,
    ) -> MilvusIndex:
        """Build a new generation while the old one serves, switch to it and drop the others.

        See `SearchIndexStore.build`. Of two builds at once the first to finish wins.

        Raises
        ------
        BusyIndexError
            When another build finished first.
        """
        generation = f"{NAME}_{new_id().hex}"
        state = MilvusState(
            FORMAT, self.analyser.fingerprint, self._encoder, self._dimension, built_at.isoformat(), watermark
        )
        try:
            self._create(generation)
            writer = MilvusWriter(self._connection, generation, self.analyser, self._dimension)
            seen: set[str] = set()
            for batch in batches(documents):
                writer.put(batch, vectors or (lambda digests: {}), replaced=seen.intersection(one.id for one in batch))
                seen.update(one.id for one in batch)
            self._write_state(generation, writer.finish(state))
            self._call_both(generation, "flush")
            self._switch(generation)
        except MovedIndexError as error:
            raise BusyIndexError from error
        self._drop_all_but(generation)
        return self.open()

    def update(
        self,
        upserts: Iterable[Document] = (),
        deletes: Iterable[str] = (),
        *,
        watermark: int,
        vectors: Mapping[str, npt.ArrayLike] | None = None,
        generation: str | None = None,
    ) -> MilvusIndex:
        """Add, replace and remove documents, then move the watermark, and return the state after it.

        See `SearchIndexStore.update`. Questions asked meanwhile may see a part of the change.

        Raises
        ------
        MovedIndexError
            When another generation serves.
        """
        given = dict(vectors or {})
        codes: dict[str, Quantised] = dict(
            zip(given, stack_vectors(list(given.values()), self._dimension), strict=True)
        )
        changed = list({document.id: document for document in upserts}.values())
        gone = set(deletes).difference(document.id for document in changed)
        with self._lock:
            index = self._open("Strong")
            if generation is not None and index.generation != generation:
                raise MovedIndexError
            writer = MilvusWriter(self._connection, index.generation, self.analyser, self._dimension)
            for batch in batches(changed):
                writer.put(batch, writer.known_vectors(codes), replaced=[document.id for document in batch])
            writer.remove(gone)
            writer.give(codes, but={document.id for document in changed})
            state = replace(index.state, watermark=max(index.state.watermark, watermark))
            self._write_state(index.generation, writer.finish(state))
        return self.open()

    def update_vectors(self, vectors: Mapping[str, npt.ArrayLike]) -> MilvusIndex:
        """Give vectors to all documents whose embedding text has these content hashes; return the state after it."""
        return self.update(watermark=0, vectors=vectors)

    def compact(self) -> MilvusIndex:
        """Have the server index what changed and merge what many changes left in pieces, in its own time."""
        index = self.open()
        self._call_both(index.generation, "flush", "compact")
        return index

    def _open(self, consistency: str) -> MilvusIndex:
        generation = self._current()
        if generation is None:
            raise MissingIndexError
        try:
            rows = self._state_rows(generation, consistency)
        except MovedIndexError:
            # A server that was started anew may not have it in memory.
            self._call_both(generation, "load_collection")
            rows = self._state_rows(generation, consistency)
        try:
            state = MilvusState(**json.loads(rows[0]["state"]))
        except (IndexError, ValueError, TypeError) as error:
            raise DamagedIndexError(reason=str(error)) from error
        self._check(state)
        return MilvusIndex(self._connection, generation, state, self.analyser)

    def _state_rows(self, generation: str, consistency: str) -> list[dict[str, Any]]:
        return read_rows(self._connection, terms_of(generation), "term", [STATE], ["state"], consistency)

    def _check(self, state: MilvusState) -> None:
        expected = {
            "format": FORMAT, "analyser": self.analyser.fingerprint,
            "encoder": self._encoder, "dimension": self._dimension,
        }  # fmt: skip
        for name, value in expected.items():
            if getattr(state, name) != value:
                raise IncompatibleIndexError(reason=f"{name}: {getattr(state, name)} ≠ {value}")

    def _write_state(self, generation: str, state: MilvusState) -> None:
        text = json.dumps(asdict(state), ensure_ascii=True)
        self._connection.write("upsert", terms_of(generation), [term_row(STATE, {}, text)])

    def _create(self, generation: str) -> None:
        for name, (schema, indexes) in (
            (generation, documents_schema(self.analyser, self._dimension)),
            (terms_of(generation), terms_schema()),
        ):
            self._connection.write("create_collection", name, schema=schema, consistency_level=LATELY)
            # Nothing is there to be indexed yet; pymilvus would wait half a second for each.
            self._connection.write("create_index", name, indexes, sync=False)
            self._connection.write("load_collection", name)

    def _call_both(self, generation: str, *methods: str) -> None:
        for method in methods:
            for collection in (generation, terms_of(generation)):
                self._connection.write(method, collection)

    def _current(self) -> str | None:
        try:
            return str(self._connection.read("describe_alias", NAME)["collection_name"])
        except MovedIndexError:
            return None

    def _switch(self, generation: str) -> None:
        self._connection.write("create_alias" if self._current() is None else "alter_alias", generation, NAME)

    def _drop_all_but(self, generation: str) -> None:
        # Another build may have switched since; what serves is never dropped.
        kept = {self._current(), generation}
        for name in self._connection.read("list_collections"):
            if name.startswith(f"{NAME}_") and name.removesuffix("_terms") not in kept:
                self._connection.write("drop_collection", name)
