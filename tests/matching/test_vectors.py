"""Vectors are made once for each text; those that ship with the demo are taken at the first start."""

from __future__ import annotations

import io

import numpy as np
import pytest
from rich.console import Console

from tests.factories import make_organisation, make_resource, publish
from tests.matching.conftest import RecordingEncoder
from yunlang.matching import demo
from yunlang.matching.core.document import content_hash
from yunlang.matching.core.encoder import dequantise
from yunlang.matching.core.query import Query
from yunlang.matching.demo import index_prepare
from yunlang.matching.models import Vector
from yunlang.matching.selectors import match
from yunlang.matching.vectors import vectors_keep, vectors_known, vectors_make

pytestmark = pytest.mark.django_db


def test_a_text_is_encoded_once_and_then_known(encoder: RecordingEncoder) -> None:
    first = vectors_make(encoder, ["电解液", "正极", "电解液"])
    assert encoder.asked == ["电解液", "正极"]
    again = vectors_make(encoder, ["正极", "负极"])
    assert encoder.asked == ["电解液", "正极", "负极"]
    key = content_hash("正极")
    assert np.array_equal(first[key], again[key])
    assert set(first) == {content_hash(text) for text in ("电解液", "正极")}
    assert Vector.objects.count() == 3


def test_what_is_kept_is_what_was_made_to_a_thousandth(encoder: RecordingEncoder) -> None:
    texts = [f"第 {number} 种材料" for number in range(20)]
    made = vectors_make(encoder, texts)
    known = vectors_known(encoder.name, made)
    exact = encoder.encode_documents(texts)
    for text, vector in zip(texts, exact, strict=True):
        assert known[content_hash(text)].dtype == np.int8
        assert float(dequantise(known[content_hash(text)][None])[0] @ vector) > 0.999


def test_vectors_of_another_encoder_are_not_these(encoder: RecordingEncoder) -> None:
    vectors_make(encoder, ["电解液"])
    assert vectors_known("another", [content_hash("电解液")]) == {}
    assert vectors_known(encoder.name, []) == {}


def test_keeping_again_changes_nothing(encoder: RecordingEncoder) -> None:
    (digest,) = made = vectors_make(encoder, ["电解液"])
    vectors_keep(encoder.name, {digest: np.zeros(encoder.dimension, dtype=np.int8)})
    assert np.array_equal(vectors_known(encoder.name, [digest])[digest], made[digest])


def test_making_tells_its_progress_and_stops_when_told(
    encoder: RecordingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yunlang.matching.vectors.ENCODE_AT_ONCE", 2)
    texts = [f"材料{number}" for number in range(5)]
    vectors_make(encoder, texts[:1])
    steps: list[int] = []
    answers = iter([True, False])
    made = vectors_make(encoder, texts, progress=steps.append, keep_going=lambda: next(answers))
    assert steps == [1, 2]
    assert len(made) == Vector.objects.count() == 3


def test_a_first_start_without_shipped_vectors_finds_by_words(corridor: object, encoder: RecordingEncoder) -> None:
    """The shipped ones are of another encoder here, so none is taken."""
    publish(make_resource(title="碳化硅外延"))
    said = io.StringIO()
    index_prepare(console=Console(file=said), language="en")
    assert "Building the search index" in said.getvalue()
    assert Vector.objects.count() == 0
    found = match(Query(title="碳化硅"))
    assert found.hits[0].document.title == "碳化硅外延"
    assert found.degraded
    index_prepare(console=Console(file=(second := io.StringIO())), language="en")
    assert second.getvalue() == ""


def test_shipped_vectors_are_taken_at_the_first_start(
    corridor: object, encoder: RecordingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    organisation = make_organisation(name="机构")
    publish(make_resource(organisation, title="碳化硅外延"))
    codes = vectors_make(encoder, ["碳化硅外延", "机构"])
    Vector.objects.all().delete()
    encoder.asked.clear()
    monkeypatch.setattr(demo, "shipped_vectors", lambda: (encoder.name, codes))
    index_prepare(console=Console(file=io.StringIO()), language="zh-hans")
    assert not match(Query(title="碳化硅")).degraded
    assert encoder.asked == []
