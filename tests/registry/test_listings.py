"""The life of needs and resources, against PostgreSQL."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from tests.factories import make_need, make_organisation, make_resource, make_user, publish
from yunlang.accounts.actors import SYSTEM
from yunlang.kit.changes import changes_since
from yunlang.kit.errors import ConflictError, InvalidError
from yunlang.kit.models import AuditEntry
from yunlang.registry.models import Need, Resource
from yunlang.registry.services.listings import (
    ListingExistsError,
    listing_submit,
    listing_update,
    listings_expire,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _cities(corridor: object) -> None: ...


def test_a_need_goes_from_draft_to_public_and_every_step_is_audited() -> None:
    need = publish(make_need())
    assert need.status == "published"
    assert need.published_at is not None
    actions = AuditEntry.objects.filter(object_id=str(need.id)).order_by("id").values_list("action", flat=True)
    assert list(actions) == ["need_create", "need_submit", "need_publish"]
    assert ("need", need.id) in changes_since(0).objects


def test_an_incomplete_draft_is_kept_but_not_submitted() -> None:
    need = make_need(description="")
    with pytest.raises(InvalidError) as refusal:
        listing_submit(actor=SYSTEM, model=Need, listing_id=need.id, at=timezone.now())
    assert set(refusal.value.fields) == {"description"}
    need.refresh_from_db()
    assert need.status == "draft"


def test_two_editors_do_not_overwrite_each_other() -> None:
    need = make_need()
    seen = need.updated_at
    listing_update(actor=SYSTEM, model=Need, listing_id=need.id, raw={"title": "第一位改的"}, seen_at=seen)
    with pytest.raises(ConflictError):
        listing_update(actor=SYSTEM, model=Need, listing_id=need.id, raw={"title": "第二位改的"}, seen_at=seen)
    need.refresh_from_db()
    assert need.title == "第一位改的"


def test_an_organisation_cannot_list_the_same_twice() -> None:
    organisation = make_organisation()
    make_resource(organisation, title="同一项成果")
    with pytest.raises(ListingExistsError):
        make_resource(organisation, title="同一项成果")


def test_details_come_back_as_typed_values() -> None:
    resource = make_resource(kind="achievement", transfer_modes="许可；作价入股", funding="300 万元")
    assert resource.details == {"transfer_modes": ["licence", "equity"], "funding": "3000000.00"}
    assert (resource.trl, str(resource.price)) == (6, "1500000.00")


def test_a_need_whose_deadline_has_passed_is_not_submitted() -> None:
    need = make_need(deadline="2020-01-01")
    with pytest.raises(InvalidError) as refusal:
        listing_submit(actor=SYSTEM, model=Need, listing_id=need.id, at=timezone.now())
    assert set(refusal.value.fields) == {"deadline"}


def test_expiry_follows_the_clock_it_is_given() -> None:
    need = publish(make_need(deadline="2098-11-21"))
    kept = publish(make_need(deadline="2098-11-22"))
    at = timezone.now()
    assert listings_expire(today=date(2098, 11, 22), at=at) == 1
    need.refresh_from_db()
    kept.refresh_from_db()
    assert (need.status, kept.status) == ("expired", "published")


def test_a_member_of_another_organisation_may_not_edit() -> None:
    from yunlang.kit.errors import NotAllowedError

    need = make_need(make_organisation(owner=make_user()))
    with pytest.raises(NotAllowedError):
        listing_update(actor=make_user(), model=Need, listing_id=need.id, raw={"title": "不该成功"})
    assert not Resource.objects.exists()
