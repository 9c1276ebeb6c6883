"""The index between updates: usable or not, its vectors, and labels whose days pass."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from tests.factories import make_need, make_organisation, make_resource, publish
from tests.matching.conftest import RecordingEncoder, forget_engine
from tests.matching.test_services import best, titles
from yunlang.accounts.actors import SYSTEM
from yunlang.kit.changes import change_record, changes_prune, current_watermark
from yunlang.kit.ids import new_id
from yunlang.kit.models import Change
from yunlang.kit.readiness import readiness
from yunlang.matching import engine, services
from yunlang.matching.core.errors import DamagedIndexError, IncompatibleIndexError, MissingIndexError
from yunlang.matching.core.index import SearchIndex
from yunlang.matching.core.query import Query
from yunlang.matching.selectors import match
from yunlang.matching.services import (
    OutdatedIndexError,
    index_is_usable,
    index_rebuild,
    index_update,
    labels_follow,
    vectors_fill,
    vectors_missing,
)
from yunlang.registry.models import OrganisationLabel
from yunlang.registry.services.organisations import organisation_update

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor", "encoder")]
Build = Callable[..., SearchIndex]


# Usable or not


def test_an_index_is_usable_until_the_feed_was_pruned_beyond_it(build: Build) -> None:
    index = build()
    assert index_is_usable()
    change_record("need", [new_id(), new_id()])
    # Long after the index was made, which nobody had updated since.
    Change.objects.update(transaction_id=current_watermark() - 1, at=timezone.now() - timedelta(days=9))
    assert changes_prune(before=timezone.now() - timedelta(days=7)) == 1
    engine.store().build([], watermark=index.watermark - 10, built_at=timezone.now())
    assert not index_is_usable()
    with pytest.raises(OutdatedIndexError):
        index_update()
    index_rebuild(at=timezone.now())
    assert index_is_usable()


def test_a_first_change_after_the_building_does_not_outdate_an_index(build: Build) -> None:
    build()
    publish(make_need(title="头一条"))
    assert index_is_usable()
    index_update()
    assert titles("need") == {"头一条"}


def test_an_index_of_another_database_is_not_usable(build: Build) -> None:
    build()
    engine.store().build([], watermark=current_watermark() + 10**6, built_at=timezone.now())
    assert not index_is_usable()
    with pytest.raises(OutdatedIndexError):
        index_update()


def test_changes_restored_from_another_server_outdate_nothing(build: Build) -> None:
    build()
    change_record("need", [new_id()])
    Change.objects.update(transaction_id=current_watermark() + 10**9, at=timezone.now() - timedelta(days=30))
    assert index_is_usable()


def no_index(home: Path) -> None:
    shutil.rmtree(home)


def no_rows(home: Path) -> None:
    (chunk,) = home.glob("g*/chunks/00000000")
    shutil.rmtree(chunk)


def other_analyser(home: Path) -> None:
    (path,) = home.glob("g*/manifest.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"analyser": "another"}))


@pytest.mark.parametrize(
    ("harm", "error"),
    [(no_index, MissingIndexError), (no_rows, DamagedIndexError), (other_analyser, IncompatibleIndexError)],
)
def test_an_index_that_cannot_be_read_says_so_and_a_rebuild_helps(
    build: Build, index_home: Path, harm: Callable[[Path], None], error: type[Exception]
) -> None:
    row = publish(make_resource())
    build(vectors=False)
    assert readiness()["search_index"] is None
    harm(index_home)
    forget_engine()
    assert not index_is_usable()
    assert readiness()["search_index"] == error.code
    for action in (index_update, vectors_fill, lambda: match(Query(title="电解液"))):
        with pytest.raises(error):
            action()
    index_rebuild(at=timezone.now())
    assert readiness()["search_index"] is None
    assert best("电解液") == row.title


# Vectors


def test_words_find_a_record_before_its_vector_is_made(build: Build, encoder: RecordingEncoder) -> None:
    publish(make_resource(title="已有向量的要素"))
    build()
    encoder.asked.clear()
    publish(make_resource(title="碳化硅外延设备"))
    index_update()
    assert encoder.asked == []
    found = match(Query(title="碳化硅外延"))
    assert found.degraded
    assert found.hits[0].document.title == "碳化硅外延设备"
    assert found.hits[0].reasons.similarity is None
    assert vectors_fill() == 1
    assert vectors_missing() == 0
    found = match(Query(title="碳化硅外延"))
    assert not found.degraded
    assert found.hits[0].reasons.similarity is not None


def test_a_change_that_leaves_the_title_keeps_the_vector(build: Build, encoder: RecordingEncoder) -> None:
    organisation = make_organisation()
    publish(make_resource(organisation, title="电解液"))
    build()
    encoder.asked.clear()
    organisation_update(
        actor=SYSTEM, organisation_id=organisation.pk,
        raw={"name": organisation.name, "type": "company", "summary": "新的简介"},
    )  # fmt: skip
    index_update()
    assert vectors_missing() == 0
    index_rebuild(at=timezone.now())
    assert vectors_missing() == 0
    assert encoder.asked == []


def test_filling_stops_when_told_and_keeps_what_was_made(
    build: Build, encoder: RecordingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yunlang.matching.vectors.ENCODE_AT_ONCE", 2)
    organisation = make_organisation(name="机构")
    for number in range(6):
        publish(make_resource(organisation, title=f"要素{number}"))
    build(vectors=False)
    answers = iter([True, True, False, False])
    assert vectors_fill(keep_going=lambda: next(answers)) == 2
    assert vectors_missing() == 5
    steps: list[int] = []
    assert vectors_fill(progress=steps.append) == 5
    assert sum(steps) == 5
    assert vectors_missing() == 0
    assert sorted(encoder.asked) == ["机构", *(f"要素{number}" for number in range(6))]


def test_many_late_vectors_are_merged_into_one_chunk(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "COMPACT_FROM", 3)
    monkeypatch.setattr(services, "VECTOR_BATCH", 1)
    organisation = make_organisation()
    for number in range(3):
        publish(make_resource(organisation, title=f"要素{number}"))
    build()
    assert len(engine.store().open().lexical.state.chunks) == 1
    assert vectors_missing() == 0


# Labels


def test_a_label_that_begins_or_ends_reaches_the_index_without_anybody_changing_anything(build: Build) -> None:
    today = timezone.localdate()
    begun, ended, long_gone, lasting = (make_organisation() for _ in range(4))
    for organisation, start, end in (
        (begun, today, None),
        (ended, None, today - timedelta(days=1)),
        (long_gone, None, today - timedelta(days=30)),
        (lasting, today - timedelta(days=30), today),
    ):
        OrganisationLabel.objects.create(organisation=organisation, label="listed", valid_from=start, valid_until=end)
    build()
    assert labels_follow(today=today) == 2
    assert set(Change.objects.values_list("object_id", flat=True)) == {begun.pk, ended.pk}
    assert labels_follow(today=today + timedelta(days=1)) == 3
    assert labels_follow(today=today + timedelta(days=20)) == 0
