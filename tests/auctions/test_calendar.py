"""The calendar shows what everybody may know, at the corridor's time, and feeds other calendars."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from icalendar import Calendar

from tests.auctions.permissions_results import make_result
from tests.auctions.support import OPENING, make_lot, make_sale
from yunlang.auctions.calendar_selectors import Month, calendar_entries, entries_of_sale
from yunlang.auctions.models import Sale
from yunlang.auctions.vocabulary import SaleStatus

pytestmark = pytest.mark.django_db
MAY = (datetime(2026, 4, 30, 16, tzinfo=UTC), datetime(2026, 5, 31, 16, tzinfo=UTC))


@pytest.fixture
def sale(corridor: object) -> Sale:
    return make_sale(title="第八届（示例）", place="松江区会展中心")


def test_a_sale_is_announced_takes_applications_and_opens(sale: Sale) -> None:
    found = [(str(one.kind), one.at) for one in calendar_entries(*MAY)]
    assert found == [
        ("announced", OPENING - timedelta(days=10)),
        ("applications_close", OPENING - timedelta(hours=1)),
        ("opens", OPENING),
    ]
    assert calendar_entries(*MAY)[0].until == OPENING - timedelta(days=3)


def test_the_objection_period_of_a_lot_ends_once_however_many_got_it(sale: Sale) -> None:
    lot = make_lot(sale)
    until = OPENING + timedelta(days=5, hours=14)
    for _ in "12":
        make_result(lot, status="published", published_at=OPENING, objections_until=until)
    last = calendar_entries(*MAY)[-1]
    assert (last.kind, last.at, last.lot_id) == ("objections_end", until, lot.pk)
    assert len(entries_of_sale(sale)) == 4


def test_drafts_and_withdrawn_sales_are_not_shown(corridor: object) -> None:
    make_sale(status=SaleStatus.DRAFT, announced_at=None)
    make_sale(status=SaleStatus.WITHDRAWN, closed_at=OPENING, end_reason="调整")
    assert calendar_entries(*MAY) == []


def test_the_page_shows_a_month_in_the_corridors_time(sale: Sale, client: Client) -> None:
    Sale.objects.update(opens_at=datetime(2026, 5, 31, 15, 30, tzinfo=UTC))
    page = client.get("/auctions/calendar/?month=2026-05").content.decode()
    assert "第八届（示例）" in page
    assert "2026-05-31 23:30" in page
    june = client.get("/auctions/calendar/?month=2026-06").content.decode()
    assert "第八届（示例）" not in june


@pytest.mark.parametrize("asked", ["", "2026-13", "x", "0001-01", "9999-12"])
def test_a_month_that_is_none_is_this_month(sale: Sale, client: Client, asked: str) -> None:
    assert client.get("/auctions/calendar/", {"month": asked}).status_code == 200


def test_months_follow_each_other() -> None:
    assert [str(Month(2026, 1).moved(by)) for by in (-1, 1, 12, -13)] == ["2025-12", "2026-02", "2027-01", "2024-12"]


def test_a_feed_is_a_calendar_whose_entries_keep_their_ids(sale: Sale, client: Client) -> None:
    first, second = (client.get(f"/auctions/{sale.pk}/sale.ics").content for _ in "12")
    events = Calendar.from_ical(first).walk("VEVENT")
    assert [str(one["summary"]) for one in events] == [
        "公告：第八届（示例）", "报名截止：第八届（示例）", "开拍：第八届（示例）",
    ]  # fmt: skip
    assert events[2].decoded("dtstart") == OPENING
    assert str(events[2]["location"]) == "松江区会展中心"
    assert {str(one["uid"]) for one in events} == {str(one["uid"]) for one in Calendar.from_ical(second).walk("VEVENT")}
    assert client.get("/auctions/calendar/auctions.ics")["Content-Type"].startswith("text/calendar")


def test_a_draft_has_no_feed(corridor: object, client: Client) -> None:
    draft = make_sale(status=SaleStatus.DRAFT, announced_at=None)
    assert client.get(f"/auctions/{draft.pk}/sale.ics").status_code == 404
