"""Small changes to the serving generation: write a chunk, then commit the words that name it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from yunlang.matching.core.analyser import Analyser
from yunlang.matching.core.building import make_chunk, stack_vectors
from yunlang.matching.core.chunks import Chunk, Vocabulary, build_graph, merge_chunks, read_chunk, write_chunk
from yunlang.matching.core.document import Document, content_hash, embedding_text
from yunlang.matching.core.index import SearchIndex
from yunlang.matching.core.lexical import LexicalWriter, State, open_index
from yunlang.matching.core.table import Table
from yunlang.matching.core.terms import IndexedTerms, indexed_terms, searched_texts

MOST_CHUNKS = 16  # after which the later chunks are merged into one


def apply_change(
    directory: Path,
    index: SearchIndex,
    analyser: Analyser,
    *,
    upserts: Sequence[Document],
    deletes: Sequence[str],
    watermark: int,
    vectors: Mapping[str, npt.ArrayLike],
) -> None:
    """Commit upserts, deletes and vectors to a generation whose latest state is `index`; the caller holds the lock."""
    state = index.lexical.state
    documents = list({document.id: document for document in upserts}.values())
    vocabulary = Vocabulary(state.vocabulary)
    dead = sorted(index.table.find_all({*deletes, *(document.id for document in documents)}).values())
    known = {**_kept_vectors(index.table, documents), **vectors}
    terms = indexed_terms(analyser, list(map(searched_texts, documents)))
    chunk = make_chunk(
        documents, terms, state.rows, index.manifest.dimension, vocabulary, dead,
        lambda digests: {digest: known[digest] for digest in digests if digest in known},
    )  # fmt: skip
    chunk = _with_late_vectors(chunk, index.table, vectors, set(dead))
    changed = replace(
        state,
        watermark=max(state.watermark, watermark),
        sequence=state.sequence + 1,
        rows=state.rows + len(documents),
        count=state.count - len(dead) + len(documents),
        vocabulary=vocabulary.to_dict(),
    )
    _commit(directory, index, _place(directory, changed, chunk), dead, (documents, terms))


def compact(directory: Path, index: SearchIndex, graph_minimum: int) -> None:
    """Replace all chunks of a generation by one, with a graph where it is large; the caller holds the lock."""
    state = index.lexical.state
    merged = merge_chunks([read_chunk(directory / "chunks" / name, start, mapped=True) for name, start in state.chunks])
    if len(merged.vectors) >= graph_minimum:
        merged = replace(merged, graph=build_graph(merged.vectors))
    name = f"{state.sequence + 1:08d}"
    write_chunk(directory / "chunks" / name, merged)
    changed = replace(state, sequence=state.sequence + 1, chunks=((name, 0),))
    _commit(directory, index, changed)


def _commit(
    directory: Path,
    index: SearchIndex,
    state: State,
    dead: Sequence[int] = (),
    added: tuple[Sequence[Document], IndexedTerms] | None = None,
) -> None:
    with LexicalWriter(open_index(directory / "lexical")) as writer:
        writer.remove(dead)
        if added is not None:
            writer.add(state.rows - len(added[0]), *added)
        writer.commit(state)
    _sweep(directory / "chunks", {name for name, _ in (*state.chunks, *index.lexical.state.chunks)})


def _place(directory: Path, state: State, chunk: Chunk) -> State:
    """Write the chunk, merged with the later ones once these are many, and return the state that names it."""
    name = f"{state.sequence:08d}"
    chunks = state.chunks
    if len(chunks) >= MOST_CHUNKS:
        later = [read_chunk(directory / "chunks" / older, start, mapped=False) for older, start in chunks[1:]]
        chunk, chunks = merge_chunks([*later, chunk]), chunks[:1]
    write_chunk(directory / "chunks" / name, chunk)
    return replace(state, chunks=(*chunks, (name, chunk.start)))


def _kept_vectors(table: Table, documents: Iterable[Document]) -> dict[str, npt.ArrayLike]:
    """Return the vectors that documents keep because the text that the encoder reads is the same."""
    kept: dict[str, npt.ArrayLike] = {}
    for digest, rows in table.rows_of_texts(content_hash(embedding_text(document)) for document in documents).items():
        codes = next((code for row in rows if (code := table.vector(row)) is not None), None)
        if codes is not None:
            kept[digest] = codes
    return kept


def _with_late_vectors(chunk: Chunk, table: Table, vectors: Mapping[str, npt.ArrayLike], dead: set[int]) -> Chunk:
    """Return the chunk with vectors for rows that were there before it."""
    late = sorted(
        (row, digest) for digest, rows in table.rows_of_texts(vectors).items() for row in rows if row not in dead
    )
    if not late:
        return chunk
    added = stack_vectors([vectors[digest] for _, digest in late], chunk.vectors.shape[1])
    return replace(
        chunk,
        vector_rows=np.concatenate([np.array([row for row, _ in late], dtype=np.uint32), chunk.vector_rows]),
        vectors=np.concatenate([added, chunk.vectors]),
    )


def _sweep(directory: Path, kept: set[str]) -> None:
    for path in directory.iterdir():
        if path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)
