"""The trained ranker, cross-validated, beside each of its parts and beside what needs no training.

    python benchmarks/bench_ranker.py

Known needs: single pairs held out, other grades of the need at hand. New needs: whole needs held out, those posted
twice together. Vectors of e5 are kept between runs under the system's temporary directory.
"""

from __future__ import annotations

from collections.abc import Sequence

import lightgbm
import numpy as np
from bench_matching import CachedE5
from markdown_table import table
from shared_data import SHARED

from yunlang.matching.core.learning.evaluation import GAINS, Predictions, figures
from yunlang.matching.core.learning.features import EncodedPairs, choose, encode_pairs, lengths, within_needs
from yunlang.matching.core.learning.pairs import GradedPairs
from yunlang.matching.core.learning.ranker import train
from yunlang.matching.core.learning.validation import folds_of, need_groups
from yunlang.matching.training import pairs_read, pipeline_evaluate

FOLDS = 5
TREES = {"objective": "multiclass", "num_class": 4, "learning_rate": 0.04, "num_leaves": 15, "feature_fraction": 0.3,
         "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5.0, "verbose": -1, "num_threads": 2}  # fmt: skip


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
    known = _parts(pairs, encoded, generator.permutation(len(pairs)) % FOLDS)
    new = _parts(pairs, encoded, (generator.permutation(groups.max() + 1) % FOLDS)[groups])
    rows += [(name, *_cells(known[name]), *_cells(new[name])) for name in known]
    header = ("ranking", *(f"{kind}: {name}" for kind in ("known needs", "new needs")
                           for name in ("score", "NDCG@10", "Spearman")))  # fmt: skip
    table(f"Graded pairs: {len(pairs)} of {len(pairs.needs)} needs, {FOLDS} folds", header, rows)


def _cells(found: dict[str, float]) -> tuple[float, float, float]:
    return found["score"], found["ndcg@10"], found["spearman"]


def _parts(pairs: GradedPairs, encoded: EncodedPairs, fold_of: np.ndarray) -> dict[str, dict[str, float]]:
    chances: dict[str, np.ndarray] = {}
    scores = np.zeros(len(pairs))
    for rest, held in folds_of(fold_of, FOLDS):
        train_pairs, train_encoded = choose(pairs, encoded, rest)
        test_pairs, test_encoded = choose(pairs, encoded, held)
        ranker = train(train_pairs, train_encoded, seed=0, with_bodies=False)
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
