"""Every step of a listing from every status, and what a draft may hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.factories import make_need, make_organisation, make_resource, make_user
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.roles import Role
from yunlang.kit.errors import InvalidError, NotFoundError
from yunlang.kit.ids import new_id
from yunlang.kit.models import AuditEntry, Change
from yunlang.registry.core.lifecycle import TRANSITIONS, Status, Step, StepNotPossibleError
from yunlang.registry.models import Expert, Need, Organisation, Resource
from yunlang.registry.services.listings import (
    ListingExistsError,
    NotADraftError,
    OrganisationNotPublishedError,
    listing_close,
    listing_create,
    listing_publish,
    listing_reopen,
    listing_return,
    listing_submit,
    listing_update,
    listing_values,
    listing_withdraw,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
STEPS: dict[Step, Callable[..., Any]] = {
    Step.SUBMIT: listing_submit,
    Step.WITHDRAW: listing_withdraw,
    Step.PUBLISH: listing_publish,
    Step.RETURN: partial(listing_return, note="请补充指标"),
    Step.CLOSE: listing_close,
    Step.REOPEN: listing_reopen,
}


@pytest.fixture(autouse=True)
def _cities(corridor: object) -> None: ...


def take(step: Step, listing: Need | Resource, at: datetime = NOW) -> Any:
    return STEPS[step](actor=SYSTEM, model=type(listing), listing_id=listing.id, at=at)


def standing(listing: Any, status: Status) -> Any:
    """Put a listing straight where a test needs it."""
    published = NOW if status in (Status.PUBLISHED, Status.CLOSED, Status.EXPIRED) else None
    type(listing).objects.filter(pk=listing.pk).update(status=status, published_at=published)
    return listing


@pytest.mark.parametrize("make", [make_need, make_resource])
@pytest.mark.parametrize("step", list(STEPS))
@pytest.mark.parametrize("status", list(Status))
def test_a_step_is_taken_exactly_from_where_it_starts(make: Any, step: Step, status: Status) -> None:
    listing = standing(make(), status)
    transition = TRANSITIONS[step]
    if status in transition.sources:
        moved = take(step, listing)
        assert moved.status == type(listing).objects.get(pk=listing.pk).status == transition.target
        entry = AuditEntry.objects.latest("id")
        assert (entry.before, entry.after["status"]) == ({"status": status}, transition.target)  # type: ignore[index]
        assert Change.objects.exists() == (Status.PUBLISHED in (status, transition.target))
    else:
        with pytest.raises(StepNotPossibleError):
            take(step, listing)
        assert type(listing).objects.get(pk=listing.pk).status == status
        assert not Change.objects.exists()


def test_the_times_of_a_life_are_the_clocks_that_were_given() -> None:
    need = make_need()
    take(Step.SUBMIT, need)
    published = take(Step.PUBLISH, need, at=NOW + timedelta(days=1))
    assert (published.published_at, published.closed_at) == (NOW + timedelta(days=1), None)
    closed = take(Step.CLOSE, need, at=NOW + timedelta(days=2))
    assert (closed.published_at, closed.closed_at) == (NOW + timedelta(days=1), NOW + timedelta(days=2))
    assert take(Step.REOPEN, need, at=NOW + timedelta(days=3)).closed_at is None


def test_why_a_listing_was_returned_stays_until_it_is_handed_in_again() -> None:
    need = make_need()
    take(Step.SUBMIT, need)
    assert take(Step.RETURN, need).review_note == "请补充指标"
    assert take(Step.SUBMIT, need).review_note == ""


@pytest.mark.parametrize("note", ["", " \n ", "\x00\x07", "长" * 1001])
def test_a_return_without_a_reason_is_refused(note: str) -> None:
    need = standing(make_need(), Status.IN_REVIEW)
    with pytest.raises(InvalidError) as refusal:
        listing_return(actor=SYSTEM, model=Need, listing_id=need.id, note=note, at=NOW)
    assert set(refusal.value.fields) == {"note"}


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.DRAFT])
def test_only_a_draft_is_changed_and_the_refusal_says_what_it_is(status: Status) -> None:
    need = standing(make_need(), status)
    with pytest.raises(NotADraftError) as refusal:
        listing_update(actor=SYSTEM, model=Need, listing_id=need.id, raw={"title": "不该改"})
    assert refusal.value.status == 409
    assert "只有草稿可以修改" in refusal.value.text.zh


def test_nothing_is_public_before_its_organisation_is() -> None:
    organisation = make_organisation()
    need = standing(make_need(organisation), Status.IN_REVIEW)
    Organisation.objects.filter(pk=organisation.pk).update(status=Status.IN_REVIEW)
    with pytest.raises(OrganisationNotPublishedError):
        take(Step.PUBLISH, need)


def test_what_a_draft_holds_comes_back_as_it_was_filled_in() -> None:
    need = make_need(
        title=" 高镍  三元 ", budget="1,200 万元", deadline="2027年6月30日", tags="电解液；隔膜", trl_minimum="5"
    )
    raw = listing_values(need)
    again = listing_update(actor=SYSTEM, model=Need, listing_id=need.id, raw=raw)
    assert listing_values(again) == raw


@pytest.mark.parametrize("make", [make_need, make_resource])
def test_saving_a_draft_unchanged_is_no_event(make: Any) -> None:
    listing = make(tags="电解液；隔膜")
    again = listing_update(actor=SYSTEM, model=type(listing), listing_id=listing.id, raw=listing_values(listing))
    stored = type(listing).objects.get()
    assert stored.updated_at == again.updated_at == listing.updated_at
    assert listing_values(stored) == listing_values(listing)
    assert not AuditEntry.objects.filter(action__endswith="_update").exists()


def test_a_change_is_audited_with_what_changed_alone() -> None:
    need = make_need(title="旧标题")
    raw = listing_values(need) | {"title": "新标题", "budget": ""}
    listing_update(actor=SYSTEM, model=Need, listing_id=need.id, raw=raw)
    entry = AuditEntry.objects.get(action="need_update")
    assert entry.before == {"title": "旧标题", "budget": "2000000.00"}
    assert entry.after == {"title": "新标题", "budget": None}


def test_everything_wrong_with_a_draft_is_said_at_once() -> None:
    with pytest.raises(InvalidError) as refusal:
        make_need(title=" ", budget="很多", deadline="明年", city="火星", trl_minimum="10")
    assert set(refusal.value.fields) == {"title", "budget", "deadline", "city", "trl_minimum"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"valid_from": "2027-02-01", "valid_until": "2027-01-31"}, "valid_until"),
        ({"expert": "不认识的人"}, "expert"),
        ({"kind": "luck"}, "kind"),
        ({"price": "-1"}, "price"),
        ({"transfer_modes": "赠送"}, "transfer_modes"),
    ],
)
def test_a_resource_that_contradicts_itself_is_refused(wrong: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        make_resource(**wrong)
    assert set(refusal.value.fields) == {field}


def test_an_expert_of_another_organisation_is_none_of_ours() -> None:
    ours, theirs = make_organisation(), make_organisation()
    Expert.objects.create(name="张三", organisation=theirs)
    with pytest.raises(InvalidError):
        make_resource(ours, expert="张三")
    expert = Expert.objects.create(name="张三", organisation=ours)
    assert make_resource(ours, expert="张三").expert == expert


def test_a_city_is_the_organisations_own_unless_another_is_named() -> None:
    organisation = make_organisation(city="湖州")
    assert make_need(organisation).city_id == "330500"
    assert make_need(organisation, city="合肥市").city_id == "340100"
    assert make_need(make_organisation(city="")).city is None


def test_a_number_is_used_once_for_each_kind_of_an_organisation() -> None:
    organisation = make_organisation()
    make_need(organisation, number="2026-1", title="一")
    make_need(organisation, number="2026-2", title="一")
    make_need(organisation, number="2026-1", kind="finance")
    with pytest.raises(ListingExistsError):
        make_need(organisation, number="2026-1", title="二")


def test_a_manager_lists_on_behalf_of_an_organisation_and_keeps_what_was_made() -> None:
    manager = make_user(Role.MANAGER)
    need = make_need(make_organisation(owner=make_user()), actor=manager)
    assert need.created_by_id == manager.id
    assert listing_submit(actor=manager, model=Need, listing_id=need.id, at=NOW).status == "in_review"
    assert listing_withdraw(actor=manager, model=Need, listing_id=need.id, at=NOW).status == "draft"


def test_what_is_not_there_is_not_found() -> None:
    gone = Organisation(id=new_id())
    with pytest.raises(NotFoundError):
        listing_create(actor=SYSTEM, model=Need, organisation=gone, raw={"kind": "technology", "title": "无主"})
    for step in (listing_submit, listing_close):
        with pytest.raises(NotFoundError):
            step(actor=SYSTEM, model=Resource, listing_id=new_id(), at=NOW)
