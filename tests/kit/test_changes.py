"""The feed of changes: nobody is woken before the commit, and nothing is missed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from tests.factories import make_need, make_organisation, publish
from yunlang.accounts.actors import SYSTEM
from yunlang.kit import changes
from yunlang.kit.changes import (
    change_record,
    changes_prune,
    changes_since,
    current_watermark,
    feed_reaches,
    oldest_change,
    subscribe,
)
from yunlang.kit.ids import new_id
from yunlang.kit.models import Change
from yunlang.registry.services.organisations import organisation_update

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def wakes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what a subscriber noted, with no other subscriber listening."""
    monkeypatch.setattr(changes, "_subscribers", [])
    noted: list[str] = []
    subscribe(lambda: noted.append("woken"))
    return noted


def test_a_subscriber_is_woken_after_the_commit_and_not_before(
    wakes: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        change_record("need", [new_id()])
        assert wakes == []
    assert wakes == ["woken"]


def test_one_transaction_wakes_once_however_much_it_changed(
    wakes: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            change_record("need", [new_id(), new_id()])
    assert wakes == ["woken"]
    assert Change.objects.count() == 6


def test_a_change_that_is_rolled_back_wakes_nobody_and_leaves_nothing(
    wakes: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        change_record("need", [new_id()])
        transaction.set_rollback(True)
    assert wakes == []
    assert not Change.objects.exists()


def test_no_change_wakes_nobody(wakes: list[str], django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        change_record("need", [])
    assert wakes == []


def test_a_subscriber_that_breaks_neither_spoils_the_change_nor_stops_the_next(
    wakes: list[str], django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(changes, "_subscribers", [broken, *changes._subscribers])
    with django_capture_on_commit_callbacks() as callbacks:
        change_record("need", [new_id()])
    assert len(callbacks) == 2
    callbacks[1]()
    assert wakes == ["woken"]
    assert Change.objects.count() == 1


def test_subscribing_twice_wakes_once(wakes: list[str], django_capture_on_commit_callbacks: Any) -> None:
    subscribe(changes._subscribers[0])
    with django_capture_on_commit_callbacks(execute=True):
        change_record("need", [new_id()])
    assert wakes == ["woken"]


def test_everything_changed_is_read_once_each_and_the_watermark_moves_on() -> None:
    first, second = new_id(), new_id()
    before = current_watermark()
    change_record("need", [first, second])
    change_record("need", [first])
    change_record("organisation", iter([first]))
    seen = changes_since(before)
    assert seen.objects == {("need", first), ("need", second), ("organisation", first)}
    assert seen.watermark >= before
    assert oldest_change() is not None
    assert oldest_change() >= before


def test_an_empty_feed_has_no_oldest_change() -> None:
    assert oldest_change() is None
    assert changes_since(0).objects == frozenset()


def test_a_pruned_feed_says_which_readers_it_still_serves() -> None:
    change_record("need", [new_id(), new_id()])
    # Far from the present, which other transactions of the same server move along.
    past, future = current_watermark() - 10**9, current_watermark() + 10**9
    Change.objects.update(transaction_id=past, at=NOW - timedelta(days=9))
    change_record("need", [new_id()])
    assert changes_prune(before=NOW - timedelta(days=7)) == 1
    assert Change.objects.count() == 2
    assert feed_reaches(past + 1)
    assert not feed_reaches(past)
    assert not feed_reaches(future)


def test_a_listing_is_in_the_feed_when_the_public_gains_or_loses_it_and_not_as_a_draft(corridor: object) -> None:
    need = make_need()
    assert not Change.objects.exists()
    publish(need)
    assert list(Change.objects.values_list("object_kind", "object_id")) == [("need", need.id)]


def test_a_change_of_an_organisation_is_in_the_feed_because_its_listings_name_it(corridor: object) -> None:
    organisation = make_organisation()
    organisation_update(actor=SYSTEM, organisation_id=organisation.id, raw={"name": "改名后的机构", "type": "company"})
    assert ("organisation", organisation.id) in changes_since(0).objects
