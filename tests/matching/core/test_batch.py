"""Lists of needs: the best of all documents, the same wherever they are ranked, and after changes as if ranked anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.matching.core.support import (
    BUILT_AT,
    DIMENSION,
    TITLES,
    HashingEncoder,
    documents,
    lookup,
    make_store,
    sample_documents,
    vectors_of,
)
from yunlang.matching.core import batch
from yunlang.matching.core.batch import OpenNeed, RankedNeed, is_closed, rank_partition
from yunlang.matching.core.batch_matcher import IndexSource
from yunlang.matching.core.document import Document
from yunlang.matching.core.encoder import quantise
from yunlang.matching.core.errors import MissingIndexError
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.pipeline import Matcher
from yunlang.matching.core.query import Query
from yunlang.matching.core.store import SearchIndexStore

KINDS = ("achievement", "expertise", "loan", "policy")
NOISE = 2e-6  # what another order of the same sums does to a score


def source_of(home: Path) -> IndexSource:
    return IndexSource(str(home), (), HashingEncoder.name, DIMENSION)


def open_need(title: str, text: str = "") -> OpenNeed:
    query = Query(title, text)
    codes = quantise(HashingEncoder().encode_queries([query.encoded]))[0] if query.encoded else None
    return OpenNeed(f"{title}/{text}", query, codes)


NEEDS = [open_need(title, "碳化硅与石墨烯" if number % 2 else "") for number, title in enumerate(TITLES[:4])]


class World:
    """An index and what it holds, changed step by step."""

    def __init__(self, home: Path, items: Sequence[Document]) -> None:
        self.items = {item.id: item for item in items}
        self.store: SearchIndexStore = make_store(home)
        self.source = source_of(home)
        self.store.build(items, watermark=1, built_at=BUILT_AT, vectors=lookup(items))

    def change(self, upserts: Sequence[Document], deletes: Sequence[str]) -> None:
        self.store.update(upserts, deletes, watermark=2, vectors=vectors_of(upserts))

    def rank(self, needs: Sequence[OpenNeed]) -> list[RankedNeed]:
        return rank_partition(self.source, needs, KINDS)

    def again(self, needs: Sequence[OpenNeed], so_far: Sequence[RankedNeed]) -> list[RankedNeed]:
        """Rank on from what was ranked, keeping what is left the same."""
        known = [replace(need, standing=one.standing) for need, one in zip(needs, so_far, strict=True)]
        return [
            replace(new, best=old.best) if new.way == "same" else new
            for new, old in zip(self.rank(known), so_far, strict=True)
        ]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, sample_documents(60))


def pairs(ranked: RankedNeed) -> list[tuple[str, float]]:
    return [(one.id, one.score) for one in ranked.best]


def test_a_list_is_what_the_matcher_answers(world: World) -> None:
    query = Query(TITLES[0], "碳化硅")
    (ranked,) = world.rank([open_need(query.title, query.text)])
    hits = Matcher(world.store, HashingEncoder()).match(query, Filters(kinds=KINDS), k=50).hits
    assert {hit.document.id for hit in hits} == {one.id for one in ranked.best}
    scores = {hit.document.id: hit.score for hit in hits}
    # The need's vector is kept in one byte a component.
    assert all(one.score == pytest.approx(scores[one.id], abs=0.002) for one in ranked.best)
    assert ranked.best[0].reasons["words"]
    assert ranked.best[0].grades == pytest.approx(tuple(ranked.best[0].reasons["grades"]), abs=1e-4)


def test_equal_scores_stand_by_id(tmp_path: Path) -> None:
    items = [Document(id=name, kind="loan", title="激光雷达") for name in "cabd"]
    (ranked,) = World(tmp_path, items).rank([open_need("激光雷达")])
    assert [one.id for one in ranked.best] == list("abcd")


def test_kinds_not_asked_for_are_in_no_list(world: World) -> None:
    (ranked,) = rank_partition(world.source, [open_need(TITLES[0])], ("loan",))
    assert {one.kind for one in ranked.best} == {"loan"}


def test_partitions_make_no_difference(world: World) -> None:
    whole = world.rank(NEEDS)
    assert [one for need in reversed(NEEDS) for one in world.rank([need])] == whole[::-1]


def test_a_need_without_words_has_an_empty_list_and_one_without_an_index_is_refused(
    world: World, tmp_path: Path
) -> None:
    assert world.rank([open_need("")])[0].best == ()
    with pytest.raises(MissingIndexError):
        rank_partition(source_of(tmp_path / "nowhere"), NEEDS, KINDS)


def test_nothing_changed_leaves_all_the_same(world: World) -> None:
    first = world.rank(NEEDS)
    known = [replace(need, standing=one.standing) for need, one in zip(NEEDS, first, strict=True)]
    assert {one.way for one in world.rank(known)} == {"same"}


changes = st.lists(
    st.tuples(
        st.lists(documents, max_size=4, unique_by=lambda item: item.id),
        st.lists(st.sampled_from([f"d{number}" for number in range(12)]), max_size=4),
    ),
    min_size=1,
    max_size=3,
)


@given(st.lists(documents, max_size=8, unique_by=lambda item: item.id), changes)
@settings(deadline=None, max_examples=8)
def test_after_any_changes_lists_are_those_of_a_full_run(
    tmp_path_factory: pytest.TempPathFactory,
    items: list[Document],
    steps: list[tuple[list[Document], list[str]]],
) -> None:
    """Where nothing is unlisted, the lists are equal whatever the collection's statistics did."""
    world = World(tmp_path_factory.mktemp("any"), items)
    ranked = world.rank(NEEDS)
    for upserts, deletes in steps:
        world.change(upserts, [name for name in deletes if name not in {item.id for item in upserts}])
        ranked = world.again(NEEDS, ranked)
        assert_equal(ranked, world.rank(NEEDS))


def assert_equal(ranked: Sequence[RankedNeed], full: Sequence[RankedNeed]) -> None:
    for one, whole in zip(ranked, full, strict=True):
        allowed = batch.SAME if one.way == "same" else NOISE
        wanted = dict(pairs(whole))
        assert wanted.keys() == {name for name, _ in pairs(one)}
        assert all(abs(score - wanted[name]) <= allowed for name, score in pairs(one))
        order = [wanted[name] for name, _ in pairs(one)]
        assert all(earlier >= later - 2 * allowed for earlier, later in pairwise(order))


@pytest.fixture
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep three and remember six, so that a small collection has much that is unlisted."""
    monkeypatch.setattr(batch, "KEPT", 3)
    monkeypatch.setattr(batch, "LISTED", 6)


@given(changes, st.integers(0, 60))
@settings(deadline=None, max_examples=8)
def test_with_much_unlisted_a_list_differs_only_where_an_unlisted_document_overtook_beyond_the_bound(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[list[Document], list[str]]], size: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "KEPT", 3)
        patch.setattr(batch, "LISTED", 6)
        world = World(tmp_path_factory.mktemp("short"), sample_documents(size))
        ranked = world.rank(NEEDS)
        for upserts, deletes in steps:
            world.change(upserts, [name for name in deletes if name not in {item.id for item in upserts}])
            before, ranked = ranked, world.again(NEEDS, ranked)
            full = world.rank(NEEDS)
            for old, one, whole in zip(before, ranked, full, strict=True):
                if one.way == "anew" or not overtaken(old, one, whole):
                    assert_equal([one], [whole])


def overtaken(old: RankedNeed, one: RankedNeed, whole: RankedNeed) -> bool:
    """Tell whether a document that was not listed scores above what the list could rule out."""
    known = {name for name, _ in one.standing.listed} | {name for name, _ in old.standing.listed}
    bound = one.standing.cutoff
    return bound is not None and any(score > bound for name, score in pairs(whole) if name not in known)


Change = Callable[[World, RankedNeed], None]


def _withdraw_the_best(world: World, ranked: RankedNeed) -> None:
    world.change([], [ranked.best[0].id])


def _add_a_better_one(world: World, ranked: RankedNeed) -> None:
    world.change([Document(id="new", kind="loan", title=TITLES[0], city="310117")], [])


def _change_a_listed_one(world: World, ranked: RankedNeed) -> None:
    item = next(item for item in sample_documents(60) if item.id == ranked.best[0].id)
    world.change([replace(item, organisation="另一机构")], [])


@pytest.mark.parametrize("change", [_withdraw_the_best, _add_a_better_one, _change_a_listed_one])
def test_what_a_list_is_about_reaches_it(world: World, change: Change) -> None:
    need = [open_need(TITLES[0])]
    first = world.rank(need)
    change(world, first[0])
    (again,) = world.again(need, first)
    assert again.way == "merged"
    assert_equal([again], world.rank(need))


@pytest.mark.usefixtures("short_lists")
def test_withdrawals_are_filled_from_the_listed_until_these_run_out(world: World) -> None:
    need = [open_need(TITLES[0])]
    ranked = world.rank(need)
    ways = []
    for _ in range(4):
        world.change([], [ranked[0].best[0].id])
        ranked = world.again(need, ranked)
        ways.append(ranked[0].way)
        assert [name for name, _ in pairs(ranked[0])] == [name for name, _ in pairs(world.rank(need)[0])]
    assert "merged" in ways
    assert "anew" in ways


def _rebuild(world: World) -> None:
    items = sample_documents(60)
    world.store.build(items, watermark=9, built_at=BUILT_AT, vectors=lookup(items))


def _change_very_much(world: World) -> None:
    world.change(sample_documents(60), [])


@pytest.mark.parametrize("change", [_rebuild, _change_very_much])
def test_what_cannot_be_followed_is_ranked_anew(
    world: World, change: Callable[[World], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "MOST_CHANGED", 20)
    first = world.rank(NEEDS)
    change(world)
    assert {one.way for one in world.again(NEEDS, first)} == {"anew"}


def test_vectors_that_come_later_are_waited_for(tmp_path: Path) -> None:
    world = World(tmp_path, [])
    items = sample_documents(20)
    world.store.update(items, watermark=3)
    first = world.rank(NEEDS)
    assert all(one.standing.position.degraded for one in first)
    world.store.update_vectors(vectors_of(items))
    again = world.again(NEEDS, first)
    assert {one.way for one in again} == {"anew"}
    assert not again[0].standing.position.degraded


scores = st.lists(st.floats(0, 1).map(lambda value: round(value, 6)), max_size=80)


@given(scores, scores, scores)
def test_the_best_of_all_are_among_the_listed_and_the_changed(
    listed: list[float], unlisted: list[float], changed: list[float]
) -> None:
    """The rule itself, where no score moves: what is closed has the best of all."""
    everything = sorted(listed + unlisted, reverse=True)
    first, others = everything[: batch.LISTED], everything[batch.LISTED :]
    cutoff = others[0] if others else None
    best = sorted(first + changed, reverse=True)
    before = tuple((str(place), score) for place, score in enumerate(first))
    if is_closed(before, dict(before), best, cutoff):
        assert best[: batch.KEPT] == sorted(everything + changed, reverse=True)[: batch.KEPT]


def test_a_movement_as_large_as_the_gap_closes_nothing() -> None:
    before = tuple((str(place), 0.9 - place / 1000) for place in range(100))
    best = [score for _, score in before]
    assert is_closed(before, dict(before), best, cutoff=0.8)
    moved = dict(before) | {"0": 0.9 + 0.03}
    assert not is_closed(before, moved, best, cutoff=0.8)
    assert not is_closed(before, dict(before), best[:49], cutoff=0.8)
    assert is_closed(before, moved, best[:49], cutoff=None)


@pytest.mark.parametrize(
    ("query", "same"),
    [
        (Query("天线"), True),
        (Query("天线 "), False),
        (Query("天线", city="310117"), False),
        (Query("天线", "x"), False),
    ],
)
def test_a_fingerprint_tells_questions_apart(world: World, query: Query, same: bool) -> None:
    way = batch.way_of(world.source)
    assert (batch.fingerprint(query, way) == batch.fingerprint(Query("天线"), way)) is same
    assert batch.fingerprint(query, way) != batch.fingerprint(query, way + "x")
