"""What happens to organisations and their members, against PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from tests.factories import make_member, make_organisation, make_user
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.permissions import may
from yunlang.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from yunlang.kit.ids import new_id
from yunlang.kit.models import AuditEntry, Change
from yunlang.registry.core.credit_code import check_character
from yunlang.registry.core.lifecycle import StepNotPossibleError
from yunlang.registry.models import Membership, MergeCandidate, Organisation
from yunlang.registry.services.merging import organisations_merge
from yunlang.registry.services.organisations import (
    LastOwnerError,
    MemberNotConfirmedError,
    OrganisationExistsError,
    OrganisationMergedError,
    membership_confirm,
    membership_remove,
    membership_request,
    membership_role_set,
    organisation_columns,
    organisation_publish,
    organisation_register,
    organisation_return,
    organisation_submit,
    organisation_update,
)

pytestmark = pytest.mark.django_db
BODY = "91330500MA2B2C3D4"
CODE = BODY + check_character(BODY)
OWNER, EDITOR = Membership.Role.OWNER, Membership.Role.EDITOR


@pytest.fixture(autouse=True)
def _cities(corridor: object) -> None: ...


def _raw(**values: str) -> dict[str, str]:
    return {"name": "湖州云廊新材料有限公司", "type": "company", "city": "湖州市"} | values


def _fields(**values: str) -> set[str]:
    with pytest.raises(InvalidError) as refusal:
        organisation_columns(_raw(**values))
    return set(refusal.value.fields)


def test_whoever_registers_an_organisation_administers_it_while_the_office_reviews_it() -> None:
    user = make_user()
    organisation = organisation_register(actor=user, raw=_raw(credit_code=CODE, products="电解液；隔膜"))
    assert (organisation.status, organisation.placement, organisation.city_id) == ("in_review", "corridor", "330500")
    assert (organisation.credit_code, organisation.products) == (CODE, ["电解液", "隔膜"])
    assert may(user, "registry.edit_organisation", organisation)
    entry = AuditEntry.objects.get(action="organisation_register")
    assert (entry.object_id, entry.actor_id) == (str(organisation.id), user.id)


def test_a_registration_goes_back_and_forth_until_the_office_accepts_it() -> None:
    user = make_user()
    organisation = organisation_register(actor=user, raw=_raw())
    returned = organisation_return(actor=SYSTEM, organisation_id=organisation.id, note=" 请补充 信用代码 ")
    assert (returned.status, returned.review_note) == ("draft", "请补充 信用代码")
    assert Organisation.objects.get().review_note == "请补充 信用代码"
    entry = AuditEntry.objects.get(action="organisation_return")
    assert (entry.before, entry.after) == ({"status": "in_review"}, {"status": "draft", "note": "请补充 信用代码"})
    assert organisation_submit(actor=user, organisation_id=organisation.id).review_note == ""
    assert Organisation.objects.get().review_note == ""
    organisation_return(actor=SYSTEM, organisation_id=organisation.id, note="还差地址")
    assert organisation_submit(actor=user, organisation_id=organisation.id).status == "in_review"
    assert organisation_publish(actor=SYSTEM, organisation_id=organisation.id).status == "published"
    with pytest.raises(StepNotPossibleError):
        organisation_publish(actor=SYSTEM, organisation_id=organisation.id)
    actions = AuditEntry.objects.filter(object_kind="organisation").order_by("id").values_list("action", flat=True)
    assert list(actions) == [
        "organisation_register", "organisation_return", "organisation_submit", "organisation_return",
        "organisation_submit", "organisation_publish",
    ]  # fmt: skip


@pytest.mark.parametrize("note", ["", " \n ", "\x00\x07", "长" * 1001])
def test_a_registration_is_not_returned_without_a_reason(note: str) -> None:
    organisation = organisation_register(actor=make_user(), raw=_raw())
    with pytest.raises(InvalidError) as refusal:
        organisation_return(actor=SYSTEM, organisation_id=organisation.id, note=note)
    assert set(refusal.value.fields) == {"note"}
    assert Organisation.objects.get().status == "in_review"


@pytest.mark.parametrize("typed", [CODE.lower(), f" {CODE[:8]} {CODE[8:]} ", f"{CODE[:9]}-{CODE[9:]}"])
def test_a_credit_code_is_read_however_it_is_typed(typed: str) -> None:
    assert organisation_columns(_raw(credit_code=typed))["credit_code"] == CODE


@pytest.mark.parametrize("typed", [CODE[:-1], CODE[:-1] + ("0" if CODE[-1] != "0" else "1"), "没有", "1" * 30])
def test_a_wrong_credit_code_is_refused(typed: str) -> None:
    assert _fields(credit_code=typed) == {"credit_code"}


def test_everything_wrong_with_a_registration_is_said_at_once() -> None:
    assert _fields(name="", type="帮派", city="杭州湾", credit_code="1", website="ftp://x", contact_email="none") == {
        "name", "type", "city", "credit_code", "website", "contact_email",
    }  # fmt: skip


def test_a_name_without_a_single_letter_is_none() -> None:
    assert _fields(name="（——）") == {"name"}


def test_a_name_that_grows_when_it_is_folded_still_fits() -> None:
    organisation = organisation_register(actor=make_user(), raw=_raw(name="㍿" * 200))
    assert organisation.name == "㍿" * 200
    assert len(organisation.name_key) == 200


def test_a_city_is_known_or_the_seat_is_told_or_nothing_is_guessed() -> None:
    assert organisation_columns(_raw())["placement"] == "corridor"
    assert organisation_columns(_raw(city="", seat="北京"))["placement"] == "outside"
    unknown = organisation_columns(_raw(city="", name="杭州某某有限公司"))
    assert (unknown["placement"], unknown["city"]) == ("unknown", None)


@pytest.mark.parametrize("again", [{"credit_code": ""}, {"name": "另一名称有限公司", "credit_code": CODE}])
def test_a_name_or_a_code_is_registered_once(again: dict[str, str]) -> None:
    make_organisation(name=_raw()["name"], credit_code="")
    make_organisation(name="有代码的有限公司", credit_code=CODE)
    with pytest.raises(OrganisationExistsError):
        organisation_register(actor=make_user(), raw=_raw(**again))
    assert Organisation.objects.count() == 2
    assert not Membership.objects.exists()


def test_a_change_keeps_what_was_and_names_only_what_changed() -> None:
    organisation = make_organisation(name="旧名称有限公司", address="旧址")
    organisation_update(
        actor=SYSTEM, organisation_id=organisation.id,
        raw={"name": "旧名称有限公司", "type": "company", "city": "苏州", "address": "新址", "tags": "电解液"},
    )  # fmt: skip
    entry = AuditEntry.objects.get(action="organisation_update")
    assert entry.before == {"city": "湖州", "address": "旧址", "tags": []}
    assert entry.after == {"city": "苏州", "address": "新址", "tags": ["电解液"]}


def test_saving_an_organisation_unchanged_is_no_event() -> None:
    organisation = make_organisation(name="旧名称有限公司", address="旧址", tags="电解液；隔膜")
    raw = {"name": "旧名称有限公司", "type": "company", "city": "湖州市", "address": " 旧址 ", "tags": "电解液；隔膜"}
    again = organisation_update(actor=SYSTEM, organisation_id=organisation.id, raw=raw)
    assert Organisation.objects.get().updated_at == again.updated_at == organisation.updated_at
    assert not AuditEntry.objects.exists()
    assert not Change.objects.exists()


def test_two_editors_of_an_organisation_do_not_overwrite_each_other() -> None:
    organisation = make_organisation()
    seen, raw = organisation.updated_at, {"name": organisation.name, "type": "company"}
    organisation_update(actor=SYSTEM, organisation_id=organisation.id, raw=raw | {"address": "一"}, seen_at=seen)
    with pytest.raises(ConflictError):
        organisation_update(actor=SYSTEM, organisation_id=organisation.id, raw=raw | {"address": "二"}, seen_at=seen)
    assert Organisation.objects.get().address == "一"


def test_an_organisation_that_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        organisation_publish(actor=SYSTEM, organisation_id=new_id())
    with pytest.raises(NotFoundError):
        membership_confirm(actor=make_user(), membership_id=0)


def test_an_organisation_that_became_part_of_another_is_neither_changed_nor_joined() -> None:
    first, second = sorted((make_organisation(), make_organisation()), key=lambda one: one.pk)
    pair = MergeCandidate.objects.create(first=first, second=second)
    organisations_merge(actor=SYSTEM, candidate_id=pair.pk, keep_id=first.pk, at=timezone.now())
    with pytest.raises(OrganisationMergedError) as refusal:
        organisation_update(actor=SYSTEM, organisation_id=second.id, raw=_raw())
    assert first.name in refusal.value.text.zh
    with pytest.raises(OrganisationMergedError):
        membership_request(actor=make_user(), organisation_id=second.id)


def test_who_asked_to_join_may_nothing_until_confirmed() -> None:
    owner, user = make_user(), make_user()
    organisation = make_organisation(owner=owner)
    request = membership_request(actor=user, organisation_id=organisation.id)
    assert membership_request(actor=user, organisation_id=organisation.id).pk == request.pk
    assert not may(make_again(user), "registry.create_listing", organisation)
    membership_confirm(actor=owner, membership_id=request.pk)
    assert may(make_again(user), "registry.create_listing", organisation)
    assert not may(make_again(user), "registry.edit_organisation", organisation)
    membership_confirm(actor=owner, membership_id=request.pk)
    actions = AuditEntry.objects.filter(action__startswith="membership").values_list("action", flat=True)
    assert sorted(actions) == ["membership_confirm", "membership_request"]


def make_again(user: Any) -> Any:
    """Return the person as the next request sees them."""
    return type(user).objects.get(pk=user.pk)


def test_the_first_one_confirmed_where_nobody_administers_becomes_the_administrator() -> None:
    organisation = make_organisation()
    first, second = (membership_request(actor=make_user(), organisation_id=organisation.id) for _ in range(2))
    assert membership_confirm(actor=SYSTEM, membership_id=first.pk).role == OWNER  # type: ignore[arg-type]
    assert membership_confirm(actor=SYSTEM, membership_id=second.pk).role == EDITOR  # type: ignore[arg-type]


def test_an_organisation_keeps_one_administrator() -> None:
    owner, other = make_user(), make_user()
    organisation = make_organisation(owner=owner)
    mine, theirs = Membership.objects.get(), make_member(other, organisation)
    for end in (
        lambda: membership_remove(actor=owner, membership_id=mine.pk),
        lambda: membership_role_set(actor=owner, membership_id=mine.pk, role=EDITOR),
    ):
        with pytest.raises(LastOwnerError):
            end()
    membership_role_set(actor=owner, membership_id=theirs.pk, role=OWNER)
    membership_remove(actor=owner, membership_id=mine.pk)
    assert list(Membership.objects.values_list("user_id", "role")) == [(other.id, OWNER)]


def test_an_administrator_who_left_decides_nothing_more_in_the_same_breath() -> None:
    owner = make_user()
    organisation = make_organisation(owner=owner)
    make_member(make_user(), organisation, OWNER)
    asked = membership_request(actor=make_user(), organisation_id=organisation.id)
    assert may(owner, "registry.confirm_member", asked)
    Membership.objects.filter(user=owner).delete()  # elsewhere, after this request had asked once
    with pytest.raises(NotAllowedError):
        membership_confirm(actor=owner, membership_id=asked.pk)


def test_a_request_is_declined_or_taken_back_without_further_ado() -> None:
    owner, user = make_user(), make_user()
    organisation = make_organisation(owner=owner)
    for actor in (owner, user):
        asked = membership_request(actor=user, organisation_id=organisation.id)
        membership_remove(actor=actor, membership_id=asked.pk)
        assert not Membership.objects.filter(user=user).exists()


def test_a_role_is_set_for_confirmed_members_and_is_one_there_is() -> None:
    owner = make_user()
    organisation = make_organisation(owner=owner)
    asked = membership_request(actor=make_user(), organisation_id=organisation.id)
    with pytest.raises(MemberNotConfirmedError):
        membership_role_set(actor=owner, membership_id=asked.pk, role=OWNER)
    with pytest.raises(InvalidError):
        membership_role_set(actor=owner, membership_id=asked.pk, role="emperor")
