"""The index on disk: what is put in comes out, whatever the order of changes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from threading import Thread

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.matching.core.support import (
    BUILT_AT,
    DIMENSION,
    documents,
    lookup,
    make_store,
    sample_documents,
    vectors_of,
)
from yunlang.matching.core.analyser import Analyser, default_analyser
from yunlang.matching.core.changes import MOST_CHUNKS
from yunlang.matching.core.document import Document, content_hash, embedding_text
from yunlang.matching.core.errors import (
    BusyIndexError,
    DamagedIndexError,
    IncompatibleIndexError,
    MissingIndexError,
    MovedIndexError,
)
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.store import SearchIndexStore


class IndexMachine(RuleBasedStateMachine):
    """Any run of changes leaves what a dictionary would hold, also for a reader that opens the files anew."""

    @initialize(items=st.lists(documents, max_size=6), with_vectors=st.booleans())
    def build(self, items: list[Document], with_vectors: bool) -> None:
        self.home = Path(mkdtemp())
        self.store = make_store(self.home)
        self.watermark = 0
        self.expected = {item.id: item for item in items}
        self.vectors: set[str] = set()
        self.store.build(items, watermark=0, built_at=BUILT_AT, vectors=lookup(items) if with_vectors else None)
        if with_vectors:
            self.vectors |= {embedding_text(item) for item in items}

    @rule(upserts=st.lists(documents, max_size=4), deletes=st.lists(st.sampled_from([f"d{n}" for n in range(12)])))
    def update(self, upserts: list[Document], deletes: list[str]) -> None:
        self.watermark += 1
        for document_id in deletes:
            self.expected.pop(document_id, None)
        self.expected |= {item.id: item for item in upserts}
        self.store.update(upserts, deletes, watermark=self.watermark)

    @rule()
    def encode(self) -> None:
        missing = self.store.open().missing_vectors(5)
        self.store.update_vectors(vectors_of(missing))

    @rule()
    def compact(self) -> None:
        self.store.compact()

    @rule()
    def rebuild(self) -> None:
        items = list(self.expected.values())
        self.store.build(items, watermark=self.watermark, built_at=BUILT_AT, vectors=lookup(items))

    @invariant()
    def same_for_everyone(self) -> None:
        if not hasattr(self, "store"):
            return
        for index in (self.store.open(), make_store(self.home).open()):
            assert index.watermark == self.watermark
            assert index.count == len(self.expected)
            assert index.documents([f"d{number}" for number in range(12)]) == self.expected
            for document in self.expected.values():
                row = index.table.find(document.id)
                assert row is not None
                words = default_analyser().words(document.title)
                if words:
                    assert row in index.search_words(words[:16], 50, Filters())
                code = index.table.vector(row)
                if code is not None:
                    text = embedding_text(document)
                    stored = np.asarray(code, dtype=np.float32)
                    cosine = stored @ vectors_of([document])[content_hash(text)] / max(np.linalg.norm(stored), 1e-9)
                    assert cosine > 0.999 or not text

    def teardown(self) -> None:
        if hasattr(self, "home"):
            shutil.rmtree(self.home)


IndexMachine.TestCase.settings = settings(
    max_examples=8, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck)
)
TestIndex = IndexMachine.TestCase


@pytest.fixture
def store(tmp_path: Path) -> SearchIndexStore:
    store = make_store(tmp_path)
    items = sample_documents()
    store.build(items, watermark=5, built_at=BUILT_AT, vectors=lookup(items))
    return store


def test_open_reloads_only_after_a_change(store: SearchIndexStore) -> None:
    before = store.open()
    assert store.open() is before
    store.update(deletes=["d0"], watermark=6)
    after = store.open()
    assert after is not before
    assert "d0" in before
    assert "d0" not in after
    assert list(before.documents(["d0"])) == ["d0"]
    assert (before.count, after.count, after.waste) == (30, 29, pytest.approx(1 / 30))


def test_an_index_deleted_and_built_anew_elsewhere_is_read_afresh(store: SearchIndexStore) -> None:
    assert store.open().count == 30
    shutil.rmtree(store.home)
    items = sample_documents(12)
    make_store(store.home).build(items, watermark=1, built_at=BUILT_AT, vectors=lookup(items))
    assert store.open().count == 12


def test_watermark_never_goes_back(store: SearchIndexStore) -> None:
    assert store.update(watermark=3).watermark == 5
    assert store.update(watermark=9).watermark == 9
    assert store.update_vectors({}).watermark == 9


def test_an_upsert_keeps_the_vector_of_an_unchanged_text(store: SearchIndexStore) -> None:
    old = store.open().documents(["d1"])["d1"]
    same_text = Document(id="d1", kind="loan", title=old.title, trl=9)
    new_text = Document(id="d2", kind="loan", title="完全不同的标题")
    index = store.update([same_text, new_text], watermark=6)
    assert index.vector_count == 29
    assert [item.id for item in index.missing_vectors()] == ["d2"]
    assert store.update_vectors(vectors_of([new_text])).vector_count == 30


def test_a_vector_that_comes_too_late_is_dropped(store: SearchIndexStore) -> None:
    late = Document(id="d3", kind="loan", title="旧标题")
    store.update([late], watermark=6)
    store.update([Document(id="d3", kind="loan", title="新标题")], watermark=7)
    assert store.update_vectors(vectors_of([late])).vector_count == 29


def test_the_last_of_equal_ids_counts_and_upserts_beat_deletes(store: SearchIndexStore) -> None:
    twice = [Document(id="d1", kind="k", title=title) for title in ("甲", "乙")]
    index = store.update(twice, ["d1", "nobody"], watermark=6)
    assert index.documents(["d1"])["d1"].title == "乙"
    assert index.count == 30
    rebuilt = store.build(twice, watermark=7, built_at=BUILT_AT)
    assert (rebuilt.count, rebuilt.documents(["d1"])["d1"].title) == (1, "乙")


def test_many_changes_stay_in_few_files(store: SearchIndexStore) -> None:
    for number in range(2 * MOST_CHUNKS):
        index = store.update([Document(id=f"n{number}", kind="k", title=f"新增 {number}")], watermark=number)
    assert index.count == 30 + 2 * MOST_CHUNKS
    chunks = list((store.home / index.generation / "chunks").iterdir())
    assert len(chunks) <= 2 * MOST_CHUNKS
    compacted = store.compact()
    assert len(compacted.lexical.state.chunks) == 1
    assert (compacted.count, compacted.vector_count) == (index.count, index.vector_count)


def test_compaction_makes_a_graph_that_is_used(tmp_path: Path) -> None:
    store = make_store(tmp_path, graph_minimum=20)
    items = sample_documents(40)
    index = store.build(items, watermark=1, built_at=BUILT_AT, vectors=lookup(items))
    assert (store.home / index.generation / "chunks" / "00000000" / "graph.usearch").exists()
    query = vectors_of(items[7:8]).popitem()[1]
    assert index.search_vectors(query, 3, Filters())[0] == 7
    store.update(deletes=["d7"], watermark=2)
    assert 7 not in store.compact().search_vectors(query, 40, Filters())


def test_a_build_serves_the_old_until_it_is_done_and_sweeps_after(store: SearchIndexStore) -> None:
    before = store.open()

    def slow() -> Iterator[Document]:
        assert store.open() is before
        with pytest.raises(BusyIndexError):
            store.build([], watermark=1, built_at=BUILT_AT)
        store.update(deletes=["d1"], watermark=6)
        yield Document(id="z", kind="k", title="新一代")

    after = store.build(slow(), watermark=5, built_at=BUILT_AT)
    assert (after.count, after.watermark, after.generation) == (1, 5, "g00000002")
    assert sorted(path.name for path in store.home.iterdir() if path.is_dir()) == ["g00000002"]
    assert len(before.documents(["d5"])) == 1  # its files are gone, its maps are not
    with pytest.raises(MovedIndexError):
        store.update(watermark=7, generation=before.generation)


def test_a_failed_build_changes_nothing(store: SearchIndexStore) -> None:
    def broken() -> Iterator[Document]:
        yield Document(id="z", kind="k", title="x")
        raise RuntimeError("database gone")

    with pytest.raises(RuntimeError, match="database gone"):
        store.build(broken(), watermark=9, built_at=BUILT_AT)
    assert store.open().count == 30
    assert store.build([], watermark=9, built_at=BUILT_AT).count == 0


def test_a_refused_change_changes_nothing(store: SearchIndexStore) -> None:
    many = [Document(id=f"x{n}", kind="k", title="x", labels=(f"label{n}",)) for n in range(70)]
    with pytest.raises(ValueError, match="64 different labels"):
        store.update(many, watermark=6)
    wrong = {content_hash(embedding_text(many[0])): np.ones(DIMENSION + 1)}
    with pytest.raises(ValueError, match="shape"):
        store.update([many[0]], watermark=6, vectors=wrong)
    assert (store.open().watermark, store.open().count) == (5, 30)
    assert store.update([many[0]], watermark=6).count == 31


def test_what_cannot_serve_says_why(store: SearchIndexStore, tmp_path: Path) -> None:
    with pytest.raises(MissingIndexError):
        make_store(tmp_path / "nowhere").open()
    with pytest.raises(MissingIndexError):
        make_store(tmp_path / "nowhere").update(watermark=1)
    other = SearchIndexStore(tmp_path, analyser=default_analyser(), encoder="other", dimension=DIMENSION)
    with pytest.raises(IncompatibleIndexError, match="encoder: hashing ≠ other"):
        other.open()
    words = SearchIndexStore(tmp_path, analyser=Analyser(["新词"]), encoder="hashing", dimension=DIMENSION)
    with pytest.raises(IncompatibleIndexError, match="analyser"):
        words.open()
    assert words.build([], watermark=1, built_at=BUILT_AT).count == 0


@pytest.mark.parametrize(
    "name",
    ["CURRENT", "manifest.json", "lexical/meta.json", "chunks/00000000/rows.npy", "chunks/00000000/vectors.npy"],
)
@pytest.mark.parametrize("damage", ["remove", "cut", "scribble"])
def test_damage_is_told_and_a_rebuild_repairs(store: SearchIndexStore, name: str, damage: str) -> None:
    generation = store.open().generation
    path = store.home / name if name == "CURRENT" else store.home / generation / name
    if damage == "remove":
        path.unlink()
    else:
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2] if damage == "cut" else b"scribble")
    with pytest.raises((DamagedIndexError, MissingIndexError)):
        make_store(store.home).open()
    items = sample_documents()
    assert make_store(store.home).build(items, watermark=7, built_at=BUILT_AT).count == 30


def test_two_readers_see_whole_states_while_one_writes(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    pair = [Document(id=name, kind="k", title="版本 0") for name in ("left", "right")]
    store.build(pair, watermark=0, built_at=BUILT_AT)
    finished: list[int] = []
    torn: list[object] = []

    def read(reader: SearchIndexStore) -> None:
        seen = 0
        while not finished or seen < finished[0]:
            index = reader.open()
            titles = {item.title for item in index.documents(["left", "right"]).values()}
            if titles != {f"版本 {index.watermark}"} or index.watermark < seen or index.count != 2:
                torn.append((titles, index.watermark, seen))
                return
            seen = index.watermark

    readers = [Thread(target=read, args=(reader,)) for reader in (store, make_store(tmp_path))]
    for thread in readers:
        thread.start()
    for version in range(1, 25):
        pair = [Document(id=name, kind="k", title=f"版本 {version}") for name in ("left", "right")]
        if version % 8 == 0:
            store.build(pair, watermark=version, built_at=BUILT_AT)
        else:
            store.update(pair, watermark=version)
    finished.append(24)
    for thread in readers:
        thread.join(60)
    assert not any(thread.is_alive() for thread in readers)
    assert torn == []
