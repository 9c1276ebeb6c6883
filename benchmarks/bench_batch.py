"""All pairs: many needs against many documents on two cores, beside brute-force cosines in NumPy.

    python benchmarks/bench_batch.py                                   500 needs, 14,000 documents
    python benchmarks/bench_batch.py --needs 10000 --documents 1000000

Texts are made from titles of patents, projects, products and needs; vectors are random, for encoding is done once a
text and kept (its time is told apart), and speed does not depend on what vectors say. The peer answers less: cosines
alone, no words, no conditions, no reasons, nothing stored.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from shared_data import demo_documents, read_csv

from yunlang.matching.core.analyser import default_analyser
from yunlang.matching.core.batch import (
    KEPT,
    OpenNeed,
    RankedNeed,
    rank_partition,
)
from yunlang.matching.core.batch_matcher import IndexSource, matcher_of
from yunlang.matching.core.document import Document, content_hash, embedding_text
from yunlang.matching.core.encoder import E5Encoder, dequantise, quantise, unit_rows
from yunlang.matching.core.query import Query
from yunlang.matching.core.store import SearchIndexStore
from yunlang.matching.runners import here, in_processes

BUILT_AT = datetime(2026, 1, 1, tzinfo=UTC)
DIMENSION = 384
PARTITION = 50
KINDS = ("achievement", "service")
ENCODED = 20
SAMPLE = 50
CHANGED = 20


def documents(count: int) -> Iterator[Document]:
    """Yield documents; beyond the real titles, pairs of halves of them."""
    real = demo_documents()
    yield from real[:count]
    halves = itertools.cycle(zip(real, real[1:] + real[:1], strict=True))
    for number in range(len(real), count):
        first, second = next(halves)
        turn = number // len(real)
        title = first.title[: len(first.title) // 2] + real[(number * turn + turn) % len(real)].title[-12:]
        yield replace(first, id=str(number), title=title, organisation=second.organisation)


def needs(count: int) -> list[OpenNeed]:
    """Return needs with a vector each; beyond the real ones, titles of one with the text of another."""
    rows = read_csv("needs/needs.csv")
    vectors = quantise(random_vectors(count, seed=1))
    queries = (
        Query(rows[number % len(rows)]["title"], rows[(number + number // len(rows)) % len(rows)]["content"])
        for number in range(count)
    )
    return [
        OpenNeed(str(number), query, codes) for number, (query, codes) in enumerate(zip(queries, vectors, strict=True))
    ]


def random_vectors(count: int, seed: int) -> np.ndarray:
    """Return unit vectors around the cosines that e5's have: 0.85, and a little more or less."""
    rows = np.random.default_rng(seed).standard_normal((count, DIMENSION), dtype=np.float32)
    return unit_rows(rows * np.sqrt(0.15 / DIMENSION) + np.sqrt(0.85 / DIMENSION))


def build(home: Path, count: int) -> tuple[SearchIndexStore, float]:
    """Return an index of so many documents, and the seconds that it took."""
    store = SearchIndexStore(home, analyser=default_analyser(), encoder=E5Encoder.name, dimension=DIMENSION)
    seeds = itertools.count(10)

    def vectors(digests: Sequence[str]) -> dict[str, np.ndarray]:
        return dict(zip(digests, random_vectors(len(digests), next(seeds)), strict=True))

    began = time.perf_counter()
    store.build(documents(count), watermark=1, built_at=BUILT_AT, vectors=vectors)
    return store, time.perf_counter() - began


def timed(parts: Iterable[list[RankedNeed]]) -> tuple[dict[str, RankedNeed], float, float]:
    """Return what the parts gave, the seconds, and the processor's seconds, those of ended processes with them."""
    began, before = time.perf_counter(), sum(os.times()[:4])
    found = {one.id: one for part in parts for one in part}
    return found, time.perf_counter() - began, sum(os.times()[:4]) - before


def stages(source: IndexSource, sample: Sequence[OpenNeed]) -> dict[str, float]:
    """Return the milliseconds of processor time that each stage takes a need, in this process."""
    from yunlang.matching.core.filters import Filters

    matcher = matcher_of(source)
    index, filters = matcher.open(), Filters(kinds=KINDS)
    spent = dict.fromkeys(("analyse", "retrieve", "score", "explain"), 0.0)
    for need in sample:
        marks = [time.process_time()]
        asked = matcher.asked(index, need.query, need.codes)
        marks.append(time.process_time())
        rows = matcher.found(index, asked, filters)
        marks.append(time.process_time())
        ranked = matcher.ranked(index, asked, rows)
        marks.append(time.process_time())
        matcher.explained(index, asked, ranked, KEPT)
        marks.append(time.process_time())
        for name, (start, end) in zip(spent, itertools.pairwise(marks), strict=True):
            spent[name] += 1000 * (end - start) / len(sample)
    return spent


def brute_force(store: SearchIndexStore, asked: Sequence[OpenNeed]) -> tuple[float, float]:
    """Return the seconds, and the processor's, in which NumPy finds each need's best by cosine over all vectors."""
    table = store.open().table
    codes = np.concatenate([part.vectors for part in table._parts])
    queries = dequantise(np.stack([need.codes for need in asked if need.codes is not None]))
    began, before = time.perf_counter(), time.process_time()
    for start in range(0, len(queries), PARTITION):
        best = np.full((min(PARTITION, len(queries) - start), 0), 0.0, dtype=np.float32)
        for block in range(0, len(codes), 50_000):
            cosines = queries[start : start + PARTITION] @ dequantise(codes[block : block + 50_000]).T
            best = np.concatenate([best, cosines], axis=1)
            best = -np.partition(-best, min(KEPT, best.shape[1] - 1), axis=1)[:, :KEPT]
    return time.perf_counter() - began, time.process_time() - before


def encoding(asked: Sequence[OpenNeed]) -> float:
    """Return the milliseconds that e5 takes for a need's vector, which is then kept."""
    encoder = E5Encoder()
    encoder.encode_queries(["预热"])
    began = time.perf_counter()
    for need in asked[:ENCODED]:
        encoder.encode_queries([need.query.encoded])
    return 1000 * (time.perf_counter() - began) / len(asked[:ENCODED])


def change(store: SearchIndexStore) -> None:
    """Publish some documents and withdraw others."""
    fresh = [replace(one, id=f"new{place}") for place, one in enumerate(documents(CHANGED))]
    texts = (content_hash(embedding_text(one)) for one in fresh)
    vectors = dict(zip(texts, random_vectors(len(fresh), seed=2), strict=True))
    store.update(fresh, [str(number) for number in range(CHANGED)], watermark=2, vectors=vectors)


def measure(home: Path, asked: list[OpenNeed], count: int, workers: int) -> Iterator[tuple[str, object]]:
    """Yield what was measured, row by row."""
    store, seconds = build(home, count)
    yield f"build of the index, {count:,} documents, s", seconds
    source = IndexSource(str(home), (), E5Encoder.name, DIMENSION)
    yield "encoding of a need by e5, kept afterwards, ms", encoding(asked)
    for name, spent in stages(source, asked[:SAMPLE]).items():
        yield f"{name}, processor ms a need", spent
    peer, peer_busy = brute_force(store, asked)
    partitions = [asked[start : start + PARTITION] for start in range(0, len(asked), PARTITION)]
    first_run: dict[str, RankedNeed] = {}
    for runner, name in ((here, "one process"), (in_processes(workers), f"{workers} processes")):
        first_run, seconds, busy = timed(runner(source, partitions, KINDS))
        yield f"{len(asked):,} needs × {count:,}, {name}, s", seconds
        yield f"the same, processor s, {name}", busy
    yield "needs a second, processes", len(asked) / seconds
    yield "peer: brute-force cosines in NumPy, s", peer
    yield "the same, processor s, peer", peer_busy
    yield "times the peer's", seconds / peer
    change(store)
    again = [replace(need, standing=first_run[need.id].standing) for need in asked]
    behind = [again[start : start + PARTITION] for start in range(0, len(again), PARTITION)]
    merged, incremental, busy = timed(in_processes(workers)(source, behind, KINDS))
    ways = [one.way for one in merged.values()]
    counts = ", ".join(f"{ways.count(way)} {way}" for way in ("same", "merged", "anew"))
    yield f"after {CHANGED} new and {CHANGED} withdrawn, s ({counts})", incremental
    yield "the same, processor s", busy
    full = {one.id: one for one in rank_partition(source, asked[:SAMPLE], KINDS)}
    yield (
        f"needs of {SAMPLE} with the same {KEPT} documents as a full run's",
        sum(_names(merged[name]) == _names(full[name]) for name in full),
    )


def _names(one: RankedNeed) -> set[str]:
    return {name for name, _ in one.standing.listed[:KEPT]}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--needs", type=int, default=500)
    parser.add_argument("--documents", type=int, default=14_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as home:
        rows = list(measure(Path(home) / "index", needs(chosen.needs), chosen.documents, chosen.workers))
    if chosen.json:
        print(json.dumps(dict(rows), ensure_ascii=False, indent=1))
        return
    print(f"{os.cpu_count()} cores\n\n| what | value |\n|---|---:|")
    for name, value in rows:
        print(f"| {name} | {f'{value:,.2f}' if isinstance(value, float) else value} |")


if __name__ == "__main__":
    main()
