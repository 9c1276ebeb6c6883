"""What the trained ranker learns, and that it is the same every time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.matching.core.learning.graded import graded_pairs
from tests.matching.core.support import HashingEncoder
from yunlang.matching.core.learning.evaluation import figures
from yunlang.matching.core.learning.features import EncodedPairs, encode_pairs, within_needs
from yunlang.matching.core.learning.pairs import GradedPairs, Text
from yunlang.matching.core.learning.ranker import Ranker, train
from yunlang.matching.core.learning.validation import cross_validated


def encoded(pairs: GradedPairs, *, with_bodies: bool = False) -> EncodedPairs:
    return encode_pairs(pairs, HashingEncoder(), with_bodies=with_bodies)


@pytest.fixture(scope="module")
def ranker() -> Ranker:
    pairs = graded_pairs()
    return train(pairs, encoded(pairs), seed=0, with_bodies=False)


def test_other_pairs_of_known_needs_are_graded_better_than_by_the_commonest_grade(ranker: Ranker) -> None:
    others = graded_pairs(per_need=20)
    said = ranker.predict(others, encoded(others))
    commonest = np.bincount(others.grades).argmax()
    assert figures(others, said)["mae"] < 0.7 * np.abs(others.grades - commonest).mean()


def test_pairs_of_needs_never_seen_are_ranked_better_than_by_chance(ranker: Ranker) -> None:
    pairs = graded_pairs(seed=3)
    new = tuple(Text(text.title.replace("需求", "招标"), "另述。" * 8) for text in pairs.needs)
    strange = GradedPairs(new, pairs.achievements, pairs.need_of, pairs.achievement_of, pairs.grades)
    found = figures(strange, ranker.predict(strange, encoded(strange)))
    assert found["ndcg@10"] > 0.85


def test_chances_sum_to_one(ranker: Ranker) -> None:
    pairs = graded_pairs(seed=5)
    chances = ranker.predict(pairs, encoded(pairs)).chances
    assert chances.sum(axis=1) == pytest.approx(1)
    assert (chances >= -1e-12).all()


def test_the_pairs_own_grades_are_not_looked_at(ranker: Ranker) -> None:
    pairs = graded_pairs(seed=2)
    blank = GradedPairs(pairs.needs, pairs.achievements, pairs.need_of, pairs.achievement_of, pairs.grades * 0)
    told, blind = (ranker.predict(one, encoded(one)) for one in (pairs, blank))
    assert np.array_equal(told.chances, blind.chances)
    assert np.array_equal(told.scores, blind.scores)


def test_training_twice_gives_the_same() -> None:
    pairs = graded_pairs(needs=6)
    first, second = (
        train(pairs, encoded(pairs), seed=7, with_bodies=False).predict(pairs, encoded(pairs)) for _ in "12"
    )
    assert np.array_equal(first.chances, second.chances)


def test_full_texts_have_features_of_their_own() -> None:
    pairs = graded_pairs(needs=6, body="的详细说明。")
    trained = train(pairs, encoded(pairs, with_bodies=True), seed=0, with_bodies=True)
    assert any("body" in name for name in trained.maker.names)
    assert trained.predict(pairs, encoded(pairs, with_bodies=True)).chances.shape == (len(pairs), 4)


def test_cross_validation_tells_known_from_new_needs() -> None:
    pairs = graded_pairs()
    steps: list[str] = []
    found = cross_validated(pairs, encoded(pairs), folds=2, seed=0, with_bodies=False, step=steps.append)
    assert found["known_needs"]["pairs"] == found["new_needs"]["pairs"] == len(pairs)
    assert steps == ["known_needs 1/2", "known_needs 2/2", "new_needs 1/2", "new_needs 2/2"]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 3), st.floats(-1e3, 1e3)), min_size=1, max_size=20))
def test_values_within_a_need_are_centred(rows: list[tuple[int, float]]) -> None:
    needs, values = np.array([need for need, _ in rows]), np.array([[value] for _, value in rows])
    relative = within_needs(values, needs)
    for need in np.unique(needs):
        assert relative[needs == need].mean() == pytest.approx(0, abs=1e-2)
