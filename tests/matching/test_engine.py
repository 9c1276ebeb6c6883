"""Which encoder an installation uses, and that it finds with either."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.matching.core.support import BUILT_AT
from yunlang.config import environment
from yunlang.matching import engine
from yunlang.matching.core.document import Document, content_hash, embedding_text
from yunlang.matching.core.encoder import E5Encoder
from yunlang.matching.core.query import Query
from yunlang.matching.core.static_encoder import StaticEncoder

TITLES = ("锂离子电池用电解质", "高血压患者的护理", "混凝土泵车臂架")


@pytest.fixture
def static_engine(settings: Any, index_home: Path) -> Iterator[None]:
    settings.MATCHING_ENCODER = "static"
    engine.encoder.cache_clear()
    yield
    engine.encoder.cache_clear()


def test_e5_unless_told() -> None:
    engine.encoder.cache_clear()
    assert isinstance(engine.encoder(), E5Encoder)


def test_static_when_told_and_the_index_keeps_its_vectors(static_engine: None) -> None:
    encoder = engine.encoder()
    assert isinstance(encoder, StaticEncoder)
    documents = [Document(id=title, kind="achievement", title=title) for title in TITLES]
    texts = [embedding_text(document) for document in documents]
    vectors = dict(zip(map(content_hash, texts), encoder.encode_documents(texts), strict=True))
    engine.store().build(
        documents, watermark=1, built_at=BUILT_AT, vectors=lambda digests: {one: vectors[one] for one in digests}
    )
    hits = engine.matcher().match(Query("动力蓄电池电解液")).hits
    assert hits[0].document.id == TITLES[0]
    assert hits[0].reasons.similarity is not None


def test_the_setting_takes_two_words_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def chosen() -> str:
        return environment.choice("YUNLANG_ENCODER", ("e5", "static"))

    monkeypatch.delenv("YUNLANG_ENCODER", raising=False)
    assert chosen() == "e5"
    monkeypatch.setenv("YUNLANG_ENCODER", " static ")
    assert chosen() == "static"
    monkeypatch.setenv("YUNLANG_ENCODER", "word2vec")
    with pytest.raises(ImproperlyConfigured, match=r"YUNLANG_ENCODER is e5 or static, not 'word2vec'"):
        chosen()
