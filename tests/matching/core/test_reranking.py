"""Re-ranking of the best candidates, by anything and by a trained ranker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.matching.core.learning.graded import graded_pairs
from tests.matching.core.support import BUILT_AT, HashingEncoder, lookup, make_store, sample_documents
from yunlang.matching.core.document import Document
from yunlang.matching.core.encoder import Vectors
from yunlang.matching.core.fusion import Calibration, expected_scores, shifted
from yunlang.matching.core.learning.features import encode_pairs
from yunlang.matching.core.learning.ranker import Ranker, train
from yunlang.matching.core.learning.reranker import TrainedReranker, query_texts
from yunlang.matching.core.pipeline import Matcher
from yunlang.matching.core.query import Query
from yunlang.matching.core.reranking import RERANKED
from yunlang.matching.core.store import SearchIndexStore


class Fond:
    """Finds one document strong and all others unrelated."""

    def __init__(self, favourite: str = "d7") -> None:
        self.favourite = favourite
        self.seen: list[list[str]] = []

    def chances(self, query: Query, documents: Sequence[Document], vectors: Vectors) -> np.ndarray:
        self.seen.append([document.id for document in documents])
        assert vectors.shape == (len(documents), HashingEncoder.dimension)
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        return np.array([[0, 0, 0, 1.0] if document.id == self.favourite else [1.0, 0, 0, 0] for document in documents])


@pytest.fixture
def store(tmp_path: Path) -> SearchIndexStore:
    store = make_store(tmp_path / "index")
    items = sample_documents(120)
    store.build(items, watermark=1, built_at=BUILT_AT, vectors=lookup(items))
    return store


def test_what_the_reranker_likes_comes_first(store: SearchIndexStore) -> None:
    query = Query("科技型企业信用贷款")
    favourite = Matcher(store, HashingEncoder()).match(query).hits[9].document.id
    hits = Matcher(store, HashingEncoder(), reranker=Fond(favourite)).match(query).hits
    assert hits[0].document.id == favourite
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(hit.score == pytest.approx(expected_scores(np.array([hit.reasons.grades]))[0]) for hit in hits)


def test_it_is_asked_of_the_best_alone(store: SearchIndexStore) -> None:
    fond = Fond()
    matcher = Matcher(store, HashingEncoder(), reranker=fond)
    query = Query("5G-V2X 车路协同系统")
    fused = [hit.document.id for hit in Matcher(store, HashingEncoder()).match(query, k=200).hits]
    matcher.match(query)
    assert len(fond.seen[0]) == RERANKED < len(fused)


def test_a_document_opened_has_the_grades_that_the_list_shows(store: SearchIndexStore) -> None:
    matcher = Matcher(store, HashingEncoder(), reranker=Fond())
    query = Query("石墨烯导热膜制备", "散热。")
    for hit in matcher.match(query, k=5).hits:
        opened = matcher.evidence(query, hit.document.id)
        assert opened is not None
        assert opened.grades == pytest.approx(hit.reasons.grades)


def test_without_vectors_the_fused_order_stays(tmp_path: Path) -> None:
    store = make_store(tmp_path / "bare")
    store.build(sample_documents(20), watermark=1, built_at=BUILT_AT)
    fond = Fond()
    hits = Matcher(store, HashingEncoder(), reranker=fond).match(Query("工业机器人谐波减速器")).hits
    assert hits == Matcher(store, HashingEncoder()).match(Query("工业机器人谐波减速器")).hits
    assert fond.seen == []


def test_stages_are_timed_with_the_reranking(store: SearchIndexStore) -> None:
    ticks = iter(range(100))
    matcher = Matcher(store, HashingEncoder(), reranker=Fond(), clock=lambda: float(next(ticks)))
    assert list(matcher.match(Query("天线")).timings) == ["analyse", "retrieve", "fuse", "rerank", "explain"]


@pytest.fixture(scope="module")
def ranker() -> Ranker:
    pairs = graded_pairs(needs=6)
    return train(pairs, encode_pairs(pairs, HashingEncoder(), with_bodies=False), seed=0, with_bodies=False)


def test_a_trained_ranker_brings_what_officers_graded_high(ranker: Ranker, tmp_path: Path) -> None:
    pairs, encoder = graded_pairs(needs=6), HashingEncoder()
    items = [
        Document(id=str(place), kind="achievement", title=text.title) for place, text in enumerate(pairs.achievements)
    ]
    store = make_store(tmp_path / "graded")
    store.build(items, watermark=1, built_at=BUILT_AT, vectors=lookup(items))
    reranker = TrainedReranker(ranker, encoder.encode_queries)
    for place, need in enumerate(pairs.needs):
        rows = np.flatnonzero(pairs.need_of == place)
        documents = [items[one] for one in pairs.achievement_of[rows]]
        vectors = encoder.encode_documents([document.title for document in documents])
        chances = reranker.chances(Query(need.title, need.body), documents, vectors)
        assert chances.sum(axis=1) == pytest.approx(1)
        best = pairs.grades[rows][np.argsort(-expected_scores(chances))[:3]]
        assert best.mean() > pairs.grades[rows].mean()


def test_the_difference_of_the_means_is_taken_off(ranker: Ranker) -> None:
    pairs, encoder = graded_pairs(needs=6), HashingEncoder()
    documents = [
        Document(id=str(place), kind="a", title=text.title) for place, text in enumerate(pairs.achievements[:8])
    ]
    vectors = encoder.encode_documents([document.title for document in documents])
    away = np.full(encoder.dimension, 0.3, dtype=np.float32)
    query = Query(pairs.needs[0].title, pairs.needs[0].body)
    plain = TrainedReranker(ranker, encoder.encode_queries).chances(query, documents, vectors)
    moved = TrainedReranker(ranker, encoder.encode_queries, background=ranker.maker.mean_achievement + away)
    assert moved.chances(query, documents, vectors + away) == pytest.approx(plain, abs=1e-3)


def test_a_query_is_encoded_by_title_text_and_sentences() -> None:
    assert query_texts(Query("电解液", "循环寿命长。安全。"))[:2] == ["电解液", "循环寿命长。安全。"]
    assert "循环寿命长。" in query_texts(Query("电解液", "循环寿命长。安全。"))
    assert len(query_texts(Query("电解液"))) == 3


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=5), st.floats(-4, 4), st.floats(0, 3))
def test_a_shift_of_the_odds_is_the_same_before_and_after(odds: list[float], shift: float, step: float) -> None:
    model = Calibration((1.0,), (-step, 0.0, step))
    features = np.array(odds)[:, np.newaxis]
    assert shifted(model.probabilities(features), np.full(len(odds), shift)) == pytest.approx(
        model.probabilities(features, shift), abs=1e-9
    )


def test_a_ranker_of_bodies_cannot_rerank(ranker: Ranker) -> None:
    with pytest.raises(ValueError, match="bodies"):
        TrainedReranker(replace(ranker, maker=replace(ranker.maker, with_bodies=True)), HashingEncoder().encode_queries)
