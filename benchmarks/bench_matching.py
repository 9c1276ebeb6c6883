"""Matching measured on real data: quality against officers' grades, title to abstract, speed beside SQLite's FTS5.

    python benchmarks/bench_matching.py           prints the tables
    python benchmarks/bench_matching.py --fit     prints the grade models of `fusion.py`, fitted anew
    … --encoder static                            quality alone, with the static encoder in e5's place

Vectors of e5 are kept between runs under the system's temporary directory.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from markdown_table import table
from ranking_measures import mean_reciprocal_rank, reciprocal_ranks, tf_idf
from shared_data import SHARED, demo_documents, patents, read_csv

from yunlang.matching.core.analyser import default_analyser
from yunlang.matching.core.document import Document, content_hash, embedding_text
from yunlang.matching.core.encoder import E5Encoder, Encoder, unit_rows
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.fusion import DAMPING, expected_scores, fit_calibration, fusion_for
from yunlang.matching.core.learning.evaluation import ndcg
from yunlang.matching.core.pipeline import Matcher
from yunlang.matching.core.query import Query
from yunlang.matching.core.results import GOOD
from yunlang.matching.core.static_encoder import StaticEncoder, shipped_table
from yunlang.matching.core.store import SearchIndexStore

CACHE = Path(tempfile.gettempdir()) / "yunlang-bench-e5.npz"
BUILT_AT = datetime(2026, 1, 1, tzinfo=UTC)
FOLDS = 5
ABSTRACTS = 300
QUERIES = 200


class CachedE5(E5Encoder):
    """e5 that remembers every text on disk."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, np.ndarray] = dict(np.load(CACHE)) if CACHE.exists() else {}

    def _encode(self, texts: Sequence[str], *, is_query: bool) -> np.ndarray:
        keys = [f"{int(is_query)}{content_hash(text)}" for text in texts]
        unknown = [place for place, key in enumerate(keys) if key not in self._known]
        if unknown:
            vectors = super()._encode([texts[place] for place in unknown], is_query=is_query)
            self._known.update((keys[place], vector) for place, vector in zip(unknown, vectors, strict=True))
        return np.stack([self._known[key] for key in keys])

    def save(self) -> None:
        """Keep what was encoded for the next run."""
        np.savez(CACHE, **self._known)


@contextmanager
def indexed(documents: Sequence[Document], vectors: np.ndarray | None = None, encoder: str = E5Encoder.name):
    """Yield a store of the documents in a directory that goes away, and the seconds that building took."""
    dimension = E5Encoder.dimension if vectors is None else vectors.shape[1]
    by_text = {}
    if vectors is not None:
        hashes = (content_hash(embedding_text(document)) for document in documents)
        by_text = dict(zip(hashes, vectors, strict=True))
    with tempfile.TemporaryDirectory() as home:
        store = SearchIndexStore(Path(home), analyser=default_analyser(), encoder=encoder, dimension=dimension)
        began = time.perf_counter()
        source = (lambda digests: {digest: by_text[digest] for digest in digests}) if by_text else None
        store.build(documents, watermark=1, built_at=BUILT_AT, vectors=source)
        yield store, time.perf_counter() - began


# --- quality against grades -------------------------------------------------------------------------------------


class Graded:
    """The graded pairs with the features of each."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder.name
        self.needs = {row["need_id"]: row for row in read_csv("needs/needs.csv")}
        pairs: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for row in read_csv("needs/pairs_train.csv"):
            pairs[row["need_id"]].append((row["achievement_tokens"].replace(" ", ""), int(row["level"])))
        self.pairs = {
            need: graded for need, graded in sorted(pairs.items())
            if len(graded) >= 5 and max(level for _, level in graded) > 1
        }  # fmt: skip
        self.titles = sorted({title for graded in pairs.values() for title, _ in graded})
        self.grades = {need: np.array([level for _, level in graded]) for need, graded in self.pairs.items()}
        number = {title: str(place) for place, title in enumerate(self.titles)}
        documents = [Document(id=number[title], kind="achievement", title=title) for title in self.titles]
        vectors = encoder.encode_documents([embedding_text(document) for document in documents])
        with indexed(documents, vectors, encoder.name) as (store, _):
            matcher = Matcher(store, encoder)
            self.features = {
                need: matcher.features(self.query(need), [number[title] for title, _ in graded])
                for need, graded in self.pairs.items()
            }
            self.best = [matcher.match(self.query(need), k=1).hits[0].score for need in self.pairs]
            self.foreign = [matcher.match(Query(title), k=1).hits[0].score for title in humanities()]

    def query(self, need: str) -> Query:
        """Return a need as the engine gets it."""
        return Query(self.needs[need]["title"], self.needs[need]["content"])

    def mean(self, score: Callable[[str], np.ndarray]) -> float:
        """Return the mean NDCG@10 of what `score` says of each need's pairs."""
        return float(np.mean([ndcg(score(need), grades) for need, grades in self.grades.items()]))

    def stacked(self, needs: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return features and grades of all pairs of some needs."""
        chosen = list(needs)
        features = np.vstack([self.features[need] for need in chosen])
        return features, np.concatenate([self.grades[need] for need in chosen])

    def cross_validated(self, columns: list[int]) -> tuple[float, float]:
        """Return NDCG@10 and mean absolute error of the expected grade, fitted on other needs."""
        needs = list(self.pairs)
        order = np.random.default_rng(1).permutation(len(needs))
        quality, errors = [], []
        for fold in range(FOLDS):
            held = {needs[place] for place in order[fold::FOLDS]}
            features, grades = self.stacked(need for need in needs if need not in held)
            model = fit_calibration(features[:, columns], grades)
            for need in held:
                scores = expected_scores(model.probabilities(self.features[need][:, columns]))
                quality.append(ndcg(scores, self.grades[need]))
                errors.extend(abs(1 + 3 * scores - self.grades[need]))
        return float(np.mean(quality)), float(np.mean(errors))


def humanities() -> list[str]:
    """Return titles that no technology answers."""
    lines = (SHARED / "csl/cls_ctg_dev.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    return [row[1] for row in rows if row[2] in ("文学", "历史学", "哲学", "艺术学")]


def quality(graded: Graded) -> None:
    """Compare rankings on the graded pairs."""
    analyser = default_analyser()
    words = {title: analyser.words(title) for title in graded.titles}

    def plain(need: str) -> np.ndarray:
        texts = [words[title] for title, _ in graded.pairs[need]]
        return tf_idf(texts, analyser.words(graded.needs[need]["title"]))

    def fused(columns: list[int]) -> float:
        return graded.mean(lambda need: reciprocal_ranks(graded.features[need][:, columns]))

    rows: list[Sequence[object]] = [
        ("TF-IDF of words within a need's pairs", graded.mean(plain), ""),
        ("BM25 over words (tantivy)", graded.mean(lambda need: graded.features[need][:, 0]), ""),
        ("BM25 over characters (tantivy)", graded.mean(lambda need: graded.features[need][:, 1]), ""),
        (f"{graded.encoder} of the titles", graded.mean(lambda need: graded.features[need][:, 2]), ""),
        ("reciprocal ranks, words + vectors", fused([0, 2]), ""),
        ("reciprocal ranks, all three", fused([0, 1, 2]), ""),
    ]
    for name, columns in (("words + characters", [0, 1]), ("words + vectors", [0, 2]), ("all three", [0, 1, 2])):
        rows.append((f"grade model, {name}, cross-validated by need", *graded.cross_validated(columns)))
    fusion = fusion_for(graded.encoder)
    shipped = {need: expected_scores(fusion.probabilities(features)) for need, features in graded.features.items()}
    rows.append(("**as shipped**", graded.mean(shipped.__getitem__), ""))
    pairs = sum(map(len, graded.pairs.values()))
    table(f"Graded pairs: {len(graded.pairs)} needs, {pairs} pairs", ("ranking", "NDCG@10", "mean error, grades"), rows)
    thresholds(graded, np.concatenate(list(shipped.values())))


def thresholds(graded: Graded, scores: np.ndarray) -> None:
    """Show what pairs and what queries reach a score."""
    _, grades = graded.stacked(graded.pairs)
    rows = []
    for bound in (0.2, 0.25, 0.3, GOOD, 0.4, 0.5):
        above = scores >= bound
        rows.append((
            bound, float(above.mean()), float((grades[above] >= 2).mean()), float((grades[above] >= 3).mean()),
            float(np.mean(np.array(graded.best) >= bound)), float(np.mean(np.array(graded.foreign) >= bound)),
        ))  # fmt: skip
    header = ("score at least", "share of pairs", "of these grade ≥ 2", "grade ≥ 3", "needs with such a hit",
              "humanities titles with such a hit")  # fmt: skip
    table(f"What a score means (a hit is good from {GOOD})", header, rows)


def fit(graded: Graded) -> None:
    """Print the models that `fusion.py` ships."""
    features, grades = graded.stacked(graded.pairs)
    print("words, characters, cosine:", fit_calibration(features, grades))
    print("words, characters:        ", fit_calibration(features[:, :2], grades))
    print(f"damping {DAMPING}; NDCG@10 and error by cross-validation {graded.cross_validated([0, 1, 2])}")


# --- title to abstract ------------------------------------------------------------------------------------------


def titled_abstracts() -> dict[str, list[tuple[str, str]]]:
    """Return titles with their abstracts, by where they come from."""
    lines = (SHARED / "csl/ts_dev.tsv").read_text(encoding="utf-8").splitlines()[:ABSTRACTS]
    csl = [(row[2], row[1]) for row in (line.split("\t") for line in lines)]
    return {"CSL": csl, "patents": [(row["title"], row["abstract"]) for row in patents()[:ABSTRACTS]]}


def title_to_abstract(encoder: Encoder) -> None:
    """Find each title's own abstract among the others."""
    rows = []
    for name, pairs in titled_abstracts().items():
        documents = [Document(id=str(place), kind="text", title="", text=text) for place, (_, text) in enumerate(pairs)]
        ids = [document.id for document in documents]
        vectors = encoder.encode_documents([embedding_text(document) for document in documents])
        with indexed(documents, vectors, encoder.name) as (store, _):
            matcher = Matcher(store, encoder)
            features = [matcher.features(Query(title), ids) for title, _ in pairs]
        fusion = fusion_for(encoder.name)
        fused = [expected_scores(fusion.probabilities(values)) for values in features]
        rankings = (
            [values[:, 0] for values in features], [values[:, 2] for values in features],
            [reciprocal_ranks(values[:, [0, 2]]) for values in features], fused,
        )  # fmt: skip
        rows.append((f"{name}, {len(pairs)}", *(mean_reciprocal_rank(ranking) for ranking in rankings)))
    table("Title → abstract, MRR", ("texts", "BM25 over words", encoder.name, "reciprocal ranks", "as shipped"), rows)


# --- speed ------------------------------------------------------------------------------------------------------


def fts5_words(words: Sequence[Sequence[str]]) -> tuple[sqlite3.Connection, float]:
    """Return SQLite's index of the same words and the seconds that it took."""
    began = time.perf_counter()
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE texts USING fts5(words, content='', tokenize='unicode61')")
    base.executemany("INSERT INTO texts(rowid, words) VALUES (?, ?)", enumerate(" ".join(item) for item in words))
    base.commit()
    return base, time.perf_counter() - began


def milliseconds(call: Callable[[int], object], count: int = QUERIES) -> tuple[float, float]:
    """Return the median and 99th percentile of `count` calls."""
    spent = []
    for number in range(count):
        began = time.perf_counter()
        call(number)
        spent.append(1000 * (time.perf_counter() - began))
    return float(np.percentile(spent, 50)), float(np.percentile(spent, 99))


def speed() -> None:
    """Time building, querying and publishing."""
    documents = demo_documents()
    queries = [Query(row["title"]) for row in read_csv("needs/needs.csv")][:QUERIES]
    analyser = default_analyser()
    began = time.perf_counter()
    words = [analyser.words(document.title) for document in documents]
    analysis = time.perf_counter() - began
    base, peer_build = fts5_words(words)
    # Speed does not depend on what the vectors say, and encoding 12,000 titles takes minutes.
    vectors = unit_rows(np.random.default_rng(0).standard_normal((len(documents), 384)))
    with indexed(documents) as (_, without):
        pass
    with indexed(documents, vectors) as (store, build):
        lexical = milliseconds(lambda n: own_search(store, queries[n].title))
        peer = milliseconds(lambda n: peer_search(base, list(analyser.query_weights(queries[n].title))))
        matcher = Matcher(store, E5Encoder())
        matcher.match(queries[0])
        cold = milliseconds(lambda n: matcher.match(queries[n]))
        warm = milliseconds(lambda n: matcher.match(queries[n]))
        filtered = milliseconds(lambda n: matcher.match(queries[n], Filters(kinds=("service",), cities=("310117",))))
        publish = milliseconds(lambda n: publish_and_find(store, matcher, n), 20)
    count = len(documents)
    rows = [
        ("build, words and rows, documents/s", count / without, count / (analysis + peer_build)),
        ("build with vectors, documents/s", count / build, ""),
        ("BM25 query, 200 rows, ms", f"{lexical[0]:.2f} / {lexical[1]:.2f}", f"{peer[0]:.2f} / {peer[1]:.2f}"),
        ("BM25 query: FTS5's median as multiple of ours", peer[0] / lexical[0], ""),
        ("hybrid match with encoding of the query, ms", f"{cold[0]:.1f} / {cold[1]:.1f}", ""),
        ("hybrid match, query seen before, ms", f"{warm[0]:.1f} / {warm[1]:.1f}", ""),
        ("the same with two filters, ms", f"{filtered[0]:.1f} / {filtered[1]:.1f}", ""),
        ("publish to searchable, ms", f"{publish[0]:.0f} / {publish[1]:.0f}", ""),
    ]
    table(f"Speed, {count} titles, p50 / p99", ("what", "Yunlang", "SQLite FTS5, same words"), rows)


def own_search(store: SearchIndexStore, title: str) -> list[int]:
    """Return the 200 best rows by the engine's BM25."""
    return store.open().search_words(list(default_analyser().query_weights(title)), 200, Filters())


def peer_search(base: sqlite3.Connection, words: Sequence[str]) -> list[tuple[int]]:
    """Return the 200 best rows by FTS5's BM25."""
    wanted = " OR ".join('"' + word.replace('"', '""') + '"' for word in words)
    return base.execute("SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT 200", (wanted,)).fetchall()


def publish_and_find(store: SearchIndexStore, matcher: Matcher, number: int) -> None:
    """Put a new document in and find it."""
    title = f"极地冰芯钻探装备{number}号"
    store.update([Document(id=f"new{number}", kind="achievement", title=title)], watermark=number)
    hits = matcher.match(Query(title), k=200).hits
    if not any(hit.document.id == f"new{number}" for hit in hits):
        raise AssertionError("what was published is not found")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true", help="print the grade models, fitted anew")
    parser.add_argument("--speed", action="store_true", help="measure speed only")
    parser.add_argument("--encoder", choices=("e5", "static"), default="e5", help="whose vectors to measure")
    chosen = parser.parse_args(arguments)
    if not SHARED.is_dir():
        raise SystemExit(f"no data in {SHARED}: set YUNLANG_SHARED")
    if chosen.speed:
        speed()
        return
    encoder = CachedE5() if chosen.encoder == "e5" else StaticEncoder(shipped_table())
    graded = Graded(encoder)
    if chosen.fit:
        fit(graded)
    else:
        quality(graded)
        title_to_abstract(encoder)
    if isinstance(encoder, CachedE5):
        encoder.save()
        if not chosen.fit:
            speed()


if __name__ == "__main__":
    main()
