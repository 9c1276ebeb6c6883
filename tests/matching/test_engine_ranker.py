"""An installation's ranker: named by a setting, refused where it does not fit, fed from the database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.factories import make_user
from tests.matching.conftest import RecordingEncoder, forget_engine
from tests.matching.core.learning.graded import graded_pairs
from tests.matching.core.support import HashingEncoder
from yunlang.accounts.roles import Role
from yunlang.matching import engine
from yunlang.matching.batches import batch_run
from yunlang.matching.core.document import content_hash
from yunlang.matching.core.errors import RankerFileError
from yunlang.matching.core.learning.features import encode_pairs
from yunlang.matching.core.learning.ranker import train
from yunlang.matching.core.learning.reranker import query_texts
from yunlang.matching.core.query import Query
from yunlang.matching.ranker_files import ranker_save
from yunlang.matching.selectors import hits_of, match, need_query
from yunlang.matching.vectors import QuerySide, vectors_known

pytestmark = pytest.mark.django_db


def save(folder: Path, *, with_bodies: bool = False) -> Path:
    pairs = graded_pairs(needs=6)
    encoded = encode_pairs(pairs, HashingEncoder(), with_bodies=with_bodies)
    ranker_save(train(pairs, encoded, seed=0, with_bodies=with_bodies), folder, {"encoder": "hashing"})
    return folder


@pytest.fixture(scope="module")
def ranker_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("ranker") / "model")


@pytest.fixture
def ranked(few: dict[str, Any], ranker_folder: Path, settings: Any) -> dict[str, Any]:
    settings.MATCHING_RANKER = str(ranker_folder)
    forget_engine()
    return few


def test_the_ranker_named_is_asked(ranked: dict[str, Any], settings: Any) -> None:
    result = match(Query("动力电池电解液"))
    assert "rerank" in result.timings
    assert [hit.score for hit in result.hits] == sorted((hit.score for hit in result.hits), reverse=True)
    settings.MATCHING_RANKER = ""
    forget_engine()
    plain = match(Query("动力电池电解液"))
    assert "rerank" not in plain.timings
    assert {hit.document.id: hit.score for hit in plain.hits} != {hit.document.id: hit.score for hit in result.hits}


def test_the_page_says_when_a_model_looked_again(ranked: dict[str, Any], settings: Any, client: Client) -> None:
    sentence = "前五十条再由按以往评级和反馈训练的模型复核"
    assert sentence in client.get("/match/?q=动力电池电解液").content.decode()
    settings.MATCHING_RANKER = ""
    forget_engine()
    assert sentence not in client.get("/match/?q=动力电池电解液").content.decode()


def test_documents_side_by_side_score_as_in_the_list(ranked: dict[str, Any]) -> None:
    query = need_query(ranked["need"])
    listed = {hit.document.id: hit.score for hit in match(query).hits}
    for hit in hits_of(query, listed):
        assert hit.score == pytest.approx(listed[hit.document.id], abs=1e-6)


def test_a_run_over_all_needs_keeps_what_a_match_page_will_read(
    ranked: dict[str, Any], encoder: RecordingEncoder
) -> None:
    batch_run()
    texts = query_texts(need_query(ranked["need"]))
    assert len(vectors_known(QuerySide(encoder).name, map(content_hash, texts))) == len(set(texts))
    encoder.calls = 0
    assert match(need_query(ranked["need"])).hits
    assert encoder.calls == 0


@pytest.mark.parametrize("path", ["/match/?q=电解液", "/api/v1/match?q=电解液"])
def test_a_ranker_that_does_not_fit_stops_matching_and_says_why(
    few: dict[str, Any], settings: Any, tmp_path: Path, client: Client, path: str
) -> None:
    settings.MATCHING_RANKER = str(tmp_path / "nothing")
    forget_engine()
    client.force_login(make_user(Role.OFFICE))
    answer = client.get(path)
    assert answer.status_code == 503
    assert "model_card.json" in answer.content.decode()


def test_a_ranker_of_full_texts_is_refused(build: Callable[..., object], settings: Any, tmp_path: Path) -> None:
    settings.MATCHING_RANKER = str(save(tmp_path / "bodies", with_bodies=True))
    forget_engine()
    with pytest.raises(RankerFileError, match="全文"):
        engine.matcher()
