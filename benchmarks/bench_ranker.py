"""The trained ranker, cross-validated, beside each of its parts and beside what needs no training.

    python benchmarks/bench_ranker.py

Known needs: single pairs held out, other grades of the need at hand. New needs: whole needs held out, those posted
twice together. Vectors of e5 are kept between runs under the system's temporary directory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import lightgbm
import numpy as np
from bench_matching import CachedE5, indexed
from markdown_table import table
from shared_data import SHARED

from yunlang.matching.core.document import Document, embedding_text
from yunlang.matching.core.fusion import fusion_for
from yunlang.matching.core.learning.evaluation import FEWEST_PAIRS, GAINS, Predictions, figures, ndcg
from yunlang.matching.core.learning.features import EncodedPairs, choose, encode_pairs, lengths, within_needs
from yunlang.matching.core.learning.pairs import GradedPairs
from yunlang.matching.core.learning.ranker import Ranker, train
from yunlang.matching.core.learning.reranker import TrainedReranker
from yunlang.matching.core.learning.validation import folds_of, need_groups
from yunlang.matching.core.pipeline import Matcher
from yunlang.matching.core.query import Query
from yunlang.matching.training import pairs_read, pipeline_evaluate

FOLDS = 5
TREES = {"objective": "multiclass", "num_class": 4, "learning_rate": 0.04, "num_leaves": 15, "feature_fraction": 0.3,
         "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5.0, "verbose": -1, "num_threads": 2}  # fmt: skip


class Fold(NamedTuple):
    """Places of the pairs trained on and of those held out, and the ranker of the former."""

    rest: np.ndarray
    held: np.ndarray
    ranker: Ranker


def main() -> None:
    """Print one table."""
    pairs = pairs_read(SHARED / "needs/needs.csv", SHARED / "needs/pairs_train.csv")
    encoder = CachedE5()
    encoded = encode_pairs(pairs, encoder, with_bodies=False)
    shipped = pipeline_evaluate(pairs, encoder=encoder, progress=lambda done, total: None)
    encoder.save()
    rows: list[Sequence[object]] = [("pipeline without a trained ranker", *_cells(shipped), *_cells(shipped))]
    generator = np.random.default_rng(0)
    groups = need_groups(pairs)[pairs.need_of]
    known_folds = _trained(pairs, encoded, generator.permutation(len(pairs)) % FOLDS)
    new_folds = _trained(pairs, encoded, (generator.permutation(groups.max() + 1) % FOLDS)[groups])
    known, new = _parts(pairs, encoded, known_folds), _parts(pairs, encoded, new_folds)
    rows += [(name, *_cells(known[name]), *_cells(new[name])) for name in known]
    header = ("ranking", *(f"{kind}: {name}" for kind in ("known needs", "new needs")
                           for name in ("score", "NDCG@10", "Spearman")))  # fmt: skip
    table(f"Graded pairs: {len(pairs)} of {len(pairs.needs)} needs, {FOLDS} folds", header, rows)
    reranking(pairs, encoder, known_folds, new_folds)
    encoder.save()


def _trained(pairs: GradedPairs, encoded: EncodedPairs, fold_of: np.ndarray) -> list[Fold]:
    return [
        Fold(rest, held, train(*choose(pairs, encoded, rest), seed=0, with_bodies=False))
        for rest, held in folds_of(fold_of, FOLDS)
    ]


def reranking(pairs: GradedPairs, encoder: CachedE5, known: Sequence[Fold], new: Sequence[Fold]) -> None:
    """Compare the match page's order with and without re-ranking, judged by the held-out pairs of each need."""
    documents = [
        Document(id=str(place), kind="achievement", title=text.title) for place, text in enumerate(pairs.achievements)
    ]
    vectors = encoder.encode_documents([embedding_text(document) for document in documents])
    background = fusion_for(encoder.name).background
    rows = []
    with indexed(documents, vectors, encoder.name) as (store, _):
        for name, folds in (("known needs", known), ("new needs", new)):
            found: dict[str, list[float]] = {"as fused": [], "re-ranked": []}
            for fold in folds:
                reranker = TrainedReranker(fold.ranker, encoder.encode_queries, background=background)
                matchers = (Matcher(store, encoder), Matcher(store, encoder, reranker=reranker))
                for values, matcher in zip(found.values(), matchers, strict=True):
                    values += _in_place(matcher, pairs, fold.held)
            rows.append((name, len(found["as fused"]), *(float(np.mean(values)) for values in found.values())))
    header = ("NDCG@10 of held-out pairs among the answers", "needs", "as fused", "re-ranked")
    table(f"Match page over {len(documents):,} titles, answers that nobody graded left out", header, rows)


def _in_place(matcher: Matcher, pairs: GradedPairs, held: np.ndarray) -> list[float]:
    found = []
    for need in np.unique(pairs.need_of[held]):
        rows = held[pairs.need_of[held] == need]
        if len(rows) < FEWEST_PAIRS or pairs.grades[rows].max() == 1:
            continue
        query = Query(pairs.needs[need].title, pairs.needs[need].body)
        names = [str(place) for place in pairs.achievement_of[rows]]
        listed = {hit.document.id: hit.score for hit in matcher.match(query, k=200).hits}
        # What is not among the answers comes after them, in the order of the fused scores.
        missing = {name: score - 2 for name, score in matcher.score(query, names).items() if name not in listed}
        found.append(ndcg(np.array([(missing | listed)[name] for name in names]), pairs.grades[rows]))
    return found


def _cells(found: dict[str, float]) -> tuple[float, float, float]:
    return found["score"], found["ndcg@10"], found["spearman"]


def _parts(pairs: GradedPairs, encoded: EncodedPairs, folds: Sequence[Fold]) -> dict[str, dict[str, float]]:
    chances: dict[str, np.ndarray] = {}
    scores = np.zeros(len(pairs))
    for fold in folds:
        ranker, held = fold.ranker, fold.held
        train_pairs, train_encoded = choose(pairs, encoded, fold.rest)
        test_pairs, test_encoded = choose(pairs, encoded, held)
        raw = [ranker.maker.raw(train_pairs, train_encoded), ranker.maker.raw(test_pairs, test_encoded)]
        tables = [
            np.hstack([features, within_needs(features, one.need_of), lengths(one)])
            for features, one in zip(raw, (train_pairs, test_pairs), strict=True)
        ]
        trees = lightgbm.train(TREES, lightgbm.Dataset(tables[0], label=train_pairs.grades - 1), 250)
        said = ranker.predict(test_pairs, test_encoded)
        parts = {
            "trees over likenesses": np.asarray(trees.predict(tables[1])),
            "Gaussian process": ranker.process_chances(test_pairs, test_encoded),
            "**process and trees, as trained**": said.chances,
        }
        for name, part in parts.items():
            chances.setdefault(name, np.zeros((len(pairs), 4)))[held] = part
        scores[held] = said.scores
    return {
        name: figures(pairs, Predictions(part, scores if name.startswith("**") else part @ GAINS))
        for name, part in chances.items()
    }


if __name__ == "__main__":
    main()
