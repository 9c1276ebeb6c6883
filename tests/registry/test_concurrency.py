"""Several people at once, each in a transaction of their own."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from tests.concurrent import Meanwhile, at_once
from tests.factories import PASSWORD, make_cities, make_member, make_need, make_organisation, make_user, publish
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.models import User
from yunlang.accounts.roles import Role
from yunlang.accounts.services import EmailTakenError, user_register
from yunlang.kit.changes import change_record, changes_since, current_watermark
from yunlang.kit.errors import ConflictError, NotAllowedError
from yunlang.kit.ids import new_id
from yunlang.kit.models import AuditEntry
from yunlang.kit.rate_limit import RateLimit, TooManyRequestsError, rate_check
from yunlang.registry.core.credit_code import check_character
from yunlang.registry.core.lifecycle import StepNotPossibleError
from yunlang.registry.models import Membership, MergeCandidate, Need, Organisation
from yunlang.registry.services.listings import (
    listing_close,
    listing_create,
    listing_publish,
    listing_submit,
    listing_update,
    listings_expire,
)
from yunlang.registry.services.merging import organisations_merge
from yunlang.registry.services.organisations import (
    LastOwnerError,
    OrganisationExistsError,
    OrganisationMergedError,
    membership_remove,
    membership_request,
    organisation_register,
)

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _cities(transactional_db: None) -> None:
    make_cities()


def kinds(outcomes: list[Any]) -> Counter[type]:
    return Counter(type(outcome) for outcome in outcomes)


def pair(one: Organisation, other: Organisation) -> MergeCandidate:
    first, second = sorted((one, other), key=lambda row: row.pk)
    return MergeCandidate.objects.create(first=first, second=second)


def test_of_two_offices_that_publish_at_once_one_is_told_it_was_done() -> None:
    offices = [make_user(Role.OFFICE) for _ in range(2)]
    for _ in range(3):
        need = make_need()
        listing_submit(actor=SYSTEM, model=Need, listing_id=need.id, at=NOW)
        publishing = partial(listing_publish, model=Need, listing_id=need.id, at=NOW)
        outcomes = at_once(*[partial(publishing, actor=office) for office in offices])
        assert kinds(outcomes) == {Need: 1, StepNotPossibleError: 1}
        assert AuditEntry.objects.filter(action="need_publish", object_id=str(need.id)).count() == 1


def test_of_two_editors_of_one_draft_the_second_is_told() -> None:
    need = make_need()
    updating = partial(listing_update, actor=SYSTEM, model=Need, listing_id=need.id, seen_at=need.updated_at)
    outcomes = at_once(*[partial(updating, raw={"title": title}) for title in ("甲改的", "乙改的")])
    assert kinds(outcomes) == {Need: 1, ConflictError: 1}
    need.refresh_from_db()
    assert need.title == next(one.title for one in outcomes if isinstance(one, Need))


@pytest.mark.parametrize("by", ["name", "code"])
def test_of_two_registrations_of_one_organisation_one_stands(by: str) -> None:
    body = "91330500MA2B2C3D4"
    raws = {
        "name": [{"name": "同一家"}, {"name": "同一家"}],
        "code": [{"name": name, "credit_code": body + check_character(body)} for name in ("甲", "乙")],
    }[by]
    outcomes = at_once(
        *[partial(organisation_register, actor=make_user(), raw={"type": "company"} | raw) for raw in raws]
    )
    assert kinds(outcomes) == {Organisation: 1, OrganisationExistsError: 1}
    assert Organisation.objects.count() == Membership.objects.count() == 1


def test_of_two_sign_ups_with_one_address_one_stands() -> None:
    signing_up = partial(user_register, name="王丽", password=PASSWORD)
    outcomes = at_once(*[partial(signing_up, email=email) for email in ("li@example.org", "LI@example.org")])
    assert kinds(outcomes) == {User: 1, EmailTakenError: 1}


def test_two_administrators_who_remove_each_other_leave_one() -> None:
    for _ in range(3):
        owners = [make_user() for _ in range(2)]
        organisation = make_organisation(owner=owners[0])
        memberships = [Membership.objects.get(user=owners[0]), make_member(owners[1], organisation, "owner")]
        outcomes = at_once(
            partial(membership_remove, actor=owners[0], membership_id=memberships[1].pk),
            partial(membership_remove, actor=owners[1], membership_id=memberships[0].pk),
        )
        assert kinds(outcomes) == {type(None): 1, NotAllowedError: 1}
        assert Membership.objects.filter(organisation=organisation).count() == 1


def test_two_administrators_who_leave_at_once_leave_one() -> None:
    owners = [make_user() for _ in range(2)]
    organisation = make_organisation()
    mine = [make_member(user, organisation, "owner").pk for user in owners]
    outcomes = at_once(
        *[partial(membership_remove, actor=user, membership_id=pk) for user, pk in zip(owners, mine, strict=True)]
    )
    assert kinds(outcomes) == {type(None): 1, LastOwnerError: 1}


def test_asking_to_join_twice_at_once_asks_once() -> None:
    user, organisation = make_user(), make_organisation()
    outcomes = at_once(*[partial(membership_request, actor=user, organisation_id=organisation.id)] * 2)
    assert kinds(outcomes) == {Membership: 2}
    assert Membership.objects.count() == 1


def test_expiry_that_runs_twice_at_once_expires_each_listing_once() -> None:
    needs = [publish(make_need(deadline="2098-11-21")) for _ in range(12)]
    counts = at_once(*[partial(listings_expire, today=date(2098, 11, 22), at=NOW)] * 2)
    # What one run holds the other passes over; the next sweep finds whatever both left.
    assert sum(counts) + listings_expire(today=date(2098, 11, 22), at=NOW) == len(needs)
    assert set(Need.objects.values_list("status", flat=True)) == {"expired"}
    assert AuditEntry.objects.filter(action="need_expire").count() == len(needs)


def test_expiry_passes_over_a_listing_that_somebody_holds() -> None:
    need = publish(make_need(deadline="2098-11-21"))

    def close(pause: Any) -> None:
        with transaction.atomic():
            listing_close(actor=SYSTEM, model=Need, listing_id=need.id, at=NOW)
            pause()

    with Meanwhile(close):
        assert listings_expire(today=date(2098, 11, 22), at=NOW) == 0
    need.refresh_from_db()
    assert need.status == "closed"


def test_two_mergers_that_share_an_organisation_never_wait_for_each_other_for_ever() -> None:
    for _ in range(4):
        first, shared, third = (make_organisation() for _ in range(3))
        left, right = pair(first, shared), pair(shared, third)
        outcomes = at_once(
            partial(organisations_merge, actor=SYSTEM, candidate_id=left.pk, keep_id=first.pk, at=NOW),
            partial(organisations_merge, actor=SYSTEM, candidate_id=right.pk, keep_id=third.pk, at=NOW),
        )
        assert kinds(outcomes)[Organisation] == 1
        assert kinds(outcomes)[ConflictError] == 1
        shared.refresh_from_db()
        assert shared.merged_into in (first, third)


def test_a_listing_made_while_its_organisation_is_merged_away_does_not_stay_behind() -> None:
    for number in range(3):
        kept, other = make_organisation(), make_organisation()
        candidate = pair(kept, other)
        raw = {"kind": "technology", "title": f"需求 {number}"}
        outcomes = at_once(
            partial(organisations_merge, actor=SYSTEM, candidate_id=candidate.pk, keep_id=kept.pk, at=NOW),
            partial(listing_create, actor=SYSTEM, model=Need, organisation=other, raw=raw),
        )
        assert isinstance(outcomes[0], Organisation)
        assert isinstance(outcomes[1], (Need, OrganisationMergedError))
        assert not Need.objects.filter(organisation=other).exists()


def test_a_listing_that_a_merger_moves_meanwhile_is_found_under_its_new_organisation() -> None:
    kept, other = make_organisation(), make_organisation()
    need, candidate = make_need(other), pair(kept, other)

    def merge(pause: Any) -> None:
        with transaction.atomic():
            organisations_merge(actor=SYSTEM, candidate_id=candidate.pk, keep_id=kept.pk, at=NOW)
            pause()

    def end(merging: Meanwhile) -> None:
        _until_somebody_waits()
        merging.go_on()

    submit = partial(listing_submit, actor=SYSTEM, model=Need, listing_id=need.id, at=NOW)
    with Meanwhile(merge) as merging:
        moved, _ = at_once(submit, partial(end, merging))
    assert isinstance(moved, Need)
    assert moved.organisation == kept


def _until_somebody_waits() -> None:
    """Return when a transaction waits for a lock that another one holds."""
    deadline = timezone.now() + timedelta(seconds=15)
    with connection.cursor() as cursor:
        while timezone.now() < deadline:
            cursor.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone():
                return
    raise AssertionError("nobody waited")


def test_a_change_that_commits_late_is_not_missed() -> None:
    late, early = new_id(), new_id()
    start = current_watermark()

    def slowly(pause: Any) -> None:
        with transaction.atomic():
            change_record("need", [late])
            pause()

    with Meanwhile(slowly) as slow:
        with transaction.atomic():
            change_record("need", [early])
        first = changes_since(start)
        assert ("need", early) in first.objects
        assert ("need", late) not in first.objects
        slow.go_on()
        second = changes_since(first.watermark)
    assert ("need", late) in second.objects


def test_a_reader_that_never_stops_misses_no_change_of_many_writers() -> None:
    written = [[new_id() for _ in range(15)] for _ in range(3)]
    start, ended = current_watermark(), []

    def write(ids: list[Any]) -> None:
        for one in ids:
            with transaction.atomic():
                change_record("need", [one])
        ended.append(ids)

    def read() -> set[Any]:
        seen, mark, rest = set(), start, 2
        while rest:
            rest -= len(ended) == len(written)
            found = changes_since(mark)
            seen |= {object_id for _, object_id in found.objects}
            mark = found.watermark
        return seen

    *_, seen = at_once(*[partial(write, ids) for ids in written], read)
    assert seen == {one for ids in written for one in ids}


def test_a_rate_limit_is_counted_exactly_by_eight_threads() -> None:
    limit = RateLimit(name="parallel", count=50, window=timedelta(minutes=1))

    def use() -> int:
        passed = 0
        for _ in range(10):
            try:
                rate_check(limit, caller="one", at=NOW)
            except TooManyRequestsError:
                continue
            passed += 1
        return passed

    assert sum(at_once(*[use] * 8)) == 50
