"""The index in Milvus: changes, rebuilds, kills, and what goes wrong; on milvus-lite's server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

import numpy as np
import pytest

from tests.matching.core.support import (
    BUILT_AT,
    DIMENSION,
    HashingEncoder,
    lookup,
    sample_documents,
    vectors_of,
)
from tests.matching.milvus import MilvusServer, free_port
from yunlang.matching.core.analyser import Analyser, default_analyser
from yunlang.matching.core.document import Document
from yunlang.matching.core.errors import (
    BusyIndexError,
    DamagedIndexError,
    IncompatibleIndexError,
    MissingClientError,
    MissingIndexError,
    MovedIndexError,
    SearchAddressError,
    SearchServerError,
    UnreachableServerError,
)
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.lexical import CHARACTERS, WORDS
from yunlang.matching.core.milvus_index import terms_of
from yunlang.matching.core.milvus_schema import one_of
from yunlang.matching.core.milvus_store import NAME, STATE, MilvusStore
from yunlang.matching.core.pipeline import Matcher
from yunlang.matching.core.query import Query

pytestmark = pytest.mark.xdist_group("milvus")
ROOT = Path(__file__).resolve().parents[3]
TERMS = ["电池", "电解液", "天线", "新增", "改动", "石墨烯"]


def made_at(address: str, analyser: Analyser | None = None, encoder: str = "hashing") -> MilvusStore:
    return MilvusStore(address, analyser=analyser or default_analyser(), encoder=encoder, dimension=DIMENSION)


@pytest.fixture
def address(milvus: MilvusServer) -> str:
    """Return a database of this test's own."""
    return milvus.database(f"d{uuid4().hex}")


@pytest.fixture
def store(address: str) -> MilvusStore:
    """Return an index of thirty documents with vectors."""
    found = made_at(address)
    items = sample_documents()
    found.build(items, watermark=5, built_at=BUILT_AT, vectors=lookup(items))
    return found


def titles(store: MilvusStore, words: list[str]) -> set[str]:
    state = store.open()
    return {document.title for document in state.documents_at(state.search(words, None, 100, Filters())).values()}


def collections(store: MilvusStore) -> set[str]:
    return set(store._connection.read("list_collections"))


def test_changes_show_and_the_watermark_never_goes_back(store: MilvusStore) -> None:
    changed = Document(id="d1", kind="loan", title="改动之后", city="320500", extra={"expert": "甲"})
    state = store.update([changed, Document(id="new", kind="loan", title="新增文献")], ["d2", "none"], watermark=8)
    assert (state.count, state.watermark) == (30, 8)
    assert titles(store, ["改动", "新增"]) == {"改动之后", "新增文献"}
    assert state.documents(["d1", "d2", "d3"]) == {"d1": changed, "d3": sample_documents()[3]}
    assert store.update(watermark=3).watermark == 8


def test_a_change_done_again_leaves_what_a_build_would(store: MilvusStore, address: str) -> None:
    items = sample_documents()
    upserts = [
        Document(id="d1", kind="k", title="改动 改动"),
        Document(id="new", kind="k", title="新增", tags=("电池",)),
    ]
    for _ in range(2):
        store.update(upserts, ["d4"], watermark=6)
    changed = store.open()
    frequencies = {name: changed.inverse_frequencies(name, TERMS) for name in (WORDS, CHARACTERS)}
    lengths = changed.state.words, changed.state.characters
    kept = [item for item in items if item.id not in {"d1", "d4"}]
    built = store.build([*kept, *upserts], watermark=6, built_at=BUILT_AT)
    assert {name: built.inverse_frequencies(name, TERMS) for name in (WORDS, CHARACTERS)} == frequencies
    assert (built.state.words, built.state.characters) == lengths


def test_a_change_cut_short_is_done_again_from_the_old_watermark(
    store: MilvusStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    change = [Document(id="d1", kind="k", title="改动"), Document(id="new", kind="k", title="新增")]
    with monkeypatch.context() as patch:
        patch.setattr(store, "_write_state", killed)
        with pytest.raises(KeyboardInterrupt):
            store.update(change, ["d2"], watermark=6)
    assert store.open().watermark == 5
    state = store.update(change, ["d2"], watermark=6)
    assert (state.watermark, state.count, titles(store, ["改动", "新增"])) == (6, 30, {"改动", "新增"})


def test_the_last_of_equal_ids_counts_and_upserts_beat_deletes(store: MilvusStore) -> None:
    twice = [Document(id="x", kind="k", title="新增之一"), Document(id="x", kind="k", title="新增之二")]
    store.update(twice, ["x"], watermark=6)
    assert titles(store, ["新增"]) == {"新增之二"}
    # As many before it as are sent together, so that the second comes in another call.
    many = [*twice[:1], *sample_documents(500), *twice[1:]]
    state = store.build(many, watermark=7, built_at=BUILT_AT)
    assert (titles(store, ["新增"]), state.count) == ({"新增之二"}, 501)
    assert state.inverse_frequencies(WORDS, ["新增"]) == pytest.approx({"新增": np.log(1 + 500.5 / 1.5)})


def test_missing_vectors_are_told_and_filled(address: str) -> None:
    store, items = made_at(address), sample_documents(6)
    state = store.build(items, watermark=1, built_at=BUILT_AT)
    assert (state.vector_count, {item.id for item in state.missing_vectors()}) == (0, {item.id for item in items})
    assert len(state.missing_vectors(2)) == 2
    query = HashingEncoder().encode_queries([items[3].title])[0]
    assert state.search((), query, 10, Filters()) == []
    assert np.isnan(state.similarities(query, list(state.find_all(["d3"]).values()))).all()
    state = store.update_vectors(vectors_of(items[2:]))
    assert (state.vector_count, {item.id for item in state.missing_vectors()}) == (4, {"d0", "d1"})
    best = state.search((), query, 1, Filters())
    assert [item.id for item in state.documents_at(best).values()] == ["d3"]
    assert state.similarities(query, best) == pytest.approx([1.0], abs=1e-4)
    assert state.watermark == 1


def test_an_upsert_keeps_the_vector_of_an_unchanged_text(store: MilvusStore) -> None:
    first = sample_documents()[0]
    same = Document(id=first.id, kind="loan", title=first.title, text="新的说明")
    assert store.update([same], watermark=6).vector_count == 30
    assert store.update([Document(id=first.id, kind="loan", title="另一标题")], watermark=7).vector_count == 29
    # One that comes too late, its text gone, finds no document.
    assert store.update_vectors(vectors_of([first])).vector_count == 29


def test_a_change_that_cannot_be_kept_changes_nothing(store: MilvusStore) -> None:
    with pytest.raises(ValueError, match="shape"):
        store.update([Document(id="x", kind="k", title="新增")], watermark=9, vectors={"0" * 32: np.zeros(3)})
    with pytest.raises(ValueError, match="too large"):
        store.update([Document(id="x", kind="k", title="长" * 30_000)], watermark=9)
    labels = tuple(f"label{number}" for number in range(65))
    with pytest.raises(ValueError, match="labels"):
        store.update([Document(id="x", kind="k", title="新增", labels=labels)], watermark=9)
    state = store.open()
    assert (state.watermark, state.count) == (5, 30)


def test_a_long_text_is_cut_to_what_a_field_holds(store: MilvusStore) -> None:
    text = "".join(chr(0x4E00 + number % 20_000) for number in range(19_999))
    store.update([Document(id="long", kind="k", title="很长的新增", text=text, tags=("标" * 900,))], watermark=6)
    (found,) = store.open().documents(["long"]).values()
    assert text.startswith(found.text)
    assert len(found.text) > 15_000
    assert titles(store, ["新增"]) == {"很长的新增"}


HOSTILE = (
    "", '"', "'", "\\", '\\"', '"] or id != "', "' or '1' == '1", "a\nb", "a\r\tb", "100%", "_", "{}", "{x}", "\x00",
    "\x1f", "$meta", "$meta[\"id\"]", "真 or true", "\ud800", "😀", "a\\nb", "\u2028", "nul\x00l", "a" * 300,
)  # fmt: skip


def test_hostile_values_select_themselves_alone(address: str) -> None:
    store = made_at(address)
    items = [
        Document(
            id=f"{number}{value[:40]}".replace("\x00", ""), kind=value or "k", title=f"电池 {number}", city=value,
            industry=value, labels=(value,) if value else (),
        )
        for number, value in enumerate(HOSTILE)
    ]  # fmt: skip
    store.build(items, watermark=1, built_at=BUILT_AT)
    state = store.open()
    for item, value in zip(items, HOSTILE, strict=True):
        for filters in (
            Filters(kinds=(value or "k",)), Filters(cities=(value,)), Filters(industries=(value,)),
            Filters(labels=(value,)) if value else Filters(cities=("",)),
        ):  # fmt: skip
            found = state.documents_at(state.search(["电池"], None, 100, filters)).values()
            assert [one.title for one in found] == [item.title], (value, filters)
        everything_else = state.search(["电池"], None, 100, Filters(exclude_ids=(item.id,)))
        assert len(everything_else) == len(items) - 1
        assert [one.title for one in state.documents([item.id]).values()] in ([item.title], [])
    store.update([], [item.id for item in items], watermark=2)
    assert store.open().count == 0


def test_an_old_look_ends_with_its_generation_and_a_question_is_asked_again(store: MilvusStore) -> None:
    before = store.open()
    store.build(sample_documents(), watermark=6, built_at=BUILT_AT)
    with pytest.raises(MovedIndexError):
        before.search(["电池"], None, 10, Filters())
    with pytest.raises(MovedIndexError):
        store.update([], watermark=7, generation=before.generation)
    opened = iter([before, store.open()])
    matcher = Matcher(store, None)
    store.open = lambda: next(opened)  # type: ignore[method-assign]
    assert matcher.match(Query("动力电池电解液")).hits


def test_a_rebuild_while_questions_are_asked(store: MilvusStore, address: str) -> None:
    encoder, done = HashingEncoder(), Event()

    def ask() -> int:
        matcher, answered = Matcher(made_at(address), encoder), 0
        while not done.is_set() or not answered:
            assert matcher.match(Query("动力电池电解液")).hits[0].document.title.startswith("高镍三元动力电池电解液")
            answered += 1
        return answered

    items = sample_documents()
    with ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(ask) for _ in range(2)]
        try:
            store.build(items, watermark=7, built_at=BUILT_AT, vectors=lookup(items))
        finally:
            done.set()
        assert all(one.result() for one in asking)
    state = store.open()
    assert state.watermark == 7
    assert collections(store) == {state.generation, terms_of(state.generation)}


def test_a_killed_build_leaves_the_old_and_goes_with_the_next(store: MilvusStore, address: str) -> None:
    before = store.open().generation
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.matching.core.milvus_child", address],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "half way\n"
    child.kill()
    child.communicate()
    state = store.open()
    assert (state.generation, state.watermark, state.count) == (before, 5, 30)
    assert titles(store, ["天线"])
    assert len(collections(store)) == 4
    state = store.build(sample_documents(3), watermark=6, built_at=BUILT_AT)
    assert (state.watermark, state.count) == (6, 3)
    assert collections(store) == {state.generation, terms_of(state.generation)}


def test_of_two_builds_at_once_the_first_to_finish_wins(store: MilvusStore) -> None:
    def with_another_inside() -> Iterator[Document]:
        yield from sample_documents(3)
        store.build(sample_documents(4), watermark=7, built_at=BUILT_AT)

    with pytest.raises(BusyIndexError):
        store.build(with_another_inside(), watermark=6, built_at=BUILT_AT)
    state = store.open()
    assert (state.watermark, state.count) == (7, 4)


def test_compaction_changes_no_answer(store: MilvusStore) -> None:
    store.update([Document(id="new", kind="k", title="新增")], ["d1"], watermark=6)
    before = titles(store, ["新增", "电池", "天线"])
    assert store.compact().count == 30
    assert titles(store, ["新增", "电池", "天线"]) == before


def test_what_cannot_serve_says_why(store: MilvusStore, address: str, milvus: MilvusServer) -> None:
    with pytest.raises(MissingIndexError):
        made_at(milvus.database("empty")).open()
    with pytest.raises(IncompatibleIndexError, match="encoder"):
        made_at(address, encoder="other").open()
    with pytest.raises(IncompatibleIndexError, match="analyser"):
        made_at(address, analyser=Analyser(["新词"])).open()
    with pytest.raises(SearchServerError):
        made_at(f"{milvus.address}/no_such_database").build([], watermark=0, built_at=BUILT_AT)
    store._connection.write("delete", terms_of(store.open().generation), filter=one_of("term", [STATE]))
    with pytest.raises(DamagedIndexError):
        store.open()
    store.build(sample_documents(2), watermark=9, built_at=BUILT_AT)
    assert store.open().watermark == 9
    assert all(name.startswith(NAME) for name in collections(store))


@pytest.mark.parametrize("call", [lambda store: store.open(), lambda store: store.update([], watermark=1)])
def test_nobody_at_the_address(call: Callable[[MilvusStore], object]) -> None:
    port = free_port()
    with pytest.raises(UnreachableServerError, match=f"127.0.0.1:{port}"):
        call(made_at(f"http://somebody:secret@127.0.0.1:{port}"))


def test_something_else_at_the_address() -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as other:
        thread = Thread(target=other.serve_forever, args=(0.01,))
        thread.start()
        try:
            with pytest.raises(UnreachableServerError):
                made_at(f"http://127.0.0.1:{other.server_port}").open()
        finally:
            other.shutdown()
            thread.join()


@pytest.mark.parametrize(
    "address",
    ["nonsense", "ftp://host", "http://", "http://host:port", "http://host:99999", "/tmp/milvus.db", "milvus.db"],
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(SearchAddressError) as caught:
        made_at(address).open()
    assert address in caught.value.text.zh
    assert address in caught.value.text.en


def test_passwords_in_addresses_are_not_told() -> None:
    with pytest.raises(SearchAddressError) as caught:
        made_at("ftp://somebody:secret@host").open()
    assert "secret" not in caught.value.text.zh + caught.value.text.en


def test_without_the_client_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(MissingClientError, match=r"yunlang\[cluster\]"):
        made_at("http://127.0.0.1:19530").open()


def test_a_server_that_goes_and_comes_back(tmp_path: Path) -> None:
    server = MilvusServer(tmp_path)
    server.start()
    try:
        store = made_at(server.address)
        with pytest.raises(MissingIndexError):
            store.open()
        server.kill()
        for _ in range(2):
            with pytest.raises(UnreachableServerError):
                Matcher(store, None).match(Query("电池"))
        server.start()
        with pytest.raises(MissingIndexError):
            store.open()
    finally:
        server.kill()


def test_what_the_server_let_go_of_is_loaded_again(store: MilvusStore) -> None:
    store._call_both(store.open().generation, "release_collection")
    assert store.open().watermark == 5
    assert Matcher(store, None).match(Query("动力电池电解液")).hits
