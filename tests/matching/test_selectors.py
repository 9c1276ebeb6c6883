"""What is asked of the engine, and how its answers are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import make_need, make_organisation, make_resource, make_user, publish
from yunlang.accounts.roles import Role
from yunlang.kit.errors import NotFoundError
from yunlang.kit.ids import new_id
from yunlang.matching import engine
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.index import SearchIndex
from yunlang.matching.core.query import Query
from yunlang.matching.selectors import (
    city_values,
    evidence,
    hit_record,
    match,
    need_query,
    need_visible,
    usual_similarity,
)
from yunlang.registry.core.kinds import NEED_KINDS, RESOURCE_KINDS
from yunlang.registry.models import Expert

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor", "encoder")]
Build = Callable[..., SearchIndex]


def test_a_need_asks_with_its_words_and_conditions() -> None:
    need = make_need(
        title="高镍电解液", description="循环 500 次。", tags="电解液；电池", city="杭州", budget="200 万元",
        deadline="2099-06-30", trl_minimum="5",
    )  # fmt: skip
    assert need_query(need) == Query(
        title="高镍电解液", text="电解液\n电池\n循环 500 次。", city="330100", kinds=(), trl=5,
        budget=Decimal("2000000.00"), deadline=date(2099, 6, 30),
    )  # fmt: skip


def test_a_need_that_states_little_asks_for_little() -> None:
    need = make_need(make_organisation(city=""), description="很短", budget="", deadline="")
    asked = need_query(need)
    assert (asked.city, asked.budget, asked.deadline, asked.trl, asked.kinds) == ("", None, None, None, ())


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [("finance", ("loan", "fund")), ("talent", ("talent", "expertise")), ("instrument", ("instrument",)),
     ("space", ("space",)), ("technology", ()), ("market", ())],
)  # fmt: skip
def test_a_need_prefers_the_kinds_that_serve_it(kind: str, wanted: tuple[str, ...]) -> None:
    assert kind in NEED_KINDS
    assert need_query(make_need(kind=kind)).kinds == wanted


def test_the_nine_kinds_are_searched_unless_others_are_named(build: Build) -> None:
    organisation = make_organisation(name="电解液科技有限公司")
    Expert.objects.create(organisation=organisation, name="电解液专家", fields=["电解液"])
    publish(make_need(organisation, title="电解液需求"))
    for kind in RESOURCE_KINDS:
        publish(make_resource(organisation, kind=kind, title=f"电解液 {kind}"))
    build()
    kinds = lambda filters: {hit.document.kind for hit in match(Query(title="电解液"), filters).hits}  # noqa: E731
    assert kinds(None) == set(RESOURCE_KINDS)
    assert kinds(Filters(cities=("330500",))) == set(RESOURCE_KINDS)
    assert kinds(Filters(kinds=("expert", "need"))) == {"expert", "need"}


def test_cities_none_stands_for_none_of_the_nine(build: Build) -> None:
    publish(make_resource(make_organisation(city="湖州"), title="湖州电解液"))
    publish(make_resource(make_organisation(city="", seat="山东"), title="山东电解液"))
    build()
    found = match(Query(title="电解液"), Filters(cities=city_values(["none"])))
    assert [hit.document.title for hit in found.hits] == ["山东电解液"]
    assert city_values(("330500", "none")) == ("330500", "")


def test_a_hit_is_told_as_the_issue_asks(build: Build) -> None:
    organisation = make_organisation(name="湖州材料", city="湖州")
    Expert.objects.create(organisation=organisation, name="张三")
    row = publish(make_resource(organisation, title="电解液添加剂", expert="张三"))
    build()
    (hit,) = match(Query(title="电解液添加剂")).hits
    record = hit_record(hit, "zh-hans")
    assert {"id", "kind", "title", "organisation", "city", "score", "reasons"} <= record.keys()
    expected: dict[str, Any] = {
        "id": str(row.pk), "kind": "achievement", "title": "电解液添加剂", "organisation": "湖州材料", "city": "湖州",
        "adcode": "330500", "place": "", "in_corridor": True, "expert": "张三", "illustrative": False, "good": True,
    }  # fmt: skip
    assert record | expected == record
    assert 0.5 < record["score"] <= 1
    assert {"words", "similarity", "sentences", "conditions", "grades"} == record["reasons"].keys()
    assert record["reasons"]["words"]
    assert sum(record["reasons"]["grades"]) == pytest.approx(1, abs=0.001)
    assert hit_record(hit, "en")["city"] == "Huzhou"


def test_a_place_outside_the_corridor_is_named_and_an_unknown_one_is_not(build: Build) -> None:
    publish(make_resource(make_organisation(city="", seat="山东济南"), title="甲电解液"))
    publish(make_resource(make_organisation(city=""), title="乙电解液"))
    build()
    records = {
        record["title"]: record for hit in match(Query(title="电解液")).hits for record in [hit_record(hit, "en")]
    }
    assert (records["甲电解液"]["city"], records["甲电解液"]["in_corridor"]) == ("山东济南", False)
    assert (records["乙电解液"]["city"], records["乙电解液"]["adcode"]) == (None, None)


def test_evidence_is_of_one_document_and_none_of_what_is_not_there(build: Build) -> None:
    row = publish(make_resource(title="电解液添加剂", summary="适用于高镍正极。循环寿命长。"))
    build()
    found = evidence(Query(title="高镍正极的电解液"), str(row.pk))
    assert found is not None
    document, reasons = found
    assert document.id == str(row.pk)
    assert reasons.sentences is not None
    assert reasons.sentences.by == "vectors"
    assert evidence(Query(title="电解液"), str(new_id())) is None
    assert evidence(Query(title="电解液"), "\x00") is None


def test_the_usual_similarity_is_told_of_a_known_encoder_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert usual_similarity() is None
    monkeypatch.setattr(engine, "encoder", lambda: type("Known", (), {"name": "e5-small-q4"}))
    assert usual_similarity() == pytest.approx(0.85, abs=0.05)


def test_matching_asks_the_database_nothing(build: Build) -> None:
    row = publish(make_resource())
    build()
    with CaptureQueriesContext(connection) as seen:
        match(Query(title="电解液"))
        evidence(Query(title="电解液"), str(row.pk))
    assert len(seen) == 0


def test_a_need_is_seen_by_whoever_may_and_is_not_there_for_others() -> None:
    owner = make_user()
    organisation = make_organisation(owner)
    draft, public = make_need(organisation), publish(make_need(organisation))
    for actor in (AnonymousUser(), make_user(), owner, make_user(Role.OFFICE)):
        assert need_visible(actor, public.pk) == public
    for actor in (owner, make_user(Role.OFFICE), make_user(Role.AUDITOR)):
        assert need_visible(actor, draft.pk) == draft
    refusals = []
    for actor, need_id in ((AnonymousUser(), draft.pk), (make_user(), draft.pk), (owner, new_id())):
        with pytest.raises(NotFoundError) as refused:
            need_visible(actor, need_id)
        refusals.append(refused.value.text)
    assert len(set(refusals)) == 1
