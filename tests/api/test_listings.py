"""Needs and resources through the API: who sees what, and a life from draft to closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from tests.api.conftest import Api, Registry
from tests.api.test_problems import problem
from tests.factories import make_member, make_need, make_organisation, make_resource, make_user, publish
from yunlang.accounts.roles import Role
from yunlang.kit.models import AuditEntry
from yunlang.registry.models import Need, OrganisationLabel, Resource

pytestmark = pytest.mark.django_db


def ids(answer: Any) -> set[str]:
    """Return the ids of a page."""
    assert answer.status_code == 200, answer.content
    return {row["id"] for row in answer.json()["items"]}


def test_a_need_lives_its_life(api_as: Callable[..., Api], registry: Registry) -> None:
    member, office, anybody = api_as(registry.member), api_as(registry.office), api_as()
    body = {
        "organisation": str(registry.organisation.id),
        "kind": "technology",
        "title": "卫星互联网相控阵天线",
        "tags": ["天线"],
    }
    made = member("POST", "/needs", body)
    assert made.status_code == 201
    need = made.json()
    assert (need["status"], need["budget"], need["city"]["adcode"], need["steps"]) == (
        "draft",
        None,
        "330500",
        ["submit"],
    )
    path = f"/needs/{need['id']}"
    assert anybody.get(path).status_code == 404
    incomplete = problem(member("POST", f"{path}/steps/submit"), 422, "invalid")
    assert [error["pointer"] for error in incomplete["errors"]] == ["#/description"]
    changed = member(
        "PATCH", path, {"description": "Ka 频段，成本降低一半。", "budget": "120 万元", "city": "合肥"}
    ).json()
    assert (changed["budget"], changed["city"]["name"]["en"], changed["tags"]) == ("1200000.00", "Hefei", ["天线"])
    assert member("POST", f"{path}/steps/submit").json()["status"] == "in_review"
    problem(member("POST", f"{path}/steps/publish"), 403, "not_allowed")
    problem(member("PATCH", path, {"title": "改"}), 409, "not_a_draft")
    returned = office("POST", f"{path}/steps/return", {"note": "请补充指标。"}).json()
    assert (returned["status"], returned["review_note"]) == ("draft", "请补充指标。")
    assert member("POST", f"{path}/steps/submit").status_code == 200
    published = office("POST", f"{path}/steps/publish").json()
    assert published["status"] == "published"
    assert need["id"] in ids(anybody.get("/needs?tag=天线"))
    assert member("POST", f"{path}/steps/close").json()["steps"] == ["reopen"]
    assert anybody.get(path).json()["status"] == "closed"
    assert member("POST", f"{path}/steps/reopen").json()["status"] == "draft"
    problem(office("POST", f"{path}/steps/publish"), 409, "step_not_possible")
    actions = AuditEntry.objects.filter(object_id=need["id"]).order_by("id").values_list("action", flat=True)
    assert list(actions) == [
        f"need_{step}" for step in ("create", "update", "submit", "return", "submit", "publish", "close", "reopen")
    ]


def test_a_draft_is_deleted_and_what_was_public_is_not(api_as: Callable[..., Api], registry: Registry) -> None:
    member, organisation = api_as(registry.member), registry.organisation
    for collection, draft, public in (
        ("needs", registry.draft, registry.need),
        ("resources", make_resource(organisation), registry.resource),
    ):
        path = f"/{collection}/{draft.id}"
        assert api_as(make_user())("DELETE", path).status_code == 404
        problem(api_as(make_user(Role.AUDITOR))("DELETE", path), 403, "not_allowed")
        gone = member("DELETE", path)
        assert (gone.status_code, gone.content) == (204, b"")
        assert member.get(path).status_code == 404
        problem(member("DELETE", f"/{collection}/{public.id}"), 409, "not_discardable")
        problem(api_as(make_user())("DELETE", f"/{collection}/{public.id}"), 403, "not_allowed")
    problem(api_as()("DELETE", f"/needs/{registry.need.id}"), 401, "sign_in_required")


def test_a_resource_keeps_what_its_kind_has(api_as: Callable[..., Api], registry: Registry) -> None:
    member = api_as(registry.member)
    body = {
        "organisation": str(registry.organisation.id),
        "kind": "loan",
        "title": "科创贷",
        "amount_maximum": 5_000_000,
        "term_months": 12,
        "valid_from": "2026-01-01",
    }
    made = member("POST", "/resources", body).json()
    assert made["details"] == {"amount_maximum": "5000000.00", "term_months": 12}
    assert (made["valid_from"], made["price"], made["expert"]) == ("2026-01-01", None, None)
    path = f"/resources/{made['id']}"
    strange = problem(member("PATCH", path, {"maker": "谁"}), 422, "invalid")
    assert [error["pointer"] for error in strange["errors"]] == ["#/maker"]
    kept = member("PATCH", path, {"rate_note": "LPR + 50 个基点", "valid_from": None}).json()
    assert kept["details"] == {"amount_maximum": "5000000.00", "term_months": 12, "rate_note": "LPR + 50 个基点"}
    assert kept["valid_from"] is None
    problem(member("POST", "/resources", {**body, "kind": "dream"}), 422, "invalid")
    problem(member("POST", "/resources", body), 409, "listing_exists")


def test_an_achievement_names_its_expert(api_as: Callable[..., Api], registry: Registry) -> None:
    found = api_as().get(f"/resources/{registry.resource.id}").json()
    assert found["expert"] == {"id": str(registry.expert.id), "name": "张三"}
    assert (found["trl"], found["price"]) == (6, "1500000.00")
    # A change of one field keeps the expert, who is chosen by name.
    draft = make_resource(registry.organisation, expert="张三")
    changed = api_as(registry.member)("PATCH", f"/resources/{draft.id}", {"trl": 7}).json()
    assert (changed["trl"], changed["expert"]["name"]) == (7, "张三")


def test_a_later_change_is_not_overwritten(api_as: Callable[..., Api], registry: Registry) -> None:
    member, path = api_as(registry.member), f"/needs/{registry.draft.id}"
    seen = member.get(path).json()["updated_at"]
    assert member("PATCH", path, {"title": "第一位改的", "updated_at": seen}).status_code == 200
    problem(member("PATCH", path, {"title": "第二位改的", "updated_at": seen}), 409, "conflict")
    assert member.get(path).json()["title"] == "第一位改的"


@pytest.mark.parametrize("who", ["nobody", "stranger", "member", "manager", "office", "auditor"])
def test_drafts_are_seen_by_those_concerned(api_as: Callable[..., Api], registry: Registry, who: str) -> None:
    people = {
        "member": registry.member,
        "office": registry.office,
        "stranger": make_user(),
        "manager": make_user(Role.MANAGER),
        "auditor": make_user(Role.AUDITOR),
    }
    calls, path = api_as(people.get(who)), f"/needs/{registry.draft.id}"
    concerned = who in ("member", "office", "auditor")
    assert calls.get(path).status_code == (200 if concerned else 404)
    assert calls.get(f"{path}/provenance").status_code == (200 if concerned else 404)
    if who == "nobody":
        problem(calls.get("/needs?status=draft"), 401, "sign_in_required")
    else:
        assert (str(registry.draft.id) in ids(calls.get("/needs?status=draft"))) is concerned
    assert str(registry.draft.id) not in ids(calls.get("/needs"))
    change = calls("PATCH", path, {"title": "改"})
    assert change.status_code == {"nobody": 401, "auditor": 403}.get(who, 200 if concerned else 404)


def test_a_manager_keeps_what_was_made_on_behalf(api_as: Callable[..., Api], registry: Registry) -> None:
    manager = api_as(make_user(Role.MANAGER))
    made = manager(
        "POST", "/needs", {"organisation": str(registry.other.id), "kind": "talent", "title": "招工艺工程师"}
    ).json()
    assert ids(manager.get("/needs?status=draft")) == {made["id"]}


def test_nobody_posts_for_a_strange_organisation(api_as: Callable[..., Api], registry: Registry) -> None:
    body = {"organisation": str(registry.other.id), "kind": "technology", "title": "冒名"}
    problem(api_as(registry.member)("POST", "/needs", body), 403, "not_allowed")
    body["organisation"] = "0198c0de-6a52-7000-8000-3f1b5a2c9d10"
    problem(api_as(registry.member)("POST", "/needs", body), 404, "not_found")
    assert not Need.objects.filter(title="冒名").exists()


def test_steps_take_a_note_only_to_return(api_as: Callable[..., Api], registry: Registry) -> None:
    member, office, path = api_as(registry.member), api_as(registry.office), f"/needs/{registry.draft.id}/steps"
    problem(member("POST", f"{path}/submit", {"note": "为什么"}), 422, "invalid")
    assert member("POST", f"{path}/submit", {}).status_code == 200
    problem(office("POST", f"{path}/return"), 422, "invalid")
    problem(office("POST", f"{path}/expire"), 422, "invalid")
    assert member("POST", f"{path}/withdraw").json()["status"] == "draft"


def test_lists_are_restricted_as_pages_are(api_as: Callable[..., Api], corridor: Any) -> None:
    huzhou, hefei = make_organisation(), make_organisation(city="340100")
    outside = make_organisation(city="", seat="北京")
    OrganisationLabel.objects.create(organisation=hefei, label="high_tech", valid_from=date(2025, 1, 1))
    ripe = publish(make_resource(huzhou, trl="8", price="10 万元", industry="new_materials", tags=["电解液", "锂"]))
    raw = publish(make_resource(hefei, trl="3", price="900 万元", tags=["电解液"]))
    far = publish(make_resource(outside, kind="instrument", price="50 万元"))
    anybody = api_as()
    expected = {
        "": {ripe, raw, far},
        "city=330500": {ripe},
        "city=330500&city=340100": {ripe, raw},
        "city=none": {far},
        "kind=instrument": {far},
        "kind=instrument&kind=achievement&city=340100": {raw},
        "industry=new_materials": {ripe},
        "tag=电解液": {ripe, raw},
        "tag=电解液&tag=锂": {ripe},
        "label=high_tech": {raw},
        f"organisation={hefei.id}": {raw},
        "trl_minimum=5": {ripe},
        "amount_maximum=500000": {ripe, far},
        "status=closed": set(),
    }
    for query, resources in expected.items():
        assert ids(anybody.get(f"/resources?{query}")) == {str(row.id) for row in resources}, query


@pytest.mark.parametrize(
    ("path", "queries"), [("/needs", 2), ("/resources", 2), ("/organisations", 3), ("/experts", 2)]
)
def test_lists_ask_the_database_as_often_for_many_as_for_one(
    api_as: Callable[..., Api], registry: Registry, django_assert_num_queries: Any, path: str, queries: int
) -> None:
    for number in range(12):
        organisation = make_organisation(city="340100")
        OrganisationLabel.objects.create(organisation=organisation, label="listed")
        publish(make_need(organisation))
        organisation.experts.create(name=f"专家 {number}")
        publish(make_resource(organisation, expert=f"专家 {number}"))
    with django_assert_num_queries(queries):  # the limit's count, the rows, and labels where there are any
        assert len(api_as().get(path).json()["items"]) >= 13


def test_one_record_takes_few_questions(
    api_as: Callable[..., Api], registry: Registry, django_assert_max_num_queries: Any
) -> None:
    colleague = make_user()
    make_member(colleague, registry.organisation)
    member = api_as(colleague)
    member.get("/me")
    context: CaptureQueriesContext
    for path, queries in (
        (f"/needs/{registry.draft.id}", 4),
        (f"/resources/{registry.resource.id}", 4),
        (f"/organisations/{registry.organisation.id}", 10),
    ):
        with django_assert_max_num_queries(queries) as context:
            assert member.get(path).status_code == 200
        assert len(context)


def test_money_and_time_are_written_one_way(api_as: Callable[..., Api], registry: Registry) -> None:
    need = api_as().get(f"/needs/{registry.need.id}").json()
    assert need["budget"] == "2000000.00"
    assert need["published_at"].endswith("Z")
    registry.need.refresh_from_db()
    assert need["updated_at"] == registry.need.updated_at.isoformat().replace("+00:00", "Z")
    assert Resource.objects.count() == 1
