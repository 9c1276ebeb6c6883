"""Cursors: all pages together are the whole list, each row once, whatever comes in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import Api, Registry
from tests.api.test_problems import problem
from tests.factories import make_need, make_organisation, make_resource, publish
from yunlang.accounts.api import CallLimits
from yunlang.config.api import caller
from yunlang.registry.models import Need, Organisation, Source

pytestmark = pytest.mark.django_db

FIRST = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller, "limits", CallLimits.per_minute(anonymous=10**6, person=10**6))


def walk(api: Api, path: str, between: Callable[[], None] = lambda: None) -> list[list[dict[str, Any]]]:
    """Return all pages of a list, doing something between them."""
    pages = []
    address: str | None = f"http://testserver/api/v1{path}"
    while address is not None:
        parts = urlsplit(address)
        assert parts.path.startswith("/api/v1")
        answer = api.get(f"{parts.path.removeprefix('/api/v1')}?{parts.query}")
        assert answer.status_code == 200, answer.content
        page = answer.json()
        pages.append(page["items"])
        address = page["next"]
        between()
    return pages


@given(
    minutes=st.lists(st.integers(0, 4), min_size=1, max_size=12),
    limit=st.integers(1, 5),
    arrivals=st.lists(st.integers(0, 5), max_size=4),
)
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_walk_sees_every_need_once(
    api_as: Callable[..., Api], corridor: Any, minutes: list[int], limit: int, arrivals: list[int]
) -> None:
    Need.objects.all().delete()
    organisation = make_organisation()

    def add(minute: int) -> None:
        Need.objects.create(
            organisation=organisation,
            kind="technology",
            title=f"需求 {Need.objects.count()}",
            description="说明",
            status="published",
            published_at=FIRST + timedelta(minutes=minute),
        )

    for minute in minutes:
        add(minute)
    before = list(Need.objects.order_by("-published_at", "id").values_list("id", flat=True))
    coming = iter(arrivals)
    pages = walk(api_as(), f"/needs?limit={limit}", lambda: next((add(minute) for minute in coming), None))
    seen = [row["id"] for page in pages for row in page]
    assert len(seen) == len(set(seen))
    assert [record for record in seen if record in set(map(str, before))] == list(map(str, before))
    assert all(len(page) == limit for page in pages[:-1])
    times = [row["published_at"] for page in pages for row in page]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
def test_other_lists_are_walked_whole(api_as: Callable[..., Api], registry: Registry, limit: int) -> None:
    for number in range(4):
        Source.objects.create(code=f"source-{number}", title_zh="来源", title_en="Source")
    anybody = api_as()
    codes = [row["code"] for page in walk(anybody, f"/sources?limit={limit}") for row in page]
    assert codes == sorted(Source.objects.values_list("code", flat=True))
    ids = [row["id"] for page in walk(anybody, f"/organisations?limit={limit}") for row in page]
    assert ids == [str(key) for key in Organisation.objects.order_by("-id").values_list("id", flat=True)]


def test_filters_stay_with_the_next_page(api_as: Callable[..., Api], corridor: Any) -> None:
    for city in ("330500", "330500", "340100", "330500"):
        publish(make_resource(make_organisation(city=city)))
    pages = walk(api_as(), "/resources?city=330500&limit=2&kind=achievement")
    assert [len(page) for page in pages] == [2, 1]
    assert {row["city"]["adcode"] for page in pages for row in page} == {"330500"}


def test_drafts_are_walked_too(api_as: Callable[..., Api], registry: Registry) -> None:
    drafts = [make_need(registry.organisation) for _ in range(3)]
    pages = walk(api_as(registry.member), "/needs?status=draft&status=published&limit=2")
    ids = [row["id"] for page in pages for row in page]
    expected = [*reversed(drafts), registry.draft, registry.need]
    assert ids == [str(need.id) for need in expected]


def test_a_cursor_is_good_only_where_it_was_given(api_as: Callable[..., Api], corridor: Any) -> None:
    for _ in range(2):
        publish(make_need())
        publish(make_resource())
    anybody = api_as()
    following = anybody.get("/organisations?limit=1").json()["next"]
    cursor = parse_qs(urlsplit(following).query)["cursor"][0]
    for wrong in (cursor, cursor[:-1], cursor[::-1], "x", "", "a:b"):
        problem(anybody.get(f"/needs?cursor={wrong}"), 400, "invalid_cursor")
    assert anybody.get(f"/organisations?cursor={cursor}").status_code == 200
    draft_order = anybody.get("/needs?limit=1").json()["next"]
    published = parse_qs(urlsplit(draft_order).query)["cursor"][0]
    assert anybody.get(f"/resources?cursor={published}").status_code == 200, "one order, one kind of cursor"
