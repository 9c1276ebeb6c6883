"""Reads of the registry: right counts, right order, and no query per row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import make_member, make_need, make_organisation, make_resource, make_user, publish
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.roles import Role
from yunlang.kit.errors import NotFoundError
from yunlang.kit.ids import new_id
from yunlang.registry.models import City, Expert, MergeCandidate, Need, Organisation, Resource
from yunlang.registry.permissions import memberships_of
from yunlang.registry.selectors.corridor import cities, city_named, corridor_counts
from yunlang.registry.selectors.facets import NO_CITY
from yunlang.registry.selectors.listings import (
    ListingFilters,
    facet_counts,
    latest_needs,
    listing_get,
    listings,
    listings_of_actor,
    listings_sorted,
    review_queue,
    status_counts,
)
from yunlang.registry.selectors.organisations import (
    ExpertFilters,
    OrganisationFilters,
    expert_facets,
    experts,
    history_of,
    merge_candidates,
    organisation_facets,
    organisation_get,
    organisations,
    organisations_like,
    organisations_of_actor,
)
from yunlang.registry.services.listings import listing_submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def nine(corridor: Any) -> Any:
    return corridor


@pytest.mark.parametrize(
    ("typed", "adcode"),
    [
        ("330100", "330100"), ("杭州", "330100"), ("杭州市", "330100"), ("浙江省杭州市", "330100"),
        ("浙江杭州", "330100"), ("Hangzhou", "330100"), ("HANGZHOU", "330100"), (" hang zhou ", "330100"),
        ("Hangzhou City", "330100"), ("Hangzhou, Zhejiang", "330100"), ("Ｈａｎｇｚｈｏｕ", "330100"),
        ("３３０１００", "330100"),
        ("松江", "310117"), ("松江区", "310117"), ("上海市松江区", "310117"), ("上海松江", "310117"),
        ("Songjiang", "310117"), ("芜湖市", "340200"), ("安徽省 芜湖市", "340200"), ("苏州", "320500"),
    ],
)  # fmt: skip
def test_a_city_is_known_by_every_usual_way_to_name_it(nine: Any, typed: str, adcode: str) -> None:
    city = city_named(typed)
    assert city is not None
    assert city.adcode == adcode


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", "\0", "33010", "330110", "浙江", "上海", "Hang", "Hangzhou Bay", "江苏省杭州市",
        "杭州湾", "杭州湾新区", "杭州路", "苏州河", "苏州街道", "宿州", "苏州区", "湖州路", "金华火腿", "合肥路",
        "松江市", "松江镇", "松江新城", "吉林松江", "芜湖县",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_city_is_none(nine: Any, typed: str) -> None:
    assert city_named(typed) is None


def test_the_nine_cities_come_in_the_corridors_order_without_their_outlines(nine: Any) -> None:
    found = cities()
    assert [city.name_zh for city in found] == [
        "松江", "苏州", "嘉兴", "杭州", "金华", "湖州", "宣城", "芜湖", "合肥",
    ]  # fmt: skip
    assert "boundary" in found[0].get_deferred_fields()


def test_the_corridor_counts_what_is_published_and_what_could_not_be_placed(nine: Any) -> None:
    placed, nowhere = make_organisation(city="湖州"), make_organisation(city="")
    publish(make_need(placed))
    publish(make_resource(nowhere))
    make_need(placed)
    with CaptureQueriesContext(connection) as queries:
        counts = corridor_counts()
    assert len(queries) == 5
    assert (counts.organisations, counts.resources, counts.needs, counts.unplaced_organisations) == (2, 1, 1, 1)
    by_city = {row.city.name_en: (row.organisations, row.resources, row.needs) for row in counts.cities}
    assert len(by_city) == 9
    assert by_city["Huzhou"] == (1, 0, 1)
    assert by_city["Hefei"] == (0, 0, 0)


@pytest.mark.parametrize(
    "typed",
    ["云廊", "杭州(云廊)科技有限公司", "杭州（云廊）科技股份有限公司", " 杭州 （云廊） ", "YUNLANG", "yunlang tech"],
)
def test_an_organisation_is_found_by_part_of_its_name_in_any_width_form_and_language(nine: Any, typed: str) -> None:
    wanted = make_organisation(name="杭州（云廊）科技有限公司", name_en="Yunlang Tech (Hangzhou)", city="杭州")
    make_organisation(name="杭州某某科技有限公司")
    assert list(organisations(OrganisationFilters(name=typed))) == [wanted]
    assert organisations_like(typed) == [wanted]


@pytest.mark.parametrize("typed", ["%", "_", "\\", "\0", "'; DROP TABLE registry_organisation; --", "100%_"])
def test_a_name_is_searched_as_it_stands(nine: Any, typed: str) -> None:
    make_organisation()
    shown = 1 if not typed.strip("\0") else 0
    assert organisations(OrganisationFilters(name=typed)).count() == shown
    assert experts(ExpertFilters(name=typed)).count() == 0
    assert organisations_like(typed) == []


def test_lists_sort_by_time_by_end_and_by_amount_with_what_is_unknown_last(nine: Any) -> None:
    rows = [
        publish(make_need(title=title, deadline=deadline, budget=budget))
        for title, deadline, budget in (
            ("一", "2099-03-01", ""),
            ("二", "", "200 万元"),
            ("三", "2099-01-01", "100 万元"),
        )
    ]
    query = listings(Need, ListingFilters())
    titles = {
        sort: [one.title for one in listings_sorted(query, sort)] for sort in ("newest", "deadline", "amount", "?")
    }
    assert titles["newest"] == titles["?"] == [one.title for one in reversed(rows)]
    assert titles["deadline"] == ["三", "一", "二"]
    assert titles["amount"] == ["二", "三", "一"]


def test_a_list_of_one_organisation_and_its_counts_by_status(nine: Any) -> None:
    mine = make_organisation()
    publish(make_need(mine))
    draft = make_need(mine)
    publish(make_need())
    assert listings(Need, ListingFilters(organisation_id=mine.id)).count() == 1
    assert status_counts(Need.objects.filter(organisation=mine).order_by("title")) == {"published": 1, "draft": 1}
    assert draft not in listings(Need, ListingFilters())


def test_the_workbench_shows_what_one_looks_after_and_nothing_of_a_former_employer(nine: Any) -> None:
    member, manager = make_user(), make_user(Role.MANAGER)
    mine, other = make_organisation(), make_organisation()
    make_member(member, mine)
    past = make_member(member, other)
    for_own, for_other = make_need(mine, actor=member), make_need(other, actor=member)
    on_behalf = make_need(other, actor=manager)
    assert set(listings_of_actor(Need, member)) == {for_own, for_other, on_behalf}
    past.delete()
    again = type(member).objects.get(pk=member.pk)
    assert set(listings_of_actor(Need, again)) == {for_own}
    assert set(listings_of_actor(Need, manager)) == {on_behalf}
    assert not listings_of_actor(Need, SYSTEM).exists()
    assert [row.organisation for row in organisations_of_actor(again)] == [mine]
    assert organisations_of_actor(SYSTEM) == []


def test_the_review_queue_is_oldest_first(nine: Any) -> None:
    first, second = make_need(), make_need()
    start = timezone.now()
    for minutes, need in ((2, first), (1, second)):
        listing_submit(actor=SYSTEM, model=Need, listing_id=need.id, at=start + timedelta(minutes=minutes))
    queue = review_queue()
    assert queue["need"] == [second, first]
    assert queue["resource"] == []


def test_what_is_not_there_is_not_found(nine: Any) -> None:
    for model in (Need, Resource):
        with pytest.raises(NotFoundError):
            listing_get(model, new_id())
    with pytest.raises(NotFoundError):
        organisation_get(new_id())


def test_experts_are_counted_with_their_published_works_and_by_city(nine: Any) -> None:
    placed, nowhere = make_organisation(city="湖州"), make_organisation(city="")
    known = Expert.objects.create(name="张三", organisation=placed, industry="biomedicine")
    Expert.objects.create(name="李四", organisation=nowhere)
    Expert.objects.create(name="王五", organisation=placed, status="draft")
    publish(make_resource(placed, expert="张三"))
    make_resource(placed, expert="张三")
    assert [(row.name, row.resource_count) for row in experts(ExpertFilters())] == [("张三", 1), ("李四", 0)]
    assert expert_facets(ExpertFilters()) == {"city": {"330500": 1, NO_CITY: 1}, "industry": {"biomedicine": 1}}
    filters = ExpertFilters(cities=["330500"], industries=["biomedicine"], organisation_id=placed.id, name="张")
    assert list(experts(filters)) == [known]
    assert [row.name for row in experts(ExpertFilters(cities=[NO_CITY]))] == ["李四"]


def test_the_history_of_a_record_is_latest_first(nine: Any) -> None:
    need = publish(make_need())
    assert [entry.action for entry in history_of("need", need.id)] == ["need_publish", "need_submit", "need_create"]


def _read_organisation(row: Organisation) -> Any:
    return (row.name, row.place.zh)


def _read_listing(row: Any) -> Any:
    return (row.title, row.organisation.place.zh, row.city.label.en)


READS: dict[str, Any] = {
    "listings": lambda: [_read_listing(row) for row in listings(Need, ListingFilters())],
    "latest needs": lambda: [_read_listing(row) for row in latest_needs(50)],
    "review queue": lambda: [_read_listing(row) for row in review_queue()["need"]],
    "my listings": lambda: [_read_listing(row) for row in listings_of_actor(Need, _manager())],
    "organisations": lambda: [_read_organisation(row) for row in organisations(OrganisationFilters())],
    "organisations like": lambda: [_read_organisation(row) for row in organisations_like("机构", limit=50)],
    "experts": lambda: [(row.name, row.organisation.place.zh, row.resource_count) for row in experts(ExpertFilters())],
    "merge candidates": lambda: [_read_organisation(row.first) for row in merge_candidates()],
    "facets": lambda: facet_counts(Need, ListingFilters()),
    "organisation facets": lambda: organisation_facets(OrganisationFilters()),
}


def _manager() -> Any:
    return Need.objects.exclude(created_by=None).first().created_by  # type: ignore[union-attr]


@pytest.mark.parametrize("name", sorted(READS))
def test_ten_times_the_rows_take_no_more_queries_and_no_city_outline(nine: Any, name: str) -> None:
    manager = make_user(Role.MANAGER)
    _fill(manager, 1)
    few = _queries(name)
    _fill(manager, 10)
    many = _queries(name)
    assert len(many) == len(few)
    assert not any('"boundary"' in query["sql"] for query in many)


def _fill(manager: Any, number: int) -> None:
    for _ in range(number):
        organisation = make_organisation()
        publish(make_need(organisation, actor=manager))
        waiting = make_need(organisation)
        listing_submit(actor=SYSTEM, model=Need, listing_id=waiting.id, at=timezone.now())
        Expert.objects.create(name="张三", organisation=organisation)
        first, second = sorted((organisation, make_organisation()), key=lambda row: row.pk)
        MergeCandidate.objects.create(first=first, second=second)


def _queries(name: str) -> list[dict[str, str]]:
    with CaptureQueriesContext(connection) as queries:
        assert READS[name]()
    return list(queries.captured_queries)


def test_a_detail_page_reads_its_listing_in_one_query(nine: Any) -> None:
    resource = make_resource(make_organisation())
    with CaptureQueriesContext(connection) as queries:
        found = listing_get(Resource, resource.id)
        _read_listing(found)
        assert (found.expert, found.created_by) == (None, None)
    assert len(queries) == 1


def test_a_visitor_belongs_to_nothing(nine: Any) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert memberships_of(AnonymousUser()) == {}
    assert len(queries) == 0
    assert City.objects.count() == 9
