"""The lists: what the address says is what is shown; whatever it says, no error."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_need, make_organisation, make_resource, publish
from yunlang.registry.models import Expert, OrganisationLabel

pytestmark = pytest.mark.django_db

LISTS = ("/needs/", "/resources/", "/organisations/", "/experts/")


@pytest.fixture(autouse=True)
def _cities(corridor: object) -> None: ...


def _text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def _make_many(count: int) -> None:
    for number in range(count):
        organisation = make_organisation(city="杭州" if number % 2 else "苏州", industry="new_materials")
        OrganisationLabel.objects.create(organisation=organisation, label="high_tech")
        expert = Expert.objects.create(name=f"专家{number}", organisation=organisation, fields=["电解液"])
        publish(make_need(organisation))
        publish(make_resource(organisation, expert=expert.name, tags="电池"))


@pytest.mark.parametrize("address", LISTS)
def test_a_longer_list_asks_the_database_no_more(client: Client, address: str) -> None:
    _make_many(2)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(address)
    _make_many(25)
    with CaptureQueriesContext(connection) as many:
        response = client.get(address)
    assert len(response.context["page"].object_list) == 20
    assert len(many) == len(few)
    assert len(many) <= 10


def test_facets_narrow_count_and_can_be_taken_off(client: Client) -> None:
    publish(make_need(make_organisation(city="杭州"), title="杭州的技术需求"))
    publish(make_need(make_organisation(city="苏州"), kind="finance", title="苏州的资金需求"))
    page = _text(client, "/needs/?city=330100&page=1")
    assert "杭州的技术需求" in page
    assert "苏州的资金需求" not in page
    context = client.get("/needs/?city=330100").context
    cities = {one["value"]: one["count"] for one in context["facets"][1]["values"]}
    assert (cities["330100"], cities["320500"], cities["340100"]) == (1, 1, 0)
    assert [one["value"] for one in context["facets"][1]["values"]][:2] == ["310117", "320500"]
    assert [(chip.label.zh, chip.href) for chip in context["chips"]] == [("杭州", "/needs/")]


def test_a_chip_takes_off_only_its_own_value(client: Client) -> None:
    chips = client.get("/needs/?city=330100&city=320500&kind=finance&page=3").context["chips"]
    assert [chip.href for chip in chips] == [
        "?city=330100&city=320500",
        "?kind=finance&city=320500",
        "?kind=finance&city=330100",
    ]


def test_resources_narrow_by_level_price_tag_and_organisation(client: Client) -> None:
    organisation = make_organisation()
    publish(make_resource(organisation, title="成熟而便宜", trl="8", price="10 万元", tags="电池"))
    publish(make_resource(organisation, title="早期", trl="3", price="10 万元", tags="电池"))
    publish(make_resource(organisation, title="成熟而昂贵", trl="8", price="900 万元", tags="电池"))
    publish(make_resource(title="别家的", trl="8", price="10 万元", tags="电池"))
    address = "/resources/?" + urlencode(
        {"trl": 5, "amount": "50 万元", "tag": "电池", "organisation": organisation.pk}
    )
    titles = [listing.title for listing, _, _ in client.get(address).context["rows"]]
    assert titles == ["成熟而便宜"]


def test_an_amount_that_is_none_is_said_so_and_kept(client: Client) -> None:
    publish(make_need(title="仍然列出"))
    page = _text(client, "/needs/?amount=很多钱")
    assert "不是金额" in page
    assert 'value="很多钱"' in page
    assert "仍然列出" in page


def test_drafts_are_not_listed_and_closed_ones_only_on_request(client: Client) -> None:
    make_need(title="未发布的秘密")
    assert "未发布的秘密" not in _text(client, "/needs/?status=draft")
    assert "未发布的秘密" not in _text(client, "/needs/")
    assert [status for status, _, chosen in client.get("/needs/?status=closed").context["statuses"] if chosen] == [
        "closed"
    ]


def test_sorting_by_amount_and_paging_keep_each_other(client: Client) -> None:
    organisation = make_organisation()
    for number in range(21):
        publish(make_need(organisation, title=f"需求 {number}", budget=f"{number + 1} 万元"))
    first = client.get("/needs/?sort=amount")
    assert first.context["rows"][0][0].title == "需求 20"
    last = client.get("/needs/?sort=amount&page=2")
    assert [listing.title for listing, _, _ in last.context["rows"]] == ["需求 0"]
    assert "?sort=amount&amp;page=2" in first.content.decode()


def test_an_empty_list_says_what_to_do(client: Client) -> None:
    assert "/needs/new/" in _text(client, "/needs/")
    filtered = _text(client, "/resources/?kind=loan")
    assert "没有符合这些条件的记录" in filtered
    assert "没有符合这些条件的机构" in _text(client, "/organisations/?name=不存在的")


def test_organisations_are_found_by_part_of_a_name_and_by_placement(client: Client) -> None:
    make_organisation(name="宁波某某研究院", city="", seat="浙江省宁波市")
    make_organisation(name="不知在何处", city="")
    assert "宁波某某研究院" in _text(client, "/organisations/?name=某某")
    page = client.get("/organisations/?placement=outside")
    assert [one.name for one, _, _ in page.context["rows"]] == ["宁波某某研究院"]
    placements = {one["value"]: one["count"] for one in page.context["facets"][2]["values"]}
    assert placements == {"outside": 1, "unknown": 1}


def test_a_label_out_of_date_is_not_shown_in_the_row(client: Client) -> None:
    organisation = make_organisation()
    OrganisationLabel.objects.create(organisation=organisation, label="high_tech", valid_until=date(2020, 1, 1))
    OrganisationLabel.objects.create(organisation=organisation, label="listed")
    ((_, labels, _),) = client.get("/organisations/").context["rows"]
    assert labels == ["listed"]


def test_rows_speak_english_when_asked(client: Client) -> None:
    publish(make_need(make_organisation(city="湖州")))
    client.cookies["django_language"] = "en"
    page = _text(client, "/needs/")
    assert "Huzhou" in page
    assert "CNY 2 million" in page


GARBAGE = st.sampled_from(
    ["abc", "-1", "0", "10" * 400, str(10**9), "", "xxx", "𠮷", "%", "'", "١", "1e9", "..", "²"]
) | st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
NAMES = st.sampled_from(
    ("page", "sort", "city", "kind", "type", "industry", "label", "placement", "name", "organisation", "tag", "amount")
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parameters=st.lists(st.tuples(NAMES, GARBAGE), max_size=8))
def test_no_address_breaks_a_list(client: Client, parameters: list[tuple[str, str]]) -> None:
    for address in LISTS:
        assert client.get(f"{address}?{urlencode(parameters)}").status_code == 200


def test_text_that_cannot_be_kept_is_refused_with_a_page(client: Client) -> None:
    for address in LISTS:
        answer = client.get(f"{address}?name=a%00b")
        assert answer.status_code == 400
        assert "无法处理的请求" in answer.content.decode()
