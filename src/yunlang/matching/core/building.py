"""Filling a new generation from all documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from yunlang.matching.core.analyser import Analyser
from yunlang.matching.core.analysing import analysed
from yunlang.matching.core.chunks import Chunk, Vocabulary, build_graph, encode_rows, merge_chunks, write_chunk
from yunlang.matching.core.document import Document, content_hash, embedding_text
from yunlang.matching.core.encoder import quantise
from yunlang.matching.core.lexical import LexicalWriter, State, create_index
from yunlang.matching.core.table import empty_chunk
from yunlang.matching.core.terms import IndexedTerms

BATCH = 2_000  # documents
FIRST_CHUNK = "00000000"
VectorSource = Callable[[Sequence[str]], Mapping[str, npt.ArrayLike]]


def build_generation(
    directory: Path,
    documents: Iterable[Document],
    *,
    analyser: Analyser,
    dimension: int,
    watermark: int,
    vectors: VectorSource | None,
    graph_minimum: int,
) -> None:
    """Write the words, rows and vectors of all documents into the directory of a generation."""
    vocabulary = Vocabulary()
    chunks = [empty_chunk(dimension)]
    living: dict[str, int] = {}
    start = 0
    with LexicalWriter(create_index(directory / "lexical"), bulk=True) as writer:
        for batch, terms in analysed(_batches(documents), analyser):
            replaced = _register(batch, start, living)
            writer.add(start, batch, terms)
            writer.remove(replaced)
            chunks.append(make_chunk(batch, terms, start, dimension, vocabulary, replaced, vectors))
            start += len(batch)
        base = merge_chunks(chunks)
        if len(base.vectors) >= graph_minimum:
            base = replace(base, graph=build_graph(base.vectors))
        write_chunk(directory / "chunks" / FIRST_CHUNK, base)
        writer.commit(State(watermark, 0, start, len(living), ((FIRST_CHUNK, 0),), vocabulary.to_dict()))


def make_chunk(
    documents: Sequence[Document],
    terms: IndexedTerms,
    start: int,
    dimension: int,
    vocabulary: Vocabulary,
    dead: Sequence[int],
    vectors: VectorSource | None,
) -> Chunk:
    """Return the chunk of new documents with these terms, and with the vectors known of them."""
    digests = [content_hash(embedding_text(document)) for document in documents]
    rows, ids = encode_rows(documents, digests, vocabulary)
    rows["words"], rows["characters"] = terms.word_counts, terms.character_counts
    known = vectors(digests) if vectors else {}
    with_vector = [place for place, digest in enumerate(digests) if digest in known]
    return Chunk(
        start=start,
        rows=rows,
        ids=ids,
        dead=np.array(sorted(dead), dtype=np.uint32),
        vector_rows=np.array([start + place for place in with_vector], dtype=np.uint32),
        vectors=stack_vectors([known[digests[place]] for place in with_vector], dimension),
        words=terms.word_lists,
        characters=terms.character_lists,
    )


def stack_vectors(vectors: Sequence[npt.ArrayLike], dimension: int) -> npt.NDArray[np.int8]:
    """Return vectors quantised, one a row.

    Raises
    ------
    ValueError
        When one has another number of components or one that is not finite.
    """
    rows = [np.asarray(vector, dtype=np.float32) for vector in vectors]
    if any(row.shape != (dimension,) for row in rows):
        raise ValueError(f"a vector of this index has shape ({dimension},)")
    return quantise(np.stack(rows)) if rows else np.zeros((0, dimension), dtype=np.int8)


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    source = iter(documents)
    while batch := list(islice(source, BATCH)):
        yield batch


def _register(batch: Sequence[Document], start: int, living: dict[str, int]) -> list[int]:
    replaced = []
    for row, document in enumerate(batch, start):
        if document.id in living:
            replaced.append(living[document.id])
        living[document.id] = row
    return replaced
