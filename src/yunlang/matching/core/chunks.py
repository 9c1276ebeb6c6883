"""The index's own table on disk: immutable chunks of rows, each with attributes to filter by and quantised vectors.

A row is one version of one document. Rows are numbered through the life of a generation and never reused: an upsert
adds a row and kills the old one. A chunk holds a run of new rows, the rows it kills, and vectors of its own or of
older rows. Chunks count only when the word index's commit names them, so a half-written one is never seen.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from usearch.index import Index as Graph

from yunlang.matching.core.document import Document, key_of
from yunlang.matching.core.encoder import Quantised
from yunlang.matching.core.terms import TermLists

ROW = np.dtype(
    [("id_key", "<u8"), ("text_key", "<u8"), ("labels", "<u8"), ("price", "<i8"),
     ("kind", "<u2"), ("city", "<u2"), ("industry", "<u2"), ("trl", "<u2"),
     ("words", "<u2"), ("characters", "<u2")]
)  # fmt: skip
UNPRICED = np.iinfo(np.int64).max  # sorts above every price, so that no upper bound admits it
UNSTATED_LEVEL = 0
COLUMNS = ("kind", "city", "industry", "label")
MOST_LABELS = 64
GRAPH_FILE = "graph.usearch"
_ARRAYS = ("rows", "ids", "dead", "vector_rows", "vectors")
_TERM_LISTS = ("words", "characters")

Rows = npt.NDArray[np.void]
RowNumbers = npt.NDArray[np.uint32]


class Vocabulary:
    """Numbers for the values of the filterable columns, in the order of their first appearance.

    Parameters
    ----------
    values
        Column name to its values so far, as `to_dict` returns.
    """

    def __init__(self, values: Mapping[str, Sequence[str]] | None = None) -> None:
        known = values or {}
        self._codes = {
            name: {value: code for code, value in enumerate(known.get(name, ()))} for name in COLUMNS
        }  # fmt: skip

    def code(self, column: str, value: str) -> int | None:
        """Return the number of a value, or None where no document ever had it."""
        return self._codes[column].get(value)

    def codes(self, column: str, values: Iterable[str]) -> list[int]:
        """Return the numbers of those values that any document ever had."""
        found = (self.code(column, value) for value in values)
        return [code for code in found if code is not None]

    def bits(self, labels: Iterable[str]) -> np.uint64:
        """Return known labels as bits."""
        return np.uint64(sum(1 << code for code in set(self.codes("label", labels))))

    def learn(self, column: str, value: str) -> int:
        """Return the number of a value, giving it the next one if it is new."""
        codes = self._codes[column]
        return codes.setdefault(value, len(codes))

    def label_bits(self, labels: Sequence[str]) -> int:
        """Return the labels as bits, learning new ones.

        Raises
        ------
        ValueError
            When the index would know more than 64 different labels.
        """
        codes = [self.learn("label", label) for label in labels]
        if any(code >= MOST_LABELS for code in codes):
            raise ValueError(f"an index knows at most {MOST_LABELS} different labels")
        return int(self.bits(labels))

    def to_dict(self) -> dict[str, list[str]]:
        """Return the values by column, in the order of their numbers."""
        return {name: list(codes) for name, codes in self._codes.items()}


def text_key(digest: str) -> int:
    """Return the 64 bits of a `content_hash` that a row keeps."""
    return int(digest[:16], 16)


def encode_rows(
    documents: Sequence[Document], digests: Sequence[str], vocabulary: Vocabulary
) -> tuple[Rows, npt.NDArray[np.bytes_]]:
    """Return the table rows and ids of documents with these content hashes; the vocabulary learns their values.

    The numbers of words and characters are left at 0.
    """
    records = [
        (
            key_of(document.id),
            text_key(digest),
            vocabulary.label_bits(document.labels) if document.labels else 0,
            UNPRICED if document.price is None else int(document.price * 100),
            vocabulary.learn("kind", document.kind),
            vocabulary.learn("city", document.city),
            vocabulary.learn("industry", document.industry),
            document.trl or UNSTATED_LEVEL,
            0,
            0,
        )
        for document, digest in zip(documents, digests, strict=True)
    ]
    rows = np.array(records, dtype=ROW)
    ids = [document.id.encode("utf-8", "replace") for document in documents]
    return rows, np.array(ids, dtype=f"S{max(map(len, ids), default=1)}")


@dataclass(frozen=True)
class Chunk:
    """A run of rows.

    Attributes
    ----------
    start
        Number of its first row.
    rows, ids
        Attributes and ids of the rows `start` … `start + len(rows) - 1`.
    dead
        Numbers of the rows, its own or older, that it kills.
    vector_rows
        Numbers of the rows whose vectors it brings, ascending and distinct; a later chunk's vector counts.
    vectors
        Their quantised vectors, shape (len(vector_rows), dimension).
    words, characters
        Terms of the rows.
    graph
        Nearest-neighbour graph over `vectors`, keyed by position, for a large chunk.
    """

    start: int
    rows: Rows
    ids: npt.NDArray[np.bytes_]
    dead: RowNumbers
    vector_rows: RowNumbers
    vectors: Quantised
    words: TermLists
    characters: TermLists
    graph: Graph | None = None

    @cached_property
    def id_order(self) -> npt.NDArray[np.intp]:
        """Positions of the rows in ascending order of their id keys."""
        return np.argsort(self.rows["id_key"], kind="stable")

    @cached_property
    def sorted_id_keys(self) -> npt.NDArray[np.uint64]:
        """Id keys in ascending order."""
        return np.ascontiguousarray(self.rows["id_key"])[self.id_order]

    def candidates(self, document_id: str) -> list[int]:
        """Return the numbers of all rows, dead or alive, that hold this id."""
        key = np.uint64(key_of(document_id))
        low, high = (
            np.searchsorted(self.sorted_id_keys, key, "left"),
            np.searchsorted(self.sorted_id_keys, key, "right"),
        )
        wanted = document_id.encode("utf-8", "replace")
        return [self.start + int(place) for place in self.id_order[low:high] if self.ids[place] == wanted]


def merge_chunks(chunks: Sequence[Chunk]) -> Chunk:
    """Return one chunk in place of consecutive ones; vectors of rows that they kill are dropped."""
    dead = np.unique(np.concatenate([chunk.dead for chunk in chunks]))
    numbers = np.concatenate([chunk.vector_rows for chunk in chunks])
    vectors = np.concatenate([chunk.vectors for chunk in chunks])
    latest, backwards = np.unique(numbers[::-1], return_index=True)
    positions = len(numbers) - 1 - backwards
    kept = ~np.isin(latest, dead)
    return Chunk(
        start=chunks[0].start,
        rows=np.concatenate([chunk.rows for chunk in chunks]),
        ids=np.concatenate([chunk.ids for chunk in chunks]),
        dead=dead,
        vector_rows=latest[kept],
        vectors=vectors[positions[kept]],
        words=TermLists.joined([chunk.words for chunk in chunks]),
        characters=TermLists.joined([chunk.characters for chunk in chunks]),
    )


def build_graph(vectors: Quantised) -> Graph:
    """Return a nearest-neighbour graph (HNSW, cosine) over the vectors, keyed by position."""
    graph = Graph(ndim=vectors.shape[1], metric="cos", dtype="i8")
    graph.add(np.arange(len(vectors), dtype=np.uint64), vectors)
    return graph


def write_chunk(directory: Path, chunk: Chunk) -> None:
    """Write the chunk as a directory that appears whole, replacing what an interrupted writer left there."""
    unfinished = directory.with_name(f".{directory.name}.part")
    for stale in (unfinished, directory):
        shutil.rmtree(stale, ignore_errors=True)
    unfinished.mkdir(parents=True)
    arrays = {name: getattr(chunk, name) for name in _ARRAYS}
    for name in _TERM_LISTS:
        lists: TermLists = getattr(chunk, name)
        arrays |= {name: lists.terms, f"{name}_ends": lists.ends}
    for name, array in arrays.items():
        with (unfinished / f"{name}.npy").open("wb") as file:
            np.save(file, array, allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
    if chunk.graph is not None:
        chunk.graph.save(str(unfinished / GRAPH_FILE))
    unfinished.rename(directory)
    sync_directory(directory.parent)


def read_chunk(directory: Path, start: int, *, mapped: bool) -> Chunk:
    """Return the chunk written there; `mapped` leaves its arrays in the file.

    Raises
    ------
    FileNotFoundError
        When the directory or a file of it is gone.
    ValueError
        When a file is cut short or is not what it should be.
    """

    def array(name: str) -> Any:
        loaded = np.load(directory / f"{name}.npy", mmap_mode="r" if mapped else None, allow_pickle=False)
        return loaded.view(np.ndarray)  # still mapped, but read like any other array: a memmap's own indexing is slow

    arrays: dict[str, Any] = {name: array(name) for name in _ARRAYS}
    lists: dict[str, Any] = {name: TermLists(array(f"{name}_ends"), array(name)) for name in _TERM_LISTS}
    chunk = Chunk(start=start, graph=_read_graph(directory / GRAPH_FILE), **arrays, **lists)
    sizes = {len(chunk.rows), len(chunk.ids), *(len(one.ends) for one in lists.values())}
    whole = all((one.ends[-1] if len(one.ends) else 0) == len(one.terms) for one in lists.values())
    if chunk.rows.dtype != ROW or len(sizes) != 1 or len(chunk.vectors) != len(chunk.vector_rows) or not whole:
        raise ValueError(f"the arrays of chunk {directory.name} do not fit together")
    return chunk


def _read_graph(path: Path) -> Graph | None:
    if not path.exists():
        return None
    graph = Graph.restore(str(path), view=True)
    if graph is None:
        raise ValueError(f"{path.name} is not a graph")
    return graph


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
