"""The cluster engine finds what the local one finds: real titles, the shipped encoder, milvus-lite's server."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from decimal import Decimal
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.matching.core.support import BUILT_AT
from tests.matching.milvus import MilvusServer
from yunlang.matching.core.analyser import default_analyser
from yunlang.matching.core.document import Document, content_hash, embedding_text
from yunlang.matching.core.encoder import Vectors
from yunlang.matching.core.engines import Engine, EngineState
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.milvus_store import MilvusStore
from yunlang.matching.core.pipeline import Matcher
from yunlang.matching.core.query import Query
from yunlang.matching.core.results import MatchResult
from yunlang.matching.core.static_encoder import StaticEncoder, shipped_table
from yunlang.matching.core.store import SearchIndexStore

pytestmark = pytest.mark.xdist_group("milvus")

CITIES = ("310117", "330400", "320500", "")
KINDS = ("achievement", "expertise", "instrument")
# The local word index counts its state as a document, which moves every inverse frequency a little.
NEAR = 0.001
QUERIES = (
    Query("动力电池回收利用"), Query("高性能计算"), Query("干细胞"), Query("工业机器人减速器"),
    Query("增材制造陶瓷"), Query("量子霍尔效应"), Query("大气污染物排放控制"), Query("car-to-X 自动驾驶"),
    Query("新能源汽车动力系统", "要求续航里程长，适应低温环境，成本可控。", city="320500", kinds=("expertise",)),
    Query("半导体材料", trl=6, budget=Decimal(300)), Query("基因编辑作物育种", labels=("high_tech",)),
    Query("soil remediation"), Query("古籍修复"),
)  # fmt: skip
FILTERS = (
    Filters(kinds=("expertise", "instrument")),
    Filters(cities=("310117", "")),
    Filters(industries=("biomedicine",)),
    Filters(labels=("high_tech",)),
    Filters(trl_minimum=6),
    Filters(price_maximum=Decimal("250.50")),
    Filters(exclude_ids=tuple(f"a{number}" for number in range(0, 400, 2))),
    Filters(kinds=("achievement",), cities=("330400",), labels=("high_tech", "listed"), trl_minimum=3),
    Filters(kinds=("no such kind",)),
)


def real_documents() -> list[Document]:
    """Every fifteenth title of the demo's projects, with attributes given in turn."""
    text = gzip.decompress(files("yunlang.registry.demo").joinpath("achievements.jsonl.gz").read_bytes()).decode()
    records = [json.loads(line) for line in text.splitlines()[::15]]
    return [
        Document(
            id=f"a{number}", kind=KINDS[number % 3], title=record["title"], text=record.get("summary", ""),
            tags=tuple(record.get("tags", ())), organisation=record.get("organisation", ""), industry=record.get("industry", ""),
            city=CITIES[number % 4], trl=number % 9 + 1 if number % 4 else None,
            price=Decimal(number) if number % 5 else None,
            labels=[(), ("high_tech",), ("high_tech", "listed")][number % 3],
        )
        for number, record in enumerate(records)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def engines(milvus: MilvusServer, tmp_path_factory: pytest.TempPathFactory) -> tuple[Matcher, Matcher]:
    """Return a matcher over the local engine and one over the cluster's, with the same documents."""
    encoder = StaticEncoder(shipped_table())
    documents = real_documents()
    digests = [content_hash(embedding_text(document)) for document in documents]
    made = encoder.encode_documents([embedding_text(document) for document in documents])
    # Every tenth has no vector yet.
    known = {digest: row for place, (digest, row) in enumerate(zip(digests, made, strict=True)) if place % 10}
    options: dict[str, Any] = {
        "analyser": default_analyser(), "encoder": encoder.name, "dimension": encoder.dimension,
    }  # fmt: skip
    local: Engine = SearchIndexStore(tmp_path_factory.mktemp("local"), **options)
    cluster: Engine = MilvusStore(milvus.database("agreement"), **options)
    for store in (local, cluster):
        store.build(
            documents, watermark=7, built_at=BUILT_AT,
            vectors=lambda digests: {digest: known[digest] for digest in digests if digest in known},
        )  # fmt: skip
    return Matcher(local, encoder), Matcher(cluster, encoder)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.title)
def test_both_engines_agree_on_the_top_results(engines: tuple[Matcher, Matcher], query: Query) -> None:
    agree(*(matcher.match(query, k=10) for matcher in engines))


@pytest.mark.parametrize("filters", FILTERS, ids=[str(place) for place in range(len(FILTERS))])
def test_both_engines_agree_under_filters(engines: tuple[Matcher, Matcher], filters: Filters) -> None:
    agree(*(matcher.match(Query("新能源汽车动力电池关键技术"), filters, k=10) for matcher in engines))


class ByLength:
    """Takes long titles for good answers, and vectors for what they must be."""

    def chances(self, query: Query, documents: Sequence[Document], vectors: Vectors) -> npt.NDArray[np.float64]:
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(documents)), abs=1e-5)
        good = np.array([min(len(document.title), 50) / 50 for document in documents])
        return np.column_stack([1 - good, 0 * good, 0 * good, good])


def test_both_engines_agree_when_the_best_are_looked_at_again(engines: tuple[Matcher, Matcher]) -> None:
    again = [Matcher(matcher._store, StaticEncoder(shipped_table()), reranker=ByLength()) for matcher in engines]
    local, cluster = (matcher.match(QUERIES[0], k=10) for matcher in again)
    agree(local, cluster)
    assert [hit.score for hit in cluster.hits] != [hit.score for hit in engines[1].match(QUERIES[0], k=10).hits]


def agree(local: MatchResult, cluster: MatchResult) -> None:
    """Compare two answers: the same documents in the same order, but for those whose scores are next to equal."""
    expected = {hit.document.id: hit.score for hit in local.hits}
    assert len(cluster.hits) == len(local.hits)
    for one, other in zip(local.hits, cluster.hits, strict=True):
        assert other.score == pytest.approx(one.score, abs=NEAR)
        if other.document.id in expected:
            assert other.score == pytest.approx(expected[other.document.id], abs=NEAR)
    last = min(expected.values(), default=0)
    assert {hit.document.id for hit in cluster.hits if hit.score > last + NEAR} <= set(expected)
    assert [hit.document.id for hit in cluster.hits][:1] == [hit.document.id for hit in local.hits][:1]
    for hit in cluster.hits:
        if hit.document.id in expected:
            (same,) = (one for one in local.hits if one.document.id == hit.document.id)
            assert (hit.document, hit.reasons.conditions) == (same.document, same.reasons.conditions)
    assert {key: dict(value) for key, value in cluster.facets.items()} == local.facets
    assert (cluster.note, cluster.degraded, cluster.watermark) == (local.note, local.degraded, local.watermark)


def test_given_documents_score_the_same(engines: tuple[Matcher, Matcher]) -> None:
    names = ["a3", "a40", "missing", "a10", "a399"]
    local, cluster = (matcher.score(QUERIES[0], names) for matcher in engines)
    assert list(cluster) == list(local) == ["a3", "a40", "a10", "a399"]
    assert list(cluster.values()) == pytest.approx(list(local.values()), abs=NEAR)


def test_features_of_given_documents_are_the_same(engines: tuple[Matcher, Matcher]) -> None:
    local, cluster = (matcher.features(QUERIES[8], ["a1", "a20", "a311"]) for matcher in engines)
    np.testing.assert_allclose(cluster, local, atol=NEAR)
    assert np.isnan(cluster[1, 2])


def test_evidence_names_the_same_words_and_sentences(engines: tuple[Matcher, Matcher]) -> None:
    local, cluster = (matcher.evidence(QUERIES[0], "a3") for matcher in engines)
    assert local is not None
    assert cluster is not None
    assert (cluster.sentences, cluster.conditions) == (local.sentences, local.conditions)
    assert [word.word for word in cluster.words] == [word.word for word in local.words]
    assert all(matcher.evidence(QUERIES[0], "missing") is None for matcher in engines)


@pytest.mark.parametrize("words", [("电池",), ("机器人", "制造"), ("催化剂",)])
def test_bm25_alone_finds_the_same(engines: tuple[Matcher, Matcher], words: Sequence[str]) -> None:
    states = [state(matcher) for matcher in engines]
    found = [
        {document.id for document in one.documents_at(one.search(words, None, 200, Filters())).values()}
        for one in states
    ]
    assert found[0]
    assert found[1] == found[0]


def test_vectors_alone_find_the_same(engines: tuple[Matcher, Matcher]) -> None:
    vector = StaticEncoder(shipped_table()).encode_queries(["储能电站安全"])[0]
    local, cluster = (state(matcher) for matcher in engines)
    # The local engine compares in one byte a component; nearly equal ones may change places.
    cosines = [one.similarities(vector, one.search((), vector, 20, Filters())) for one in (local, cluster)]
    np.testing.assert_allclose(sorted(cosines[1]), sorted(cosines[0]), atol=0.003)


def state(matcher: Matcher) -> EngineState:
    return matcher._store.open()


def test_nothing_asked_finds_nothing(engines: tuple[Matcher, Matcher]) -> None:
    for matcher in engines:
        assert state(matcher).search((), None, 10, Filters()) == []
        assert matcher.match(Query("")).hits == ()
