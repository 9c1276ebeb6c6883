"""The static encoder beside e5, its teacher: titles a second, agreement with officers' grades, title to abstract.

    python benchmarks/bench_encoders.py

Nothing measured here was seen when the table was fitted: neither the needs and their graded achievements, nor the
development files of CSL, nor the first 500 patents. Vectors of e5 are kept between runs, as in `bench_matching.py`.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from bench_matching import CachedE5, titled_abstracts
from markdown_table import table
from ranking_measures import mean_reciprocal_rank
from scipy.stats import spearmanr
from shared_data import SHARED, demo_documents, read_csv

from yunlang.kit.text import line_form
from yunlang.matching.core.document import LONGEST_EMBEDDED
from yunlang.matching.core.encoder import E5Encoder, Encoder
from yunlang.matching.core.learning.evaluation import ndcg
from yunlang.matching.core.query import LONGEST_ENCODED
from yunlang.matching.core.static_encoder import StaticEncoder, shipped_table

TITLES = 20_000
TEACHER_TITLES = 100
REPEATS = 5

Scores = list[tuple[np.ndarray, np.ndarray]]


def graded_scores(encoder: Encoder) -> Scores:
    """Return similarities and grades of each need's pairs: needs with at least five and one grade above 1."""
    needs = {row["need_id"]: line_form(row["title"])[:LONGEST_ENCODED] for row in read_csv("needs/needs.csv")}
    pairs: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in read_csv("needs/pairs_train.csv"):
        pairs[row["need_id"]].append((row["achievement_tokens"].replace(" ", ""), int(row["level"])))
    found = []
    for need, graded in sorted(pairs.items()):
        grades = np.array([level for _, level in graded])
        if len(graded) >= 5 and grades.max() > 1:
            query = encoder.encode_queries([needs[need]])[0]
            documents = encoder.encode_documents([line_form(title)[:LONGEST_EMBEDDED] for title, _ in graded])
            found.append((documents @ query, grades))
    return found


def agreement(scores: Scores) -> dict[str, float]:
    """Return how well similarities agree with grades."""
    within = [spearmanr(values, grades).statistic for values, grades in scores if len(set(grades)) > 1]
    every, grades = (np.concatenate(part) for part in zip(*scores, strict=True))
    return {
        "NDCG@10": float(np.mean([ndcg(values, grades) for values, grades in scores])),
        "Spearman within a need, mean": float(np.mean(within)),
        "Spearman over all pairs": float(spearmanr(every, grades).statistic),
    }


def abstract_ranks(encoder: Encoder, pairs: Sequence[tuple[str, str]]) -> float:
    """Return the MRR of each title's own abstract among the others."""
    titles, abstracts = ([line_form(text)[:LONGEST_EMBEDDED] for text in part] for part in zip(*pairs, strict=True))
    return mean_reciprocal_rank(list(encoder.encode_queries(titles) @ encoder.encode_documents(abstracts).T))


def measured(encoder: Encoder) -> dict[str, float]:
    """Return every figure of quality."""
    ranks = {
        f"{name}, {len(pairs)}: title → abstract, MRR": abstract_ranks(encoder, pairs)
        for name, pairs in titled_abstracts().items()
    }
    return agreement(graded_scores(encoder)) | ranks


def rate(encode: Callable[[Sequence[str]], np.ndarray], titles: Sequence[str]) -> tuple[float, float]:
    """Return texts a second, the best of some runs, and texts a second of processor time."""
    walls, processors = [], []
    for _ in range(REPEATS):
        wall, processor = time.perf_counter(), time.process_time()
        encode(titles)
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    return len(titles) / min(walls), len(titles) / min(processors)


def speed(encoder: Encoder, teacher: Encoder) -> None:
    """Time both encoders on titles of patents, projects and products."""
    titles = [document.title for document in demo_documents()]
    titles = (titles * (TITLES // len(titles) + 1))[:TITLES]
    long = [title for title in titles if len(title) >= 12]
    rows = []
    for name, texts in (("titles, names of products included", titles), ("titles of 12 characters and more", long)):
        ours, theirs = rate(encoder.encode_documents, texts), rate(teacher.encode_documents, texts[:TEACHER_TITLES])
        length = np.mean([len(text) for text in texts])
        rows.append((f"{name}, {length:.0f} characters each", *(f"{value:,.0f}" for value in (*ours, theirs[0])),
                     f"{ours[0] / theirs[0]:,.0f}", f"{ours[1] / theirs[1]:,.0f}"))  # fmt: skip
    header = ("texts", encoder.name, "the same, a second of processor time", teacher.name, "ratio",
              "ratio of processor times")  # fmt: skip
    table("Texts a second", header, rows)


def main() -> None:
    """Run the benchmark."""
    if not SHARED.is_dir():
        raise SystemExit(f"no data in {SHARED}: set YUNLANG_SHARED")
    encoder, teacher = StaticEncoder(shipped_table()), CachedE5()
    ours, theirs = measured(encoder), measured(teacher)
    teacher.save()
    rows = [(name, value, theirs[name], f"{value / theirs[name]:.1%}") for name, value in ours.items()]
    table("Quality", ("figure", encoder.name, teacher.name, "of e5's"), rows)
    speed(encoder, E5Encoder())


if __name__ == "__main__":
    main()
