"""Every open need's stored matches: complete or as they were, fresh after changes, and told once to both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests.concurrent import at_once
from tests.factories import make_cities, make_member, make_need, make_organisation, make_resource, make_user, publish
from tests.matching.conftest import RecordingEncoder
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.models import Notice
from yunlang.matching import batches
from yunlang.matching.batches import batch_run, matches_store, run_begin
from yunlang.matching.core import batch
from yunlang.matching.core.batch import Position, RankedNeed, Standing
from yunlang.matching.core.batch_matcher import RankedDocument
from yunlang.matching.core.errors import MissingIndexError
from yunlang.matching.core.index import SearchIndex
from yunlang.matching.models import MatchRun, NeedRanking, StoredMatch
from yunlang.matching.selectors import match, need_query
from yunlang.matching.services import index_update, vectors_fill
from yunlang.registry.models import Need
from yunlang.registry.services.listings import listing_close

pytestmark = pytest.mark.django_db(transaction=True)
Build = Callable[..., SearchIndex]
REASONS: dict[str, Any] = {"words": [], "similarity": None, "sentences": None, "conditions": [], "grades": []}


@pytest.fixture(autouse=True)
def _cities() -> None:
    make_cities()


def stored(need: Need) -> list[tuple[int, UUID, float]]:
    return list(StoredMatch.objects.filter(need=need).order_by("rank").values_list("rank", "document_id", "score"))


def follow() -> None:
    """Bring the index in step, with vectors, as the worker does."""
    index_update()
    vectors_fill()


@pytest.fixture
def needs(build: Build) -> list[Need]:
    """Two open needs, a draft, and resources of several kinds, indexed."""
    for title in ("高电压电解液添加剂", "电解液回收工艺", "碳化硅外延设备"):
        publish(make_resource(title=title))
    publish(make_resource(kind="instrument", title="电解液分析仪", price="800 万元"))
    made = [publish(make_need(title="高镍三元动力电解液")), publish(make_need(title="碳化硅功率器件外延"))]
    make_need(title="未公开的电解液需求")
    build()
    return made


def test_every_open_need_gets_its_best_with_reasons(needs: list[Need]) -> None:
    report = batch_run()
    assert (report.needs, report.run.anew, report.finished) == (2, 2, True)
    for need in needs:
        hits = match(need_query(need), count=50).hits
        rows = stored(need)
        assert {str(document) for _, document, _ in rows} == {hit.document.id for hit in hits}
        assert [rank for rank, _, _ in rows] == list(range(1, len(hits) + 1))
        assert [score for _, _, score in rows] == sorted((score for _, _, score in rows), reverse=True)
    first = StoredMatch.objects.get(need=needs[0], rank=1)
    assert first.kind == "achievement"
    assert first.reasons["words"]
    assert sum(first.grades) == pytest.approx(1)
    assert NeedRanking.objects.count() == 2


def test_a_second_run_has_nothing_to_do(needs: list[Need]) -> None:
    batch_run()
    before = list(StoredMatch.objects.order_by("pk").values_list("pk", flat=True))
    run = batch_run().run
    assert (run.anew, run.merged, run.same) == (0, 0, 2)
    assert list(StoredMatch.objects.order_by("pk").values_list("pk", flat=True)) == before


def test_what_is_published_changed_and_withdrawn_reaches_the_needs_and_full_runs_agree(needs: list[Need]) -> None:
    batch_run()
    fresh = publish(make_resource(title="高镍三元动力电解液配方"))
    gone = StoredMatch.objects.get(need=needs[1], rank=1).document_id
    listing_close(actor=SYSTEM, model=type(fresh), listing_id=gone, at=timezone.now())
    follow()
    run = batch_run().run
    assert run.merged > 0
    assert stored(needs[0])[0][1] == fresh.pk
    assert gone not in {document for _, document, _ in stored(needs[1])}
    after = [stored(need) for need in needs]
    full = batch_run(full=True).run
    assert full.anew == 2
    for rows, need in zip(after, needs, strict=True):
        assert [row[:2] for row in stored(need)] == [row[:2] for row in rows]
        assert [row[2] for row in stored(need)] == pytest.approx([row[2] for row in rows], abs=batch.SAME)


def test_a_closed_need_loses_its_matches_and_a_changed_one_is_ranked_anew(needs: list[Need]) -> None:
    batch_run()
    listing_close(actor=SYSTEM, model=Need, listing_id=needs[0].pk, at=timezone.now())
    Need.objects.filter(pk=needs[1].pk).update(title="电解液分析仪")
    report = batch_run()
    assert (report.closed, report.needs, report.run.anew) == (1, 1, 1)
    assert stored(needs[0]) == []
    assert not NeedRanking.objects.filter(need=needs[0]).exists()
    assert StoredMatch.objects.get(need=needs[1], rank=1).kind == "instrument"


def test_vectors_of_needs_are_encoded_once(needs: list[Need], encoder: RecordingEncoder) -> None:
    batch_run()
    calls = encoder.calls
    batch_run(full=True)
    assert encoder.calls == calls


def test_without_an_index_nothing_is_written(needs: list[Need], index_home: Any, tmp_path: Any, settings: Any) -> None:
    from tests.matching.conftest import forget_engine

    settings.SEARCH_INDEX = tmp_path / "nowhere"
    forget_engine()
    with pytest.raises(MissingIndexError):
        batch_run()
    assert MatchRun.objects.count() == 0


# Stopped, killed, at once


def test_a_stopped_run_goes_on_where_it_stopped(needs: list[Need], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "PARTITION", 1)
    asked: list[bool] = []
    report = batch_run(full=True, keep_going=lambda: bool(asked.append(True)))
    assert not report.finished
    assert report.run.finished_at is None
    assert NeedRanking.objects.count() == 1
    (first,) = StoredMatch.objects.values_list("need", flat=True).distinct()
    rows = set(StoredMatch.objects.filter(need=first).values_list("pk", flat=True))
    again = batch_run(full=True)
    assert again.run.pk == report.run.pk
    assert (again.run.anew, again.run.same, again.finished) == (1, 1, True)
    assert rows == set(StoredMatch.objects.filter(need=first).values_list("pk", flat=True))
    assert batch_run(full=True).run.pk != report.run.pk


def ranked(need: Need, run: MatchRun, documents: list[Any], *, sequence: int = 5, score: float = 0.9) -> RankedNeed:
    position = Position(run.generation, sequence, 10, False)
    best = tuple(RankedDocument(str(one.pk), one.kind, score, (0.1, 0.2, 0.3, 0.4), REASONS) for one in documents)
    return RankedNeed(str(need.pk), "anew", Standing(position, (), None, ()), best)


@pytest.fixture
def run(build: Build) -> MatchRun:
    return run_begin(index=build(), needs=1, full=False, at=timezone.now())


def store(need: Need, run: MatchRun, one: RankedNeed) -> str:
    return matches_store(run=run, ranked=one, fingerprint="0" * 32, at=timezone.now())


def test_a_run_that_dies_in_the_middle_of_a_need_leaves_it_as_it_was(
    run: MatchRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    need, old, new = publish(make_need()), publish(make_resource()), publish(make_resource())
    store(need, run, ranked(need, run, [old]))
    monkeypatch.setattr(batches, "_tell", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        store(need, run, ranked(need, run, [new], sequence=6))
    assert [document for _, document, _ in stored(need)] == [old.pk]
    assert NeedRanking.objects.get(need=need).sequence == 5


def test_an_older_state_never_overwrites_a_newer_one(run: MatchRun) -> None:
    need, old, new = publish(make_need()), publish(make_resource()), publish(make_resource())
    store(need, run, ranked(need, run, [new], sequence=7))
    assert store(need, run, ranked(need, run, [old], sequence=6)) == "same"
    assert [document for _, document, _ in stored(need)] == [new.pk]


def test_nothing_is_stored_for_a_need_that_was_closed_meanwhile(run: MatchRun) -> None:
    need, resource = make_need(), publish(make_resource())
    store(need, run, ranked(need, run, [resource]))
    assert stored(need) == []


# Told to both sides


@pytest.fixture
def sides() -> dict[str, Any]:
    """A need and a resource, each with an organisation of two members."""
    made: dict[str, Any] = {"people": [make_user() for _ in range(4)]}
    needing, offering = make_organisation(), make_organisation()
    for place, user in enumerate(made["people"]):
        make_member(user, needing if place < 2 else offering)
    return made | {"need": publish(make_need(needing)), "resource": publish(make_resource(offering))}


def told() -> dict[UUID, str]:
    return dict(Notice.objects.values_list("recipient_id", "address"))


def test_a_new_strong_match_is_told_to_the_members_of_both_sides(sides: dict[str, Any], run: MatchRun) -> None:
    need, people = sides["need"], sides["people"]
    store(need, run, ranked(need, run, [sides["resource"]]))
    match_page, need_page = f"/needs/{need.pk}/match/", f"/needs/{need.pk}/"
    assert told() == {
        people[0].pk: match_page, people[1].pk: match_page, people[2].pk: need_page, people[3].pk: need_page,
    }  # fmt: skip


def test_a_weak_match_is_told_to_nobody(sides: dict[str, Any], run: MatchRun) -> None:
    store(sides["need"], run, ranked(sides["need"], run, [sides["resource"]], score=batch.STRONG - 0.01))
    assert told() == {}


def test_the_same_match_is_told_once_however_often_it_comes_and_goes(sides: dict[str, Any], run: MatchRun) -> None:
    need, resource = sides["need"], sides["resource"]
    for sequence, documents in enumerate(([resource], [], [resource], [resource])):
        store(need, run, ranked(need, run, documents, sequence=sequence))
    assert Notice.objects.count() == 4


def test_two_workers_at_once_tell_once_and_leave_one_list(sides: dict[str, Any], run: MatchRun) -> None:
    need, resource = sides["need"], sides["resource"]
    outcomes = at_once(*[lambda: store(need, run, ranked(need, run, [resource])) for _ in range(3)])
    assert outcomes == ["anew"] * 3
    assert Notice.objects.count() == 4
    assert len(stored(need)) == 1


def test_who_joins_later_is_not_told_of_what_stood_before(sides: dict[str, Any], run: MatchRun) -> None:
    need, resource = sides["need"], sides["resource"]
    store(need, run, ranked(need, run, [resource]))
    late = make_user()
    make_member(late, need.organisation)
    store(need, run, ranked(need, run, [resource], sequence=6))
    assert late.pk not in told()


@pytest.mark.parametrize(
    "column",
    ["rank = 0", "rank = 51", "score = 1.5", "kind = 'need'", "grades = ARRAY[0.5, 0.5]", "document_id = NULL"],
)
def test_the_database_refuses_what_is_no_match(sides: dict[str, Any], run: MatchRun, column: str) -> None:
    store(sides["need"], run, ranked(sides["need"], run, [sides["resource"]]))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE matching_storedmatch SET {column}")
