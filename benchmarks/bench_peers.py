"""Our search beside others over the same texts and words: bm25s, SQLite FTS5, LanceDB, PostgreSQL and milvus-lite.

    python benchmarks/bench_peers.py                    50,000 texts
    python benchmarks/bench_peers.py --texts 2000       a trial
    python benchmarks/bench_peers.py --engines Yunlang LanceDB

Every engine gets the words that our analyser cuts, each under a number (`w17`) so that no other tokeniser cuts it
again, and the same queries: titles of real needs. Each builds in one new process and answers in another, on the same
two cores. A peer that is not installed is told, and left out.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from markdown_table import table
from peers.asked import BEST, Asked, keep
from peers.engines import ENGINES, HYBRID, WORDS, Engine
from peers.steps import WARMING, Answered, Built, alone, answer, build

TEXTS = 50_000
QUERIES = 200
HEADER = (
    "engine", "build, s", "documents/s", "query p50, ms", "p99, ms", "queries", "memory, MB", "disk, MB", "recall@10",
)  # fmt: skip
HOW = (
    "Every engine has the same two cores and the words that our analyser cuts, each under a number so that no other"
    " tokeniser cuts it again; ours also indexes characters and keeps the documents. Vectors are the static encoder's,"
    " made beforehand. Memory is what answering adds to an idle process, libraries and the engine's own processes"
    " included. Recall is against exact BM25, or exact reciprocal ranks of BM25 and cosine, ties counted right;"
    " PostgreSQL has no BM25. `Yunlang hybrid` fuses as the peers do; `Yunlang match` is the whole answer: it encodes"
    " the query, grades every candidate and gives twenty hits with their reasons."
)


@dataclass(frozen=True, slots=True)
class Measured:
    """What an engine took, cutting of words included, and answered."""

    seconds: float
    built: Built
    answered: Answered
    recall: float | None


def missing(engine: Engine) -> list[str]:
    """Return the packages of an engine that are not installed."""
    return [name for name in engine.packages if not _installed(name)]


def _installed(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True


def measure(
    engines: Mapping[str, Engine], home: Path, right: Sequence[frozenset[int]], cutting: float
) -> dict[str, Measured | str]:
    """Build and ask each engine in turn; of one that is not installed, return how to install it."""
    from peers.corpus import recall

    found: dict[str, Measured | str] = {}
    for name, engine in engines.items():
        if lacking := missing(engine):
            found[name] = f"not installed: pip install {' '.join(lacking)}"
            continue
        print(f"{name} …", file=sys.stderr, flush=True)
        built = alone(build, name, home)
        answered = alone(answer, name, home)
        seconds = built.seconds if engine.cuts_words else built.seconds + cutting
        found[name] = Measured(seconds, built, answered, recall(answered.hits, right) if engine.same_order else None)
    return found


def lines(found: Mapping[str, Measured | str], count: int) -> Iterator[list[str]]:
    """Yield a row of the table for each engine, with multiples of the first one's figures, which are ours."""
    first: list[float] = []
    for name, one in found.items():
        if isinstance(one, str):
            yield [name, one, *[""] * (len(HEADER) - 2)]
            continue
        figures = _figures(one)
        first = first or figures
        seconds, p50, p99, memory, disk = map(_cell, figures, first)
        yield [
            f"{name} {one.built.version}".strip(), seconds, f"{count / figures[0]:,.0f}", p50, p99,
            str(len(one.answered.spent)), memory, disk, "its own order" if one.recall is None else f"{one.recall:.3f}",
        ]  # fmt: skip


def _figures(one: Measured) -> list[float]:
    p50, p99 = one.answered.percentile(50), one.answered.percentile(99)
    return [one.seconds, p50, p99, one.answered.memory / 1e6, one.built.size / 1e6]


def _cell(value: float, ours: float) -> str:
    shown = f"{value:.3g}" if value < 1000 else f"{value:,.0f}"
    ratio = value / ours
    return shown if value == ours else f"{shown} (×{ratio:,.0f})" if ratio >= 10 else f"{shown} (×{ratio:.2g})"


def report(home: Path, texts: int, chosen: Sequence[str]) -> None:
    """Measure and print."""
    # Late, so that processes which ask a peer hold nothing of ours.
    from peers.corpus import ExactAnswers, corpus_and_queries
    from shared_data import SHARED

    if not SHARED.is_dir():
        raise SystemExit(f"no data in {SHARED}: set YUNLANG_SHARED")
    corpus, asked, cutting = corpus_and_queries(texts, QUERIES + WARMING)
    asked, warming = asked[:QUERIES], asked[QUERIES:]
    keep(home, "corpus", corpus)
    keep(home, "asked", asked)
    keep(home, "warming", warming)
    exact = ExactAnswers(corpus)
    right: dict[str, list[frozenset[int]]] = {
        "words": [exact.by_words(one) for one in asked],
        "hybrid": [exact.fused(one) for one in asked],
    }
    about = corpus.about
    del corpus, exact
    print(_explained(about, asked, cutting))
    for title, engines, answers in (
        ("Words: the 200 best by BM25, or the peer's nearest", WORDS, right["words"]),
        ("Words and vectors", HYBRID, right["hybrid"]),
    ):
        ours = next(iter(engines))
        wanted = {name: engine for name, engine in engines.items() if not chosen or name in (ours, *chosen)}
        if not chosen or set(engines) & set(chosen):
            table(title, HEADER, lines(measure(wanted, home, answers, cutting), texts))


def _explained(about: str, asked: Sequence[Asked], cutting: float) -> str:
    words = sum(len(one.words) for one in asked) / len(asked)
    paragraphs = (
        f"{about}. {len(asked)} queries: titles of needs, {words:.1f} words on average, {BEST} hits each.",
        f"In brackets: times ours. {HOW} Building includes the {cutting:.1f} s in which the words are cut.",
    )
    return "\n\n".join(textwrap.fill(paragraph, 118) for paragraph in paragraphs)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=TEXTS)
    parser.add_argument("--engines", nargs="+", choices=list(ENGINES), default=[], metavar="NAME")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="yunlang-peers-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        home.chmod(0o755)  # PostgreSQL runs as a user of its own where we are root
        report(home, chosen.texts, chosen.engines)


if __name__ == "__main__":
    main()
