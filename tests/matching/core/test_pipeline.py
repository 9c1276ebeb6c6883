"""Matching from a query to explained hits."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.matching.core.support import (
    BUILT_AT,
    TITLES,
    HashingEncoder,
    documents,
    lookup,
    make_store,
    sample_documents,
    vectors_of,
)
from tests.matching.core.test_table import filter_sets, passes
from yunlang.matching.core.document import Document
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.pipeline import Matcher
from yunlang.matching.core.query import Query
from yunlang.matching.core.results import NO_DOCUMENT, NO_GOOD_MATCH, NO_WORDS
from yunlang.matching.core.store import SearchIndexStore


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> SearchIndexStore:
    store = make_store(tmp_path_factory.mktemp("index"))
    items = sample_documents(60)
    store.build(items, watermark=3, built_at=BUILT_AT, vectors=lookup(items))
    return store


@pytest.fixture(scope="module")
def matcher(store: SearchIndexStore) -> Matcher:
    return Matcher(store, HashingEncoder())


@pytest.mark.parametrize("title", TITLES)
def test_the_same_title_comes_first(matcher: Matcher, title: str) -> None:
    result = matcher.match(Query(title), k=5)
    assert len(result.hits) == 5
    assert all(hit.document.title.startswith(title) for hit in result.hits)
    assert [hit.score for hit in result.hits] == sorted((hit.score for hit in result.hits), reverse=True)
    assert result.hits[0].good
    assert (result.note, result.weak, result.degraded, result.watermark) == (None, False, False, 3)


def test_hits_carry_reasons(matcher: Matcher) -> None:
    query = Query("高镍电解液", "需要三元动力电池用电解液。\\n厂房已备。", city="320500", trl=3, budget=Decimal(5_000))
    hit = matcher.match(query, k=1).hits[0]
    assert sum(item.share for item in hit.reasons.words) == pytest.approx(1)
    assert hit.reasons.words[0].word == "电解液"
    assert hit.reasons.similarity is not None
    assert hit.reasons.sentences is not None
    assert hit.reasons.sentences.document == hit.document.title
    assert [item.code for item in hit.reasons.conditions] == ["city", "trl", "price"]
    assert sum(hit.reasons.grades) == pytest.approx(1)


def test_result_is_json(matcher: Matcher) -> None:
    result = json.loads(json.dumps(matcher.match(Query(TITLES[0]), k=2).to_dict()))
    assert {"id", "kind", "title", "organisation", "city", "score", "good", "reasons"} <= result["hits"][0].keys()
    assert result["note"] is None
    assert result["timings"] == {}


@given(filter_sets, st.sampled_from(TITLES))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_filters_hold_for_words_and_vectors(matcher: Matcher, filters: Filters, title: str) -> None:
    items = sample_documents(60)
    result = matcher.match(Query(title), filters, k=200)
    assert {hit.document.id for hit in result.hits} == {item.id for item in items if passes(item, filters)}


def test_facets_ignore_their_own_filter(matcher: Matcher) -> None:
    facets = matcher.match(Query(TITLES[0]), Filters(kinds=("loan",))).facets
    assert facets["kind"] == {"achievement": 2, "expertise": 2, "loan": 2}
    assert sum(facets["city"].values()) == 2


@pytest.mark.parametrize(
    ("query", "filters", "note"),
    [
        (Query(""), Filters(), NO_WORDS),
        (Query("🚀 ！？"), Filters(kinds=("never",)), NO_DOCUMENT),
        (Query(TITLES[0]), Filters(kinds=("never",)), NO_DOCUMENT),
        (Query("唐诗宋词鉴赏"), Filters(), NO_GOOD_MATCH),
    ],
)
def test_no_good_match_is_said(matcher: Matcher, query: Query, filters: Filters, note: object) -> None:
    result = matcher.match(query, filters)
    assert result.note is note
    assert result.weak


def test_near_and_fitting_ones_come_before_equal_ones(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    offers = {
        "far": {}, "corridor": {"city": "330100"}, "same": {"city": "310117"},
        "immature": {"city": "330100", "trl": 2}, "dear": {"city": "330100", "trl": 2, "price": Decimal(9)},
    }  # fmt: skip
    items = [Document(id=name, kind="k", title="激光雷达", **values) for name, values in offers.items()]
    store.build(items, watermark=1, built_at=BUILT_AT)
    query = Query("激光雷达", city="310117", trl=5, budget=Decimal(5))
    hits = Matcher(store, None).match(query).hits
    assert [hit.document.id for hit in hits] == ["same", "corridor", "far", "immature", "dear"]


def test_words_serve_while_vectors_are_being_made(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    items = sample_documents(30)
    store.build(items, watermark=1, built_at=BUILT_AT)
    encoder = HashingEncoder()
    matcher = Matcher(store, encoder)
    result = matcher.match(Query(TITLES[3]))
    assert result.degraded
    assert encoder.calls == 0
    assert result.hits[0].document.title.startswith(TITLES[3])
    assert result.hits[0].reasons.similarity is None
    store.update_vectors(vectors_of(items[:15]))
    half = matcher.match(Query(TITLES[3]), k=30)
    assert half.degraded
    assert {hit.reasons.similarity is None for hit in half.hits} == {True, False}
    store.update_vectors(vectors_of(items))
    assert not matcher.match(Query(TITLES[3])).degraded
    assert encoder.calls == 1
    assert Matcher(store, None).match(Query(TITLES[3])).degraded


def test_score_and_features_of_given_documents(matcher: Matcher) -> None:
    scores = matcher.score(Query(TITLES[0]), ["d0", "d1", "nobody"])
    assert scores.keys() == {"d0", "d1"}
    assert scores["d0"] > scores["d1"]
    features = matcher.features(Query(TITLES[0]), ["d1", "d0"])
    assert features.shape == (2, 3)
    assert (features[1] > features[0]).all()
    with pytest.raises(KeyError):
        matcher.features(Query("x"), ["nobody"])


def test_evidence_is_by_vectors(matcher: Matcher) -> None:
    reasons = matcher.evidence(Query(TITLES[0], "另一句话。"), "d0")
    assert reasons is not None
    assert reasons.sentences is not None
    assert reasons.sentences.by == "vectors"
    assert reasons.sentences.query == TITLES[0]
    assert matcher.evidence(Query("x"), "nobody") is None


def test_clock_times_the_stages(store: SearchIndexStore) -> None:
    ticks = iter(range(100))
    timings = Matcher(store, HashingEncoder(), clock=lambda: float(next(ticks))).match(Query("天线")).timings
    assert timings == {"analyse": 1000.0, "retrieve": 1000.0, "fuse": 1000.0, "explain": 1000.0}


HOSTILE = (
    '+(title:x OR "y") -z^2 ~1 [a TO b] {c} *:* \\', "AND OR NOT", "words:天线", "\x00\x01\x02天线", "a" * 100_000,
    "锂" * 100_000, "天 线 " * 30_000,
    "😀🚀👩‍🔬", "\ud800天线", "ﷺ" * 500, "\u202e天线", "' OR 1=1 --", "%s%n{0}", "\n\\n\t",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_queries_are_only_words(matcher: Matcher, text: str) -> None:
    for query in (Query(text), Query("天线", text)):
        result = matcher.match(query, k=3)
        assert all(0 <= hit.score <= 1 for hit in result.hits)
        json.dumps(result.to_dict())


@given(st.text(), st.text(), st.integers(-3, 500))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
def test_any_query_is_answered_the_same_twice(matcher: Matcher, title: str, text: str, k: int) -> None:
    first, second = (matcher.match(Query(title, text), k=k) for _ in range(2))
    assert first == second
    assert len(first.hits) <= max(k, 1)


@given(st.lists(documents, min_size=1, max_size=8, unique_by=lambda item: item.id))
@settings(deadline=None, max_examples=15)
def test_any_documents_can_be_matched(tmp_path_factory: pytest.TempPathFactory, items: list[Document]) -> None:
    store = make_store(tmp_path_factory.mktemp("any"))
    store.build(items, watermark=1, built_at=BUILT_AT, vectors=lookup(items))
    matcher = Matcher(store, HashingEncoder())
    for item in items:
        result = matcher.match(Query(item.title, item.text), k=20)
        assert all(np.isfinite(hit.score) for hit in result.hits)
        if result.hits:
            assert {hit.document.id for hit in result.hits} <= {document.id for document in items}
