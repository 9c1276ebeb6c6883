"""The index follows the registry: what is public is found, what is not is gone, and nothing is missed on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from tests.concurrent import Meanwhile, at_once
from tests.factories import make_cities, make_need, make_organisation, make_resource, make_user, publish
from tests.matching.conftest import RecordingEncoder
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.roles import Role
from yunlang.kit.changes import change_record
from yunlang.matching import engine, services
from yunlang.matching.core.document import Document
from yunlang.matching.core.errors import (
    BusyIndexError,
)
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.index import SearchIndex
from yunlang.matching.core.query import Query
from yunlang.matching.selectors import match
from yunlang.matching.services import (
    index_rebuild,
    index_update,
)
from yunlang.registry.models import Expert, MergeCandidate, Need, Resource
from yunlang.registry.services.listings import listing_close, listings_expire
from yunlang.registry.services.merging import organisations_merge
from yunlang.registry.services.organisations import organisation_update

Build = Callable[..., SearchIndex]
in_one_transaction = pytest.mark.django_db
with_commits = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick(encoder: RecordingEncoder) -> None: ...


def titles(*kinds: str) -> set[str]:
    """Return the titles of everything indexed of these kinds, of all where none is named."""
    index = engine.store().open()
    documents = index.documents([index.table.document_id(row) for row in range(index.table.size)])
    return {document.title for document in documents.values() if not kinds or document.kind in kinds}


def indexed(row: Any) -> Document | None:
    return engine.store().open().documents([str(row.pk)]).get(str(row.pk))


def best(words: str, *kinds: str) -> str | None:
    hits = match(Query(title=words), Filters(kinds=kinds)).hits
    return hits[0].document.title if hits else None


# Following


@in_one_transaction
def test_what_is_published_is_found_and_what_is_closed_is_gone(corridor: object, build: Build) -> None:
    build()
    row = publish(make_resource(title="高镍三元动力电解液"))
    assert indexed(row) is None
    assert index_update() >= 1
    assert best("电解液") == "高镍三元动力电解液"
    listing_close(actor=SYSTEM, model=Resource, listing_id=row.pk, at=timezone.now())
    index_update()
    assert indexed(row) is None
    assert best("电解液") is None


@in_one_transaction
def test_what_expires_is_gone(corridor: object, build: Build) -> None:
    row = publish(make_need(deadline="2099-01-01"))
    build()
    assert indexed(row)
    listings_expire(today=timezone.localdate().replace(year=2099, month=2, day=1), at=timezone.now())
    index_update()
    assert indexed(row) is None


@in_one_transaction
def test_a_renamed_organisation_is_renamed_in_everything_that_names_it(corridor: object, build: Build) -> None:
    organisation = make_organisation(name="旧名科技有限公司")
    rows = [publish(make_need(organisation)), publish(make_resource(organisation)), organisation]
    rows.append(Expert.objects.create(organisation=organisation, name="张三"))
    build()
    organisation_update(
        actor=SYSTEM,
        organisation_id=organisation.pk,
        raw={"name": "新名科技有限公司", "type": "company", "city": "湖州"},
    )
    index_update()
    assert {found.organisation for row in rows if (found := indexed(row))} == {"新名科技有限公司"}
    assert all(indexed(row) for row in rows)


@in_one_transaction
def test_a_merged_organisation_gives_its_name_and_place_to_what_it_brought(corridor: object, build: Build) -> None:
    kept, other = make_organisation(name="保留机构", city="合肥"), make_organisation(name="并入机构", city="杭州")
    first, second = sorted([kept, other], key=lambda row: row.id)
    candidate = MergeCandidate.objects.create(first=first, second=second, reason_zh="同名", reason_en="same")
    Expert.objects.create(organisation=kept, name="同一人")
    twin = Expert.objects.create(organisation=other, name="同一人")
    row = publish(make_resource(other, expert="同一人", title="带来的成果"))
    build()
    assert indexed(row).organisation == "并入机构"
    organisations_merge(actor=make_user(Role.OFFICE), candidate_id=candidate.pk, keep_id=kept.pk, at=timezone.now())
    index_update()
    assert indexed(row).organisation == "保留机构"
    assert indexed(other) is None
    assert indexed(twin) is None
    assert [found.text for found in experts()] == ["带来的成果"]


def experts() -> list[Document]:
    index = engine.store().open()
    found = index.documents([str(pk) for pk in Expert.objects.values_list("pk", flat=True)])
    return list(found.values())


@in_one_transaction
def test_many_changes_are_applied_in_steps(corridor: object, build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    build()
    monkeypatch.setattr(services, "APPLIED_AT_ONCE", 3)
    rows = [publish(make_need(title=f"需求{number}")) for number in range(7)]
    before = engine.store().open().watermark
    assert index_update() == 7
    assert titles("need") == {row.title for row in rows}
    assert engine.store().open().watermark >= before


@with_commits
def test_a_change_is_applied_once_and_then_nothing_is_left_to_do(build: Build) -> None:
    make_cities()
    build()
    publish(make_need())
    assert index_update() == 1
    # Other transactions of the server may hold the watermark back for a while, and then it is read again.
    assert index_update() in (0, 1)
    assert len(titles("need")) == 1


@with_commits
def test_a_transaction_that_commits_late_is_not_missed(build: Build) -> None:
    make_cities()
    late, early = make_need(title="提交得晚"), make_need(title="提交得早")
    build()

    def publish_slowly(pause: Callable[[], None]) -> None:
        with transaction.atomic():
            publish(late)
            pause()

    with Meanwhile(publish_slowly) as slow:
        publish(early)
        index_update()
        assert titles("need") == {"提交得早"}
        slow.go_on()
    index_update()
    assert titles("need") == {"提交得早", "提交得晚"}


@with_commits
def test_an_older_state_is_never_applied_over_a_newer_one(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    make_cities()
    row = publish(make_need())
    build()
    change_record("need", [row.pk])
    read = services.documents_of

    def updates_slowly(pause: Callable[[], None]) -> None:
        def read_and_wait(*arguments: Any, **options: Any) -> Any:
            found = read(*arguments, **options)
            monkeypatch.setattr(services, "documents_of", read)
            pause()
            return found

        monkeypatch.setattr(services, "documents_of", read_and_wait)
        index_update()

    with Meanwhile(updates_slowly) as slow:
        # Read while the need was public, to be applied after it was closed.
        listing_close(actor=SYSTEM, model=Need, listing_id=row.pk, at=timezone.now())
        second = threading.Thread(target=_update_and_part, daemon=True)
        second.start()
        while second.is_alive() and not _somebody_waits():
            pass
        slow.go_on()
        second.join()
    assert indexed(row) is None


def _update_and_part() -> None:
    index_update()
    connection.close()


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
        return bool(cursor.fetchone()[0])


@with_commits
def test_two_updates_at_once_agree(build: Build) -> None:
    make_cities()
    build()
    rows = [publish(make_need()) for _ in range(5)]
    outcomes = at_once(index_update, index_update)
    assert all(isinstance(outcome, int) for outcome in outcomes), outcomes
    assert titles("need") == {row.title for row in rows}


# Rebuilding


@with_commits
def test_a_rebuild_loses_nothing_that_changes_meanwhile(build: Build) -> None:
    make_cities()
    kept, closed = publish(make_need(title="一直公开")), publish(make_need(title="重建时关闭"))
    build()
    late = make_need(title="重建时发布")

    def change(_: int) -> None:
        publish(late)
        listing_close(actor=SYSTEM, model=Need, listing_id=closed.pk, at=timezone.now())
        index_update()  # goes to the index that still serves

    original = services._counted
    done: list[int] = []

    def counted(documents: Any, progress: Any) -> Any:
        yield from original(documents, progress)
        change(0)
        done.append(1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(services, "_counted", counted)
        index_rebuild(at=timezone.now())
    assert done
    assert titles("need") == {kept.title, late.title}


@with_commits
def test_an_update_that_meets_a_finished_rebuild_starts_again(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    make_cities()
    before = build().generation
    rows = [publish(make_need()) for _ in range(2)]
    read, rebuilt = services.documents_of, []

    def rebuild_first(*arguments: Any, **options: Any) -> Any:
        found = read(*arguments, **options)
        if not rebuilt:
            rebuilt.append(True)
            # Between reading and applying another process ends its rebuild, begun before the rows were there.
            engine.store().build([], watermark=engine.store().open().watermark, built_at=timezone.now())
        return found

    monkeypatch.setattr(services, "documents_of", rebuild_first)
    assert index_update() == 2
    assert engine.store().open().generation != before
    assert titles("need") == {row.title for row in rows}


@in_one_transaction
def test_a_second_builder_is_refused(corridor: object, build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    build()
    original, refused = services._counted, []

    def counted(documents: Any, progress: Any) -> Any:
        with pytest.raises(BusyIndexError):
            engine.store().build([], watermark=0, built_at=timezone.now())
        refused.append(True)
        yield from original(documents, progress)

    monkeypatch.setattr(services, "_counted", counted)
    index_rebuild(at=timezone.now())
    assert refused


@in_one_transaction
def test_a_rebuild_tells_how_far_it_is(corridor: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        services, "published_documents", lambda: (Document(f"d{n}", "need", "题") for n in range(1_100))
    )
    steps: list[int] = []
    assert index_rebuild(at=timezone.now(), progress=steps.append).count == 1_100
    assert steps == [500, 500]


@with_commits
def test_the_lock_of_updates_ends_with_the_transaction(build: Build) -> None:
    make_cities()
    build()
    with pytest.raises(RuntimeError, match="on purpose"), services._one_at_a_time():
        raise RuntimeError("on purpose")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,)
