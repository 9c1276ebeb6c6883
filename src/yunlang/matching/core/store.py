"""The search index on disk: generations, one of them current, changed by one writer and read by many.

::

    home/CURRENT                 name of the serving generation, replaced atomically
    home/write.lock, build.lock  one writer, one builder
    home/<generation>/manifest.json   what holds for the generation's life
    home/<generation>/lexical/        word index and, inside its commits, the state
    home/<generation>/chunks/         rows and vectors

A change writes its chunk first and then commits the word index, whose commit is atomic and names the chunk. A
process killed at any moment therefore leaves the old state or the new one; leftovers are swept by the next change.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from threading import Lock

import numpy.typing as npt

from yunlang.matching.core.analyser import Analyser
from yunlang.matching.core.building import VectorSource, build_generation
from yunlang.matching.core.changes import apply_change, compact
from yunlang.matching.core.chunks import Chunk, Vocabulary, read_chunk, sync_directory
from yunlang.matching.core.document import Document
from yunlang.matching.core.errors import (
    BusyIndexError,
    DamagedIndexError,
    IncompatibleIndexError,
    MissingIndexError,
    MovedIndexError,
)
from yunlang.matching.core.index import Manifest, SearchIndex
from yunlang.matching.core.lexical import LexicalReader, open_index
from yunlang.matching.core.table import Table

FORMAT = 2
GRAPH_MINIMUM = 50_000  # vectors from which on a graph beats comparing them all
_ATTEMPTS = 5
Stamp = tuple[int, int, int]
Signature = tuple[Stamp, ...]


class SearchIndexStore:
    """Opens, changes and rebuilds the search index under one directory.

    Safe to share between threads; any number of processes may read while one writes.

    Parameters
    ----------
    home
        Directory of the index; made when first built.
    analyser
        Cuts documents and queries; an index of another analyser must be rebuilt.
    encoder, dimension
        Name and size of the vectors kept; an index of another encoder must be rebuilt.
    graph_minimum
        Number of vectors from which on a build or a compaction makes a nearest-neighbour graph.
    """

    def __init__(
        self, home: Path, *, analyser: Analyser, encoder: str, dimension: int, graph_minimum: int = GRAPH_MINIMUM
    ) -> None:
        self.home = Path(home)
        self.analyser = analyser
        self._encoder = encoder
        self._dimension = dimension
        self._graph_minimum = graph_minimum
        self._lock = Lock()
        self._opened: tuple[Signature, SearchIndex] | None = None
        self._chunks: dict[tuple[Path, Stamp], Chunk] = {}

    def open(self) -> SearchIndex:
        """Return the latest committed state; two `stat` calls when nothing has changed.

        Raises
        ------
        MissingIndexError
            When nothing was built yet.
        IncompatibleIndexError
            When the index was built by another format, analyser or encoder.
        DamagedIndexError
            When files are missing, cut short or unreadable.
        """
        opened = self._opened
        if opened is not None and opened[0] == self._signature(opened[1].generation):
            return opened[1]
        with self._lock:
            return self._reopen()

    def build(
        self,
        documents: Iterable[Document],
        *,
        watermark: int,
        built_at: datetime,
        vectors: VectorSource | None = None,
    ) -> SearchIndex:
        """Build a new generation while the old one serves, switch to it and remove the others.

        Changes made to the old generation meanwhile are not in the new one: replay those after `watermark`.

        Parameters
        ----------
        documents
            All of them, consumed once; of equal ids the last counts.
        watermark
            The caller's mark of the last change that `documents` contains.
        built_at
            When the building began.
        vectors
            Given content hashes, returns the vectors known of them, of shape (dimension,); None leaves all to
            `update_vectors`.

        Raises
        ------
        BusyIndexError
            When another process or thread builds.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        manifest = Manifest(FORMAT, self.analyser.fingerprint, self._encoder, self._dimension, built_at.isoformat())
        with self._locked("build.lock", wait=False):
            name = self._next_generation()
            unfinished = self.home / f".{name}.part"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            _write_durably(unfinished / "manifest.json", json.dumps(asdict(manifest), indent=1))
            build_generation(
                unfinished, documents, analyser=self.analyser, dimension=self._dimension, watermark=watermark,
                vectors=vectors, graph_minimum=self._graph_minimum,
            )  # fmt: skip
            with self._locked("write.lock"):
                unfinished.rename(self.home / name)
                _write_durably(self.home / "CURRENT", name)
                self._remove_generations_but(name)
        return self.open()

    def update(
        self,
        upserts: Iterable[Document] = (),
        deletes: Iterable[str] = (),
        *,
        watermark: int,
        vectors: Mapping[str, npt.ArrayLike] | None = None,
        generation: str | None = None,
    ) -> SearchIndex:
        """Add, replace and remove documents in one atomic change and return the state after it.

        An upsert keeps its document's vector when the text that the encoder reads has not changed. An id in both
        collections is upserted; of equal ids the last counts; deleting what is not there does nothing. So a change
        may be replayed.

        Parameters
        ----------
        upserts, deletes
            Documents, and ids.
        watermark
            The caller's mark of this change; the index keeps the highest it was given.
        vectors
            By `content_hash` of `embedding_text`, of shape (dimension,), as floats or as `quantise` returns.
        generation
            The one whose watermark the caller read. Another may serve by now, with an older watermark, and must get
            the changes from there on.

        Raises
        ------
        MovedIndexError
            When another generation serves.
        """
        with self._locked("write.lock"):
            index = self.open()
            if generation is not None and index.generation != generation:
                raise MovedIndexError
            apply_change(
                self.home / index.generation, index, self.analyser, upserts=list(upserts), deletes=list(deletes),
                watermark=watermark, vectors=vectors or {},
            )  # fmt: skip
            return self.open()

    def update_vectors(self, vectors: Mapping[str, npt.ArrayLike]) -> SearchIndex:
        """Give vectors to all documents whose embedding text has these content hashes; return the state after it.

        A vector that comes too late, its document changed since, finds no document and is dropped.
        """
        return self.update(watermark=0, vectors=vectors)

    def compact(self) -> SearchIndex:
        """Merge all chunks into one and make its graph; worth it once many vectors came after the build."""
        with self._locked("write.lock"):
            index = self.open()
            compact(self.home / index.generation, index, self._graph_minimum)
            return self.open()

    def _reopen(self) -> SearchIndex:
        for attempt in range(_ATTEMPTS):
            name = self._current()
            signature = self._signature(name)
            if self._opened is not None and self._opened[0] == signature:
                return self._opened[1]
            try:
                index = self._load(name)
            except (OSError, ValueError, KeyError, TypeError) as error:
                # A writer may have moved on between two reads; what stays as it was is damaged.
                if attempt == _ATTEMPTS - 1 or (self._current(), self._signature(name)) == (name, signature):
                    raise DamagedIndexError(reason=str(error) or type(error).__name__) from error
                continue
            self._opened = (signature, index)
            return index
        raise DamagedIndexError(reason=str(self.home))

    def _load(self, name: str) -> SearchIndex:
        directory = self.home / name
        manifest = self._read_manifest(directory / "manifest.json")
        lexical = LexicalReader(open_index(directory / "lexical"))
        paths = [(directory / "chunks" / chunk, start) for chunk, start in lexical.state.chunks]
        chunks = [self._chunk(path, start, mapped=place == 0) for place, (path, start) in enumerate(paths)]
        self._chunks = {(path, _stamp(path)): chunk for (path, _), chunk in zip(paths, chunks, strict=True)}
        table = Table(chunks, Vocabulary(lexical.state.vocabulary))
        if (table.size, table.count) != (lexical.state.rows, lexical.state.count):
            raise ValueError(f"{table.count} of {table.size} rows where the state names {lexical.state}")
        return SearchIndex(name, manifest, lexical, table)

    def _chunk(self, path: Path, start: int, *, mapped: bool) -> Chunk:
        # An index deleted and built anew takes its old names; the stamp tells its chunks from those read before.
        return self._chunks.get((path, _stamp(path))) or read_chunk(path, start, mapped=mapped)

    def _read_manifest(self, path: Path) -> Manifest:
        values = json.loads(path.read_text(encoding="utf-8"))
        expected = {
            "format": FORMAT, "analyser": self.analyser.fingerprint,
            "encoder": self._encoder, "dimension": self._dimension,
        }  # fmt: skip
        for name, value in expected.items():
            if values[name] != value:
                raise IncompatibleIndexError(reason=f"{name}: {values[name]} ≠ {value}")
        return Manifest(**values)

    def _current(self) -> str:
        try:
            return (self.home / "CURRENT").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise MissingIndexError from None

    def _signature(self, name: str) -> Signature:
        return tuple(_stamp(path) for path in (self.home / "CURRENT", self.home / name / "lexical" / "meta.json"))

    def _next_generation(self) -> str:
        names = [path.name.strip(".").removesuffix(".part") for path in self.home.iterdir() if path.is_dir()]
        numbers = [int(name[1:]) for name in names if name[:1] == "g" and name[1:].isdigit()]
        return f"g{max(numbers, default=0) + 1:08d}"

    def _remove_generations_but(self, kept: str) -> None:
        for path in self.home.iterdir():
            if path.is_dir() and path.name != kept and path.name.lstrip(".").startswith("g"):
                shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def _locked(self, name: str, *, wait: bool = True) -> Iterator[None]:
        if not self.home.is_dir():
            raise MissingIndexError
        with (self.home / name).open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BusyIndexError from None
            yield


def _stamp(path: Path) -> Stamp:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return (0, 0, 0)
    return (status.st_ino, status.st_mtime_ns, status.st_size)


def _write_durably(path: Path, text: str) -> None:
    unfinished = path.with_name(f".{path.name}.new")
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    sync_directory(path.parent)
