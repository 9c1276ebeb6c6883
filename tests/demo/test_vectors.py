"""The vectors that ship with the demo are those that would be made, and the first start takes them."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from yunlang.kit.models import Change
from yunlang.matching import engine
from yunlang.matching.core.document import content_hash, embedding_text
from yunlang.matching.core.encoder import E5Encoder, dequantise
from yunlang.matching.core.query import Query
from yunlang.matching.demo import index_prepare, shipped_vectors
from yunlang.matching.documents import published_documents
from yunlang.matching.selectors import match

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("demo", "index_home")
def test_the_shipped_vectors_are_those_of_the_demo() -> None:
    """Takes the real encoder."""
    documents = list(published_documents())
    texts = {content_hash(text): text for document in documents if (text := embedding_text(document))}
    name, codes = shipped_vectors()
    assert len(documents) > 10_000
    assert name == E5Encoder.name
    assert len(codes.keys() & texts.keys()) >= 0.99 * len(texts)
    sample = sorted(codes.keys() & texts.keys())[:: len(texts) // 3 + 1][:3]
    exact = E5Encoder().encode_documents([texts[digest] for digest in sample])
    for digest, vector in zip(sample, exact, strict=True):
        assert float(dequantise(codes[digest][None])[0] @ vector) > 0.999
    # Within the test's one open transaction all of the load counts as changed meanwhile, and would be indexed twice.
    Change.objects.all().delete()
    index_prepare(console=Console(file=io.StringIO()), language="en")
    index = engine.store().open()
    assert index.vector_count >= 0.99 * index.count
    found = match(Query(title="卫星互联网相控阵天线"))
    assert len(found.hits) >= 10
    assert all("天线" in hit.document.title or "卫星" in hit.document.title for hit in found.hits[:3])
