"""Training and evaluating a ranker on tables of graded pairs; needs no database."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from yunlang import __version__
from yunlang.kit.tables import read_table
from yunlang.matching.core.analyser import default_analyser
from yunlang.matching.core.document import Document, content_hash, embedding_text
from yunlang.matching.core.encoder import Encoder
from yunlang.matching.core.fusion import fusion_for
from yunlang.matching.core.learning.evaluation import Predictions, figures
from yunlang.matching.core.learning.features import choose, encode_pairs, encode_texts
from yunlang.matching.core.learning.pairs import NO_GRADE, GradedPairs, GradedPairsError, pairs_from_rows
from yunlang.matching.core.learning.ranker import train
from yunlang.matching.core.learning.validation import cross_validated
from yunlang.matching.core.pipeline import Matcher
from yunlang.matching.core.query import Query
from yunlang.matching.core.store import SearchIndexStore
from yunlang.matching.ranker_files import ranker_load, ranker_save

FEWEST_TO_TRAIN = 50
_NOT_DATED = datetime(2000, 1, 1, tzinfo=UTC)
Progress = Callable[[int, int], None]
Step = Callable[[str], None]


class TooFewPairsError(GradedPairsError):
    """Nothing can be learnt from so little."""

    code = "graded_pairs_too_few"


def pairs_read(needs: Path, pairs: Path) -> GradedPairs:
    """Read graded pairs from two tables: .csv, .xlsx or .jsonl, columns as `pairs_from_rows` says.

    Raises
    ------
    TableError
        When a file cannot be read as a table.
    GradedPairsError
        When what it says cannot be used.
    """
    return pairs_from_rows(_rows(needs), _rows(pairs))


def _rows(path: Path) -> list[dict[str, str]]:
    with read_table(path) as table:
        return [{column: "" if cell is None else str(cell) for column, cell in row.values.items()} for row in table]


def ranker_train(
    pairs: GradedPairs, folder: Path, *, encoder: Encoder, seed: int, folds: int, today: date, data: str,
    progress: Progress, step: Step,
) -> dict[str, Any]:  # fmt: skip
    """Train a ranker, cross-validate it and write it with its model card; return the card.

    Parameters
    ----------
    folds
        Of the cross-validation; 0 leaves it out.
    data
        What the card says of where the pairs come from.
    """
    rows = np.flatnonzero(pairs.grades != NO_GRADE)
    if len(rows) < FEWEST_TO_TRAIN or len(np.unique(pairs.grades[rows])) < 2:
        raise TooFewPairsError(problems=f"{len(rows)} < {FEWEST_TO_TRAIN}")
    with_bodies = _mostly_with_bodies(pairs)
    encoded = encode_pairs(pairs, encoder, with_bodies=with_bodies, progress=progress)
    graded, encoded = choose(pairs, encoded, rows)
    validated = (
        cross_validated(graded, encoded, folds=folds, seed=seed, with_bodies=with_bodies, step=step) if folds else {}
    )
    ranker = train(graded, encoded, seed=seed, with_bodies=with_bodies, step=step)
    card = {
        "name": "yunlang-ranker",
        "version": __version__,
        "date": today.isoformat(),
        "data": {
            "source": data,
            "pairs": len(graded),
            "needs": len(np.unique(graded.need_of)),
            "grades": {str(grade): int((graded.grades == grade).sum()) for grade in range(1, 5)},
            "achievements_with_text": with_bodies,
        },
        "encoder": encoder.name,
        "seed": seed,
        "cross_validation": {"folds": folds, **validated},
        "limits": "Grades are those of the officers who graded the pairs. The median grade is predicted; scores order "
        "the pairs of one need and do not compare between needs.",
    }
    ranker_save(ranker, folder, card)
    return card


def ranker_evaluate(pairs: GradedPairs, folder: Path, *, encoder: Encoder, progress: Progress) -> dict[str, Any]:
    """Return the figures of a trained ranker on graded pairs."""
    ranker, _ = ranker_load(folder, encoder=encoder.name)
    encoded = encode_pairs(pairs, encoder, with_bodies=ranker.maker.with_bodies, progress=progress)
    return _figures(pairs, ranker.predict(pairs, encoded))


def pipeline_evaluate(pairs: GradedPairs, *, encoder: Encoder, progress: Progress) -> dict[str, Any]:
    """Return the figures of the pipeline as the portal runs it, without a trained ranker, on graded pairs."""
    documents = [
        Document(id=str(place), kind="achievement", title=text.title, text=text.body)
        for place, text in enumerate(pairs.achievements)
    ]
    texts = [embedding_text(document) for document in documents]
    encoded = encode_texts(texts, encoder.encode_documents, encoder.dimension, progress)
    vectors = dict(zip(map(content_hash, texts), encoded, strict=True))
    chances = np.zeros((len(pairs), 4))
    with tempfile.TemporaryDirectory() as home:
        store = SearchIndexStore(
            Path(home), analyser=default_analyser(), encoder=encoder.name, dimension=encoder.dimension
        )
        store.build(
            documents, watermark=1, built_at=_NOT_DATED, vectors=lambda asked: {one: vectors[one] for one in asked}
        )
        matcher = Matcher(store, encoder)
        fusion = fusion_for(encoder.name)
        for place in np.unique(pairs.need_of):
            rows = np.flatnonzero(pairs.need_of == place)
            need = pairs.needs[place]
            features = matcher.features(Query(need.title, need.body), [str(one) for one in pairs.achievement_of[rows]])
            chances[rows] = fusion.probabilities(features)
    return _figures(pairs, Predictions(chances, chances @ np.arange(4)))


def _figures(pairs: GradedPairs, said: Predictions) -> dict[str, Any]:
    rows = np.flatnonzero(pairs.grades != NO_GRADE)
    if not len(rows):
        raise GradedPairsError(problems="level")
    return figures(pairs.chosen(rows), Predictions(said.chances[rows], said.scores[rows]))


def _mostly_with_bodies(pairs: GradedPairs) -> bool:
    with_body = np.array([bool(text.body) for text in pairs.achievements])
    return bool(with_body[pairs.achievement_of].mean() > 0.5)
