"""Organisations, experts, cities, figures, sources, members, merging, provenance and history through the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache

from tests.api.conftest import Api, Registry
from tests.api.test_problems import problem
from tests.factories import make_need, make_organisation, make_user, publish
from yunlang.accounts.roles import Role
from yunlang.registry.models import (
    Membership,
    MergeCandidate,
    Organisation,
    OrganisationAttribute,
    OrganisationLabel,
)

pytestmark = pytest.mark.django_db


def test_an_organisation_is_registered_reviewed_and_changed(api_as: Callable[..., Api], registry: Registry) -> None:
    founder, office, anybody = api_as(make_user()), api_as(registry.office), api_as()
    body = {"name": "嘉兴示例光学有限公司", "type": "company", "city": "嘉兴", "contact_phone": "0573-0000000"}
    made = founder("POST", "/organisations", body)
    assert made.status_code == 201
    organisation = made.json()
    path = f"/organisations/{organisation['id']}"
    assert (organisation["status"], organisation["placement"]) == ("in_review", "corridor")
    assert anybody.get(path).status_code == 404
    assert office.get("/review-queue").json()["organisations"][0]["name"] == body["name"]
    problem(founder("POST", f"{path}/steps/publish"), 403, "not_allowed")
    without = problem(office("POST", f"{path}/steps/return"), 422, "invalid")
    assert [error["pointer"] for error in without["errors"]] == ["#/note"]
    returned = office("POST", f"{path}/steps/return", {"note": "请补充信用代码"}).json()
    assert (returned["status"], returned["review_note"]) == ("draft", "请补充信用代码")
    assert founder.get(path).json()["review_note"] == "请补充信用代码"
    problem(founder("POST", f"{path}/steps/submit", {"note": "已补充"}), 422, "invalid")
    submitted = founder("POST", f"{path}/steps/submit").json()
    assert (submitted["steps"], submitted["review_note"]) == ([], None)
    assert office("POST", f"{path}/steps/publish").json()["status"] == "published"
    changed = founder("PATCH", path, {"sector": "光学元件"}).json()
    assert (changed["sector"], changed["city"]["adcode"], changed["contact"]["phone"]) == (
        "光学元件",
        "330400",
        "0573-0000000",
    )
    problem(founder("PATCH", path, {"sector": "旧", "updated_at": organisation["updated_at"]}), 409, "conflict")
    problem(founder("PATCH", path, {"credit_code": "91330500MA0000000X"}), 422, "invalid")
    problem(api_as(registry.member)("PATCH", path, {"sector": "别人改的"}), 403, "not_allowed")
    problem(founder("POST", "/organisations", body), 409, "organisation_exists")


def test_contacts_are_for_those_who_signed_in(api_as: Callable[..., Api], registry: Registry) -> None:
    Organisation.objects.filter(pk=registry.organisation.pk).update(contact_email="contact@example.org")
    path = f"/organisations/{registry.organisation.id}"
    assert api_as().get(path).json()["contact"] is None
    assert api_as(make_user()).get(path).json()["contact"]["email"] == "contact@example.org"
    assert "contact@example.org" not in api_as().get("/organisations").content.decode()


def test_labels_and_figures_of_an_organisation(api_as: Callable[..., Api], registry: Registry) -> None:
    organisation = registry.organisation
    OrganisationLabel.objects.create(
        organisation=organisation, label="listed", valid_from=date(2020, 1, 1), source=registry.source
    )
    OrganisationAttribute.objects.create(
        organisation=organisation, code="revenue", period="2025", value="128000000", unit="元"
    )
    found = api_as().get(f"/organisations/{organisation.id}").json()
    assert found["labels"] == [
        {"label": "listed", "valid_from": "2020-01-01", "valid_until": None, "source": "index-2024"}
    ]
    assert found["attributes"][0] == {
        "code": "revenue",
        "period": "2025",
        "value": "128000000",
        "unit": "元",
        "source": None,
    }
    names = [row["name"] for row in api_as().get("/organisations?label=listed").json()["items"]]
    assert names == [organisation.name]
    by_name = (
        api_as().get(f"/organisations?name={organisation.name[:6]}&type=company&placement=corridor").json()["items"]
    )
    assert organisation.name in {row["name"] for row in by_name}


def test_joining_is_asked_confirmed_and_ended(api_as: Callable[..., Api], registry: Registry) -> None:
    newcomer, owner = make_user(), api_as(registry.member)
    path = f"/organisations/{registry.organisation.id}/members"
    asked = api_as(newcomer)("POST", path)
    assert (asked.status_code, asked.json()["state"], asked.json()["role"]) == (201, "pending", "editor")
    assert api_as(newcomer)("POST", path).json()["id"] == asked.json()["id"]
    problem(api_as(newcomer).get(path), 403, "not_allowed")
    assert {row["state"] for row in owner.get(path).json()["items"]} == {"active", "pending"}
    member = f"/members/{asked.json()['id']}"
    problem(api_as(newcomer)("POST", f"{member}/confirm"), 403, "not_allowed")
    assert owner("POST", f"{member}/confirm").json()["state"] == "active"
    problem(api_as(newcomer)("PATCH", member, {"role": "owner"}), 403, "not_allowed")
    problem(owner("PATCH", member, {"role": "emperor"}), 422, "invalid")
    assert owner("PATCH", member, {"role": "owner"}).json()["role"] == "owner"
    assert owner("PATCH", member, {"role": "editor"}).json()["role"] == "editor"
    left = api_as(newcomer)("DELETE", member)
    assert (left.status_code, left.content) == (204, b"")
    mine = registry.organisation.memberships.get(user=registry.member)
    problem(owner("DELETE", f"/members/{mine.pk}"), 409, "last_owner")
    problem(owner("PATCH", f"/members/{mine.pk}", {"role": "editor"}), 409, "last_owner")
    problem(owner("POST", "/members/999999/confirm"), 404, "not_found")
    assert Membership.objects.filter(organisation=registry.organisation).count() == 1


def test_merging_is_the_offices(api_as: Callable[..., Api], registry: Registry) -> None:
    office, first = api_as(registry.office), registry.candidate.first
    problem(api_as(registry.member).get("/merge-candidates"), 403, "not_allowed")
    (pair,) = office.get("/merge-candidates").json()["items"]
    assert (pair["first"]["id"], pair["reason"]["en"]) == (str(first.id), "same name")
    path = f"/merge-candidates/{pair['id']}"
    problem(office("POST", f"{path}/merge", {"keep": str(registry.organisation.id)}), 422, "invalid")
    assert office("POST", f"{path}/merge", {"keep": str(first.id)}).json()["id"] == str(first.id)
    problem(office("POST", f"{path}/reject"), 409, "conflict")
    merged = api_as().get(f"/organisations/{registry.candidate.second_id}").json()
    assert (merged["merged_into"], merged["status"]) == (str(first.id), "closed")
    pair = sorted([make_organisation(), make_organisation()], key=lambda row: row.id)
    other = MergeCandidate.objects.create(first=pair[0], second=pair[1], reason_zh="同名", reason_en="same name")
    assert office("POST", f"/merge-candidates/{other.pk}/reject").status_code == 204
    assert office.get("/merge-candidates").json()["items"] == []


def test_experts(api_as: Callable[..., Api], registry: Registry) -> None:
    (row,) = api_as().get("/experts?name=张&city=330500").json()["items"]
    assert (row["name"], row["fields"], row["resource_count"]) == ("张三", ["电解液"], 1)
    found = api_as().get(f"/experts/{row['id']}").json()
    assert (found["organisation"]["id"], found["city"]["adcode"]) == (str(registry.organisation.id), "330500")
    registry.expert.status = "draft"
    registry.expert.save()
    assert api_as().get(f"/experts/{row['id']}").status_code == 404
    assert api_as(registry.member).get(f"/experts/{row['id']}").status_code == 200


def test_cities_count_what_they_published(
    api_as: Callable[..., Api], registry: Registry, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(6):
        cities = api_as().get("/cities").json()["items"]
    assert [city["name"]["en"] for city in cities[:2]] == ["Songjiang", "Suzhou"]
    huzhou = next(city for city in cities if city["adcode"] == "330500")
    assert (huzhou["needs"], huzhou["resources"]) == (1, 1)
    assert "boundary" not in huzhou
    assert api_as().get("/cities/330500").json()["boundary"]["type"] == "MultiPolygon"


def test_figures_and_their_sources(api_as: Callable[..., Api], registry: Registry) -> None:
    for query in ("", "?city=corridor", "?code=gdp"):
        (figure,) = api_as().get(f"/figures{query}").json()["items"]
        assert (figure["value"], figure["name"]["en"], figure["city"], figure["unit"]) == ("9.1", "GDP", None, None)
    assert api_as().get("/figures?city=330500").json()["items"] == []
    assert api_as().get("/sources/index-2024").json() == figure["source"]


def test_tags_are_counted(api_as: Callable[..., Api], registry: Registry) -> None:
    cache.clear()
    publish(make_need(registry.organisation, tags=["电解液", "100%_"]))
    make_need(registry.organisation, tags=["草稿的"])
    items = api_as().get("/tags").json()["items"]
    assert items[0] == {"tag": "电解液", "needs": 2, "resources": 1, "organisations": 0}
    assert [row["tag"] for row in items] == ["电解液", "100%_"]
    assert [row["tag"] for row in api_as().get("/tags?prefix=100%25").json()["items"]] == ["100%_"]
    assert api_as().get("/tags?prefix=_").json()["items"] == []


def test_the_vocabulary_tells_what_may_be_sent(api_as: Callable[..., Api]) -> None:
    words = api_as().get("/vocabulary").json()
    assert words["resource_kinds"]["loan"] == {"zh": "信贷产品", "en": "loan"}
    assert {"name", "label", "type", "required", "unit", "help", "schema"} == set(words["need_fields"][0])
    trl = next(field for field in words["resource_fields"]["achievement"] if field["name"] == "trl")
    assert trl["schema"] == {"type": "integer", "minimum": 1, "maximum": 9}


def test_provenance_shows_the_original_to_the_office_alone(api_as: Callable[..., Api], registry: Registry) -> None:
    path = f"/needs/{registry.need.id}/provenance"
    for person, original in ((None, None), (registry.member, None), (registry.office, {"电话": "0572"})):
        (row,) = api_as(person).get(path).json()["items"]
        assert (row["source"]["code"], row["original"]) == ("index-2024", original)


def test_history_is_for_those_concerned_and_addresses_for_those_who_audit(
    api_as: Callable[..., Api], registry: Registry
) -> None:
    path = f"/needs/{registry.need.id}/history"
    problem(api_as(make_user()).get(path), 403, "not_allowed")
    draft = make_need(registry.organisation, actor=registry.member)
    for person, name in (
        (registry.member, registry.member.name),
        (registry.office, f"{registry.member.name} <{registry.member.email}>"),
    ):
        (row,) = api_as(person).get(f"/needs/{draft.id}/history").json()["items"]
        assert row["actor_name"] == name
    for person in (registry.member, registry.office, make_user(Role.AUDITOR)):
        rows = api_as(person).get(f"{path}?limit=2").json()
        assert [row["action"] for row in rows["items"]] == ["need_publish", "need_submit"]
        assert rows["next"]
    for collection, record in (
        ("organisations", registry.organisation),
        ("experts", registry.expert),
        ("resources", registry.resource),
    ):
        assert api_as(registry.office).get(f"/{collection}/{record.id}/history").status_code == 200
    problem(api_as(registry.office).get(f"/experts/{registry.need.id}/history"), 404, "not_found")


def test_the_review_queue(api_as: Callable[..., Api], registry: Registry) -> None:
    api_as(registry.member)("POST", f"/needs/{registry.draft.id}/steps/submit")
    queue = api_as(registry.office).get("/review-queue").json()
    assert [row["id"] for row in queue["needs"]] == [str(registry.draft.id)]
    problem(api_as(registry.member).get("/review-queue"), 403, "not_allowed")
