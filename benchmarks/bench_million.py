"""One million resources: building, memory, queries, publishing, all pairs of ten thousand needs.

    python benchmarks/bench_million.py                    prints the table
    … --documents 100000 --needs 1000                     a smaller trial
    … --keep FOLDER                                       builds there, and uses what is built there already

Documents are made of real titles, products and patents, two to a document, since a million real ones are not at hand.
Vectors are the static encoder's. Building and serving run in processes of their own, whose memory is measured.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import tempfile
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import psutil
from bench_matching import BUILT_AT, milliseconds, publish_and_find
from markdown_table import table
from shared_data import SHARED, patents, read_csv

from yunlang.matching.core.analyser import default_analyser
from yunlang.matching.core.batch import OpenNeed
from yunlang.matching.core.batch_matcher import IndexSource
from yunlang.matching.core.document import Document, content_hash, embedding_text
from yunlang.matching.core.encoder import quantise
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.pipeline import Matcher
from yunlang.matching.core.query import Query
from yunlang.matching.core.stages import Stages
from yunlang.matching.core.static_encoder import StaticEncoder, shipped_table
from yunlang.matching.core.store import SearchIndexStore
from yunlang.matching.runners import in_processes

CITIES = ("310117", "320500", "330400", "330100", "330700", "330500", "341800", "340200", "340100", "")
KINDS = ("achievement", "service", "instrument", "achievement", "achievement")
QUERIES = 500
PARTITION = 50
READ_AHEAD = 50_000  # documents whose texts are at hand when their vectors are asked for


def real_texts() -> tuple[list[str], list[str]]:
    """Return real titles, and real products."""
    titles = [row["title"] for row in patents()]
    titles += [row["title"] for row in read_csv("projects/national_key_rd_projects.csv")]
    for line in (SHARED / "csl/ts_dev.tsv").read_text(encoding="utf-8").splitlines():
        titles.append(line.split("\t")[2])
    products = [row["product"] for row in read_csv("chain/company_product.csv")]
    return sorted(set(titles)), sorted(set(products))


def documents(count: int) -> Iterator[Document]:
    """Return so many documents, always the same."""
    titles, products = real_texts()
    chance = np.random.default_rng(20261122)
    for start in range(0, count, 10_000):
        size = min(10_000, count - start)
        picks = zip(
            chance.integers(len(titles), size=size).tolist(), chance.integers(len(products), size=size).tolist(),
            chance.integers(len(CITIES), size=size).tolist(), chance.integers(len(KINDS), size=size).tolist(),
            strict=True,
        )  # fmt: skip
        for place, (title, product, city, kind) in enumerate(picks, start):
            yield Document(
                id=f"d{place}", kind=KINDS[kind], title=f"{titles[title]}（{products[product]}）", city=CITIES[city]
            )


def questions(count: int) -> list[Query]:
    """Return so many needs: those graded by officers, then titles of projects with a product."""
    needs = [Query(row["title"], row["content"]) for row in read_csv("needs/needs.csv")]
    titles, products = real_texts()
    chance = np.random.default_rng(11)
    picks = zip(chance.integers(len(titles), size=count), chance.integers(len(products), size=count), strict=True)
    made = (Query(f"{products[product]}：{titles[title]}") for title, product in picks)
    return [*needs, *made][:count]


def store_at(home: Path) -> SearchIndexStore:
    """Return the store of an index there."""
    encoder = StaticEncoder(shipped_table())
    return SearchIndexStore(home, analyser=default_analyser(), encoder=encoder.name, dimension=encoder.dimension)


def peak() -> float:
    """Return the highest resident memory of this process, GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def in_a_process(call: Callable[..., dict[str, object]], *arguments: object) -> dict[str, object]:
    """Return what a call gives in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(call, arguments)


def build_words(home: Path, count: int) -> dict[str, object]:
    """Build words and rows alone."""
    store = store_at(home)
    made = list(documents(count))
    began, spent = time.perf_counter(), sum(os.times()[:4])
    store.build(made, watermark=1, built_at=BUILT_AT)
    seconds = time.perf_counter() - began
    return {
        "lexical build, documents/s": count / seconds,
        "the same, processor seconds, ended processes too": sum(os.times()[:4]) - spent,
    }


def build_whole(home: Path, count: int) -> dict[str, object]:
    """Build words, rows, vectors and their graph, texts encoded on the way."""
    store = store_at(home)
    encoder = StaticEncoder(shipped_table())
    texts: OrderedDict[str, str] = OrderedDict()

    def noted() -> Iterator[Document]:
        for document in documents(count):
            text = embedding_text(document)
            texts[content_hash(text)] = text
            texts.move_to_end(content_hash(text))
            if len(texts) > READ_AHEAD:
                texts.popitem(last=False)
            yield document

    def vectors(digests: Sequence[str]) -> dict[str, np.ndarray]:
        codes = quantise(encoder.encode_documents([texts[digest] for digest in dict.fromkeys(digests)]))
        return dict(zip(dict.fromkeys(digests), codes, strict=True))

    began = time.perf_counter()
    store.build(noted(), watermark=1, built_at=BUILT_AT, vectors=vectors)
    seconds = time.perf_counter() - began
    size = sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
    return {
        "build with encoding, vectors and graph, s": seconds,
        "the same, documents/s": count / seconds,
        "the same, peak memory, GB": peak(),
        "size on disk, GB": size / 1e9,
    }


def hybrid_query(store: SearchIndexStore, asked: Sequence[Query]) -> tuple[float, float]:
    """Return the milliseconds from a question to its best documents, without facets and reasons."""
    stages = Stages(store.analyser, StaticEncoder(shipped_table()))

    def best_twenty(number: int) -> None:
        index = store.open()
        question = stages.analyse(index, asked[number])
        rows = stages.retrieve(index, question, Filters())
        ranked = stages.order(index, question, rows, stages.fuse(index, question, rows), 20)
        index.documents_at(ranked.rows)

    return milliseconds(best_twenty, len(asked))


def serve(home: Path) -> dict[str, object]:
    """Answer questions and publish."""
    store = store_at(home)
    matcher = Matcher(store, StaticEncoder(shipped_table()), clock=time.perf_counter)
    asked = questions(QUERIES)
    found: dict[str, object] = {}
    began = time.perf_counter()
    matcher.match(asked[0])
    found["first match of a process, s"] = time.perf_counter() - began
    for query in asked:
        matcher.match(query)
    stages: dict[str, list[float]] = {}

    def match(number: int) -> None:
        for name, spent in matcher.match(asked[number]).timings.items():
            stages.setdefault(name, []).append(spent)

    hybrid_query(store, asked)
    found["hybrid query: the best 20 documents with grades, p50 / p99, ms"] = hybrid_query(store, asked)
    found["whole answer of a match page, facets and reasons too, p50 / p99, ms"] = milliseconds(match, len(asked))
    for name, spent in stages.items():
        found[f"of it {name}, p50 / p99, ms"] = (float(np.percentile(spent, 50)), float(np.percentile(spent, 99)))
    narrow = Filters(kinds=("instrument",), cities=("310117",))
    for name, filters in (("one kind", Filters(kinds=("service",))), ("one kind in one city", narrow)):
        matcher.match(asked[0], filters)
        found[f"whole answer, {name}, p50 / p99, ms"] = milliseconds(
            lambda number, filters=filters: matcher.match(asked[number], filters), len(asked)
        )
    found["resident memory after these, GB"] = psutil.Process().memory_info().rss / 1e9
    found["publish to found, p50 / p99, ms"] = milliseconds(lambda number: publish_and_find(store, matcher, number), 20)
    return found


def all_pairs(home: Path, count: int, workers: int) -> dict[str, object]:
    """Rank every need against every document."""
    encoder = StaticEncoder(shipped_table())
    asked = questions(count)
    codes = quantise(encoder.encode_queries([query.encoded for query in asked]))
    needs = [OpenNeed(str(place), query, code) for place, (query, code) in enumerate(zip(asked, codes, strict=True))]
    parts = [needs[start : start + PARTITION] for start in range(0, len(needs), PARTITION)]
    source = IndexSource(str(home), (), encoder.name, encoder.dimension)
    began = time.perf_counter()
    ranked = sum(len(part) for part in in_processes(workers)(source, parts, ("achievement", "service", "instrument")))
    seconds = time.perf_counter() - began
    return {f"all pairs, {ranked:,} needs, {workers} processes, s": seconds, "needs/s": ranked / seconds}


def shown(value: object) -> str:
    """Return a figure as the table shows it."""
    if isinstance(value, tuple):
        return " / ".join(f"{part:.1f}" for part in value)
    return f"{value:,.2f}" if isinstance(value, float) else str(value)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--needs", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="a folder to build in, or built in before")
    parser.add_argument("--only", choices=("words", "whole", "serve", "pairs"), help="one part alone")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        home = chosen.keep or Path(temporary) / "whole"
        parts: dict[str, Callable[[], dict[str, object]]] = {
            "words": lambda: in_a_process(build_words, Path(temporary) / "words", chosen.documents),
            "whole": lambda: {} if (home / "CURRENT").exists() else in_a_process(build_whole, home, chosen.documents),
            "serve": lambda: in_a_process(serve, home),
            "pairs": lambda: all_pairs(home, chosen.needs, chosen.workers),
        }
        found: dict[str, object] = {}
        for name, part in parts.items():
            if chosen.only in (None, name):
                found |= part()
    table(f"{chosen.documents:,} documents", ("what", "value"), ((name, shown(value)) for name, value in found.items()))


if __name__ == "__main__":
    main()
