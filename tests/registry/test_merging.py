"""Two organisations become one: everything moves, nothing is lost, nothing is doubled."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from tests.factories import make_member, make_need, make_organisation, make_resource, make_user, publish
from yunlang.accounts.actors import SYSTEM
from yunlang.kit.changes import changes_since, current_watermark
from yunlang.kit.errors import ConflictError, InvalidError, NotFoundError
from yunlang.kit.ids import new_id
from yunlang.kit.models import AuditEntry
from yunlang.registry.core.credit_code import check_character
from yunlang.registry.models import (
    Expert,
    Membership,
    MergeCandidate,
    Need,
    Organisation,
    OrganisationAttribute,
    OrganisationLabel,
    Provenance,
    Resource,
    Source,
)
from yunlang.registry.services.listings import listing_create
from yunlang.registry.services.merging import DifferentCodesError, SameTitleError, merge_reject, organisations_merge
from yunlang.registry.services.organisations import OrganisationMergedError

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture(autouse=True)
def _cities(corridor: object) -> None: ...


def offer(one: Organisation, other: Organisation) -> MergeCandidate:
    first, second = sorted((one, other), key=lambda row: row.pk)
    return MergeCandidate.objects.create(first=first, second=second, reason_zh="同名", reason_en="same name")


def merge(kept: Organisation, other: Organisation) -> Organisation:
    found = organisations_merge(actor=SYSTEM, candidate_id=offer(kept, other).pk, keep_id=kept.pk, at=NOW)
    other.refresh_from_db()
    kept.refresh_from_db()
    return found


def code(number: int) -> str:
    body = f"91330500MA2B2C{number:03d}"
    return body + check_character(body)


def test_needs_resources_and_experts_move_to_the_kept_one() -> None:
    kept, other = make_organisation(), make_organisation()
    expert = Expert.objects.create(name="张三", organisation=other)
    need, resource = publish(make_need(other)), make_resource(other, expert="张三")
    merge(kept, other)
    assert Need.objects.get(pk=need.pk).organisation == kept
    assert Resource.objects.get(pk=resource.pk).organisation == kept
    assert Expert.objects.get(pk=expert.pk).organisation == kept
    assert (other.merged_into, other.status) == (kept, "closed")


def test_two_experts_of_one_name_become_one_who_keeps_both_works() -> None:
    kept, other = make_organisation(), make_organisation()
    twins = []
    for organisation in (kept, other):
        twins.append(Expert.objects.create(name="张三", organisation=organisation))
        make_resource(organisation, expert="张三")
    merge(kept, other)
    assert Expert.objects.get().resources.count() == 2
    assert ("expert", twins[1].id) in changes_since(0).objects


def test_a_title_that_both_list_stops_the_merger_and_nothing_has_moved() -> None:
    kept, other = make_organisation(), make_organisation()
    for organisation in (kept, other):
        make_need(organisation, title="同一需求")
    make_resource(other)
    with pytest.raises(SameTitleError) as refusal:
        merge(kept, other)
    assert "同一需求" in refusal.value.text.zh
    assert other.needs.count() == other.resources.count() == 1
    assert MergeCandidate.objects.get().state == "open"
    assert not AuditEntry.objects.filter(action="organisations_merge").exists()


def test_the_same_title_under_two_numbers_is_two_things() -> None:
    kept, other = make_organisation(), make_organisation()
    make_need(kept, title="同名", number="1")
    make_need(other, title="同名", number="2")
    merge(kept, other)
    assert kept.needs.count() == 2


def test_blanks_are_filled_and_nothing_known_is_overwritten() -> None:
    kept = make_organisation(name="甲", city="", website="https://kept.example", tags="电解液")
    other = make_organisation(
        name="乙", website="https://other.example", address="长兴县", credit_code=code(1), tags="隔膜"
    )
    merge(kept, other)
    assert (kept.website, kept.address, kept.tags) == ("https://kept.example", "长兴县", ["电解液"])
    assert (kept.credit_code, other.credit_code) == (code(1), None)
    assert (kept.placement, kept.city_id) == ("corridor", "330500")


def test_a_seat_outside_the_corridor_is_taken_over_where_nothing_was_known_and_kept_where_it_was() -> None:
    unknown, outside = make_organisation(city=""), make_organisation(city="", seat="北京")
    merge(unknown, outside)
    assert (unknown.placement, unknown.seat, unknown.city) == ("outside", "北京", None)
    merge(unknown, make_organisation(city="湖州"))
    assert (unknown.placement, unknown.seat, unknown.city) == ("outside", "北京", None)


def test_two_credit_codes_are_two_legal_persons() -> None:
    kept, other = make_organisation(credit_code=code(1)), make_organisation(credit_code=code(2))
    with pytest.raises(DifferentCodesError) as refusal:
        merge(kept, other)
    assert code(1) in refusal.value.text.zh
    assert code(2) in refusal.value.text.en


def test_an_accepted_organisation_merged_into_a_registration_leaves_an_accepted_one() -> None:
    kept, other = make_organisation(), make_organisation()
    Organisation.objects.filter(pk=kept.pk).update(status="in_review")
    publish(make_need(other))
    merge(kept, other)
    assert kept.status == "published"


def test_members_move_and_whoever_was_in_both_keeps_the_higher_right() -> None:
    kept, other = make_organisation(), make_organisation()
    both, asked, elsewhere = make_user(), make_user(), make_user()
    make_member(both, kept)
    make_member(both, other, Membership.Role.OWNER)
    Membership.objects.create(user=asked, organisation=kept)
    make_member(asked, other)
    make_member(elsewhere, other)
    merge(kept, other)
    found = Membership.objects.order_by("user_id").values_list("user_id", "organisation_id", "role", "state")
    assert list(found) == [
        (both.id, kept.id, "owner", "active"),
        (asked.id, kept.id, "editor", "active"),
        (elsewhere.id, kept.id, "editor", "active"),
    ]


def test_a_request_to_join_the_other_one_gives_nothing_in_the_kept_one() -> None:
    kept, other, user = make_organisation(), make_organisation(), make_user()
    make_member(user, kept)
    Membership.objects.create(user=user, organisation=other)
    merge(kept, other)
    assert list(Membership.objects.values_list("role", "state")) == [("editor", "active")]


def test_labels_move_where_the_kept_one_held_none_at_the_time() -> None:
    kept, other = make_organisation(), make_organisation()
    _label(kept, 2020, 2022)
    _label(other, 2022, 2024)
    _label(other, 2025, 2027)
    _label(other, 2020, 2030, label="listed")
    merge(kept, other)
    held = OrganisationLabel.objects.order_by("label", "valid_from").values_list(
        "organisation_id", "label", "valid_from"
    )
    assert list(held) == [
        (kept.id, "high_tech", date(2020, 1, 1)),
        (kept.id, "high_tech", date(2025, 1, 1)),
        (kept.id, "listed", date(2020, 1, 1)),
    ]


def _label(organisation: Organisation, first: int, last: int, label: str = "high_tech") -> None:
    OrganisationLabel.objects.create(
        organisation=organisation, label=label, valid_from=date(first, 1, 1), valid_until=date(last, 12, 31)
    )


def test_figures_move_unless_the_kept_one_has_its_own_for_the_period() -> None:
    kept, other = make_organisation(), make_organisation()
    for organisation, period, value in ((kept, "2024", 1), (other, "2024", 2), (other, "2025", 3)):
        OrganisationAttribute.objects.create(organisation=organisation, code="revenue", period=period, value=value)
    merge(kept, other)
    assert dict(kept.attributes.values_list("period", "value")) == {"2024": 1, "2025": 3}


def test_where_it_came_from_stays_known() -> None:
    kept, other = make_organisation(), make_organisation()
    for name in ("a", "b"):
        Source.objects.create(code=name, title_zh=name, title_en=name)
        _provenance(other, name)
    _provenance(kept, "a")
    merge(kept, other)
    found = Provenance.objects.filter(object_id=kept.id).order_by("source").values_list("source_id", flat=True)
    assert list(found) == ["a", "b"]


def _provenance(organisation: Organisation, source: str) -> None:
    Provenance.objects.create(
        object_kind="organisation", object_id=organisation.id, source_id=source, original={"name": organisation.name}
    )


def test_a_merger_is_audited_and_both_are_in_the_feed_of_changes() -> None:
    kept, other = make_organisation(name="甲"), make_organisation(name="乙", credit_code=code(1))
    before = current_watermark()
    merge(kept, other)
    entry = AuditEntry.objects.get(action="organisations_merge")
    assert entry.object_id == str(kept.id)
    assert entry.before == {"other": str(other.id), "other_name": "乙", "other_credit_code": code(1)}
    assert changes_since(before).objects >= {("organisation", kept.id), ("organisation", other.id)}


def test_other_proposals_follow_the_kept_one_and_settled_pairs_are_not_offered_again() -> None:
    kept, other, third, fourth = (make_organisation() for _ in range(4))
    followed, settled = offer(other, third), offer(other, fourth)
    merge_reject(actor=SYSTEM, candidate_id=offer(kept, fourth).pk, at=NOW)
    merge(kept, other)
    followed.refresh_from_db()
    assert {followed.first_id, followed.second_id} == {kept.id, third.id}
    assert not MergeCandidate.objects.filter(pk=settled.pk).exists()
    organisations_merge(actor=SYSTEM, candidate_id=followed.pk, keep_id=third.id, at=NOW)
    other.refresh_from_db()
    assert other.merged_into == third


def test_a_name_that_was_merged_away_is_free_again() -> None:
    kept, other = make_organisation(), make_organisation(name="旧名有限公司")
    merge(kept, other)
    assert make_organisation(name="旧名有限公司").pk != other.pk


def test_nothing_new_is_listed_for_an_organisation_that_became_part_of_another() -> None:
    kept, other = make_organisation(), make_organisation()
    stale = Organisation.objects.get(pk=other.pk)
    merge(kept, other)
    with pytest.raises(OrganisationMergedError):
        listing_create(actor=SYSTEM, model=Need, organisation=stale, raw={"kind": "technology", "title": "迟到的需求"})


@pytest.mark.parametrize("decide", ["merge", "reject"])
def test_a_pair_is_decided_once(decide: str) -> None:
    kept, other = make_organisation(), make_organisation()
    pair = offer(kept, other)
    merge_reject(actor=SYSTEM, candidate_id=pair.pk, at=NOW)
    pair.refresh_from_db()
    assert (pair.state, pair.decided_at) == ("rejected", NOW)
    with pytest.raises(ConflictError):
        _decide(decide, pair, kept)
    other.refresh_from_db()
    assert other.merged_into is None


def test_a_pair_that_is_not_there_and_a_third_to_keep_are_refused() -> None:
    with pytest.raises(NotFoundError):
        merge_reject(actor=SYSTEM, candidate_id=0, at=NOW)
    with pytest.raises(NotFoundError):
        organisations_merge(actor=SYSTEM, candidate_id=0, keep_id=new_id(), at=NOW)
    pair = offer(make_organisation(), make_organisation())
    with pytest.raises(InvalidError):
        _decide("merge", pair, make_organisation())


def _decide(how: str, pair: MergeCandidate, kept: Organisation) -> Any:
    if how == "merge":
        return organisations_merge(actor=SYSTEM, candidate_id=pair.pk, keep_id=kept.pk, at=NOW)
    return merge_reject(actor=SYSTEM, candidate_id=pair.pk, at=NOW)
