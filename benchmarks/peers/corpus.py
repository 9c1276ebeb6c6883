"""The texts and queries that engines are compared on, and the exact answers that theirs are held against."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from peers.asked import BEST, Asked, Corpus
from peers.engines import DAMPING
from scipy.sparse import csc_array
from shared_data import SHARED, patents, read_csv

from yunlang.matching.core.analyser import default_analyser
from yunlang.matching.core.document import Document, embedding_text
from yunlang.matching.core.static_encoder import StaticEncoder, shipped_table

TOP = 10
K1, B = 1.2, 0.75  # of BM25, as in Lucene, tantivy and SQLite


def real_texts() -> Iterator[tuple[str, str, str]]:
    """Yield kind, title and text of everything shared that reads like a resource; no need is among them."""
    yield from (("patents with abstracts", row["title"], row["abstract"]) for row in patents())
    for name in ("ts_dev", "ts_test"):
        yield from (("papers with abstracts", row[2], row[1]) for row in tab_separated(name))
    projects = read_csv("projects/national_key_rd_projects.csv")
    yield from (("titles of research projects", row["title"], "") for row in projects)
    yield from (("titles of papers", row[1], "") for row in tab_separated("cls_ctg_train"))
    yield from (("products of listed companies", row["product"], "") for row in read_csv("chain/company_product.csv"))


def tab_separated(name: str) -> list[list[str]]:
    """Return the rows of a CSL table: prompt, text, target."""
    return [line.split("\t") for line in (SHARED / f"csl/{name}.tsv").read_text(encoding="utf-8").splitlines()]


def distinct_documents(count: int) -> list[Document]:
    """Return so many different texts as documents, an even sample of all that there are.

    Raises
    ------
    ValueError
        When there are fewer.
    """
    distinct = list({(title, text): (kind, title, text) for kind, title, text in real_texts() if title}.values())
    if len(distinct) < count:
        raise ValueError(f"there are {len(distinct)} different texts, not {count}")
    chosen = random.Random(1).sample(distinct, count)
    return [Document(str(place), kind, title, text) for place, (kind, title, text) in enumerate(chosen)]


def corpus_and_queries(count: int, queries: int) -> tuple[Corpus, list[Asked], float]:
    """Return the corpus, the needs' titles as queries, and the seconds in which our analyser cuts the corpus."""
    analyser, encoder = default_analyser(), StaticEncoder(shipped_table())
    documents = distinct_documents(count)
    began = time.perf_counter()
    words = [analyser.words(f"{document.title}\n\n{document.text}") for document in documents]
    cutting = time.perf_counter() - began
    numbers: dict[str, str] = {}
    tokens = [[numbers.setdefault(word, f"w{len(numbers)}") for word in text] for text in words]
    vectors = encoder.encode_documents([embedding_text(document) for document in documents])
    titles = list(dict.fromkeys(row["title"] for row in read_csv("needs/needs.csv") if row["title"]))[:queries]
    asked = []
    for title, vector in zip(titles, encoder.encode_queries(titles), strict=True):
        wanted = list(analyser.query_weights(title))
        asked.append(Asked(title, wanted, [numbers.get(word, "unknown") for word in wanted], vector))
    kinds = Counter(document.kind for document in documents)
    about = ", ".join(f"{number:,} {kind}" for kind, number in kinds.most_common())
    length = np.mean([len(text) for text in tokens])
    about = f"{len(documents):,} different real texts ({about}); {length:.0f} words each on average"
    return Corpus(documents, tokens, vectors, about), asked, cutting


class ExactAnswers:
    """Which documents are right among the first ten: those that score as high as the exact tenth, ties included."""

    def __init__(self, corpus: Corpus) -> None:
        names = {token: place for place, token in enumerate(dict.fromkeys(t for text in corpus.tokens for t in text))}
        lengths = np.array([len(text) for text in corpus.tokens], dtype=np.float64)
        places = np.fromiter((names[token] for text in corpus.tokens for token in text), dtype=np.int64)
        texts = np.repeat(np.arange(len(lengths)), lengths.astype(np.int64))
        counts = csc_array((np.ones(len(places)), (texts, places)), shape=(len(lengths), len(names)))
        counts.sum_duplicates()
        norms = K1 * (1 - B + B * lengths / lengths.mean())
        counts.data *= (K1 + 1) / (counts.data + norms[counts.indices])
        holding = np.diff(counts.indptr)
        self._weights = np.log(1 + (len(lengths) - holding + 0.5) / (holding + 0.5))
        self._counts = counts
        self._names = names
        self._vectors = corpus.vectors

    def by_words(self, asked: Asked) -> frozenset[int]:
        """Return the right ones by BM25."""
        return _first(self._bm25(asked))

    def fused(self, asked: Asked) -> frozenset[int]:
        """Return the right ones by reciprocal ranks of the 200 best by BM25 and the 200 nearest by cosine."""
        scores = np.zeros(len(self._vectors))
        for one in (self._bm25(asked), self._vectors @ asked.vector):
            best = [row for row in np.argsort(-one, kind="stable")[:BEST] if one[row] > 0]
            scores[best] += 1 / (DAMPING + 1 + np.arange(len(best)))
        return _first(scores)

    def _bm25(self, asked: Asked) -> np.ndarray:
        known = [self._names[token] for token in asked.tokens if token in self._names]
        return self._counts[:, known] @ self._weights[known]


def _first(scores: np.ndarray) -> frozenset[int]:
    tenth = np.sort(scores)[-min(TOP, len(scores))]
    return frozenset(np.flatnonzero((scores >= tenth - 1e-9) & (scores > 0)).tolist())


def recall(hits: Sequence[Sequence[int]], right: Sequence[frozenset[int]]) -> float:
    """Return the mean share of right ones among the first ten of each query that has any."""
    shares = [len(right_ones & set(found[:TOP])) / min(TOP, len(right_ones))
              for found, right_ones in zip(hits, right, strict=False) if right_ones]  # fmt: skip
    return float(np.mean(shares))
